/**
 * Whether a URL is fetched through a proxy, by the rules that Deno's `fetch` goes by.
 *
 * The client has to know: behind a proxy the names are resolved by the proxy, often nothing
 * resolves them here, and the address that is connected to is the proxy's.
 *
 * @module
 */

import ipaddr from "ipaddr.js";

/** Reads one variable; nothing when it is not set or may not be read. */
export type Environment = (name: string) => string | undefined;

/**
 * The process's environment, as far as the permissions let it be read. Asks for nothing: a variable
 * that may not be read counts as not set.
 */
export function processEnvironment(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}

/**
 * Whether `fetch` takes a URL through a proxy of the environment (Deno 2.9).
 *
 * @param url The URL.
 * @param environment Where to look for `ALL_PROXY`, `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`, in
 * capitals or not.
 */
export function isProxied(url: URL, environment: Environment): boolean {
  const read = (name: string): string => environment(name) || environment(name.toLowerCase()) || "";
  const proxy = read("ALL_PROXY") || read(url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY");
  return proxy !== "" && !isExempt(url.hostname, read("NO_PROXY"));
}

function isExempt(hostname: string, list: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  return list.split(",").map((entry) => entry.trim()).some((entry) => {
    if (entry === "") return false;
    if (entry === "*") return true;
    if (ipaddr.isValid(host)) return holdsAddress(entry, host);
    return host === entry || entry === `.${host}` ||
      host.endsWith(entry.startsWith(".") ? entry : `.${entry}`);
  });
}

function holdsAddress(entry: string, host: string): boolean {
  const address = ipaddr.parse(host);
  if (ipaddr.isValidCIDR(entry)) {
    const range = ipaddr.parseCIDR(entry);
    return range[0].kind() === address.kind() && address.match(range);
  }
  return ipaddr.isValid(entry) && ipaddr.parse(entry).toString() === address.toString();
}
