/**
 * Reads a page of Google's: its result cards, its words, and what kind of page it is.
 *
 * `readDocument` runs in the browser and on a saved page alike: its source is sent to the browser,
 * so it uses nothing but its arguments. Nothing hangs on class names, which change every year; see
 * README.md beside this file for what was seen and when.
 *
 * @module
 */

import * as v from "valibot";
import { BrowserFault, type Deadline, type Tab } from "../../browser/browser.ts";
import type { HtmlDocument, HtmlElement, HtmlNode } from "../../web/html.ts";
import { readImageLink, type Result } from "./data.ts";

const CARD = v.object({
  /** Google's id of the picture. */
  docid: v.string(),
  /** The page with the picture. */
  page: v.string(),
  /** The picture's alternative text. */
  title: v.string(),
  /** The card's `/imgres` link; empty until Google fills it, on mouse-over or a click. */
  link: v.string(),
});

/** The place of a result on the page; texts are empty where the card does not say. */
export type Card = Readonly<v.InferOutput<typeof CARD>>;

const READING = v.object({
  /** The form of the robot check is there. */
  captcha: v.boolean(),
  consent: v.boolean(),
  /** Whether there is a field to search with: on every page of a search, not on the shell. */
  searchField: v.boolean(),
  /** Whether the page sends clients without JavaScript elsewhere, as the shell does. */
  enableScripts: v.boolean(),
  /** Whether a link offers the search as it was typed, or names another spelling. */
  spelling: v.boolean(),
  /** Whether there are traces of result pictures outside of cards. */
  pictures: v.boolean(),
  /** The visible text before the first card, at most 20,000 characters. */
  text: v.string(),
  /** The result cards in page order, each docid once, without the open panel's related strip. */
  cards: v.array(CARD),
  /** The inline scripts that may hold results; empty unless asked for. */
  scripts: v.array(v.string()),
});

export type PageReading = Readonly<v.InferOutput<typeof READING>>;

/** Everything that can stand for a result; see `CARDS` within {@link readDocument}. */
export const PLACES = '[data-docid], [jsdata][id^="e-"], [jsdata^="j0Opre;"]';

/**
 * Reads a document, with its inline scripts if they are wanted. Everything it needs is within: its
 * source runs in the browser.
 */
export function readDocument(page: HtmlDocument, withScripts: boolean): PageReading {
  // The first of these that the page's data knows.
  const CARDS = [
    "[data-docid][data-lpage]", // seen, 2024-09 to 2026-07
    "[data-docid]",
    '[jsdata][id^="e-"], [jsdata^="j0Opre;"]', // reported, 2026-09
  ];
  // `data-v` marks the open panel's related strip (seen).
  const PANEL = '[data-v], [role="dialog"], [jsname="H9tDt"], [jsname="ujKaBc"]';

  const docidOf = (element: HtmlElement): string => {
    const found = /^e-([\w-]{8,})$/.exec(element.id) ||
      /^[\w-]*;([\w-]{8,});/.exec(element.getAttribute("jsdata") || "");
    return element.getAttribute("data-docid") || (found && found[1]) || "";
  };
  const toCard = (element: HtmlElement): Card => {
    const imgres = element.querySelector('a[href*="/imgres?"]');
    const out = element.querySelector('a[target="_blank"][href^="http"]');
    const titles = [...element.querySelectorAll("img[alt]")].map((image) =>
      image.getAttribute("alt") || ""
    );
    return {
      docid: docidOf(element),
      page: element.getAttribute("data-lpage") || (out && out.getAttribute("href")) || "",
      title: titles.reduce((longest, one) => one.length > longest.length ? one : longest, ""),
      link: (imgres && imgres.getAttribute("href")) || "",
    };
  };
  const scripts = [...page.querySelectorAll("script")].map((script) => script.textContent || "")
    .filter((source) => source.includes("encrypted-tbn"));
  const findCards = (): HtmlElement[] => {
    let fallback: HtmlElement[] = [];
    for (const selector of CARDS) {
      const known: Record<string, boolean> = {};
      const elements = [...page.querySelectorAll(selector)].filter((element) => {
        const key = `=${docidOf(element)}`;
        if (key === "=" || known[key] || element.closest(PANEL)) return false;
        return known[key] = true;
      });
      // Goods for sale have docids too, but the data knows nothing of them.
      const inData = (element: HtmlElement): boolean =>
        scripts.some((source) => source.includes(docidOf(element)));
      if (elements.slice(0, 5).some(inData)) return elements;
      if (fallback.length === 0) fallback = elements;
    }
    return fallback;
  };
  const has = (selector: string): boolean => page.querySelector(selector) !== null;
  const isShown = (
    element: (HtmlElement & { getClientRects?(): { length: number } }) | null,
  ): boolean =>
    element !== null && (!element.getClientRects || element.getClientRects().length > 0);
  const isElement = (node: HtmlNode): node is HtmlElement => node.nodeType === 1;
  // Pages carry hidden templates of what they might have to say.
  const isHidden = (element: HtmlElement): boolean =>
    element.hasAttribute("hidden") ||
    /(?:^|;)\s*display:\s*none/i.test(element.getAttribute("style") || "");

  const cards = findCards();
  let text = "";
  /** Adds an element's visible text; false where the text is complete. */
  const collect = (element: HtmlElement): boolean => {
    if (element === cards[0] || text.length > 20000) return false;
    if (/^(?:SCRIPT|STYLE|NOSCRIPT|TEMPLATE|SVG)$/i.test(element.tagName)) return true;
    if (element !== page.body && isHidden(element)) return true;
    for (const node of element.childNodes) {
      if (node.nodeType === 3) text += node.textContent || "";
      else if (isElement(node) && !collect(node)) return false;
    }
    text += " ";
    return true;
  };
  if (page.body) collect(page.body);

  return {
    captcha: has('#captcha-form, form[action*="/sorry/"], form[action*="CaptchaRedirect"]'),
    consent: [
      ...[...page.querySelectorAll('form input[name="set_eom"]')].map((one) => one.closest("form")),
      ...page.querySelectorAll('form[action*="consent.google."], #W0wltc'),
    ].some(isShown),
    searchField: has(
      'textarea[name="q"], input[name="q"]:not([type="hidden"]), form[role="search"]',
    ),
    enableScripts: has("#yvlrue") ||
      [...page.querySelectorAll("noscript")].some((one) => one.innerHTML.includes("enablejs")),
    spelling: [...page.querySelectorAll('a.spell_orig[href], #fprsl[href], a[href*="nfpr=1"]')]
      .some(isShown),
    pictures: cards.length === 0 && has('img[src*="encrypted-tbn"], a[href*="imgurl="]'),
    text: text.replace(/\s+/g, " ").trim().slice(0, 20000),
    cards: cards.map(toCard),
    scripts: withScripts ? scripts : [],
  };
}

const READ_PAGE = `(withScripts) => (${readDocument.toString()})(document, withScripts)`;

export async function readPage(
  tab: Tab,
  withScripts: boolean,
  deadline: Deadline,
): Promise<PageReading> {
  const read = (value: unknown) => v.safeParse(READING, value);
  const reading = await tab.evaluate(READ_PAGE, withScripts, read, deadline);
  if (reading.success) return reading.output;
  throw new BrowserFault("page", "the page changed the browser's own functions");
}

export type PageKind =
  /** Cards, or data that stands for them. `corrected`: for a spelling that is not ours. */
  | { readonly kind: "results"; readonly corrected: boolean }
  /** Nothing found. `certain`: Google says so in words. */
  | { readonly kind: "no-results"; readonly certain: boolean }
  /** Consent to cookies is asked for, on a page of its own or over the results. */
  | { readonly kind: "consent" }
  /** Google takes us for a robot. */
  | { readonly kind: "robot-check" }
  /** The page for clients without JavaScript, or before it ran. */
  | { readonly kind: "shell" }
  | { readonly kind: "empty" }
  /** An error status: 429, 503 … */
  | { readonly kind: "http-error"; readonly status: number }
  | { readonly kind: "not-recognised" };

/** What is known of a page besides what it says. */
export interface PageContext {
  readonly url: string;
  /** The status of the document; 0 where it is not known. */
  readonly status: number;
  /** Whether the page's scripts hold results. */
  readonly data: boolean;
}

/** The page is asked for in English. */
const NOTHING_FOUND =
  /did(?: not|n['’]t) match any|no (?:image )?results (?:were )?found|(?:aren['’]t|are not) any (?:great )?matches/i;
const OTHER_SPELLING =
  /\b(?:showing|including) results for\b|\bsearch (?:instead|only) for\b|\bshowing results instead\b/i;
/** The robot check that comes without a form. */
const ROBOTS = /\bunusual traffic from your\b|\bmay be sending automated queries\b/i;

export function kindOfPage(page: PageReading, context: PageContext): PageKind {
  const url = URL.parse(context.url);
  if (page.captcha || url?.pathname.startsWith("/sorry/")) return { kind: "robot-check" };
  if (page.consent || url?.hostname.startsWith("consent.")) return { kind: "consent" };
  if (page.cards.length > 0 || context.data) {
    // "No results found for “A b”. Results for A b (without quotes):" are another query's results.
    if (NOTHING_FOUND.test(page.text) && page.cards.length > 0) {
      return { kind: "no-results", certain: true };
    }
    // A search that was forced carries its `nfpr=1` into all links of its page.
    const forced = url?.searchParams.get("nfpr") === "1";
    const corrected = OTHER_SPELLING.test(page.text) || (page.spelling && !forced);
    return { kind: "results", corrected };
  }
  if (ROBOTS.test(page.text)) return { kind: "robot-check" };
  if (context.status >= 400) return { kind: "http-error", status: context.status };
  if (NOTHING_FOUND.test(page.text)) return { kind: "no-results", certain: true };
  if (page.pictures) return { kind: "not-recognised" };
  if (page.searchField) return { kind: "no-results", certain: false };
  if (page.enableScripts) return { kind: "shell" };
  return page.text.length < 40 ? { kind: "empty" } : { kind: "not-recognised" };
}

/**
 * Puts results in page order. Data without a card is no result: it belongs to the panel's related
 * strip or to another part of the page. Only where no card is known does the data stand for itself.
 */
export function placeResults(
  cards: readonly Card[],
  found: ReadonlyMap<string, Result>,
): Result[] {
  if (cards.length === 0) return [...found.values()];
  return cards.flatMap((card) => {
    const result = found.get(card.docid) ?? resultOfLink(card);
    return result === undefined
      ? []
      : { ...result, page: result.page || card.page, title: result.title || card.title };
  });
}

/** The result of a card's `/imgres` link, where Google has filled it. */
function resultOfLink(card: Card): Result | undefined {
  const link = readImageLink(card.link);
  if (link === undefined || (link.docid !== "" && link.docid !== card.docid)) return undefined;
  const { docid, page, title } = card;
  return { ...link, docid, page: link.page || page, title, road: "imgres" };
}
