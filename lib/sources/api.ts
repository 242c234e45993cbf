/**
 * What sources behind documented JSON APIs have in common: asking one after another, reading answers
 * with a schema, and ending a species, or the stage, when an answer is not what it should be.
 *
 * A source is a name, the API and one generator that searches; see `tests/sources/api_test.ts` for a
 * whole one in forty lines.
 *
 * @module
 */

import * as v from "valibot";
import { type Clock, systemClock } from "../base/clock.ts";
import type { Species } from "../species/species.ts";
import type { Client } from "../web/client.ts";
import { fetchJson, type JsonAnswer } from "../web/json.ts";
import type { ApiTerms } from "./apis.ts";
import type { Budget } from "./budget.ts";
import {
  type Candidate,
  type Demand,
  type ImageSource,
  type Notice,
  type SourceEnd,
  StageStop,
} from "./source.ts";
import { readName, searchName } from "./search_name.ts";

/** How many answers that were not recognised are kept in a run. */
const MOST_SAVED = 5;
/** How many requests in a row may fail until the API counts as unreachable. */
const MOST_FAILURES = 3;
/** The longest text of an answer that is said or kept, in letters. */
const LONGEST_TEXT = 300;

/** How an API is asked. */
export interface ApiOptions {
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
  /** The names that other sources found for a species: asked for where its own is not known. */
  readonly otherNames?: (species: Species) => readonly string[];
  /** How many photos of one author are taken of a species at most; all unless given. */
  readonly mostPerAuthor?: number;
  /** Whether captive animals are left out. */
  readonly wildOnly?: boolean;
  /** Whether the original is fetched where a smaller rendering is enough for training. */
  readonly fullSize?: boolean;
}

/**
 * What reads an answer: a schema of valibot or of any other library that follows the Standard
 * Schema.
 */
export interface Schema<Output> {
  /** The part that all such libraries have in common. */
  readonly "~standard": {
    /** Gives the value that was read, or why it cannot be read. */
    validate(value: unknown): Reading<Output> | Promise<Reading<Output>>;
  };
}

/** What a schema made of an answer. */
export type Reading<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] };

/** Why an answer cannot be read. */
export interface Issue {
  /** What is wrong. */
  readonly message: string;
  /** Where, from the outermost key. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a search is given. */
export interface ApiSearch {
  /** Whose images are wanted. */
  readonly species: Species;
  /** The name to look for: genus, epithet, and for a subspecies its epithet. */
  readonly words: readonly string[];
  /** How many images are still wanted. */
  readonly demand: Demand;
  /** Fires when the search is to end. */
  readonly signal: AbortSignal;
  /** Only pictures of animals and plants in the wild. */
  readonly wildOnly: boolean;
  /** The files as they were uploaded, not the large ones that the site makes. */
  readonly fullSize: boolean;
  /**
   * Asks for an answer and reads it. When that fails, it throws, and the search ends: what was found
   * before is kept.
   */
  get<Output>(url: URL, schema: Schema<Output>): Promise<Output>;
  /** Waits so many milliseconds. */
  wait(milliseconds: number): Promise<void>;
}

/** What the sources differ in. */
export interface ApiSource {
  /** `inaturalist`, `gbif` …: the `source` of every log line. */
  readonly name: string;
  /** The name for people: `iNaturalist`. */
  readonly title: string;
  /** The API with its terms and pace. */
  readonly api: ApiTerms;
  /** Whether a picture found here surely shows the species it was searched for. */
  readonly vouches: boolean;
  /** Finds candidates for one species; the order is the same each time the API answers the same. */
  search(search: ApiSearch): AsyncGenerator<Candidate, SourceEnd, void>;
}

/** A number that some answers give as a text. */
export const ID: v.GenericSchema<unknown, number> = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.regex(/^\d{1,15}$/))]),
  v.transform(Number),
  v.integer(),
  v.minValue(1),
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

/**
 * A source of images behind an API. A run has one, which all its jobs share.
 *
 * @param source What it differs in from others.
 * @param options How it is asked.
 */
export function createApiSource(source: ApiSource, options: ApiOptions): ImageSource {
  const { name, title, vouches } = source;
  const access = new ApiAccess(source, options);
  const { mostPerAuthor = Infinity } = options;
  /** Passes candidates on, not too many of one author, as long as the budget lasts. */
  async function* limited(
    found: AsyncGenerator<Candidate, SourceEnd, void>,
  ): AsyncGenerator<Candidate, SourceEnd, void> {
    const byAuthor = new Map<string, number>();
    let overShare = 0;
    try {
      for (;;) {
        const next = await found.next();
        if (next.done) {
          if (next.value.why !== "exhausted" || overShare === 0) return next.value;
          return { ...next.value, detail: { ...next.value.detail, overShare } };
        }
        const { author } = next.value;
        const count = byAuthor.get(author ?? "") ?? 0;
        if (author !== undefined) byAuthor.set(author, count + 1);
        if (author !== undefined && count >= mostPerAuthor) {
          overShare++;
          continue;
        }
        access.checkBudget();
        yield next.value;
      }
    } finally {
      await found.return({ why: "exhausted" });
    }
  }
  return {
    name,
    vouches,
    async *candidates(species, demand, signal) {
      const wanted = searchName(species, title);
      if (!wanted.found) return { why: wanted.why, reason: wanted.reason };
      const get: ApiSearch["get"] = (url, schema) => access.get(url, schema, species, signal);
      const { clock = systemClock, fullSize = false, wildOnly = false } = options;
      const wait = (milliseconds: number) => clock.sleep(milliseconds, signal);
      const common = { species, demand, signal, wildOnly, fullSize, get, wait };
      try {
        const end = yield* limited(source.search({ ...common, words: wanted.words }));
        if (end.why !== "not-found") return end;
        const name = wanted.words.join(" ");
        for (const other of new Set(options.otherNames?.(species) ?? [])) {
          const words = readName(other);
          if (words === undefined || words.join(" ") === name) continue;
          const found = yield* limited(source.search({ ...common, words }));
          if (found.why === "not-found") continue;
          if (found.why !== "exhausted") return found;
          const resolved = { from: name, to: words.join(" "), how: "name of another source" };
          return { ...found, detail: { resolved, ...found.detail } };
        }
        return end;
      } catch (thrown) {
        if (thrown instanceof SearchEnded) return thrown.end;
        throw thrown;
      }
    },
    close: () => access.close(),
  };
}

/** Ends a search from within. */
class SearchEnded extends Error {
  constructor(readonly end: SourceEnd) {
    super(end.why);
  }
}

/** The requests of one run to one API. */
class ApiAccess {
  readonly #source: ApiSource;
  readonly #options: ApiOptions;
  #failures = 0;
  #unrecognised = 0;
  #lastSaved: string | undefined;
  #closed = false;

  constructor(source: ApiSource, options: ApiOptions) {
    this.#source = source;
    this.#options = options;
  }

  async get<Output>(
    url: URL,
    schema: Schema<Output>,
    species: Species,
    signal: AbortSignal,
  ): Promise<Output> {
    const { budget, client, clock = systemClock } = this.#options;
    this.checkBudget();
    budget?.countRequest(this.#source.api);
    const answer = await fetchJson(client, this.#source.api, url.href, { signal, clock });
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

  /** @throws {StageStop} Where a limit of the API is reached. */
  checkBudget(): void {
    const { api, title } = this.#source;
    const spent = this.#options.budget?.spent(api);
    if (spent === undefined) return;
    const reason = `${title} allows ${spent.limit}, which this data folder has used. Everything ` +
      `found so far is kept; run again after ${new Date(spent.until).toISOString()}.`;
    throw new StageStop("budget", reason);
  }

  close(): Promise<void> {
    if (!this.#closed && this.#unrecognised > 0) {
      const where = this.#lastSaved === undefined
        ? ""
        : `; some are kept for a bug report, such as ${this.#lastSaved}`;
      const { title } = this.#source;
      this.#options.notice(
        `${this.#unrecognised} answers of ${title} were not recognised${where}.`,
      );
    }
    this.#closed = true;
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
    const { detail, outcome } = answer.answer;
    const again = "Everything found so far is kept; run again later.";
    if (outcome === "rate-limited") {
      return new StageStop("rate-limited", `${title} wants no more requests (${detail}). ${again}`);
    }
    if (outcome === "opted-out") {
      const reason = `${title} may not be asked: ${detail}. Leave it out with --sources.`;
      return new StageStop("opted-out", reason);
    }
    if (++this.#failures >= MOST_FAILURES) {
      const reason = `${title} failed ${this.#failures} times in a row (${detail}). ${again}`;
      return new StageStop("unreachable", reason);
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
    if (++this.#unrecognised > MOST_SAVED) return { why: "not-recognised", reason };
    const savedPage = await this.#options.keepPage(`${this.#source.name}_${id}.json`, bytes);
    this.#lastSaved = savedPage;
    return { why: "not-recognised", reason, savedPage };
  }
}
