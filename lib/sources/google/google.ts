/**
 * Google Images: the many photos that need a look.
 *
 * Google changes its page several times a year. What stays is the data in the page and in the
 * responses to scrolling, and a few attributes; the parts in `google/` build on those.
 *
 * @module
 */

import { BrowserFault, type Tab } from "../../browser/browser.ts";
import type { BrowserKeeper } from "../../browser/keeper.ts";
import { reason } from "../../base/failure.ts";
import type { Species } from "../../species/species.ts";
import { GOOGLE_HOSTS, isOriginal, isVector } from "./addresses.ts";
import { NotServed } from "./arrive.ts";
import { Pace } from "./pace.ts";
import { queriesFor, QUERY_PLAN } from "./query_plan.ts";
import type { Result } from "./results.ts";
import { GoogleRun } from "./run.ts";
import { Inbox } from "./inbox.ts";
import { type QueryEnd, type QueryTools, searchFor } from "./search.ts";
import type { Candidate, Demand, ImageSource, Notice, SourceEnd } from "../source.ts";

export { GOOGLE_HOSTS, QUERY_PLAN };

/** What the Google source is made of. */
export interface GoogleOptions {
  /** Gives tabs; their browser may reach {@link GOOGLE_HOSTS} alone. */
  readonly keeper: Pick<BrowserKeeper, "tab" | "close">;
  /** Between the starts of two searches, in milliseconds: `--google-delay`. */
  readonly delay: number;
  /** The queries for a species: `--query`; {@link QUERY_PLAN} where there are none. */
  readonly queries: readonly string[];
  /** Whether a person sees the browser's window. */
  readonly headed: boolean;
  /** How many species are searched for at once. */
  readonly jobs: number;
  /** Keeps a page for a bug report; gives where it is. */
  keepPage(name: string, text: string): Promise<string>;
  /** Tells a person something. */
  readonly notice: Notice;
  /** The clock of the searches; one of its own with `delay` unless given. */
  readonly pace?: Pace;
}

/** A job is tried again so often after its tab or its browser failed. */
const MOST_TRIES_AGAIN = 2;
/** And so often when a script of the page did not end, which takes long to find out. */
const MOST_TRIES_AFTER_A_HANG = 1;
/** How long a tab may take to open, in milliseconds. */
const OPEN_WITHIN = 30_000;
/** The success rate is taken as this at least: a bad start must not make us scroll for ever. */
const LEAST_SUCCESS = 0.2;
/** Some more failures than the success rate says are reckoned with, for its luck. */
const MARGIN = 1.2;

/**
 * Makes the Google source.
 *
 * @param options What it is made of.
 *
 * @example
 * ```ts
 * const google = createGoogle({
 *   keeper: new BrowserKeeper({
 *     start: (signal) => startBrowser({ hosts: GOOGLE_HOSTS, notice: console.error, signal }),
 *   }),
 *   delay: 3000,
 *   queries: [],
 *   headed: false,
 *   jobs: 8,
 *   keepPage: (name, text) => Deno.writeTextFile(name, text).then(() => name),
 *   notice: console.error,
 * });
 * ```
 */
export function createGoogle(options: GoogleOptions): ImageSource {
  const run = new GoogleRun({ ...options, pace: options.pace ?? new Pace(options.delay) });
  const plan = options.queries.length > 0 ? options.queries : QUERY_PLAN;
  return {
    name: "google",
    vouches: false,
    async *candidates(species, demand, signal) {
      const queries = queriesFor(species, plan);
      if (species.search === undefined || queries.length === 0) {
        return { why: "no-latin-name", reason: species.reason ?? "there is no name to search for" };
      }
      const job = new SpeciesJob(species, demand, signal, run, options.keeper);
      return yield* job.candidates(queries);
    },
    close: () => options.keeper.close(),
  };
}

/** The search for one species: its queries, one after the other, in a tab of its own. */
class SpeciesJob {
  readonly #species: Species;
  readonly #demand: Demand;
  readonly #signal: AbortSignal;
  readonly #run: GoogleRun;
  readonly #keeper: GoogleOptions["keeper"];
  readonly #seen = new Set<string>();
  #work: { readonly tab: Tab; readonly inbox: Inbox } | undefined;
  #failures = 0;
  #given = 0;

  constructor(
    species: Species,
    demand: Demand,
    signal: AbortSignal,
    run: GoogleRun,
    keeper: GoogleOptions["keeper"],
  ) {
    this.#species = species;
    this.#demand = demand;
    this.#signal = AbortSignal.any([signal, run.ended]);
    this.#run = run;
    this.#keeper = keeper;
  }

  async *candidates(queries: readonly string[]): AsyncGenerator<Candidate, SourceEnd, void> {
    try {
      for (const query of queries) {
        const end = yield* this.#query(query);
        if ("reason" in end) return end;
        if (end.why === "not-recognised") return await this.#notRecognised(query, end.cards);
      }
    } finally {
      // It never fails, and nobody has to wait for it.
      void this.#closeTab();
    }
    return this.#given > 0
      ? { why: "exhausted", detail: { queries: queries.length, found: this.#given } }
      : { why: "not-found", reason: `Google shows no image for ${queries.join(" or ")}` };
  }

  /** One query, tried again in a new tab, or a new browser, when its own failed. */
  async *#query(
    query: string,
  ): AsyncGenerator<Candidate, QueryEnd | Extract<SourceEnd, { readonly why: "failed" }>, void> {
    for (;;) {
      try {
        const results = searchFor(query, await this.#tools());
        for (;;) {
          const next = await results.next();
          if (next.done) return next.value;
          // When the stage has stopped, what is in hand is not worked off first.
          this.#signal.throwIfAborted();
          const candidate = this.#candidate(next.value, query);
          if (candidate !== undefined) yield candidate;
        }
      } catch (thrown) {
        if (thrown instanceof NotServed) return { why: "failed", reason: thrown.message };
        if (!isFault(thrown) || this.#signal.aborted) throw thrown;
        await this.#closeTab();
        this.#failures += 1;
        const refused = thrown instanceof BrowserFault && thrown.kind === "navigation";
        if (refused) this.#run.pace.slowDown();
        const most = isHang(thrown) ? MOST_TRIES_AFTER_A_HANG : MOST_TRIES_AGAIN;
        if (this.#failures > most) {
          this.#run.jobFailed(reason(thrown), refused);
          return {
            why: "failed",
            reason: `the search for ${query} failed ${this.#failures} times, at last because ${
              reason(thrown)
            }`,
          };
        }
      }
    }
  }

  async #tools(): Promise<QueryTools> {
    const work = this.#work?.tab.dead === false ? this.#work : await this.#openTab();
    return {
      ...work,
      run: this.#run,
      signal: this.#signal,
      wanted: () => this.#wanted(),
      isNew: (result) =>
        isWanted(result) && !this.#isSeen(result) && !this.#demand.known(result.url),
    };
  }

  async #openTab(): Promise<{ readonly tab: Tab; readonly inbox: Inbox }> {
    await this.#closeTab();
    const tab = await this.#keeper.tab({ within: OPEN_WITHIN, signal: this.#signal });
    this.#work = { tab, inbox: new Inbox(tab) };
    return this.#work;
  }

  async #closeTab(): Promise<void> {
    const tab = this.#work?.tab;
    this.#work = undefined;
    await tab?.close();
  }

  /** How many candidates are worth having in hand for what is missing still. */
  #wanted(): number {
    const { missing, successRate } = this.#demand;
    const rate = Math.min(1, Math.max(LEAST_SUCCESS, successRate || 0));
    const least = Math.max(1, missing);
    return Math.ceil(least + (least / rate - least) * MARGIN);
  }

  #isSeen({ docid, url }: Result): boolean {
    return this.#seen.has(url) || (docid !== "" && this.#seen.has(`docid:${docid}`));
  }

  #candidate(result: Result, query: string): Candidate | undefined {
    if (!isWanted(result) || this.#isSeen(result)) return undefined;
    this.#seen.add(result.url);
    if (result.docid !== "") this.#seen.add(`docid:${result.docid}`);
    this.#given += 1;
    const { url, page, title, width, height, road } = result;
    return {
      url,
      page: page || url,
      ...(title === "" ? {} : { title }),
      ...(width === undefined ? {} : { width }),
      ...(height === undefined ? {} : { height }),
      road,
      query,
    };
  }

  async #notRecognised(query: string, cards: number): Promise<SourceEnd> {
    const savedPage = await this.#keepPage();
    const what = cards > 0
      ? `has ${cards} result cards, but neither the page's data, nor the responses to scrolling, nor a click gives their originals`
      : "holds nothing that we know";
    const kept = savedPage === undefined
      ? ""
      : ` The page is kept as ${savedPage} for a bug report.`;
    return {
      why: "not-recognised",
      reason: `page shape not recognised: Google's page for ${query} ${what}.${kept}`,
      ...(savedPage === undefined ? {} : { savedPage }),
    };
  }

  async #keepPage(): Promise<string | undefined> {
    try {
      const html = await this.#work?.tab.html({ within: OPEN_WITHIN, signal: this.#signal });
      if (html === undefined) return undefined;
      return await this.#run.keepPage(`google-${this.#species.id}.html`, html);
    } catch (thrown) {
      // Without its page the report still says what there is to say.
      if (!isFault(thrown)) throw thrown;
      return undefined;
    }
  }
}

/** Whether a result can be a photo of a fish for us: an original, and no vector graphic. */
function isWanted({ url }: Result): boolean {
  return isOriginal(url) && !isVector(url);
}

/** Whether a script of the page did not end. */
function isHang(thrown: unknown): boolean {
  return thrown instanceof BrowserFault && thrown.kind === "hung";
}

/** Whether a tab or a browser failed, rather than this program or the run. */
function isFault(thrown: unknown): boolean {
  return thrown instanceof BrowserFault;
}
