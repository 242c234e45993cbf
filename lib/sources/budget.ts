/**
 * How much each API was used in the last hour and day, kept in the data folder so that several runs
 * together stay within its limits.
 *
 * @module
 */

import { join } from "@std/path";
import * as v from "valibot";
import { readTextIfThere, writeFileAtomic } from "../base/files.ts";
import type { Client } from "../web/client.ts";
import { type ApiTerms, photosOf } from "./apis.ts";

/** The file in the data folder. */
export const BUDGET_FILE = "budget.json";
/** Use is counted in pieces of five minutes, for a day. */
const PIECE = 5 * 60_000;
const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;

const COUNT = v.object({ from: v.number(), requests: v.number(), bytes: v.number() });
const FILE = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.array(COUNT)));
type Count = { from: number; requests: number; bytes: number };

/** A limit that is reached. */
export interface Spent {
  /** `10000 requests a day`. */
  readonly limit: string;
  /** When there is room again, in milliseconds since 1970. */
  readonly until: number;
}

/** The use of all APIs from one data folder. */
export class Budget {
  readonly #path: string;
  readonly #today: () => number;
  readonly #uses: Map<string, Count[]>;
  #saving: Promise<void> | undefined;
  #isChanged = false;

  private constructor(path: string, uses: Map<string, Count[]>, today: () => number) {
    this.#path = path;
    this.#uses = uses;
    this.#today = today;
  }

  /**
   * Reads what earlier runs used. A file that cannot be read as one counts as none: it says nothing
   * that cannot be had again from a day's patience.
   */
  static async open(data: string, today: () => number = Date.now): Promise<Budget> {
    const path = join(data, BUDGET_FILE);
    const parsed = v.safeParse(FILE, await readTextIfThere(path));
    return new Budget(path, new Map(Object.entries(parsed.success ? parsed.output : {})), today);
  }

  /** Counts one request to an API. */
  countRequest(api: ApiTerms): void {
    this.#count(api, 1, 0);
  }

  /** Counts a photo from one of an API's photo hosts. */
  countBytes(api: ApiTerms, bytes: number): void {
    this.#count(api, 0, bytes);
  }

  /** The limit of requests or of photos' bytes that is reached and lasts longest, if any. */
  spent(api: ApiTerms, what: "requests" | "bytes"): Spent | undefined {
    const { requestsPerDay, requestsPerHour, bytesPerDay, bytesPerHour } = api.limits ?? {};
    const [hour, day, unit] = what === "requests"
      ? [requestsPerHour, requestsPerDay, "requests"] as const
      : [bytesPerHour, bytesPerDay, "bytes of photos"] as const;
    const spent = [
      this.#over(api, what, hour, HOUR, `${unit} an hour`),
      this.#over(api, what, day, DAY, `${unit} a day`),
    ]
      .filter((one) => one !== undefined);
    return spent.sort((one, other) => other.until - one.until)[0];
  }

  /** Writes what is not written yet. */
  async flush(): Promise<void> {
    while (this.#saving !== undefined || this.#isChanged) await (this.#saving ?? this.#save());
  }

  #count(api: ApiTerms, requests: number, bytes: number): void {
    const now = this.#today();
    const from = now - now % PIECE;
    const uses = (this.#uses.get(api.url) ?? []).filter((one) => one.from > now - DAY - PIECE);
    const last = uses.at(-1);
    if (last?.from === from) {
      last.requests += requests;
      last.bytes += bytes;
    } else uses.push({ from, requests, bytes });
    this.#uses.set(api.url, uses);
    this.#isChanged = true;
    // A failure to write comes out of `flush()`, which waits for the same promise or tries again.
    if (this.#saving === undefined) this.#save().catch(() => this.#isChanged = true);
  }

  #save(): Promise<void> {
    this.#isChanged = false;
    const text = JSON.stringify(Object.fromEntries(this.#uses)) + "\n";
    return this.#saving = writeFileAtomic(this.#path, text, { flush: "nothing" })
      .finally(() => this.#saving = undefined);
  }

  #over(
    api: ApiTerms,
    what: "requests" | "bytes",
    limit: number | undefined,
    span: number,
    unit: string,
  ): Spent | undefined {
    if (limit === undefined) return undefined;
    const now = this.#today();
    // What a clock that was ahead has counted must not stop the stage until then.
    const uses = (this.#uses.get(api.url) ?? [])
      .filter((one) => one.from + PIECE > now - span && one.from <= now);
    let sum = uses.reduce((total, one) => total + one[what], 0);
    if (sum < limit) return undefined;
    let until = now;
    for (const one of uses) {
      if (sum < limit) break;
      sum -= one[what];
      until = one.from + PIECE + span;
    }
    return { limit: `${limit.toLocaleString("en")} ${unit}`, until };
  }
}

/**
 * A client that counts what comes from the photo hosts of APIs, and fetches nothing from them beyond
 * their limits.
 *
 * @param client What fetches.
 * @param budget Where it is counted.
 * @param apiOf The API whose limit a photo counts for; as in the table unless given.
 */
export function countingClient(
  client: Client,
  budget: Budget,
  apiOf: (photo: string) => ApiTerms | undefined = photosOf,
): Client {
  return {
    page: (url, request) => client.page(url, request),
    async download(url, request) {
      const api = apiOf(url);
      const spent = api && budget.spent(api, "bytes");
      if (spent !== undefined) {
        const detail = `${spent.limit} are used up until ${new Date(spent.until).toISOString()}`;
        return { ok: false, outcome: "rate-limited", detail, url };
      }
      const answer = await client.download(url, request);
      if (api !== undefined && answer.ok) budget.countBytes(api, answer.bytes.length);
      return answer;
    },
    robots: (url, signal) => client.robots(url, signal),
    pace: (host, pace) => client.pace(host, pace),
    close: () => client.close(),
    standing: (url) => client.standing?.(url) ?? "ready",
    outage: () => client.outage?.(),
  };
}
