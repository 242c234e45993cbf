/**
 * A small HTTP/1.1 server that can break its word.
 *
 * Written by hand because servers worth using refuse to lie: this one must send a length that is
 * not true, stop in the middle, drip byte by byte and fall silent.
 *
 * @module
 */

import {
  closeQuietly,
  ConnectionReader,
  type Head,
  isClientGone,
  parseHead,
  writeAll,
} from "./connection.ts";

/** A request as the sites see it. */
export interface Request {
  /** `GET`, `POST` … */
  readonly method: string;
  /** The whole URL, as the client meant it. */
  readonly url: URL;
  /** Header names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** The body as text; empty where there is none. */
  readonly body: string;
  /** Ends when the client hangs up. */
  readonly hungUp?: Promise<void>;
}

/** How a reply is broken on its way. */
export type Fault =
  /** The connection ends after so many bytes of the body, although more were announced. */
  | { readonly kind: "cut"; readonly after: number }
  /** The body comes in pieces of so many bytes, one each so many milliseconds. */
  | { readonly kind: "drip"; readonly bytes: number; readonly every: number }
  /** After so many bytes of the body nothing comes any more, the connection stays open. */
  | { readonly kind: "stall"; readonly after: number }
  /** Not even a status line comes. */
  | { readonly kind: "silent" }
  /** The connection ends without an answer. */
  | { readonly kind: "reset" };

/** An answer. */
export interface Reply {
  /** The status; 200 unless given. */
  readonly status?: number;
  /** Headers besides `Content-Length`, `Date` and `Connection`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body. */
  readonly body?: string | Uint8Array;
  /** How it is broken. */
  readonly fault?: Fault;
}

/** Answers a request. */
export type Handler = (request: Request) => Reply | Promise<Reply>;

const ENCODER = new TextEncoder();

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  307: "Temporary Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  410: "Gone",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
};

/**
 * Answers the requests of one connection until it ends.
 *
 * @param connection The connection; it is closed at the end.
 * @param scheme What the client believes it speaks.
 * @param handler What answers.
 * @param signal Ends waiting faults.
 */
export async function serveConnection(
  connection: Deno.Conn,
  scheme: "http" | "https",
  handler: Handler,
  signal: AbortSignal,
): Promise<void> {
  try {
    const reader = new ConnectionReader(connection);
    for (;;) {
      const text = await reader.head();
      if (text === undefined) return;
      if (!await answerOne(connection, reader, parseHead(text), scheme, handler, signal)) return;
    }
  } catch (thrown) {
    if (!isClientGone(thrown)) throw thrown;
  } finally {
    closeQuietly(connection);
  }
}

/**
 * Reads the rest of one request and answers it.
 *
 * @returns Whether the connection may be used again.
 */
export async function answerOne(
  connection: Deno.Conn,
  reader: ConnectionReader,
  head: Head,
  scheme: "http" | "https",
  handler: Handler,
  signal: AbortSignal,
): Promise<boolean> {
  const body = await reader.body(Number(head.headers.get("content-length") ?? "0"));
  const base = `${scheme}://${head.headers.get("host") ?? "nowhere.invalid"}`;
  const reply = URL.canParse(head.target, base)
    ? await handler({
      method: head.method,
      url: new URL(head.target, base),
      headers: head.headers,
      body,
      hungUp: reader.hungUp(),
    })
    : { status: 400 };
  const again = head.headers.get("connection")?.toLowerCase() !== "close";
  return await play(connection, reader, reply, head.method === "HEAD", again, signal);
}

/** Sends a reply as it is, or breaks it as its fault says. */
async function play(
  connection: Deno.Conn,
  reader: ConnectionReader,
  reply: Reply,
  headOnly: boolean,
  again: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const { fault } = reply;
  if (fault?.kind === "reset") return false;
  if (fault?.kind === "silent") return await clientGone(connection, reader, signal);
  const body = typeof reply.body === "string"
    ? ENCODER.encode(reply.body)
    : reply.body ?? new Uint8Array(0);
  const status = reply.status ?? 200;
  const lines = [
    `HTTP/1.1 ${status} ${REASONS[status] ?? "Other"}`,
    ...Object.entries(reply.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${body.length}`,
    `Date: ${new Date().toUTCString()}`,
    `Connection: ${again && fault === undefined ? "keep-alive" : "close"}`,
  ];
  await writeAll(connection, ENCODER.encode(lines.join("\r\n") + "\r\n\r\n"));
  if (headOnly) return again;
  switch (fault?.kind) {
    case undefined:
      await writeAll(connection, body);
      return again;
    case "cut":
      await writeAll(connection, body.subarray(0, fault.after));
      return false;
    case "stall":
      await writeAll(connection, body.subarray(0, fault.after));
      return await clientGone(connection, reader, signal);
    case "drip":
      for (let sent = 0; sent < body.length && !signal.aborted; sent += fault.bytes) {
        await writeAll(connection, body.subarray(sent, sent + fault.bytes));
        await pause(fault.every, signal);
      }
      return false;
  }
}

/** Waits until the client closes the connection or the world ends. */
async function clientGone(
  connection: Deno.Conn,
  reader: ConnectionReader,
  signal: AbortSignal,
): Promise<false> {
  const close = (): void => closeQuietly(connection);
  signal.addEventListener("abort", close, { once: true });
  try {
    await reader.hungUp();
  } finally {
    signal.removeEventListener("abort", close);
  }
  return false;
}

/**
 * Waits, but not past the world's end.
 *
 * @param milliseconds How long.
 * @param signal Ends it at once.
 */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end, { once: true });
  });
}
