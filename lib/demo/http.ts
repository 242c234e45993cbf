/**
 * What a site of the demo world is asked and answers, and how that goes over the wire: stopped in the
 * middle, a few bytes at a time or not at all where a reply says so.
 *
 * @module
 */

import { delay } from "@std/async";

export interface Request {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
  /** Aborts when the client hangs up before it has its answer. */
  readonly signal?: AbortSignal;
}

export type Fault =
  /** The connection ends after `after` bytes of the body, although more were announced. */
  | { readonly kind: "cut"; readonly after: number }
  /** The same as an error of the stream: over HTTP/2, Chromium takes a short body for the whole. */
  | { readonly kind: "broken"; readonly after: number }
  /** The body comes in pieces of `bytes` bytes, one every `every` milliseconds. */
  | { readonly kind: "drip"; readonly bytes: number; readonly every: number }
  /** Not even a status line comes. */
  | { readonly kind: "silent" };

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

export function htmlPage(body: string, status = 200): Reply {
  return { status, headers: { "Content-Type": "text/html; charset=UTF-8" }, body };
}

export function moved(url: string, status = 302): Reply {
  return { status, headers: { Location: url } };
}

/** Opens a server on a free port of 127.0.0.1 that answers as a handler says. */
export function serve(
  handler: Handler,
  signal: AbortSignal,
  tls?: { readonly cert: string; readonly key: string },
): Deno.HttpServer<Deno.NetAddr> {
  const options = { hostname: "127.0.0.1", port: 0, signal, onListen: () => {}, ...tls };
  return Deno.serve(options, async (request) => {
    const reply = await handler({
      method: request.method,
      url: new URL(request.url),
      headers: request.headers,
      body: request.body === null ? "" : await request.text(),
      get signal() {
        return request.signal;
      },
    });
    const { fault, headers, status } = reply;
    if (fault?.kind === "silent") {
      await new Promise((resolve) => {
        for (const end of [request.signal, signal]) end.addEventListener("abort", resolve);
      });
    }
    const { body: content = "" } = reply;
    const body = typeof content === "string"
      ? new TextEncoder().encode(content)
      : new Uint8Array(content);
    return new Response(request.method === "HEAD" ? null : faulty(body, fault, signal), {
      ...status === undefined ? {} : { status },
      headers: { ...headers, "Content-Length": String(body.length) },
    });
  });
}

function faulty(
  body: Uint8Array<ArrayBuffer>,
  fault: Fault | undefined,
  signal: AbortSignal,
): Uint8Array<ArrayBuffer> | ReadableStream {
  switch (fault?.kind) {
    case "cut":
      // Shorter than announced: the connection is of no use afterwards, and is closed.
      return ReadableStream.from([body.subarray(0, fault.after)]);
    case "broken":
      return ReadableStream.from((async function* () {
        yield body.subarray(0, fault.after);
        await Promise.reject(new Error("The world breaks an answer off."));
      })());
    case "drip": {
      let sent = 0;
      return new ReadableStream({
        async pull(stream) {
          if (sent > 0) await pause(fault.every, signal);
          stream.enqueue(body.subarray(sent, sent += fault.bytes));
          if (sent >= body.length) stream.close();
        },
      }, { highWaterMark: 0 });
    }
    default:
      return body;
  }
}

/** Waits, but no longer once the signal fires. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, { signal });
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  }
}
