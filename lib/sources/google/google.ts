/**
 * Google Images: many photos of each species, which need a look.
 *
 * Where a page of Google's is read: `page.ts` (cards, kind of page) and `data.ts` (the results in
 * its data). `search.ts` goes through one query, `more.ts` scrolls and clicks, `run.ts` keeps the
 * pace and stops at the robot check. What was seen of Google, and when: README.md.
 *
 * @module
 */

import { defined } from "../../base/defined.ts";
import { reason } from "../../base/failure.ts";
import { BrowserFault, type Tab } from "../../browser/browser.ts";
import type { BrowserKeeper } from "../../browser/keeper.ts";
import type { Species } from "../../species/species.ts";
import type { Candidate, Demand, ImageSource, SourceEnd } from "../source.ts";
import { GOOGLE_HOSTS, isOriginal, type Result } from "./data.ts";
import { Inbox } from "./more.ts";
import { GoogleRun, Pace, type RunParts } from "./run.ts";
import { NotServed, type QueryEnd, type QueryTools, searchFor } from "./search.ts";

export { GOOGLE_HOSTS };

/** How Google is searched. */
export interface GoogleOptions extends Omit<RunParts, "pace"> {
  /** Opens tabs; their browser may reach {@link GOOGLE_HOSTS} alone. */
  readonly keeper: Pick<BrowserKeeper, "tab" | "close">;
  /** Between the starts of two searches, in milliseconds. */
  readonly delay: number;
  /** The queries for a species; {@link QUERY_PLAN} where it is empty. */
  readonly queries: readonly string[];
  /** Made from `delay` unless given. */
  readonly pace?: Pace;
}

const MOST_RETRIES = 2;
/** A hanging script takes long to detect, so a job is tried again once only. */
const MOST_RETRIES_AFTER_A_HANG = 1;
/** In milliseconds. */
const OPEN_WITHIN = 30_000;
/** The lowest success rate that is believed: a bad start must not make us scroll without end. */
const LEAST_SUCCESS = 0.2;
/** Plan for more failures than the success rate says. */
const MARGIN = 1.2;

/**
 * Google Images as a source of candidates. A run has one, which all its jobs share.
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
      const job = new SpeciesJob({ species, demand, run, keeper: options.keeper }, signal);
      return yield* job.candidates(queries);
    },
    close: () => options.keeper.close(),
  };
}

/**
 * The queries, most exact first. `{latin}` is the name to search for, `{group}` what the list calls
 * its kind, `{common}` the best known common name; a query with one that the species does not have
 * is left out.
 */
export const QUERY_PLAN: readonly string[] = ['"{latin}"', '"{latin}" {group}'];

/** Headings that say where a species stands in a list rather than what it is. */
const NO_KIND =
  /[^\p{L} -]|\b(all|others?|various|miscellaneous|species|section|series|class|order|family|genus|list|sub\w+)\b/iu;

/** The list's word for a species' kind: the outermost heading that is one, such as `catfish`. */
function kindOf(group: readonly string[]): string {
  return group.find((heading) => /^\p{L}{3,}( \p{L}+)?$/u.test(heading) && !NO_KIND.test(heading))
    ?.toLowerCase() ?? "";
}

/** Google cuts longer queries (at 32 words, as reported). */
const LONGEST_QUERY = 300;

/** The queries for one species, each once. */
export function queriesFor(
  species: Pick<Species, "search" | "common" | "group">,
  templates: readonly string[] = QUERY_PLAN,
): string[] {
  const tidy = (text: string): string => text.replace(/[“”„]/g, '"').replace(/\s+/g, " ").trim();
  const latin = tidy(species.search ?? "");
  if (latin === "") return [];
  const common = tidy(species.common[0] ?? "");
  const kind = kindOf(species.group);
  const fill = (text: string): string =>
    text.replaceAll("{latin}", latin).replaceAll("{common}", common).replaceAll("{group}", kind)
      .replaceAll("{genus}", latin.split(" ")[0] ?? "");
  const usable = templates.filter((one) =>
    (common !== "" || !one.includes("{common}")) && (kind !== "" || !one.includes("{group}"))
  );
  const queries = usable.map((template) => {
    // Quotes within a quoted name, `Labidochromis sp. "Hongi"`, would end the phrase too early.
    const quoted = template.replace(
      /"([^"]*)"/g,
      (_, phrase: string) => `"${fill(phrase).replaceAll('"', "")}"`,
    );
    return tidy(fill(quoted)).slice(0, LONGEST_QUERY);
  });
  return [...new Set(queries)].filter((query) => query !== "");
}

interface JobParts {
  readonly species: Species;
  readonly demand: Demand;
  readonly run: GoogleRun;
  readonly keeper: GoogleOptions["keeper"];
}

/** The search for one species: its queries, one after the other, in a tab of its own. */
class SpeciesJob {
  readonly #parts: JobParts;
  readonly #signal: AbortSignal;
  /** URLs and docids of earlier results. */
  readonly #seen = new Set<string>();
  #work: { readonly tab: Tab; readonly inbox: Inbox } | undefined;
  #failures = 0;
  #given = 0;

  constructor(parts: JobParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = AbortSignal.any([signal, parts.run.ended]);
  }

  async *candidates(queries: readonly string[]): AsyncGenerator<Candidate, SourceEnd, void> {
    try {
      for (const query of queries) {
        const end = yield* this.#search(query);
        if ("reason" in end) return end;
        if (end.why === "not-recognised") return await this.#notRecognised(query, end.cards);
      }
    } finally {
      // It never rejects, and nothing depends on it.
      void this.#closeTab();
    }
    return this.#given > 0
      ? { why: "exhausted", detail: { queries: queries.length, found: this.#given } }
      : { why: "not-found", reason: `Google shows no image for ${queries.join(" or ")}` };
  }

  /** One query, tried again in a new tab, or a new browser, when its own failed. */
  async *#search(
    query: string,
  ): AsyncGenerator<Candidate, QueryEnd | Extract<SourceEnd, { readonly why: "failed" }>, void> {
    for (;;) {
      try {
        const results = searchFor(query, await this.#tools());
        for (;;) {
          const next = await results.next();
          if (next.done) return next.value;
          // Do not work through what is buffered once the stage has stopped.
          this.#signal.throwIfAborted();
          const candidate = this.#toCandidate(next.value, query);
          if (candidate !== undefined) yield candidate;
        }
      } catch (thrown) {
        if (thrown instanceof NotServed) return { why: "failed", reason: thrown.message };
        if (!(thrown instanceof BrowserFault) || this.#signal.aborted) throw thrown;
        await this.#closeTab();
        this.#failures += 1;
        const refused = thrown.kind === "navigation";
        if (refused) this.#parts.run.pace.backOff();
        const most = thrown.kind === "hung" ? MOST_RETRIES_AFTER_A_HANG : MOST_RETRIES;
        if (this.#failures > most) {
          const why = reason(thrown);
          this.#parts.run.jobFailed(why, refused);
          return {
            why: "failed",
            reason: `the search for ${query} failed ${this.#failures} times, last because ${why}`,
          };
        }
      }
    }
  }

  async #tools(): Promise<QueryTools> {
    const work = this.#work?.tab.dead === false ? this.#work : await this.#openTab();
    return {
      ...work,
      run: this.#parts.run,
      signal: this.#signal,
      wanted: () => this.#wanted(),
      isNew: (result) => this.#isNew(result) && !this.#parts.demand.known(result.url),
    };
  }

  async #openTab(): Promise<{ readonly tab: Tab; readonly inbox: Inbox }> {
    await this.#closeTab();
    const tab = await this.#parts.keeper.tab({ within: OPEN_WITHIN, signal: this.#signal });
    this.#work = { tab, inbox: new Inbox(tab) };
    return this.#work;
  }

  async #closeTab(): Promise<void> {
    const tab = this.#work?.tab;
    this.#work = undefined;
    await tab?.close();
  }

  /** How many candidates the missing images will probably need. */
  #wanted(): number {
    const { missing, successRate } = this.#parts.demand;
    const rate = Math.min(1, Math.max(LEAST_SUCCESS, successRate || 0));
    const least = Math.max(1, missing);
    return Math.ceil(least + (least / rate - least) * MARGIN);
  }

  /** Whether a result is new and can be a photo: an original, and no vector graphic. */
  #isNew({ docid, url }: Result): boolean {
    const isVector = /\.svgz?$/i.test(URL.parse(url)?.pathname ?? "");
    return isOriginal(url) && !isVector && !this.#seen.has(url) && !this.#seen.has(docid);
  }

  #toCandidate(result: Result, query: string): Candidate | undefined {
    if (!this.#isNew(result)) return undefined;
    const { docid, url, page, title, width, height, road } = result;
    this.#seen.add(url).add(docid);
    this.#given += 1;
    return {
      url,
      page: page || url,
      ...defined({ title: title || undefined, width, height }),
      road,
      query,
    };
  }

  async #notRecognised(query: string, cards: number): Promise<SourceEnd> {
    const savedPage = await this.#keepPage();
    const what = cards > 0
      ? `has ${cards} result cards without originals in its data, in the answers to scrolling or behind a click`
      : "has neither results nor a message that we know";
    const kept = savedPage === undefined
      ? ""
      : ` The page is kept as it came in ${savedPage} for a bug report; it may name you or hold the session's tokens, so look through it before you pass it on.`;
    return {
      why: "not-recognised",
      reason: `page shape not recognised: Google's page for ${query} ${what}.${kept}`,
      ...defined({ savedPage }),
    };
  }

  async #keepPage(): Promise<string | undefined> {
    try {
      const html = await this.#work?.tab.html({ within: OPEN_WITHIN, signal: this.#signal });
      if (html === undefined) return undefined;
      return await this.#parts.run.keepPage(`google-${this.#parts.species.id}.html`, html);
    } catch (thrown) {
      // Without its page the report still says what there is to say.
      if (!(thrown instanceof BrowserFault)) throw thrown;
      return undefined;
    }
  }
}
