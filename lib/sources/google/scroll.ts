/**
 * The second road: scrolling, and the data in what answers it.
 *
 * @module
 */

import { delay } from "@std/async";
import { BrowserFault, type Deadline, type Tab } from "../../browser/browser.ts";
import type { Found } from "./embedded.ts";
import type { Inbox } from "./inbox.ts";

/** How long requests that are under way are waited for after the patience with a scroll is over. */
const ANSWER_WITHIN = 8_000;
const ANOTHER_LOOK = 250;
/** No search has so much to show; a page that does may go on for ever. */
const MOST_SCROLLS = 100;
/** How long cards may take to follow their data. */
const CARDS_WITHIN = 1_000;
/** How long data may take to follow its cards. */
const DATA_WITHIN = 500;
const ACT_WITHIN = 15_000;

/** What a page looked like before it was scrolled. */
interface Extent {
  readonly count: number;
  readonly last: string;
}

const PLACES = '[data-docid], #islrg [data-id], [data-tbnid], [jsdata][id^="e-"], ' +
  '[jsdata^="j0Opre;"], a[href*="/imgres?"]';
const EXTENT = `() => {
  const places = document.querySelectorAll('${PLACES}');
  const last = places[places.length - 1];
  const id = last === undefined ? "" : last.getAttribute("data-docid") || last.getAttribute("data-id") || "";
  return { count: places.length, last: id };
}`;
const GREW = `(before) => {
  const now = (${EXTENT})();
  return now.count !== before.count || now.last !== before.last ||
    document.querySelector("#captcha-form") !== null;
}`;
const HAS_ONE = `(docids) => {
  const wanted = new Set(docids);
  return [...document.querySelectorAll('${PLACES}')].some((place) => {
    const { docid, id, tbnid } = place.dataset;
    const [, data] = (place.getAttribute("jsdata") || "").split(";");
    return [docid, id, tbnid, place.id.slice(2), data].some((one) => wanted.has(one));
  });
}`;

/**
 * Buttons at the page's end that bring more, when they are seen: "Try again" and "More results"
 * (seen, 2024 and 2026), "Show more results" of the legacy pages (told).
 */
const BUTTONS: readonly string[] = [
  'a[jsname="a79Lwf"]',
  'a[jsname="oHxHid"]',
  "input.mye4qd",
  'a[role="button"][href*="start="]',
];
/** What such a button says by another name, if it stands behind the last picture. */
const MORE =
  "^(?:(?:show|see|load|view) more(?: results| images)?|more (?:results|images)|try again)$";
const ANY_BUTTON = 'button, [role="button"], input[type="button"]';
/** Finds a button that is seen and that leads nowhere else, a link to another search least of all. */
const FIND_BUTTON = `({ selectors, any, more }) => {
  const query = (href) => new URL(href, location.href).searchParams.get("q");
  const stays = (link) => link === null || /^(?:#|javascript:)/i.test(link.getAttribute("href")) ||
    link.host === location.host && query(link.href) === query(location.href);
  const usable = (button) => button.getClientRects().length > 0 &&
    button.closest('[aria-hidden="true"]') === null && stays(button.closest("a[href]"));
  for (const selector of selectors) {
    const index = [...document.querySelectorAll(selector)].findIndex(usable);
    if (index >= 0) return { selector, index };
  }
  const last = [...document.querySelectorAll('${PLACES}')].pop();
  const index = [...document.querySelectorAll(any)].findIndex((button) => usable(button) &&
    last !== undefined && (last.compareDocumentPosition(button) & Node.DOCUMENT_POSITION_FOLLOWING) &&
    new RegExp(more, "i").test((button.textContent || button.value || "").trim()));
  return index < 0 ? null : { selector: any, index };
}`;

/** Scrolls one search's page on. */
export class Scroller {
  readonly #tab: Tab;
  readonly #inbox: Inbox;
  readonly #signal: AbortSignal;
  readonly #patience: readonly number[];
  #barren = 0;
  #scrolls = 0;
  /** How many requests were under way before there was any scrolling: nothing is to come of them. */
  #stuck = Infinity;

  /**
   * Takes over a page of results.
   *
   * @param tab The tab.
   * @param inbox What listens to it.
   * @param patience How long, in milliseconds, each scroll in a row that brings nothing is given;
   *   after the last of them the end is reached.
   * @param signal Ends every wait.
   */
  constructor(tab: Tab, inbox: Inbox, patience: readonly number[], signal: AbortSignal) {
    this.#patience = patience;
    this.#tab = tab;
    this.#inbox = inbox;
    this.#signal = signal;
  }

  /** Whether three scrolls in a row brought nothing new, or enough is enough. */
  get ended(): boolean {
    return this.#barren >= this.#patience.length || this.#scrolls >= MOST_SCROLLS;
  }

  /** What the last scroll brought was new, or was not. */
  judge(anythingNew: boolean): void {
    this.#barren = anythingNew ? 0 : this.#barren + 1;
  }

  /**
   * Scrolls to the end and waits until cards or data arrive, or nothing does; then presses what the
   * page offers for that, and waits again.
   *
   * @returns The data that arrived, one list a response.
   * @throws {BrowserFault} When the tab fails.
   */
  async once(): Promise<Found[][]> {
    const act: Deadline = { within: ACT_WITHIN, signal: this.#signal };
    this.#scrolls += 1;
    this.#stuck = Math.min(this.#stuck, this.#tab.loading);
    const before = await this.#tab.evaluate(EXTENT, null, toExtent, act);
    await this.#tab.scrollToEnd(act);
    let grew = await this.#somethingNew(before);
    if (!grew && this.#inbox.empty && await this.#press(act)) {
      grew = await this.#somethingNew(before);
    }
    // Cards and their data come with the same answer, but we hear of them one after the other.
    if (grew) await this.#untilData();
    const batches = await this.#inbox.take();
    const docids = batches.flatMap((batch) => batch.map(({ docid }) => docid));
    if (docids.length > 0 && !grew) {
      await this.#holds(HAS_ONE, docids, CARDS_WITHIN, this.#signal);
    }
    return batches;
  }

  async #press(act: Deadline): Promise<boolean> {
    const wanted = { selectors: BUTTONS, any: ANY_BUTTON, more: MORE };
    const target = await this.#tab.evaluate(FIND_BUTTON, wanted, toTarget, act);
    if (target === undefined) return false;
    await this.#tab.click(target.selector, target.index, act);
    return true;
  }

  /** Waits until cards or data are there, or nothing is to come; gives whether the page grew. */
  async #somethingNew(before: Extent): Promise<boolean> {
    const grows = (signal: AbortSignal): Promise<boolean> => this.#grows(before, signal);
    return await this.#unless(grows, this.#inbox.next) ?? false;
  }

  async #grows(before: Extent, signal: AbortSignal): Promise<boolean> {
    let within = this.#patience[this.#barren] ?? 0;
    const last = performance.now() + within + ANSWER_WITHIN;
    for (;;) {
      if (await this.#holds(GREW, before, within, signal)) return true;
      if (this.#tab.loading <= this.#stuck || performance.now() > last) return false;
      within = ANOTHER_LOOK;
    }
  }

  /** Waits until the next response's data is in, but only for a moment. */
  async #untilData(): Promise<void> {
    await this.#unless(
      (signal) => delay(DATA_WITHIN, { signal }),
      this.#inbox.next,
    );
  }

  /** Waits for the first of some work, which is ended when it loses, and something that may never come. */
  async #unless<T>(
    work: (signal: AbortSignal) => Promise<T>,
    other: Promise<void>,
  ): Promise<T | undefined> {
    const done = new AbortController();
    const doing = work(AbortSignal.any([this.#signal, done.signal]));
    try {
      return await Promise.race([other.then(() => undefined), doing]);
    } finally {
      done.abort();
      await doing.catch((thrown) => {
        // It lost the race, and that is all.
        if (this.#signal.aborted || thrown !== done.signal.reason) throw thrown;
      });
    }
  }

  /** Waits until something holds in the page, but not for ever; gives whether it does. */
  async #holds(
    source: string,
    argument: unknown,
    within: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    try {
      await this.#tab.until(source, argument, { within, signal });
      return true;
    } catch (thrown) {
      if (!(thrown instanceof BrowserFault) || thrown.kind !== "timeout") throw thrown;
      return false;
    }
  }
}

function toExtent(value: unknown): Extent {
  if (typeof value !== "object" || value === null) return { count: 0, last: "" };
  const { count, last }: { count?: unknown; last?: unknown } = value;
  return {
    count: typeof count === "number" ? count : 0,
    last: typeof last === "string" ? last : "",
  };
}

function toTarget(value: unknown): { selector: string; index: number } | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { selector, index }: { selector?: unknown; index?: unknown } = value;
  const known = [...BUTTONS, ANY_BUTTON].find((one) => one === selector);
  return known === undefined || typeof index !== "number" ? undefined : { selector: known, index };
}
