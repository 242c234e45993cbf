/**
 * Deno's `fetch` with connections of its own.
 *
 * HTTP/1.1 only: over HTTP/2 Deno's client has been seen to leave bodies hanging for ever on reused
 * connections (denoland/deno issue 21749, still open in 2026) and to hang on refused headers (issue
 * 27830). Nor is there anything to win, with two requests at once to a host: 1,500 downloads of 300
 * kB over TLS on loopback, 16 at once, every fifth aborted, took 4.3 s over HTTP/1.1 and 4.5 s over
 * HTTP/2, none of them hanging (Deno 2.9.6, 2026-11).
 *
 * @module
 */

import type { Send } from "./exchange.ts";
import type { Family } from "./resolve.ts";

/** Connections, kept open between requests. */
export interface Transport {
  /** Sends one request. */
  readonly send: Send;
  /** Closes what is idle. */
  close(): void;
}

/** The local addresses that confine a connection to one family. */
const ANY: Readonly<Record<Family, string>> = { 4: "0.0.0.0", 6: "::" };

/**
 * Opens a transport. Nothing is connected before it is needed.
 *
 * @param isProxied Whether a URL goes through a proxy; the family does not concern it then.
 * @param create Makes the connections; Deno's own unless given.
 */
export function openTransport(
  isProxied: (url: URL) => boolean,
  create: (options: Deno.CreateHttpClientOptions) => Deno.HttpClient = Deno.createHttpClient,
): Transport {
  const clients = new Map<string, Deno.HttpClient>();
  const clientFor = (localAddress: string | undefined): Deno.HttpClient => {
    const key = localAddress ?? "";
    let client = clients.get(key);
    if (client === undefined) {
      client = create({
        http2: false,
        poolMaxIdlePerHost: 4,
        poolIdleTimeout: 30_000,
        ...(localAddress === undefined ? {} : { localAddress }),
      });
      clients.set(key, client);
    }
    return client;
  };
  return {
    send: (url, init, family) =>
      fetch(url, { ...init, client: clientFor(isProxied(url) ? undefined : ANY[family]) }),
    close: () => {
      for (const client of clients.values()) client.close();
      clients.clear();
    },
  };
}
