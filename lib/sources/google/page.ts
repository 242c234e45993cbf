/**
 * What a page of Google's says, read in one go: in the browser, and in a saved page's text too.
 *
 * The reading function is one and the same in both places. It is written so that its source can be
 * sent to the browser: it uses nothing but its arguments.
 *
 * @module
 */

import { type HtmlDocument, parseHtml } from "../../web/html.ts";

/** A result's place on the page. */
export interface Card {
  /** Google's id of the picture. */
  readonly docid: string;
  /** The page the picture stands on; empty where the card does not say. */
  readonly page: string;
  /** The picture's alternative text; empty where there is none. */
  readonly title: string;
  /** The card's `/imgres` link; empty until Google fills it, on mouse-over or a click. */
  readonly link: string;
}

/** What a page says. */
export interface PageReading {
  /** The title. */
  readonly title: string;
  /** Whether the form of the robot check is there. */
  readonly captcha: boolean;
  /** Whether the page asks for consent to cookies. */
  readonly consent: boolean;
  /** Whether there is a field to search with: on every true search page, not on the shell. */
  readonly searchField: boolean;
  /** Whether the page sends clients without JavaScript elsewhere, as the shell does. */
  readonly enableScripts: boolean;
  /** Whether a link offers the search as it was typed, or names another spelling. */
  readonly spelling: boolean;
  /** Traces of result pictures outside of cards: thumbnails and `/imgres` links. */
  readonly pictures: number;
  /** The visible text before the first card, at most 20,000 characters. */
  readonly text: string;
  /** The results' cards in page order, each docid once; the panel's related strip is not in it. */
  readonly cards: readonly Card[];
  /** The inline scripts that may hold results; empty unless asked for. */
  readonly scripts: readonly string[];
}

/** What the reading function needs of a node. */
export interface ReadNode {
  /** 1 for elements, 3 for texts. */
  readonly nodeType: number;
  /** The text in it. */
  readonly textContent: string | null;
}

/** What the reading function needs of an element; browsers' and `lib/web/html.ts`' have it. */
export interface ReadElement extends ReadNode {
  /** The markup within. */
  readonly innerHTML: string;
  /** The tag's name. */
  readonly tagName: string;
  /** What is directly within. */
  readonly childNodes: Iterable<ReadNode>;
  /** An attribute's value. */
  getAttribute(name: string): string | null;
  /** Whether it has an attribute. */
  hasAttribute(name: string): boolean;
  /** The first element within that a selector names. */
  querySelector(selector: string): ReadElement | null;
  /** All elements within that a selector names. */
  querySelectorAll(selector: string): Iterable<ReadElement>;
  /** This element or the nearest above it that a selector names. */
  closest(selector: string): ReadElement | null;
  /** The boxes it takes up; in browsers only. */
  getClientRects?(): { readonly length: number };
}

/** What the reading function needs of a document. */
export interface ReadDocument {
  /** The body. */
  readonly body: ReadElement | null;
  /** The first element that a selector names. */
  querySelector(selector: string): ReadElement | null;
  /** All elements that a selector names. */
  querySelectorAll(selector: string): Iterable<ReadElement>;
}

/**
 * Reads a document. Everything it needs is within: its source runs in the browser.
 *
 * Cards are found by what stayed from 2024 to 2026 (seen), `data-docid` with `data-lpage`, then by
 * less; `data-v` marks the open panel's related strip. `tbm=isch` pages of 2020 have
 * `#islrg div.isv-r[data-id]` (seen), those for simple browsers say all in `data-ou`, `data-ru`,
 * `data-pt` (told). Pages of September 2026 name the picture in `id="e-<docid>"` (told) and, as
 * since 2020 (seen), in `jsdata="j0Opre;<docid>;…"`.
 *
 * @param page The document.
 * @param withScripts Whether the inline scripts are wanted.
 */
export function readDocument(page: ReadDocument, withScripts: boolean): PageReading {
  const CARDS = [
    "[data-docid][data-lpage]",
    '[data-docid][data-attrid^="images"], [data-docid][jsname="dTDiAc"]',
    "[data-ou]",
    // In the grid of 2020 a tile with related searches is a `.isv-r` like the pictures.
    '#islrg .isv-r[data-id]:not([data-id^="Refinements"]), #islrg [data-ri][data-tbnid]',
    "#search [data-docid], #rso [data-docid], #islrg [data-docid], [role=main] [data-docid]",
    "[data-docid]",
    "[data-tbnid]",
    '[jsdata][id^="e-"], [jsdata^="j0Opre;"]',
    'a[href*="/imgres?"]',
  ];
  const PANEL = '[role="dialog"], #islsp, [jsname="H9tDt"], [jsname="ujKaBc"]';

  const paramOf = (href: string, name: string): string => {
    const found = new RegExp(`[?&]${name}=([^&#]*)`).exec(href);
    if (!found || found[1] === undefined) return "";
    try {
      return decodeURIComponent(found[1]);
    } catch {
      return ""; // not what Google writes
    }
  };
  const imageLink = (element: ReadElement): string => {
    const own = element.getAttribute("href") || "";
    if (own.indexOf("/imgres?") >= 0) return own;
    const link = element.querySelector('a[href*="/imgres?"]');
    return link ? link.getAttribute("href") || "" : "";
  };
  const ATTRIBUTES = ["data-docid", "data-id", "data-tbnid"];
  const docidOf = (element: ReadElement): string => {
    // Beside `data-ou`, `data-docid` is the page's: two pictures of one page share it.
    const names = element.hasAttribute("data-ou") ? [...ATTRIBUTES].reverse() : ATTRIBUTES;
    for (const name of names) {
      const value = element.getAttribute(name);
      if (value) return value;
    }
    const [, id] = /^e-([\w-]{8,})$/.exec(element.getAttribute("id") || "") ||
      /^[\w-]*;([\w-]{8,});/.exec(element.getAttribute("jsdata") || "") || [];
    // Until 2019 docids ended in a colon; the data leaves it away.
    return id || paramOf(element.getAttribute("href") || "", "tbnid").replace(/:$/, "");
  };
  const pageOf = (element: ReadElement): string => {
    const said = element.getAttribute("data-lpage") || element.getAttribute("data-ru");
    if (said) return said;
    const link = element.querySelector('a[target="_blank"][href^="http"]');
    return link ? link.getAttribute("href") || "" : paramOf(imageLink(element), "imgrefurl");
  };
  const titleOf = (element: ReadElement): string => {
    let longest = element.getAttribute("data-pt") || "";
    for (const image of element.querySelectorAll("img[alt]")) {
      const alt = image.getAttribute("alt") || "";
      if (alt.length > longest.length) longest = alt;
    }
    return longest;
  };
  const scripts = [...page.querySelectorAll("script")].map((script) => script.textContent || "")
    .filter((source) => /encrypted-tbn|["']ou["']|gstatic/.test(source));
  const hasData = (element: ReadElement): boolean =>
    scripts.some((source) => source.includes(docidOf(element)));
  const cardElements = (): ReadElement[] => {
    let first: ReadElement[] = [];
    for (const selector of CARDS) {
      const known: Record<string, boolean> = {};
      const elements: ReadElement[] = [];
      for (const element of page.querySelectorAll(selector)) {
        const docid = docidOf(element);
        if (!docid || known["=" + docid]) continue;
        if (element.hasAttribute("data-v") || element.closest("[data-v]")) continue;
        if (element.closest(PANEL)) continue;
        known["=" + docid] = true;
        elements.push(element);
      }
      // Goods for sale have docids too; the data knows the first few of its pictures.
      if (elements.slice(0, 5).some(hasData)) return elements;
      if (first.length === 0) first = elements;
    }
    return first;
  };
  const shown = (element: ReadElement | null): boolean =>
    element !== null && (!element.getClientRects || element.getClientRects().length > 0);
  const isElement = (node: ReadNode): node is ReadElement => node.nodeType === 1;
  // Pages carry templates of what they might have to say.
  const isHidden = (element: ReadElement): boolean =>
    element.hasAttribute("hidden") ||
    /(?:^|;)\s*display:\s*none/i.test(element.getAttribute("style") || "");

  const elements = cardElements();
  const first = elements[0];
  let text = "";
  const collect = (element: ReadElement): boolean => {
    if (element === first || text.length > 20000) return false;
    if (/^(?:SCRIPT|STYLE|NOSCRIPT|TEMPLATE|HEAD|SVG)$/i.test(element.tagName)) return true;
    if (element !== page.body && isHidden(element)) return true;
    for (const node of element.childNodes) {
      if (node.nodeType === 3) text += node.textContent || "";
      else if (isElement(node) && !collect(node)) return false;
    }
    text += " ";
    return true;
  };
  if (page.body) collect(page.body);

  const count = (selector: string): number => [...page.querySelectorAll(selector)].length;
  const titleElement = page.querySelector("title");
  const noscripts = [...page.querySelectorAll("noscript")];
  return {
    title: titleElement ? titleElement.textContent || "" : "",
    captcha: page.querySelector(
      '#captcha-form, form[action*="/sorry/"], form[action*="CaptchaRedirect"], .g-recaptcha',
    ) !== null,
    consent: [
      ...[...page.querySelectorAll('form input[name="set_eom"]')].map((one) => one.closest("form")),
      ...page.querySelectorAll('form[action*="consent.google."], #W0wltc'),
    ].some(shown),
    searchField: page.querySelector(
      'textarea[name="q"], input[name="q"]:not([type="hidden"]), form[role="search"]',
    ) !== null,
    enableScripts: page.querySelector("#yvlrue") !== null ||
      noscripts.some((element) => /enablejs|gbv=1/.test(element.innerHTML)),
    spelling: [
      ...page.querySelectorAll('a.spell_orig[href], #fprsl[href], a[href*="nfpr=1"]'),
    ].some(shown),
    pictures: elements.length > 0 ? 0 : count('img[src*="encrypted-tbn"]') +
      count('img[data-src*="encrypted-tbn"]') + count('a[href*="imgurl="]') +
      count('img[src^="data:image/jpeg"]'),
    text: text.replace(/\s+/g, " ").trim().slice(0, 20000),
    cards: elements.map((element) => ({
      docid: docidOf(element),
      page: pageOf(element),
      title: titleOf(element),
      link: imageLink(element),
    })),
    scripts: withScripts ? scripts : [],
  };
}

/** The source of a function for the browser: takes whether scripts are wanted, gives a reading. */
export const READ_PAGE: string =
  `(withScripts) => (${readDocument.toString()})(document, withScripts)`;

/**
 * Reads a page's text as the browser would read the page.
 *
 * @param html The markup.
 */
export function readPageText(html: string): PageReading {
  const page: HtmlDocument = parseHtml(html);
  return readDocument(page, true);
}
