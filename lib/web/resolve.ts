/**
 * Only hosts of the public internet may be reached: a stranger's image URL that points into the network
 * Aquaset runs in would let a stranger reach that network through us (SSRF). `fetch` looks the name up
 * again when it connects; `transport.ts` says what holds then.
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
const PRIVATE_NAME =
  /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|private|corp|home|lan|home\.arpa|onion)$/;

/** The part of IPv6 that is assigned to the public internet (RFC 4291, 2.4). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");
/** IPv4 inside IPv6, as translators of IPv6-only networks write it (RFC 6052), and mapped. */
const CARRIERS = ["64:ff9b::/96", "::ffff:0:0/96"].map((range) => ipaddr.IPv6.parseCIDR(range));
/** Within 2000::/3, but documentation, Teredo, 6to4 and the like. */
const NOT_PUBLIC = ["3fff::/20", "2001::/23", "2002::/16", "2001:db8::/32"]
  .map((range) => ipaddr.IPv6.parseCIDR(range));

/**
 * Whether an IP address (IPv6 without brackets) belongs to the public internet: not private, local,
 * reserved or multicast.
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
 * The IP address in a `URL.hostname`, without brackets; `undefined` for a name. `URL` has turned octal,
 * hexadecimal and short spellings into dotted decimals already.
 */
export function literalAddress(hostname: string): string | undefined {
  if (hostname.startsWith("[") && hostname.endsWith("]")) return hostname.slice(1, -1);
  // The library says no by throwing, which is slow for the many names that a page has.
  if (!/\d$/.test(hostname)) return undefined;
  return ipaddr.IPv4.isValidFourPartDecimal(hostname) ? hostname : undefined;
}

/** Whether a host name only has a meaning inside a private network, whatever it resolves to. */
export function isPrivateName(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.+$/, "");
  return !name.includes(".") || PRIVATE_NAME.test(name);
}

/** Whether a `URL.hostname` is a name or an address of a private network. */
export function isPrivateHost(hostname: string): boolean {
  const address = literalAddress(hostname);
  return address === undefined ? isPrivateName(hostname) : !isPublicAddress(address);
}

/** That a host may be reached, or why not. */
export type Resolved = { readonly ok: true } | Omit<NotReceived, "url">;

/** Finds all the addresses of a name. Throws as `node:dns` does, with a `code`. */
export type Lookup = (hostname: string) => Promise<readonly string[]>;

/** After this many names in a row that do not exist, the network is probably down. */
const MOST_MISSING = 5;
/** How long an answer is cached, in milliseconds: less than a host stays set aside. */
const REMEMBERED = 30_000;
const MOST_REMEMBERED = 5000;

/** Asks the system, which also reads its hosts file. */
export async function systemLookup(hostname: string): Promise<readonly string[]> {
  return (await lookup(hostname, { all: true })).map(({ address }) => address);
}

export class Resolver {
  readonly #lookup: Lookup;
  readonly #clock: Clock;
  readonly #allowPrivate: boolean;
  #missing = 0;
  readonly #known = new Map<string, { at: number; resolved: Promise<Resolved> }>();

  constructor(lookup: Lookup, clock: Clock, allowPrivate: boolean) {
    this.#lookup = lookup;
    this.#clock = clock;
    this.#allowPrivate = allowPrivate;
  }

  /** Whether a host may be reached, judged by its name alone: all there is when a proxy resolves it. */
  checkName(hostname: string): Resolved {
    if (this.#allowPrivate) return { ok: true };
    return isPrivateHost(hostname) ? forbidden(hostname) : { ok: true };
  }

  /**
   * Whether a host may be reached, judged by all its addresses: one private address among public ones
   * is enough to forbid it, because any of them may be connected to.
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
      // Deno lets this process reach a few hosts by name only, and look up none.
      if (code === "EPERM") return { ok: true };
      if (code === "ENOTFOUND" || code === "ENODATA" || code === "EAI_NODATA") {
        return await this.#absent(hostname);
      }
      // Any other error may be different next time.
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

  /** There is no such name; or the network is down, when that is so for all names. */
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
 * Whether this process has too many files open: then the system's look-up says that a name does not
 * exist. Deno's own reports the real error before it needs a permission or the network.
 */
async function areFilesExhausted(): Promise<boolean> {
  try {
    await Deno.resolveDns("localhost", "A");
    return false;
  } catch (thrown) {
    return isTooManyFiles(reason(thrown));
  }
}
