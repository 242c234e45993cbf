/**
 * What a site of the demo world is asked and answers, and how that goes over the wire: with a wrong
 * length, stopped in the middle, a few bytes at a time or not at all where a reply says so.
 *
 * @module
 */

import { delay } from "@std/async";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

export interface Request {
  readonly method: string;
  readonly url: URL;
  /** Header names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Aborts when the client hangs up, or when all is sent. */
  readonly gone?: AbortSignal;
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

export type Handler = (request: Request) => Reply | Promise<Reply>;

/** Plain text, such as a robots.txt. */
export function plainText(body: string, status = 200): Reply {
  return { status, headers: { "Content-Type": "text/plain" }, body };
}

/** Has a handler answer a request, and breaks the protocol as its reply says. */
export async function answer(
  scheme: "http" | "https",
  handler: Handler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const closed = new AbortController();
  outgoing.once("close", () => closed.abort());
  const { method = "GET" } = incoming;
  const url = URL.parse(incoming.url ?? "", `${scheme}://${incoming.headers.host ?? ""}`);
  if (url === null) return void outgoing.writeHead(400).end();
  const headers = new Map(
    Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
  );
  const body = await text(incoming);
  const reply = await handler({ method, url, headers, body, gone: closed.signal });
  const { fault } = reply;
  if (fault?.kind === "silent" || outgoing.destroyed) return;
  if (fault?.kind === "reset") return void outgoing.destroy();
  const bytes = typeof reply.body === "string"
    ? new TextEncoder().encode(reply.body)
    : reply.body ?? new Uint8Array();
  outgoing.writeHead(reply.status ?? 200, { ...reply.headers, "Content-Length": bytes.length });
  if (fault === undefined || method === "HEAD") return void outgoing.end(bytes);
  if (fault.kind === "cut") {
    return void outgoing.write(bytes.subarray(0, fault.after), () => outgoing.destroy());
  }
  for (let sent = 0; sent < bytes.length && !outgoing.destroyed; sent += fault.bytes) {
    outgoing.write(bytes.subarray(sent, sent + fault.bytes));
    await pause(fault.every, closed.signal);
  }
  outgoing.end();
}

/** Waits, but not any longer once the signal fires. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, { signal });
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  }
}
