/**
 * A small HTTP/1.1 server that can break the protocol on purpose: send a wrong length, stop in the
 * middle, send byte by byte, or not answer. Ordinary servers refuse to do that.
 *
 * @module
 */

import { delay } from "@std/async";

export interface Request {
  readonly method: string;
  readonly url: URL;
  /** Header names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Ends when the client hangs up. */
  readonly hungUp?: Promise<void>;
}

export type Fault =
  /** The connection ends after `after` bytes of the body, although more were announced. */
  | { readonly kind: "cut"; readonly after: number }
  /** The body comes in pieces of `bytes` bytes, one every `every` milliseconds. */
  | { readonly kind: "drip"; readonly bytes: number; readonly every: number }
  /** Not even a status line comes. */
  | { readonly kind: "silent" }
  /** The connection ends without an answer. */
  | { readonly kind: "reset" };

export interface Reply {
  /** Default 200. */
  readonly status?: number;
  /** Headers besides `Content-Length`, `Date` and `Connection`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly fault?: Fault;
}

/** Plain text, such as a robots.txt. */
export function plainText(body: string, status = 200): Reply {
  return { status, headers: { "Content-Type": "text/plain" }, body };
}

export type Handler = (request: Request) => Reply | Promise<Reply>;

const ENCODER = new TextEncoder();
/** One character a byte: heads are ASCII, and so are the forms that are posted. */
const DECODER = new TextDecoder("latin1");
const [MAX_HEAD, MAX_BODY] = [64 * 1024, 1024 * 1024];

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

/** Reads the rest of one request and answers it; false if the connection cannot be used again. */
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
    `HTTP/1.1 ${status} Demo`,
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

export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, { signal });
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  }
}

export class ConnectionReader {
  readonly #connection: Deno.Conn;
  #kept: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #reading: Promise<boolean> | undefined;
  #hungUp: Promise<void> | undefined;

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** The head of the next message, up to the blank line, or nothing when the client is gone. */
  async head(): Promise<string | undefined> {
    for (;;) {
      const end = DECODER.decode(this.#kept).indexOf("\r\n\r\n");
      if (end >= 0) {
        const head = DECODER.decode(this.#kept.subarray(0, end));
        this.#kept = this.#kept.slice(end + 4);
        return head;
      }
      if (this.#kept.length > MAX_HEAD || !await this.#more()) return undefined;
    }
  }

  /** The next `length` bytes as text. */
  async body(length: number): Promise<string> {
    while (this.#kept.length < Math.min(length, MAX_BODY)) if (!await this.#more()) break;
    const text = DECODER.decode(this.#kept.subarray(0, length));
    this.#kept = this.#kept.slice(length);
    return text;
  }

  /** What was read and not yet used: after `CONNECT` it belongs to the tunnel. */
  rest(): Uint8Array<ArrayBuffer> {
    return this.#kept;
  }

  /** Reads on, for whoever asks next, and ends when the client hangs up. */
  hungUp(): Promise<void> {
    return this.#hungUp ??= this.#readOn();
  }

  async #readOn(): Promise<void> {
    try {
      while (await this.#more());
    } catch (thrown) {
      if (!isClientGone(thrown)) throw thrown;
    }
  }

  /** One read at a time, whoever asks. */
  #more(): Promise<boolean> {
    return this.#reading ??= this.#read().finally(() => this.#reading = undefined);
  }

  async #read(): Promise<boolean> {
    const piece = new Uint8Array(16 * 1024);
    const count = await this.#connection.read(piece);
    if (count === null) return false;
    const joined = new Uint8Array(this.#kept.length + count);
    joined.set(this.#kept);
    joined.set(piece.subarray(0, count), this.#kept.length);
    this.#kept = joined;
    return true;
  }
}

export interface Head {
  readonly method: string;
  /** What stands between method and version. */
  readonly target: string;
  /** Header names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

export function parseHead(text: string): Head {
  const [first = "", ...lines] = text.split("\r\n");
  const [method = "", target = ""] = first.split(" ");
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { method, target, headers };
}

/** Writes every byte: a single write may take only some of them. */
export async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  let sent = 0;
  while (sent < bytes.length) sent += await connection.write(bytes.subarray(sent));
}

/**
 * Whether an error only says that either side closed the connection, as clients often do.
 */
export function isClientGone(thrown: unknown): boolean {
  return thrown instanceof Deno.errors.BadResource || thrown instanceof Deno.errors.BrokenPipe ||
    thrown instanceof Deno.errors.ConnectionReset ||
    thrown instanceof Deno.errors.ConnectionAborted ||
    thrown instanceof Deno.errors.Interrupted || thrown instanceof Deno.errors.UnexpectedEof ||
    thrown instanceof Deno.errors.InvalidData || thrown instanceof Deno.errors.NotConnected ||
    (thrown instanceof Error && thrown.name === "Http");
}

/** Closes a connection that may be closed already. */
export function closeQuietly(connection: { close(): void }): void {
  try {
    connection.close();
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.BadResource)) throw thrown;
  }
}
