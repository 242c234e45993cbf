/**
 * Deno's `fetch` with its own connections.
 *
 * **IPv4 only.** `fetch` looks a name up again after we have checked its addresses, so a name whose
 * address changes in between (DNS rebinding) could lead into the private network. `--deny-net` checks
 * the address that is really connected to, but takes IPv4 ranges only; so connections leave from an
 * IPv4 address and cannot reach `::1`, `fd00::/8` or mapped addresses at all. Where private addresses
 * are allowed, both families are used.
 *
 * **HTTP/1.1 only.** Over HTTP/2 Deno's client can leave bodies hanging on reused connections
 * (denoland/deno issue 21749, open in 2026) and hang on refused headers (27830). With two requests at
 * once to a host it gains nothing: 1,500 downloads of 300 kB over TLS on loopback took 4.3 s over
 * HTTP/1.1 and 4.5 s over HTTP/2 (Deno 2.9.6, 2026-11).
 *
 * @module
 */

import { type Environment, isExempt, proxyFor } from "../base/proxy.ts";

/** Connections, kept open between requests. */
export interface Transport {
  /** Sends one request. */
  send(url: URL, init: RequestInit): Promise<Response>;
  /** Closes idle connections. */
  close(): void;
}

/**
 * Opens a transport. Nothing is connected before it is needed.
 *
 * @param isProxied Whether a URL goes through a proxy, whose own address may be IPv6 or private.
 * @param anyFamily Whether IPv6 may be used too.
 */
export function openTransport(
  isProxied: (url: URL) => boolean,
  anyFamily: boolean,
  create: (options: Deno.CreateHttpClientOptions) => Deno.HttpClient = Deno.createHttpClient,
): Transport {
  const clients = new Map<"any" | "IPv4", Deno.HttpClient>();
  const clientFor = (url: URL): Deno.HttpClient => {
    const family = anyFamily || isProxied(url) ? "any" : "IPv4";
    const open = clients.get(family) ?? create({
      http2: false,
      poolMaxIdlePerHost: 4,
      poolIdleTimeout: 30_000,
      ...(family === "IPv4" ? { localAddress: "0.0.0.0" } : {}),
    });
    clients.set(family, open);
    return open;
  };
  return {
    send: (url, init) => fetch(url, { ...init, client: clientFor(url) }),
    close: () => {
      for (const client of clients.values()) client.close();
      clients.clear();
    },
  };
}

/** The process's environment, without a permission prompt; each variable is read once. */
export function processEnvironment(): Environment {
  const known = new Map<string, string | undefined>();
  return (name) => {
    if (known.has(name)) return known.get(name);
    const { state } = Deno.permissions.querySync({ name: "env", variable: name });
    const value = state === "granted" ? Deno.env.get(name) : undefined;
    known.set(name, value);
    return value;
  };
}

/** Whether `fetch` uses a proxy for a URL. The proxy then looks names up, and often we cannot. */
export function isProxied(url: URL, environment: Environment): boolean {
  const scheme = url.protocol === "https:" ? "https" : "http";
  return proxyFor(scheme, environment) !== undefined && !isExempt(url.hostname, environment);
}
