/**
 * One query: loads the search, handles consent and checks, and gives its results in page order, as
 * many as the consumer asks for.
 *
 * The page's own data gives the first hundred without a click, scrolling gives more, and clicks are
 * the last resort, for cards whose data is nowhere.
 *
 * @module
 */

import { BrowserFault, type Tab } from "../../browser/browser.ts";
import { findResults, isGoogleHost, type Result } from "./data.ts";
import { clickCard, holdsWithin, type Inbox, Scroller } from "./more.ts";
import {
  type Card,
  kindOfPage,
  type PageKind,
  type PageReading,
  placeResults,
  PLACES,
  readPage,
} from "./page.ts";
import type { GoogleRun } from "./run.ts";

/** How long a page may take to load, in milliseconds. */
const LOAD_WITHIN = 30_000;
/** How long reading a loaded page may take. */
const LOOK_WITHIN = 15_000;
/** How long the page's scripts may take to show results. */
const SCRIPTS_WITHIN = 3_000;
/** How many throttling responses one search tolerates. */
const MOST_THROTTLED = 3;
/** How often one search is repeated because of consent or a solved check. */
const MOST_DETOURS = 5;
/** Clicking ends after this many clicks in a row without a result. */
const FRUITLESS_CLICKS = 4;
/** After this many scrolls that bring cards without data, those cards are clicked. */
const SCROLLS_WITHOUT_DATA = 2;

/**
 * Photos of at least medium size. `isz:m` alone means "medium and no larger"; "medium and up" is
 * `isz:lt,islt:qsvga`, larger than 400×300 (reported since 2009). `itp:photo` leaves drawings out.
 */
const FILTERS = "itp:photo,isz:lt,islt:qsvga";

/** The address of a search for images: in English, safe search on, photos of medium size and up. */
export function searchAddress(query: string, forced = false): string {
  const url = new URL("https://www.google.com/search");
  const parameters = { q: query, udm: "2", tbs: FILTERS, safe: "active", hl: "en", gl: "us" };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  if (forced) url.searchParams.set("nfpr", "1");
  return url.href;
}

/** The query of a search's address; nothing where it is not one. */
export function queryOf(address: string): string | undefined {
  const url = URL.parse(address);
  if (url?.pathname !== "/search" || !isGoogleHost(url.hostname)) return undefined;
  return url.searchParams.get("q") ?? undefined;
}

/** How one query ended. */
export type QueryEnd =
  /** All its results were given: none, where there are only those of another spelling. */
  | { readonly why: "exhausted" }
  /** Cards without any way to their originals, or a page that is nothing we know. */
  | { readonly why: "not-recognised"; readonly cards: number };

export interface QueryTools {
  readonly tab: Tab;
  readonly inbox: Inbox;
  readonly run: GoogleRun;
  readonly signal: AbortSignal;
  /** How many new results to collect before the next are given; asked each time. */
  wanted(): number;
  /** Whether a result would be new to the consumer. */
  isNew(result: Result): boolean;
}

/** Thrown when Google does not serve this search, but others: the job fails. */
export class NotServed extends Error {
  override readonly name = "NotServed";
}

/**
 * Searches for one query and gives its results in page order.
 *
 * @throws {StageStop} At a robot check, or when Google serves no searches.
 * @throws {NotServed} When Google does not serve this search, but others.
 * @throws {BrowserFault} When the tab fails.
 */
export async function* searchFor(
  query: string,
  tools: QueryTools,
): AsyncGenerator<Result, QueryEnd, void> {
  const { inbox, run, signal } = tools;
  inbox.open = false;
  await inbox.take();
  const load = (forced: boolean): Promise<SearchPage> =>
    run.inTurn(signal, () => visit(query, forced, tools));
  let page = await load(false);
  if (page.kind.kind === "results" && page.kind.corrected) {
    // What is shown is for a spelling of Google's own: dropped, and ours is asked for.
    page = await load(true);
    if (page.kind.kind === "results" && page.kind.corrected) return { why: "exhausted" };
  }
  if (page.kind.kind === "no-results") return { why: "exhausted" };
  if (page.kind.kind === "not-recognised") return { why: "not-recognised", cards: 0 };
  return yield* new QueryResults(page, tools).results();
}

interface SearchPage {
  readonly url: string;
  readonly kind: PageKind;
  readonly reading: PageReading;
  readonly results: readonly Result[];
}

/** Loads a search at the stage's pace, and handles consent, checks and throttling. */
async function visit(query: string, forced: boolean, tools: QueryTools): Promise<SearchPage> {
  const { tab, run, signal } = tools;
  const workedBefore = run.worked;
  let throttled = 0;
  for (let detours = 0; detours < MOST_DETOURS;) {
    const page = await loadPage(query, forced, tools);
    switch (page.kind.kind) {
      case "results":
      case "no-results":
      case "not-recognised":
        run.searchWorked();
        return page;
      case "robot-check":
        detours += 1;
        await run.robotCheck(tab, signal);
        break;
      case "consent":
        detours += 1;
        await run.refuseConsent(tab, { within: LOAD_WITHIN, signal });
        break;
      default: {
        throttled += 1;
        const what = describe(page.kind);
        if (throttled > MOST_THROTTLED) {
          const often = `${what}, ${throttled} times`;
          if (run.worked > workedBefore) {
            throw new NotServed(`Google answered the search for ${query} with ${often}`);
          }
          const limited = page.kind.kind === "http-error" && page.kind.status === 429;
          run.stop(
            limited ? "rate-limited" : "unreachable",
            `Google answers searches with ${often} in a row although they were slowed down, so the search for images was stopped. Everything found so far is kept, and the next run goes on where this one stopped. Come back later, or go on with fewer searches at once (--jobs) and more time between them (--google-delay).`,
          );
        }
        const seconds = Math.ceil(run.pace.backOff() / 1000);
        run.notice(`Google answered with ${what}; all searches slow down for ${seconds} s.`);
      }
    }
  }
  throw new NotServed(
    `Google kept asking for consent or for a check instead of showing "${query}"`,
  );
}

/** Loads the search, unless the tab is there already, as it is after consent or a check. */
async function loadPage(query: string, forced: boolean, tools: QueryTools): Promise<SearchPage> {
  const { tab, run, signal } = tools;
  const url = URL.parse(await tab.url());
  if (url !== null && queryOf(url.href) === query && url.searchParams.has("udm")) {
    const page = await readSearchPage(0, tools);
    const sameSpelling = (url.searchParams.get("nfpr") === "1") === forced;
    if (sameSpelling && page.kind.kind === "results") return page;
  }
  await run.pace.turn(signal);
  const { status } = await tab.goto(searchAddress(query, forced), { within: LOAD_WITHIN, signal });
  const page = await readSearchPage(status, tools);
  const settled = page.kind.kind === "no-results"
    ? page.kind.certain
    : !["shell", "empty", "not-recognised"].includes(page.kind.kind);
  if (settled) return page;
  // The shell becomes the results by its own scripts, where they may run.
  await holdsWithin(tab, SOMETHING_CAME, null, { within: SCRIPTS_WITHIN, signal });
  return await readSearchPage(status, tools);
}

async function readSearchPage(status: number, tools: QueryTools): Promise<SearchPage> {
  const { tab, inbox, signal } = tools;
  const reading = await readPage(tab, true, { within: LOOK_WITHIN, signal });
  const url = await tab.url();
  let results = findResults(reading.scripts.join("\n"));
  if (!isAbout(results, reading.cards) && !reading.captcha && !reading.consent) {
    // Scripts may have taken themselves away: then the page as it came still has the data.
    const asItCame = findResults(await inbox.pageText(url));
    if (isAbout(asItCame, reading.cards)) results = asItCame;
  }
  const kind = kindOfPage(reading, { url, status, data: results.length > 0 });
  return { url, kind, reading, results };
}

const SOMETHING_CAME = `() => document.querySelector(
  '${PLACES}, #captcha-form, form input[name="set_eom"]',
) !== null`;

/** Whether results are about one of the page's cards, or just there where it has no cards. */
function isAbout(results: readonly Result[], cards: readonly Card[]): boolean {
  if (cards.length === 0) return results.length > 0;
  const docids = new Set(cards.map(({ docid }) => docid));
  return results.some(({ docid }) => docids.has(docid));
}

function describe(kind: PageKind): string {
  if (kind.kind === "http-error") return `HTTP ${kind.status}`;
  return kind.kind === "shell" ? "the page for browsers without JavaScript" : "an empty page";
}

/** The results of one page, growing by scrolling and clicks. */
class QueryResults {
  readonly #url: string;
  readonly #tools: QueryTools;
  readonly #scroller: Scroller;
  /** What the data says, by docid. */
  readonly #found = new Map<string, Result>();
  readonly #cards = new Map<string, Card>();
  readonly #withoutCard = new Map<string, Result>();
  readonly #given = new Set<string>();
  readonly #clicked = new Set<string>();
  #scrollsWithoutData = 0;
  #fruitlessClicks = 0;

  constructor(page: SearchPage, tools: QueryTools) {
    this.#url = page.url;
    this.#tools = tools;
    for (const result of page.results) this.#found.set(result.docid, result);
    this.#learnCards(page.reading.cards);
    this.#scroller = new Scroller(tools.tab, tools.inbox, tools.run.pace.scrolling, tools.signal);
  }

  async *results(): AsyncGenerator<Result, QueryEnd, void> {
    for (;;) {
      for (const result of this.#known()) {
        if (this.#give(result)) yield result;
      }
      const scrolled = await this.#scroll();
      if (scrolled === "data") continue;
      const before = this.#given.size;
      yield* this.#click();
      const clicksEnded = this.#fruitlessClicks >= FRUITLESS_CLICKS && this.#given.size === before;
      if (scrolled === "end" || clicksEnded) break;
    }
    return this.#given.size === 0
      ? { why: "not-recognised", cards: this.#cards.size }
      : { why: "exhausted" };
  }

  /** Scrolls until there are enough new results, the end is reached, or cards have no data. */
  async #scroll(): Promise<"data" | "end" | "no-data"> {
    const { inbox, tab, run, signal, wanted, isNew } = this.#tools;
    inbox.open = true;
    for (;;) {
      if (this.#scroller.ended) return "end";
      const [cards, results] = [this.#cards.size, this.#known().length];
      const batches = await this.#scroller.scroll();
      const page = await readPage(tab, false, { within: LOOK_WITHIN, signal });
      if (page.captcha || inbox.check !== undefined) {
        await run.robotCheck(tab, signal, page.captcha ? undefined : inbox.check);
      }
      await this.#checkStillHere();
      this.#learnCards(page.cards);
      for (const batch of batches) this.#addBatch(batch);
      const moreCards = this.#cards.size > cards;
      const moreResults = this.#known().length > results;
      this.#scroller.judge(moreResults || moreCards);
      if (moreResults) this.#scrollsWithoutData = 0;
      else if (moreCards) this.#scrollsWithoutData += 1;
      const fresh = this.#known().filter((result) =>
        !this.#given.has(result.docid) && isNew(result)
      );
      const noData = this.#scrollsWithoutData >= SCROLLS_WITHOUT_DATA;
      if (fresh.length >= Math.max(1, wanted())) return "data";
      if (fresh.length > 0 && (noData || this.#scroller.ended)) return "data";
      if (noData) {
        this.#scrollsWithoutData = 0;
        return "no-data";
      }
    }
  }

  /** Clicks the cards that have no data, one after the other. */
  async *#click(): AsyncGenerator<Result, void, void> {
    const { tab, inbox, signal } = this.#tools;
    for (const card of this.#cards.values()) {
      if (this.#fruitlessClicks >= FRUITLESS_CLICKS) return;
      const { docid } = card;
      if (this.#clicked.has(docid) || this.#given.has(docid) || this.#found.has(docid)) continue;
      this.#clicked.add(docid);
      inbox.open = false;
      const result = await clickCard(tab, card, signal);
      await this.#checkStillHere();
      this.#fruitlessClicks = result === undefined ? this.#fruitlessClicks + 1 : 0;
      if (result !== undefined && this.#give(result)) yield result;
    }
  }

  /** Makes sure that the tab still shows this search: another one's results are other fish. */
  async #checkStillHere(): Promise<void> {
    const { tab, run, signal } = this.#tools;
    const url = await tab.url();
    if (queryOf(url) === queryOf(this.#url)) return;
    if (URL.parse(url)?.pathname.startsWith("/sorry/")) await run.robotCheck(tab, signal);
    throw new BrowserFault("page", `the tab left the search for ${url.slice(0, 200)}`);
  }

  /** Notes that a result is given; false where it was before. */
  #give({ docid }: Result): boolean {
    if (this.#given.has(docid)) return false;
    this.#given.add(docid);
    return true;
  }

  /**
   * Takes in the data of one answer to scrolling. Where none of it belongs to a card, but the page
   * has cards, its new cards are of a kind we do not know: then the data stands for itself.
   */
  #addBatch(batch: readonly Result[]): void {
    const standsAlone = this.#cards.size > 0 && !isAbout(batch, [...this.#cards.values()]);
    for (const result of batch) {
      if (this.#found.has(result.docid)) continue;
      this.#found.set(result.docid, result);
      if (standsAlone) this.#withoutCard.set(result.docid, result);
    }
  }

  /** All results that are known so far, in page order. */
  #known(): Result[] {
    return [
      ...placeResults([...this.#cards.values()], this.#found),
      ...this.#withoutCard.values(),
    ];
  }

  /** Takes in the page's cards; a card that was without its link may have it now. */
  #learnCards(cards: readonly Card[]): void {
    for (const card of cards) this.#cards.set(card.docid, card);
  }
}
