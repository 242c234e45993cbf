/**
 * One query's results, over all three roads, as the consumer asks for them.
 *
 * @module
 */

import { BrowserFault, type Tab } from "../../browser/browser.ts";
import { queryOf } from "./addresses.ts";
import { type Arrival, arrive, LOOK_WITHIN, readPage } from "./arrive.ts";
import type { Found } from "./embedded.ts";
import type { Card } from "./page.ts";
import { clickCard } from "./panel.ts";
import { type Result, ResultPool } from "./results.ts";
import type { GoogleRun } from "./run.ts";
import type { Inbox } from "./inbox.ts";
import { Scroller } from "./scroll.ts";

/** So many clicks in a row that show nothing, and the third road is shut. */
const BARREN_CLICKS = 4;
/** So many scrolls that bring cards and no data, and the third road is tried before more. */
const SCROLLS_WITHOUT_DATA = 2;

/** How one query ended. */
export type QueryEnd =
  /** All its results were given. */
  | { readonly why: "exhausted" }
  /** There are none, or only those of another spelling. */
  | { readonly why: "nothing" }
  /** Cards are there, and no road to their originals; or a page that is nothing we know. */
  | { readonly why: "not-recognised"; readonly cards: number };

/** What a query's search needs. */
export interface QueryTools {
  /** The tab. */
  readonly tab: Tab;
  /** What listens to the tab. */
  readonly inbox: Inbox;
  /** The run. */
  readonly run: GoogleRun;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** How many more results are to be in hand before the next are given; asked anew each time. */
  wanted(): number;
  /** Whether a result would be new to the consumer. */
  isNew(result: Result): boolean;
}

/**
 * Searches for one query and gives its results in page order: those in the page at once, more by
 * scrolling when they are asked for, those without data by clicks at last.
 *
 * @param query What to search for.
 * @param tools What to search with.
 * @returns How it ended.
 * @throws {StageStop} At a robot check, or when Google serves no searches.
 * @throws {BrowserFault} When the tab fails.
 */
export async function* searchFor(
  query: string,
  tools: QueryTools,
): AsyncGenerator<Result, QueryEnd, void> {
  const { tab, inbox, run, signal } = tools;
  inbox.open = false;
  await inbox.take();
  let arrival = await arrive({ query, forced: false, tab, inbox, signal }, run);
  if (arrival.kind.kind === "results" && arrival.kind.corrected) {
    // What is shown is for a spelling of Google's own: dropped, and ours is asked for.
    arrival = await arrive({ query, forced: true, tab, inbox, signal }, run);
    if (arrival.kind.kind === "results" && arrival.kind.corrected) return { why: "nothing" };
  }
  if (arrival.kind.kind === "no-results") return { why: "nothing" };
  if (arrival.kind.kind === "not-recognised") return { why: "not-recognised", cards: 0 };
  return yield* new QuerySession(arrival, tools).results();
}

class QuerySession {
  readonly #tools: QueryTools;
  readonly #url: string;
  readonly #pool = new ResultPool();
  readonly #cards = new Map<string, Card>();
  readonly #handedOut = new Set<string>();
  readonly #clicked = new Set<string>();
  readonly #withoutCard: Result[] = [];
  readonly #scroller: Scroller;
  #scrollsWithoutData = 0;
  #panelShut = false;

  constructor(arrival: Arrival, tools: QueryTools) {
    this.#tools = tools;
    this.#url = arrival.url;
    this.#pool.add(arrival.found, "embedded");
    this.#learn(arrival.page.cards);
    this.#scroller = new Scroller(tools.tab, tools.inbox, tools.run.pace.patience, tools.signal);
  }

  async *results(): AsyncGenerator<Result, QueryEnd, void> {
    for (;;) {
      yield* this.#inHand();
      const scrolled = await this.#scrollOn();
      if (scrolled === "data") continue;
      const before = this.#handedOut.size;
      yield* this.#byClicks();
      if (scrolled === "end" || (this.#panelShut && this.#handedOut.size === before)) break;
    }
    return this.#handedOut.size === 0
      ? { why: "not-recognised", cards: this.#cards.size }
      : { why: "exhausted" };
  }

  *#inHand(): Generator<Result, void, void> {
    for (const result of this.#places()) {
      if (this.#handOut(result)) yield result;
    }
  }

  /** Scrolls until enough new results are in hand, the end is reached, or cards have no data. */
  async #scrollOn(): Promise<"data" | "end" | "no-data"> {
    const { inbox, tab, run, signal, wanted, isNew } = this.#tools;
    inbox.open = true;
    for (;;) {
      if (this.#scroller.ended) return "end";
      const [cards, results] = [this.#cards.size, this.#places().length];
      const batches = await this.#scroller.once();
      const page = await readPage(tab, false, { within: LOOK_WITHIN, signal });
      if (page.captcha || inbox.check !== undefined) {
        await run.robotCheck(tab, signal, page.captcha ? undefined : inbox.check);
      }
      await this.#stayed();
      this.#learn(page.cards);
      for (const batch of batches) this.#takeIn(batch);
      const moreCards = this.#cards.size > cards;
      const moreResults = this.#places().length > results;
      this.#scroller.judge(moreResults || moreCards);
      if (moreResults) this.#scrollsWithoutData = 0;
      else if (moreCards) this.#scrollsWithoutData += 1;
      const fresh = this.#places().filter((result) =>
        !this.#handedOut.has(keyOf(result)) && isNew(result)
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
  async *#byClicks(): AsyncGenerator<Result, void, void> {
    const { tab, inbox, signal } = this.#tools;
    let barren = 0;
    for (const card of this.#cards.values()) {
      if (this.#panelShut) return;
      if (this.#clicked.has(card.docid) || this.#handedOut.has(card.docid)) continue;
      if (this.#pool.of(card.docid) !== undefined) continue;
      this.#clicked.add(card.docid);
      // What the panel loads is of its related strip.
      inbox.open = false;
      const result = await clickCard(tab, card, signal);
      await this.#stayed();
      barren = result === undefined ? barren + 1 : 0;
      if (barren >= BARREN_CLICKS) this.#panelShut = true;
      if (result !== undefined && this.#handOut(result)) yield result;
    }
  }

  /** Makes sure that the tab still shows this search: another one's results are other fish. */
  async #stayed(): Promise<void> {
    const { tab, run, signal } = this.#tools;
    const url = await tab.url();
    if (queryOf(url) === queryOf(this.#url)) return;
    if (URL.parse(url)?.pathname.startsWith("/sorry/")) await run.robotCheck(tab, signal);
    throw new BrowserFault("page", `the tab left the search for ${url.slice(0, 200)}`);
  }

  #handOut(result: Result): boolean {
    const key = keyOf(result);
    if (this.#handedOut.has(key)) return false;
    this.#handedOut.add(key);
    return true;
  }

  /**
   * Takes in the data of one answer to scrolling. Where none of its results has a card, but the
   * page has some, its new cards are of a kind we do not know: then the data stands for itself.
   */
  #takeIn(batch: readonly Found[]): void {
    this.#pool.add(batch, "scroll");
    if (this.#cards.size === 0 || batch.some(({ docid }) => this.#cards.has(docid))) return;
    for (const found of batch) {
      const result = this.#pool.of(found.docid === "" ? found.url : found.docid);
      if (result !== undefined && !this.#withoutCard.includes(result)) {
        this.#withoutCard.push(result);
      }
    }
  }

  /** All results that are known so far, in page order. */
  #places(): Result[] {
    const onPage = this.#pool.inOrder([...this.#cards.values()]).flatMap(({ result }) =>
      result ?? []
    );
    return [...onPage, ...this.#withoutCard];
  }

  /** Takes in the page's cards; a card that was without its link may have it now. */
  #learn(cards: readonly Card[]): void {
    for (const card of cards) this.#cards.set(card.docid, card);
  }
}

function keyOf(result: Result): string {
  return result.docid === "" ? result.url : result.docid;
}
