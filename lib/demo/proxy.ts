/**
 * The demo world's forward proxy on loopback. `CONNECT` leads to the world's TLS servers, plain HTTP
 * is answered directly, and nothing outside can be reached.
 *
 * @module
 */

import { once } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import type { Socket } from "node:net";
import type { Authority } from "./authority.ts";
import { answer, type Handler } from "./http.ts";

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
  /** Closes all connections and waits for their end. */
  close(): Promise<void>;
}

/** Opens the proxy on a free port of 127.0.0.1. Its TLS servers take over connections from it. */
export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const { handler, refused, route } = options;
  const secure = ({ chain, key }: Authority) =>
    https.createServer(
      { cert: chain, key, ALPNProtocols: ["http/1.1"], keepAliveTimeout: 0 },
      (incoming, outgoing) => answer("https", handler, incoming, outgoing),
    );
  const [good, bad] = [secure(options.authority), secure(options.badAuthority)];
  const reach: Handler = (request) => {
    const { hostname } = request.url;
    if (route(hostname) === "world") return handler(request);
    refused(hostname);
    return { status: 502 };
  };
  const door = http.createServer(
    { keepAliveTimeout: 0 },
    (incoming, outgoing) => answer("http", reach, incoming, outgoing),
  );
  const sockets = new Set<Socket>();
  door.on("connection", (socket) => {
    sockets.add(socket);
    // A client that leaves in the middle of something is no failure of the world.
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  door.on("connect", ({ url = "" }, socket) => {
    const host = url.slice(0, url.lastIndexOf(":")).toLowerCase();
    const way = route(host);
    if (way !== "unreachable") {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      (way === "world" ? good : bad).emit("connection", socket);
      return;
    }
    refused(host);
    socket.end("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  });
  door.listen(0, "127.0.0.1");
  await once(door, "listening");
  const address = door.address();
  if (address === null || typeof address === "string") throw new TypeError("Not on TCP.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      const closed = [...sockets, door].map((open) => once(open, "close"));
      door.close();
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}
