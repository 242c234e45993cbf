/**
 * The demo world's forward proxy on loopback. It leads every connection to one of the world's
 * servers, and nothing outside can be reached.
 *
 * @module
 */

import type { Authority } from "./authority.ts";
import { type Handler, serve } from "./http.ts";

export type Route =
  /** Into the world, under the common certificate. */
  | "world"
  /** Into the world, but under a certificate that is not good. */
  | "bad-certificate"
  /** The host is down or does not exist: status 502, as proxies answer. */
  | "unreachable";

export interface ProxyOptions {
  readonly authority: Authority;
  readonly badAuthority: Authority;
  route(host: string): Route;
  readonly handler: Handler;
  refused(host: string): void;
}

export interface Proxy {
  readonly url: string;
  /** Closes all listeners and connections and waits for them to end. */
  close(): Promise<void>;
}

const ENCODER = new TextEncoder();
const ESTABLISHED = "HTTP/1.1 200 Connection established\r\n\r\n";
const BAD_GATEWAY = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/** Opens the proxy and the servers behind it, all on free ports of 127.0.0.1. */
export function startProxy({ handler, refused, route, ...options }: ProxyOptions): Proxy {
  const stop = new AbortController();
  const secure = ({ chain, key }: Authority) => serve(handler, stop.signal, { cert: chain, key });
  const [good, bad] = [secure(options.authority), secure(options.badAuthority)];
  const plain = serve((request) => {
    const { hostname } = request.url;
    if (route(hostname) === "world") return handler(request);
    refused(hostname);
    return { status: 502 };
  }, stop.signal);
  const door = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Disposable>();
  /** Notes what is open, to be closed at the latest with the proxy. */
  const noted = <Kind extends Disposable>(connection: Kind): Kind => {
    open.add(connection);
    return connection;
  };

  const lead = async (accepted: Deno.Conn): Promise<void> => {
    using client = noted(accepted);
    const head = await readHead(client);
    const [method, target = ""] = head.split(" ");
    let { port } = plain.addr;
    if (method === "CONNECT") {
      const host = target.slice(0, target.lastIndexOf(":")).toLowerCase();
      const way = route(host);
      if (way === "unreachable") {
        refused(host);
        await client.write(ENCODER.encode(BAD_GATEWAY));
        return;
      }
      ({ port } = (way === "world" ? good : bad).addr);
    }
    using server = noted(await Deno.connect({ hostname: "127.0.0.1", port }));
    if (method === "CONNECT") await client.write(ENCODER.encode(ESTABLISHED));
    else await server.write(ENCODER.encode(head));
    // One side's end is the other's.
    await Promise.race([carry(client, server), carry(server, client)]);
    open.delete(server);
    open.delete(client);
  };
  const accept = async (): Promise<void> => {
    for await (const client of door) lead(client).catch(ignoreLeaving);
  };
  const accepting = accept();
  return {
    url: `http://127.0.0.1:${door.addr.port}`,
    async close() {
      stop.abort();
      door.close();
      for (const connection of open) connection[Symbol.dispose]();
      await Promise.all([accepting, ...[good, bad, plain].map(({ finished }) => finished)]);
    },
  };
}

/** The first request up to the blank line, or a client's last words. One character a byte. */
async function readHead(client: Deno.Conn): Promise<string> {
  const piece = new Uint8Array(16 * 1024);
  let head = "";
  while (!head.includes("\r\n\r\n")) {
    const count = await client.read(piece);
    if (count === null) break;
    head += String.fromCharCode(...piece.subarray(0, count));
  }
  return head;
}

/** Carries everything until one of the two is closed. */
async function carry(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const piece = new Uint8Array(64 * 1024);
  try {
    for (let count = await from.read(piece); count !== null; count = await from.read(piece)) {
      for (let sent = 0; sent < count;) sent += await to.write(piece.subarray(sent, count));
    }
  } catch (thrown) {
    ignoreLeaving(thrown);
  }
}

/** Either side may close its connection at any time. */
function ignoreLeaving(thrown: unknown): void {
  const { BadResource, BrokenPipe, ConnectionReset, Interrupted } = Deno.errors;
  const kinds = [BadResource, BrokenPipe, ConnectionReset, Interrupted];
  if (!kinds.some((kind) => thrown instanceof kind)) throw thrown;
}
