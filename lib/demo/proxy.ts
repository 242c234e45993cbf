/**
 * The demo world's forward proxy on loopback. `CONNECT` leads to the world's TLS server, plain HTTP
 * is answered directly, and nothing outside can be reached.
 *
 * @module
 */

import {
  answerOne,
  closeQuietly,
  ConnectionReader,
  type Handler,
  isClientGone,
  parseHead,
  serveConnection,
  writeAll,
} from "./http.ts";
import type { Authority } from "./authority.ts";

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

/** Everything that is open, so that closing forgets nothing. */
class Open {
  readonly abort = new AbortController();
  readonly #connections = new Set<Deno.Conn>();
  readonly #tasks = new Set<Promise<void>>();

  accept(listener: Deno.Listener, serve: (connection: Deno.Conn) => Promise<void>): void {
    this.track((async () => {
      for (;;) {
        let connection: Deno.Conn;
        try {
          connection = await listener.accept();
        } catch (thrown) {
          if (this.abort.signal.aborted) return;
          // A client that left, or spoke no TLS: go on listening.
          if (isClientGone(thrown)) continue;
          throw thrown;
        }
        this.hold(connection);
        this.track(serve(connection).finally(() => this.release(connection)));
      }
    })());
  }

  hold(connection: Deno.Conn): void {
    this.#connections.add(connection);
  }

  release(connection: Deno.Conn): void {
    this.#connections.delete(connection);
    closeQuietly(connection);
  }

  track(task: Promise<void>): void {
    this.#tasks.add(task);
    task.then(() => this.#tasks.delete(task), (thrown: unknown) => {
      this.#tasks.delete(task);
      if (!this.abort.signal.aborted || !isClientGone(thrown)) throw thrown;
    });
  }

  async close(listeners: readonly Deno.Listener[]): Promise<void> {
    this.abort.abort();
    for (const listener of listeners) closeQuietly(listener);
    for (const connection of this.#connections) closeQuietly(connection);
    while (this.#tasks.size > 0) await Promise.allSettled([...this.#tasks]);
  }
}

/** Opens the proxy and the TLS servers behind it, all on free ports of 127.0.0.1. */
export function startProxy(options: ProxyOptions): Proxy {
  const open = new Open();
  const { signal } = open.abort;
  const listenTls = (authority: Authority): Deno.TlsListener =>
    Deno.listenTls({
      hostname: "127.0.0.1",
      port: 0,
      cert: authority.chain,
      key: authority.key,
      alpnProtocols: ["http/1.1"],
    });
  const good = listenTls(options.authority);
  const bad = listenTls(options.badAuthority);
  const door = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serve = (connection: Deno.Conn): Promise<void> =>
    serveConnection(connection, "https", options.handler, signal);
  open.accept(good, serve);
  open.accept(bad, serve);
  open.accept(door, (connection) => serveDoor(connection, options, open, good.addr, bad.addr));
  return {
    url: `http://127.0.0.1:${port(door.addr)}`,
    close: () => open.close([good, bad, door]),
  };
}

function port(address: Deno.Addr): number {
  if (address.transport !== "tcp") throw new TypeError("The demo world listens on TCP alone.");
  return address.port;
}

async function serveDoor(
  connection: Deno.Conn,
  options: ProxyOptions,
  open: Open,
  good: Deno.Addr,
  bad: Deno.Addr,
): Promise<void> {
  try {
    const reader = new ConnectionReader(connection);
    for (;;) {
      const text = await reader.head();
      if (text === undefined) return;
      const head = parseHead(text);
      if (head.method === "CONNECT") {
        const host = head.target.slice(0, head.target.lastIndexOf(":")).toLowerCase();
        const route = options.route(host);
        if (route !== "unreachable") {
          return await tunnel(connection, reader, route === "world" ? good : bad, open);
        }
        options.refused(host);
        return await writeAll(connection, ENCODER.encode(BAD_GATEWAY));
      }
      const host = URL.parse(head.target)?.hostname ?? "";
      const reached = options.route(host) === "world";
      const handler: Handler = reached ? options.handler : () => ({ status: 502 });
      if (!reached) options.refused(host);
      if (!await answerOne(connection, reader, head, "http", handler, open.abort.signal)) return;
    }
  } catch (thrown) {
    if (!isClientGone(thrown)) throw thrown;
  } finally {
    closeQuietly(connection);
  }
}

const BAD_GATEWAY = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

async function tunnel(
  client: Deno.Conn,
  reader: ConnectionReader,
  address: Deno.Addr,
  open: Open,
): Promise<void> {
  const server = await Deno.connect({ hostname: "127.0.0.1", port: port(address) });
  open.hold(server);
  try {
    await writeAll(client, ENCODER.encode("HTTP/1.1 200 Connection established\r\n\r\n"));
    await writeAll(server, reader.rest());
    await Promise.all([carry(client, server), carry(server, client)]);
  } finally {
    open.release(server);
  }
}

async function carry(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const piece = new Uint8Array(64 * 1024);
  try {
    for (;;) {
      const count = await from.read(piece);
      if (count === null) return;
      await writeAll(to, piece.subarray(0, count));
    }
  } catch (thrown) {
    if (!isClientGone(thrown)) throw thrown;
  } finally {
    // One side's end is the other's: no half-open tunnels.
    closeQuietly(to);
    closeQuietly(from);
  }
}
