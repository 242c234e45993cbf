/**
 * The proxies that the environment names, by Deno 2.9's rules: `ALL_PROXY`, `HTTPS_PROXY`, `HTTP_PROXY`
 * and `NO_PROXY`, in capitals or not.
 *
 * @module
 */

import ipaddr from "ipaddr.js";

/** Reads one environment variable; `undefined` when it is not set or may not be read. */
export type Environment = (name: string) => string | undefined;

/** The address of the proxy for a scheme, and the variable that names it. */
export function proxyFor(
  scheme: "http" | "https",
  environment: Environment,
): { readonly variable: string; readonly address: string } | undefined {
  return ["ALL_PROXY", `${scheme.toUpperCase()}_PROXY`]
    .map((variable) => ({ variable, address: read(variable, environment) }))
    .find(({ address }) => address !== "");
}

/** Whether `NO_PROXY` exempts a host (`URL.hostname`): by its name, a domain above it, or its address. */
export function isExempt(hostname: string, environment: Environment): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  return read("NO_PROXY", environment).split(",").map((entry) => entry.trim()).some((entry) => {
    if (entry === "") return false;
    if (entry === "*") return true;
    if (ipaddr.isValid(host)) return holdsAddress(entry, host);
    return host === entry || entry === `.${host}` ||
      host.endsWith(entry.startsWith(".") ? entry : `.${entry}`);
  });
}

function read(name: string, environment: Environment): string {
  return environment(name) || environment(name.toLowerCase()) || "";
}

function holdsAddress(entry: string, host: string): boolean {
  const address = ipaddr.parse(host);
  if (ipaddr.isValidCIDR(entry)) {
    const range = ipaddr.parseCIDR(entry);
    return range[0].kind() === address.kind() && address.match(range);
  }
  return ipaddr.isValid(entry) && ipaddr.parse(entry).toString() === address.toString();
}
