/**
 * Results: what the data says, joined to the page's cards by docid.
 *
 * @module
 */

import { readImageLink } from "./addresses.ts";
import { findResults, type Found } from "./embedded.ts";
import { type Card, type PageReading, readPageText } from "./page.ts";

/** Which way gave a result. */
export type Road = "embedded" | "scroll" | "panel" | "imgres";

/** One result of a search. */
export interface Result extends Found {
  /** Which way gave it. */
  readonly road: Road;
}

/**
 * The results that the text of a page gives without a click: road 1, and the `/imgres` links that
 * Google filled already.
 *
 * @param html The page as the browser has it.
 * @returns The results in page order.
 */
export function resultsOfPage(html: string): Result[] {
  const reading = readPageText(html);
  const pool = new ResultPool();
  pool.add(findInPage(reading, html), "embedded");
  return pool.inOrder(reading.cards).flatMap((place) => place.result ?? []);
}

/**
 * What a page's scripts hold; where they hold nothing about its cards, what its whole text holds.
 *
 * @param reading The page.
 * @param html The page's text.
 */
export function findInPage(reading: PageReading, html: string): Found[] {
  const inScripts = findInScripts(reading);
  if (isAbout(inScripts, reading.cards)) return inScripts;
  const inText = findResults(html);
  return isAbout(inText, reading.cards) || inScripts.length === 0 ? inText : inScripts;
}

/**
 * What a page's scripts hold.
 *
 * @param reading The page.
 */
export function findInScripts(reading: PageReading): Found[] {
  return findResults(reading.scripts.join("\n"));
}

/**
 * Whether what was found is about the page's cards: about one of them, or about whatever the page
 * shows where it has none.
 *
 * @param found What was found.
 * @param cards The page's cards.
 */
export function isAbout(found: readonly Found[], cards: readonly Card[]): boolean {
  if (cards.length === 0) return found.length > 0;
  const docids = new Set(cards.map(({ docid }) => docid));
  return found.some(({ docid }) => docids.has(docid));
}

/** A card and its result, where one is known. */
export interface Place {
  /** The card; absent for data on a page whose cards are not known to us. */
  readonly card?: Card;
  /** The result. */
  readonly result?: Result;
}

/** Everything that the data of one search has said so far. */
export class ResultPool {
  readonly #byDocid = new Map<string, Result>();
  readonly #inOrder: Result[] = [];

  /**
   * Takes in what was found. What is known already stays as it is.
   *
   * @param found What was found.
   * @param road Where.
   * @returns How many were new.
   */
  add(found: readonly Found[], road: Road): number {
    let fresh = 0;
    for (const item of found) {
      const key = item.docid === "" ? item.url : item.docid;
      if (this.#byDocid.has(key)) continue;
      const result = { ...item, road };
      this.#byDocid.set(key, result);
      this.#inOrder.push(result);
      fresh += 1;
    }
    return fresh;
  }

  /** Whether nothing was found so far. */
  get empty(): boolean {
    return this.#inOrder.length === 0;
  }

  /** The result of a docid. */
  of(docid: string): Result | undefined {
    return this.#byDocid.get(docid);
  }

  /**
   * The page's places in page order. Data without a card is no result: it belongs to the panel's
   * related strip or to another part of the page. Only where no card is known at all does the data
   * stand for itself; and where no docid of the data is any card's, the pages join them.
   *
   * @param cards The page's cards.
   */
  inOrder(cards: readonly Card[]): Place[] {
    if (cards.length === 0) return this.#inOrder.map((result) => ({ result }));
    const byPage = cards.some(({ docid }) => this.#byDocid.has(docid))
      ? new Map<string, Result[]>()
      : this.#grouped();
    return cards.map((card) => {
      const result = this.#byDocid.get(card.docid) ?? byPage.get(card.page)?.shift() ??
        resultOfLink(card);
      return result === undefined ? { card } : { card, result: filled(result, card) };
    });
  }

  #grouped(): Map<string, Result[]> {
    const pages = new Map<string, Result[]>();
    for (const result of this.#inOrder) {
      if (result.page === "") continue;
      const group = pages.get(result.page) ?? [];
      group.push(result);
      pages.set(result.page, group);
    }
    return pages;
  }
}

/** The result of a card's `/imgres` link, where Google has filled it. */
export function resultOfLink(card: Card): Result | undefined {
  const link = card.link === "" ? undefined : readImageLink(card.link);
  if (link === undefined || (link.docid !== "" && link.docid !== card.docid)) return undefined;
  return {
    docid: card.docid,
    url: link.url,
    width: link.width,
    height: link.height,
    page: link.page || card.page,
    title: card.title,
    thumbnail: "",
    road: "imgres",
  };
}

/** What the data does not say, the card may. */
function filled(result: Result, card: Card): Result {
  return {
    ...result,
    docid: card.docid,
    page: result.page || card.page,
    title: result.title || card.title,
  };
}
