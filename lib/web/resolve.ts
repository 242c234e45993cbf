/**
 * Which hosts may be reached: those of the public internet.
 *
 * An image's URL comes from strangers. One that points into the network Aquaset runs in would let a
 * stranger reach that network through us (SSRF), so every address that is not plainly public is
 * turned away. `fetch` looks the name up again when it connects; `transport.ts` says what holds then.
 *
 * @module
 */

import { lookup } from "node:dns/promises";
import ipaddr from "ipaddr.js";
import { reason } from "../base/failure.ts";
import type { Clock } from "../base/clock.ts";
import { isTooManyFiles, TOO_MANY_FILES } from "./classify.ts";
import type { NotReceived } from "./client.ts";

/**
 * Names that never mean a host of the public internet: RFC 6761 and 6762 (`localhost`, `local`), RFC
 * 8375 (`home.arpa`), ICANN (`internal`), and what networks at home and at work use.
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
/** IPv4 inside IPv6, as translators of IPv6-only networks write it (RFC 6052), and mapped. */
const CARRIERS = ["64:ff9b::/96", "::ffff:0:0/96"].map((range) => ipaddr.IPv6.parseCIDR(range));
/** Within 2000::/3, but documentation, Teredo, 6to4 and the like. */
const NOT_PUBLIC = ["3fff::/20", "2001::/23", "2002::/16", "2001:db8::/32"]
  .map((range) => ipaddr.IPv6.parseCIDR(range));

/**
 * Whether an IP address belongs to the public internet.
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
  if (CARRIERS.some((range) => parsed.match(range))) {
    return isPublicAddress(parsed.toByteArray().slice(12).join("."));
  }
  return parsed.match(GLOBAL_UNICAST) && parsed.range() === "unicast" &&
    !NOT_PUBLIC.some((range) => parsed.match(range));
}

/**
 * The IP address that a URL's host is, without brackets; `undefined` for a name.
 *
 * @param hostname `URL.hostname`, which has turned octal, hexadecimal and short spellings into
 * dotted decimals already.
 */
export function literalAddress(hostname: string): string | undefined {
  if (hostname.startsWith("[") && hostname.endsWith("]")) return hostname.slice(1, -1);
  return ipaddr.IPv4.isValidFourPartDecimal(hostname) ? hostname : undefined;
}

/** Whether a host name can only mean something inside the own network, whatever it resolves to. */
export function isPrivateName(hostname: string): boolean {
  const labels = hostname.toLowerCase().replace(/\.+$/, "").split(".");
  return labels.length === 1 || PRIVATE_NAMES.has(labels.slice(-1).join(".")) ||
    PRIVATE_NAMES.has(labels.slice(-2).join("."));
}

/** Whether a host may be reached, or why not. */
export type Resolved = { readonly ok: true } | Omit<NotReceived, "url">;

/** Finds all the addresses of a name. Throws as `node:dns` does, with a `code`. */
export type Lookup = (hostname: string) => Promise<readonly string[]>;

/** After so many different names in a row that do not exist, the network is down. */
const MOST_MISSING = 5;
/** How long an answer is remembered, in milliseconds: less than a host stays set aside. */
const REMEMBERED = 30_000;
const MOST_REMEMBERED = 5000;

/** Asks the system, which knows its hosts file too. */
export async function systemLookup(hostname: string): Promise<readonly string[]> {
  return (await lookup(hostname, { all: true })).map(({ address }) => address);
}

/** Resolves names and checks what they come to. */
export class Resolver {
  readonly #lookup: Lookup;
  readonly #clock: Clock;
  readonly #allowPrivate: boolean;
  #missing = 0;
  readonly #known = new Map<string, { at: number; resolved: Promise<Resolved> }>();

  /**
   * @param lookup Finds addresses.
   * @param clock The time.
   * @param allowPrivate Whether private addresses may be reached.
   */
  constructor(lookup: Lookup, clock: Clock, allowPrivate: boolean) {
    this.#lookup = lookup;
    this.#clock = clock;
    this.#allowPrivate = allowPrivate;
  }

  /** Whether a host may be reached by its name alone: all that is known when a proxy resolves it. */
  checkName(hostname: string): Resolved {
    if (this.#allowPrivate) return { ok: true };
    const address = literalAddress(hostname);
    const isPrivate = address === undefined ? isPrivateName(hostname) : !isPublicAddress(address);
    return isPrivate ? forbidden(hostname) : { ok: true };
  }

  /**
   * Whether a host may be reached, by every address it has: one private address among public ones is
   * enough to turn it away, because nobody knows which of them will be connected to.
   *
   * @param hostname `URL.hostname`.
   */
  resolve(hostname: string): Promise<Resolved> {
    const named = this.checkName(hostname);
    const literal = literalAddress(hostname);
    if (!named.ok) return Promise.resolve(named);
    if (literal !== undefined) return Promise.resolve(this.#judge(hostname, [literal]));
    const now = this.#clock.now();
    const known = this.#known.get(hostname);
    if (known !== undefined && now - known.at < REMEMBERED) return known.resolved;
    const resolved = this.#ask(hostname);
    this.#known.delete(hostname);
    this.#known.set(hostname, { at: now, resolved });
    const oldest = this.#known.keys().next();
    if (this.#known.size > MOST_REMEMBERED && !oldest.done) this.#known.delete(oldest.value);
    return resolved;
  }

  async #ask(hostname: string): Promise<Resolved> {
    try {
      const addresses = await this.#lookup(hostname);
      if (addresses.length === 0) return await this.#absent(hostname);
      this.#missing = 0;
      return this.#judge(hostname, addresses);
    } catch (thrown) {
      const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
      // The process may not look names up. Then it may reach few hosts only, and those by name.
      if (code === "EPERM") return { ok: true };
      if (code === "ENOTFOUND" || code === "ENODATA" || code === "EAI_NODATA") {
        return await this.#absent(hostname);
      }
      // Anything but a plain "there is no such name" may be different next time.
      const detail = `cannot resolve ${hostname}: ${code || reason(thrown)}`;
      return { ok: false, outcome: "refused", detail };
    }
  }

  #judge(hostname: string, addresses: readonly string[]): Resolved {
    if (this.#allowPrivate) return { ok: true };
    const wrong = addresses.find((address) => !isPublicAddress(address));
    if (wrong !== undefined) return forbidden(`${hostname} (${wrong})`);
    if (addresses.some((address) => !address.includes(":"))) return { ok: true };
    const detail = `${hostname} has IPv6 addresses only, and connections are made over IPv4`;
    return { ok: false, outcome: "refused", detail };
  }

  /** There is no such name; or, where that goes for all names, nothing is known of this one. */
  async #absent(hostname: string): Promise<Resolved> {
    if (await areFilesExhausted()) {
      return { ok: false, outcome: "refused", detail: TOO_MANY_FILES, local: true };
    }
    const detail = `no such host: ${hostname.slice(0, 255)}`;
    if (++this.#missing <= MOST_MISSING) return { ok: false, outcome: "gone", detail };
    const before = `nor the ${this.#missing - 1} before it: is the network up?`;
    return { ok: false, outcome: "refused", detail: `${detail}, ${before}` };
  }
}

function forbidden(what: string): Resolved {
  return { ok: false, outcome: "forbidden-address", detail: `${what} is not a public address` };
}

/**
 * Whether this process has too many files open. The system's look-up then claims that a name does not
 * exist; Deno's own says what is wrong before it needs a permission or the network.
 */
async function areFilesExhausted(): Promise<boolean> {
  try {
    await Deno.resolveDns("localhost", "A");
    return false;
  } catch (thrown) {
    return isTooManyFiles(reason(thrown));
  }
}
