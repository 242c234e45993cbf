/**
 * Asking an API: its budget, its failures, and reading its answers with schemas.
 *
 * @module
 */

import * as v from "valibot";
import { type Clock, systemClock } from "../base/clock.ts";
import type { Species } from "../species/species.ts";
import type { Client } from "../web/client.ts";
import { fetchJson, type JsonAnswer } from "../web/json.ts";
import { type ApiTerms, photosOf } from "./apis.ts";
import type { Budget } from "./budget.ts";
import { KeptPages } from "./kept_pages.ts";
import { type Notice, type SourceEnd, StageStop } from "./source.ts";

/** The longest text of an answer that is said or kept, in letters. */
const LONGEST_TEXT = 300;
/** How many requests in a row may fail until the API counts as unreachable. */
const MOST_FAILURES = 3;

/** An API as people, log and client know it. */
export interface ApiSite {
  /** `inaturalist`, `gbif` …: the `source` of every log line. */
  readonly name: string;
  /** The name for people: `iNaturalist`. */
  readonly title: string;
  /** The API with its terms and pace. */
  readonly api: ApiTerms;
}

/** What asking takes. */
export interface AccessOptions {
  /** Asks, with pauses, retries and address checks. */
  readonly client: Client;
  /** Keeps an answer that was not recognised under the data folder and gives its path. */
  readonly keepPage: (name: string, bytes: Uint8Array) => Promise<string>;
  /** Hears what a person should read. */
  readonly notice: Notice;
  /** The machine's own unless given. */
  readonly clock?: Clock;
  /** Counts requests over several runs, and ends the stage where a limit is reached. */
  readonly budget?: Budget;
}

/** Ends a search from within. */
export class SearchEnded extends Error {
  constructor(readonly end: SourceEnd) {
    super(end.why);
  }
}

/** The requests of one run to one API. */
export class ApiAccess {
  readonly #source: ApiSite;
  readonly #options: AccessOptions;
  readonly #kept: KeptPages;
  #failures = 0;

  constructor(source: ApiSite, options: AccessOptions) {
    this.#source = source;
    this.#options = options;
    this.#kept = new KeptPages(`answers of ${source.title}`, options.keepPage);
  }

  /**
   * Asks for an answer and reads it.
   *
   * @throws {SearchEnded} Where there is no answer, or none as it should be.
   * @throws {StageStop} Where the API is not to be asked any more.
   */
  async get<Output>(
    url: URL,
    schema: Schema<Output>,
    species: Species,
    signal: AbortSignal,
  ): Promise<Output> {
    const { budget, client, clock = systemClock } = this.#options;
    const { api } = this.#source;
    this.#stopIfSpent(api, "requests");
    const sent = () => budget?.countRequest(api);
    const answer = await fetchJson(client, api, url.href, { signal, clock, sent });
    if (!answer.ok) throw await this.#failure(answer, url, species);
    this.#failures = 0;
    const read = await schema["~standard"].validate(answer.value);
    if (read.issues === undefined) return read.value;
    const { path = [], message = "not as it should be" } = read.issues[0] ?? {};
    const keys = path.map((part) => String(typeof part === "object" ? part.key : part));
    // The message may hold what the answer has there, whole.
    const detail = `${keys.join(".") || "it"}: ${message}`.slice(0, LONGEST_TEXT);
    throw new SearchEnded(await this.#notRecognised(detail, url, species, answer.received.bytes));
  }

  /**
   * @param photo A photo that is to be fetched next; its host may be another API's.
   * @throws {StageStop} Where so many bytes of photos were fetched as that API allows.
   */
  checkPhotos(photo: string): void {
    const api = photosOf(photo);
    if (api !== undefined) this.#stopIfSpent(api, "bytes");
  }

  #stopIfSpent(asked: ApiTerms, what: "requests" | "bytes"): void {
    const spent = this.#options.budget?.spent(asked, what);
    if (spent === undefined) return;
    const { api, title } = this.#source;
    const who = asked === api ? title : new URL(asked.url).host;
    const reason = `${who} allows ${spent.limit}, which this data folder has used. Everything ` +
      `found so far is kept; run again after ${new Date(spent.until).toISOString()}.`;
    throw new StageStop("budget", reason);
  }

  close(): Promise<void> {
    this.#kept.report(this.#options.notice);
    return this.#options.budget?.flush() ?? Promise.resolve();
  }

  async #failure(
    answer: Exclude<JsonAnswer, { readonly ok: true }>,
    url: URL,
    species: Species,
  ): Promise<Error> {
    const { title } = this.#source;
    if (answer.kind !== "not-received") {
      const { detail, received: { bytes } } = answer;
      return new SearchEnded(await this.#notRecognised(detail, url, species, bytes));
    }
    const { detail, outcome, retryAfter } = answer.answer;
    const { clock = systemClock } = this.#options;
    const later = retryAfter === undefined
      ? "later"
      : `after ${new Date(clock.today() + retryAfter).toISOString()}`;
    const again = `Everything found so far is kept; run again ${later}.`;
    if (outcome === "rate-limited") {
      return new StageStop("rate-limited", `${title} wants no more requests (${detail}). ${again}`);
    }
    if (outcome === "opted-out") {
      const reason = `${title} may not be asked: ${detail}. Leave it out with --sources.`;
      return new StageStop("opted-out", reason);
    }
    // Whoever says when to come back is not asked before.
    if (++this.#failures >= MOST_FAILURES || retryAfter !== undefined) {
      const times = this.#failures === 1 ? "" : ` ${this.#failures} times in a row`;
      return new StageStop("unreachable", `${title} failed${times} (${detail}). ${again}`);
    }
    return new SearchEnded({ why: "failed", reason: `cannot ask ${title}: ${detail} (${url})` });
  }

  async #notRecognised(
    detail: string,
    url: URL,
    { id }: Species,
    bytes: Uint8Array,
  ): Promise<SourceEnd> {
    const reason = `answer not recognised: ${detail} (${url})`;
    return await this.#kept.end(reason, `${this.#source.name}_${id}.json`, bytes);
  }
}

/**
 * What reads an answer: a schema of valibot or of any other library that follows the Standard
 * Schema.
 */
export interface Schema<Output> {
  /** The part that all such libraries have in common. */
  readonly "~standard": {
    /** Reads a value. */
    validate(value: unknown): Reading<Output> | Promise<Reading<Output>>;
  };
}

/** What a schema made of an answer: the value, or what is wrong, and where from the outermost key. */
export type Reading<Output> = { readonly value: Output; readonly issues?: undefined } | {
  readonly issues: readonly {
    readonly message: string;
    readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  }[];
};

/** A whole number, which some answers give as a text. */
const WHOLE: v.GenericSchema<unknown, number> = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.regex(/^\d{1,15}$/))]),
  v.transform(Number),
  v.safeInteger(),
);
/** A whole number from 1. */
export const ID: v.GenericSchema<unknown, number> = v.pipe(WHOLE, v.minValue(1));

/**
 * A field that may be missing. Where it is another thing than it should, it counts as missing: the
 * rest of its record is still of use.
 *
 * @param schema What the field must be.
 */
export function optional<Output>(
  schema: v.GenericSchema<unknown, Output>,
): v.GenericSchema<unknown, Output | undefined> {
  return v.optional(v.pipe(
    v.unknown(),
    v.transform((value) => {
      const parsed = v.safeParse(schema, value);
      return parsed.success ? parsed.output : undefined;
    }),
  ));
}

/** A text that may be missing. */
export const TEXT: v.GenericSchema<unknown, string | undefined> = optional(v.string());
/** `true` or `false`, which may be missing. */
export const FLAG: v.GenericSchema<unknown, boolean | undefined> = optional(v.boolean());
/** A positive whole number, or its digits as a text, which may be missing. */
export const NUMBER: v.GenericSchema<unknown, number | undefined> = optional(ID);
/** How many there are, which may be missing; 0 counts. */
export const COUNT: v.GenericSchema<unknown, number | undefined> = optional(
  v.pipe(WHOLE, v.minValue(0)),
);

/** The records of a list that could be read. */
export interface Records<Output> {
  /** Those that could be read. */
  readonly records: readonly Output[];
  /** How many the list has, those that could not be read among them. */
  readonly count: number;
}

/**
 * A list in which some records may be other than they should: those are left out. A list of which
 * no record can be read is not as we know it.
 *
 * @param schema What a record must be.
 */
export function recordsOf<Output>(
  schema: v.GenericSchema<unknown, Output>,
): v.GenericSchema<unknown, Records<Output>> {
  return v.pipe(
    v.array(v.unknown()),
    v.check(
      (list) => list.length === 0 || list.some((one) => v.is(schema, one)),
      "no known record",
    ),
    v.transform((list) => ({
      records: list.flatMap((one) => {
        const parsed = v.safeParse(schema, one);
        return parsed.success ? [parsed.output] : [];
      }),
      count: list.length,
    })),
  );
}
