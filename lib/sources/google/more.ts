/**
 * More results than a page's own data gives: by scrolling, whose answers carry the same data, and
 * at last by clicking card by card.
 *
 * @module
 */

import { deadline, delay } from "@std/async";
import * as v from "valibot";
import { BrowserFault, type Deadline, type Tab, type TabResponse } from "../../browser/browser.ts";
import {
  findResults,
  GOOGLE_HOSTS,
  isGoogleHost,
  isOriginal,
  readImageLink,
  type Result,
} from "./data.ts";
import { type Card, PLACES } from "./page.ts";

const ONE_LOOK = 100;
/** No search has more to show; a page that does may never end. */
const MOST_SCROLLS = 100;
/** Cards and their data come with one answer, but one after the other. */
const CARDS_WITHIN = 1_000;
const DATA_WITHIN = 500;
const PANEL_WITHIN = 2_000;
const ACT_WITHIN = 15_000;

/** Collects the data of a tab's responses as they arrive. */
export class Inbox {
  #batches: Result[][] = [];
  #reading: Promise<void> = Promise.resolve();
  #arrived = Promise.withResolvers<void>();
  #open = false;
  #page: TabResponse | undefined;
  /** The address of a robot check that came in place of an answer to scrolling. */
  check: string | undefined;
  /** How the last answer failed, unless something new came after it; else empty. */
  failure = "";

  constructor(tab: Tab) {
    tab.onResponse((response) => this.#hear(response));
  }

  /** Waits until a response with results is in, for at most `within` milliseconds. */
  async wait(within: number, signal: AbortSignal): Promise<void> {
    try {
      await deadline(this.#arrived.promise, within, { signal });
    } catch (thrown) {
      const late = thrown instanceof DOMException && thrown.name === "TimeoutError";
      if (signal.aborted || !late) throw thrown;
    }
  }

  /**
   * Whether responses are read. They are not at first: the page itself is read in the browser, and
   * what an open panel loads belongs to its related strip.
   */
  set open(open: boolean) {
    this.#open = open;
    this.check = undefined;
    this.failure = "";
  }

  /** Whether nothing arrived since the last `take()`. */
  get empty(): boolean {
    return this.#batches.length === 0;
  }

  /** The markup of a page before its scripts changed it; empty where the browser dropped it. */
  async pageText(url: string): Promise<string> {
    const page = this.#page;
    return page === undefined || page.url !== url.replace(/#.*/, "") ? "" : await bodyOf(page);
  }

  /** Takes out what arrived, one list a response. */
  async take(): Promise<Result[][]> {
    await this.#reading;
    this.#arrived = Promise.withResolvers<void>();
    return this.#batches.splice(0);
  }

  #hear(response: TabResponse): void {
    const { url, status, type } = response;
    if (type === "text/html") this.#page = response;
    const { hostname, pathname } = URL.parse(url) ?? { hostname: "", pathname: "" };
    if (!this.#open || !isGoogleHost(hostname)) return;
    if (pathname.startsWith("/sorry/")) this.check = url;
    if ((status === 0 || status === 429 || status >= 500) && GOOGLE_HOSTS.includes(hostname)) {
      this.failure = status === 0 ? "a broken connection" : `HTTP ${status}`;
    }
    if (status === 0 || status >= 300 || /^(?:image|font|video|audio)\/|css/.test(type)) return;
    // One after the other, in the order in which they arrived.
    this.#reading = Promise.all([this.#reading, bodyOf(response)]).then(([, text]) => {
      const results = findResults(text, "scroll");
      if (results.length === 0) return;
      this.#batches.push(results);
      this.#arrived.resolve();
    });
  }
}

async function bodyOf(response: TabResponse): Promise<string> {
  try {
    return await response.text();
  } catch (thrown) {
    // The browser has dropped it, or the tab is gone; then using the tab fails as well.
    if (thrown instanceof Error) return "";
    throw thrown;
  }
}

const COUNT = `() => document.querySelectorAll('${PLACES}').length`;
const GREW =
  `(before) => (${COUNT})() !== before || document.querySelector("#captcha-form") !== null`;

/** Buttons at the page's end that bring more: "Try again", "More results" (seen, 2024 and 2026). */
const NAMED = 'a[jsname="a79Lwf"], a[jsname="oHxHid"]';
/** Finds such a button, if it can be seen and does not lead away, to another search least of all. */
const FIND_BUTTON = `(named) => {
  const query = (href) => new URL(href, location.href).searchParams.get("q");
  const stays = (link) => link === null || /^(?:#|javascript:)/i.test(link.getAttribute("href")) ||
    link.host === location.host && query(link.href) === query(location.href);
  const index = [...document.querySelectorAll(named)].findIndex((button) =>
    button.getClientRects().length > 0 && button.closest('[aria-hidden="true"]') === null &&
    stays(button.closest("a[href]")));
  return index < 0 ? null : { selector: named, index };
}`;

/** See `PaceParts`. */
interface ScrollWaits {
  readonly patience: readonly number[];
  readonly answerWithin: number;
}

/** Scrolls the page of one search on. */
export class Scroller {
  readonly #tab: Tab;
  readonly #inbox: Inbox;
  readonly #signal: AbortSignal;
  readonly #waits: ScrollWaits;
  #fruitless = 0;
  #scrolls = 0;
  /** How many requests were under way before the first scroll: none of them will bring results. */
  #stuck = Infinity;

  /** Takes over a page of results. */
  constructor(tab: Tab, inbox: Inbox, waits: ScrollWaits, signal: AbortSignal) {
    this.#waits = waits;
    this.#tab = tab;
    this.#inbox = inbox;
    this.#signal = signal;
  }

  /** Whether several scrolls in a row brought nothing new, or there were too many. */
  get ended(): boolean {
    return this.#fruitless >= this.#waits.patience.length || this.#scrolls >= MOST_SCROLLS;
  }

  /**
   * Notes whether the last scroll brought anything new.
   *
   * @throws {BrowserFault} When nothing new comes because answers fail: that is not the end.
   */
  judge(anythingNew: boolean): void {
    this.#fruitless = anythingNew ? 0 : this.#fruitless + 1;
    if (anythingNew) this.#inbox.failure = "";
    if (this.#fruitless >= this.#waits.patience.length && this.#inbox.failure !== "") {
      const fault = `Google answered scrolling with ${this.#inbox.failure}`;
      throw new BrowserFault("navigation", fault);
    }
  }

  /**
   * Scrolls to the end and waits until cards or data arrive, or nothing does; then presses the
   * page's button for more, if there is one, and waits again.
   *
   * @throws {BrowserFault} When an answer is asked for and does not come: that is not the end.
   */
  async scroll(): Promise<Result[][]> {
    const act: Deadline = { within: ACT_WITHIN, signal: this.#signal };
    this.#scrolls += 1;
    this.#stuck = Math.min(this.#stuck, this.#tab.loading);
    const before = await this.#tab.evaluate(COUNT, null, Number, act);
    await this.#tab.scrollToEnd(act);
    let grew = await this.#waitForMore(before);
    if (!grew && this.#inbox.empty && await this.#press(act)) {
      grew = await this.#waitForMore(before);
    }
    if (grew) await this.#inbox.wait(DATA_WITHIN, this.#signal);
    const batches = await this.#inbox.take();
    if (batches.length > 0 && !grew) {
      await holdsWithin(this.#tab, GREW, before, { within: CARDS_WITHIN, signal: this.#signal });
    }
    return batches;
  }

  async #press(act: Deadline): Promise<boolean> {
    const target = await this.#tab.evaluate(FIND_BUTTON, NAMED, toTarget, act);
    if (target === undefined) return false;
    await this.#tab.click(target.selector, target.index, act);
    return true;
  }

  /** Waits for more cards (true), or until data arrives or nothing more will (false). */
  async #waitForMore(before: number): Promise<boolean> {
    const { patience, answerWithin } = this.#waits;
    const begun = performance.now();
    for (;;) {
      // Only a page that answers can be quiet: a machine under load may hold it up.
      const look = { within: ACT_WITHIN, signal: this.#signal };
      if (await this.#tab.evaluate(GREW, before, (grew) => grew === true, look)) return true;
      const waited = performance.now() - begun;
      const quiet = this.#tab.loading <= this.#stuck;
      if (!this.#inbox.empty || this.#inbox.check !== undefined) return false;
      if (quiet && waited >= (patience[this.#fruitless] ?? 0)) return false;
      if (!quiet && waited > answerWithin) {
        throw new BrowserFault("timeout", `scrolling was not answered within ${answerWithin} ms`);
      }
      await delay(ONE_LOOK, { signal: this.#signal });
    }
  }
}

/** Waits until something holds in the page; false where it does not before the deadline. */
export async function holdsWithin(
  tab: Tab,
  source: string,
  argument: unknown,
  deadline: Deadline,
): Promise<boolean> {
  try {
    await tab.until(source, argument, deadline);
    return true;
  } catch (thrown) {
    if (thrown instanceof BrowserFault && thrown.kind === "timeout") return false;
    throw thrown;
  }
}

const TARGET = v.object({ selector: v.string(), index: v.number() });

/** An element to click, as a function in the page named it. */
export function toTarget(value: unknown): v.InferOutput<typeof TARGET> | undefined {
  return v.is(TARGET, value) ? value : undefined;
}

/**
 * What the page shows of a card after a click. The panel's picture has `jsname="kn3ccd"` and stands
 * within an element that names the docid in `data-id` (seen, 2024 and 2026); one that names another
 * docid belongs to the card before. Google fills the card's `/imgres` link as well.
 */
const LOOK = `(docid) => {
  const link = [...document.querySelectorAll('a[href*="/imgres?"]')].find((one) =>
    new URL(one.href).searchParams.get("tbnid") === docid);
  const image = [...document.querySelectorAll('img[jsname="kn3ccd"]')].find((one) => {
    const place = one.closest("[data-id], [data-docid]");
    return place !== null && (place.dataset.id || place.dataset.docid) === docid &&
      /^https?:/.test(one.src) && !/^https?:\\/\\/[^/]*(?:gstatic|google)\\.com\\//.test(one.src);
  });
  const around = image === undefined ? null : image.closest("a[href]");
  return {
    link: link === undefined ? "" : link.href,
    url: image === undefined ? "" : image.src,
    title: image === undefined ? "" : image.alt,
    page: around === null ? "" : around.href,
  };
}`;
const TEXT = v.fallback(v.string(), "");
const SHOWN = v.object({ link: TEXT, url: TEXT, title: TEXT, page: TEXT });
const READY = `(docid) => {
  const shown = (${LOOK})(docid);
  return shown.url !== "" || shown.link !== "" || document.querySelector("#captcha-form") !== null;
}`;
/** Finds the part of a card that opens the panel: never what lies within a link that leads away. */
const FIND_CARD = `(docid) => {
  const names = ["[data-docid='" + docid + "']", "[id='e-" + docid + "']", "[jsdata*=';" + docid + ";']"];
  const card = names.find((name) => document.querySelector(name) !== null);
  if (card === undefined) return null;
  const stays = (link) => link === null || link.target !== "_blank" &&
    /^(?:#|javascript:|[^?#]*\\/imgres\\?|$)/i.test(link.getAttribute("href") || "");
  for (const part of ["a", "[role=button]", "img", ""]) {
    const selector = (card + " " + part).trim();
    const index = [...document.querySelectorAll(selector)].findIndex((element) =>
      stays(element.closest("a")) && (part !== "" || [...element.querySelectorAll("a")].every(stays))
    );
    if (index >= 0) return { selector, index };
  }
  return null;
}`;

/** Clicks a card and reads the panel; nothing where the click showed no original. */
export async function clickCard(
  tab: Tab,
  card: Card,
  signal: AbortSignal,
): Promise<Result | undefined> {
  const { docid } = card;
  if (!/^[\w-]+$/.test(docid)) return undefined;
  const act = { within: ACT_WITHIN, signal };
  const target = await tab.evaluate(FIND_CARD, docid, toTarget, act);
  if (target === undefined) return undefined;
  await tab.click(target.selector, target.index, act);
  if (!await holdsWithin(tab, READY, docid, { within: PANEL_WITHIN, signal })) return undefined;
  const shown = await tab.evaluate(LOOK, docid, (value) => v.parse(SHOWN, value), act);
  const link = readImageLink(shown.link);
  const url = link?.url ?? shown.url;
  if (!isOriginal(url)) return undefined;
  return {
    docid,
    url,
    width: link?.width,
    height: link?.height,
    page: card.page || link?.page || shown.page,
    title: shown.title || card.title,
    road: "panel",
  };
}
