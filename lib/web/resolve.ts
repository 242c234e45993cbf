/**
 * From a host's name to its addresses, and whether they may be reached.
 *
 * What is checked here is what the name resolves to now; `fetch` resolves it once more when it
 * connects, and Deno offers no way to tell it an address for https (2.9: a `tcp` transport of
 * `Deno.createHttpClient` connects to a chosen address, but without TLS). A name that changes its
 * address in between gets past this check, so two more stand behind it: the connection is confined
 * to the family of addresses that was checked, and for IPv4 the process's `--deny-net` holds against
 * the address that is really connected to. What is left is a name that changes from a public IPv6
 * address to a private one between two look-ups of a second; and all that a proxy resolves.
 *
 * @module
 */

import { lookup } from "node:dns/promises";
import { reason } from "../base/failure.ts";
import { isPrivateName, isPublicAddress, literalAddress } from "./addresses.ts";
import type { Clock } from "../base/clock.ts";

/** A family of addresses. */
export type Family = 4 | 6;

/** Where a host may be reached, or why it may not. */
export type Resolved =
  | { readonly ok: true; readonly families: readonly Family[] }
  | {
    readonly ok: false;
    readonly outcome: "forbidden-address" | "gone" | "refused";
    readonly detail: string;
  };

/** Finds all the addresses of a name. Throws as `node:dns` does, with a `code`. */
export type Lookup = (hostname: string) => Promise<readonly string[]>;

/** After so many different names in a row that do not exist, it is the network that is not there. */
const MOST_MISSING = 5;

/** How long an answer is remembered, in milliseconds: less than a host set aside stays so. */
const REMEMBERED = 30_000;

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
  readonly #known = new Map<
    string,
    { readonly at: number; readonly resolved: Promise<Resolved> }
  >();

  /**
   * Begins with nothing known.
   *
   * @param lookup What finds addresses.
   * @param clock The time.
   * @param allowPrivate Whether private addresses may be reached.
   */
  constructor(lookup: Lookup, clock: Clock, allowPrivate: boolean) {
    this.#lookup = lookup;
    this.#clock = clock;
    this.#allowPrivate = allowPrivate;
  }

  /**
   * Whether a host may be reached by what its name says alone, which is all that can be told when a
   * proxy resolves it.
   *
   * @param hostname `URL.hostname`.
   */
  named(hostname: string): Resolved {
    const address = literalAddress(hostname);
    if (!this.#allowPrivate) {
      if (address === undefined ? isPrivateName(hostname) : !isPublicAddress(address)) {
        return forbidden(hostname);
      }
    }
    if (address === undefined) return { ok: true, families: [4, 6] };
    return { ok: true, families: [address.includes(":") ? 6 : 4] };
  }

  /**
   * Whether a host may be reached, by every address it has: one private address among public ones
   * is enough to turn it away, because nobody can tell which will be connected to.
   *
   * @param hostname `URL.hostname`.
   */
  resolve(hostname: string): Promise<Resolved> {
    const named = this.named(hostname);
    if (!named.ok || literalAddress(hostname) !== undefined) return Promise.resolve(named);
    const now = this.#clock.now();
    const known = this.#known.get(hostname);
    if (known !== undefined && now - known.at < REMEMBERED) return known.resolved;
    const resolved = this.#ask(hostname);
    this.#known.delete(hostname);
    this.#known.set(hostname, { at: now, resolved });
    const oldest = this.#known.keys().next();
    if (this.#known.size > 5000 && !oldest.done) this.#known.delete(oldest.value);
    return resolved;
  }

  async #ask(hostname: string): Promise<Resolved> {
    let addresses: readonly string[];
    try {
      addresses = await this.#lookup(hostname);
    } catch (thrown) {
      const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
      // The process may not look names up. Then it may reach but few hosts, and those by name.
      if (code === "EPERM") return { ok: true, families: [4, 6] };
      if (code === "ENOTFOUND" || code === "ENODATA" || code === "EAI_NODATA") {
        return this.#absent(hostname);
      }
      // Anything but a plain "there is no such name" may be different next time.
      const detail = `cannot resolve ${hostname}: ${code || reason(thrown)}`;
      return { ok: false, outcome: "refused", detail };
    }
    if (addresses.length === 0) return this.#absent(hostname);
    this.#missing = 0;
    const wrong = addresses.find((address) => !isPublicAddress(address));
    if (wrong !== undefined && !this.#allowPrivate) return forbidden(`${hostname} (${wrong})`);
    const four = addresses.some((address) => !address.includes(":"));
    const six = addresses.some((address) => address.includes(":"));
    return { ok: true, families: [...(four ? [4 as const] : []), ...(six ? [6 as const] : [])] };
  }

  /** No such name; unless that goes for all of them, in which case nothing is known of this one. */
  #absent(hostname: string): Resolved {
    const name = hostname.slice(0, 255);
    if (++this.#missing <= MOST_MISSING) {
      return { ok: false, outcome: "gone", detail: `no such host: ${name}` };
    }
    const detail = `no such host: ${name}, nor the ${
      this.#missing - 1
    } before it: is the network up?`;
    return { ok: false, outcome: "refused", detail };
  }
}

function forbidden(what: string): Resolved {
  const detail = `${what} is not a public address`;
  return { ok: false, outcome: "forbidden-address", detail };
}
