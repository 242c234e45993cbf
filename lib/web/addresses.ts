/**
 * Which addresses may be reached: those of the public internet and no others.
 *
 * A photo's URL comes from strangers. One that points into the network Aquaset runs in would make
 * Aquaset the stranger's hand there, so whatever is not plainly public is turned away.
 *
 * @module
 */

import ipaddr from "ipaddr.js";

/**
 * Names that never mean a host of the public internet. RFC 6761 and 6762 set aside `localhost` and
 * `local`, RFC 8375 `home.arpa`, ICANN `internal`; the others are what networks at home and at work
 * use and what ICANN has refused to hand out.
 */
const PRIVATE_NAMES: ReadonlySet<string> = new Set([
  "localhost",
  "localdomain",
  "local",
  "internal",
  "intranet",
  "private",
  "corp",
  "home",
  "lan",
  "home.arpa",
  "onion",
]);

/** The part of IPv6 that is handed out for the public internet (RFC 4291, 2.4). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");
/** IPv4 as the translators of IPv6-only networks write it (RFC 6052): judged by what is inside. */
const NAT64 = ipaddr.IPv6.parseCIDR("64:ff9b::/96");
/** IPv4 written as IPv6: judged by what is inside. */
const MAPPED = ipaddr.IPv6.parseCIDR("::ffff:0:0/96");
/** Set aside in 2023 and 2024 (RFC 9602, RFC 9637), or private to one machine. */
const NOT_PUBLIC = ["3fff::/20", "2001::/23", "2002::/16", "2001:db8::/32"]
  .map((range) => ipaddr.IPv6.parseCIDR(range));

/**
 * Whether an IP address belongs to the public internet.
 *
 * IPv6 addresses that carry an IPv4 address (mapped, NAT64) are judged by that; 6to4 and Teredo,
 * which carry one too, are no longer in use and turned away whatever they carry.
 *
 * @param address IPv4 in dotted decimals or IPv6 without brackets, as resolvers give them.
 * @returns False for everything private, local, reserved, multicast or not an address.
 *
 * @example
 * ```ts
 * isPublicAddress("8.8.8.8"); // true
 * isPublicAddress("::ffff:10.0.0.1"); // false
 * ```
 */
export function isPublicAddress(address: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) {
    return ipaddr.IPv4.parse(address).range() === "unicast";
  }
  // In one spelling: the library takes any `::` before dotted decimals for a mapped address.
  const plain = URL.parse(`http://[${address}]/`)?.hostname.slice(1, -1) ?? "";
  if (!ipaddr.IPv6.isValid(plain)) return false;
  const parsed = ipaddr.IPv6.parse(plain);
  if (parsed.match(MAPPED) || parsed.match(NAT64)) {
    return isPublicAddress(parsed.toByteArray().slice(12).join("."));
  }
  return parsed.match(GLOBAL_UNICAST) && parsed.range() === "unicast" &&
    !NOT_PUBLIC.some((range) => parsed.match(range));
}

/**
 * The IP address that a URL's host is, where it is one.
 *
 * @param hostname `URL.hostname`, which has already turned octal, hexadecimal and short spellings
 * into dotted decimals.
 * @returns The address without brackets, or nothing for a name.
 */
export function literalAddress(hostname: string): string | undefined {
  if (hostname.startsWith("[") && hostname.endsWith("]")) return hostname.slice(1, -1);
  return ipaddr.IPv4.isValidFourPartDecimal(hostname) ? hostname : undefined;
}

/**
 * Whether a host name can only mean something inside of the own network, whatever it resolves to.
 *
 * This is all there is to go by behind a proxy, which resolves the names itself.
 *
 * @param hostname `URL.hostname`.
 */
export function isPrivateName(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.+$/, "");
  const labels = name.split(".");
  if (labels.length === 1) return true;
  return PRIVATE_NAMES.has(labels.slice(-1).join(".")) ||
    PRIVATE_NAMES.has(labels.slice(-2).join("."));
}
