/**
 * The text of a cell or heading, as a reader sees it.
 *
 * @module
 */

import { tidy } from "../name_text.ts";
import type { HtmlElement, HtmlNode } from "../../web/html.ts";
import { isElement } from "../../web/html.ts";

/** Elements that show nothing, and a table of its own within a cell. */
const UNSHOWN: ReadonlySet<string> = new Set([
  "STYLE",
  "SCRIPT",
  "TEMPLATE",
  "LINK",
  "META",
  "TABLE",
]);
/** Elements that begin a line of their own. */
const BLOCKS: ReadonlySet<string> = new Set(["P", "DIV", "LI", "UL", "OL", "DL", "DD", "DT"]);
/** Elements that are no part of a name: footnote marks and what was struck out. */
const UNNAMED: ReadonlySet<string> = new Set(["SUP", "S", "DEL", "STRIKE"]);
const UNNAMED_CLASS = /(?:^|\s)(?:reference|noprint|Inline-Template|mw-ref|mw-editsection)(?:\s|$)/;
const HIDDEN_CLASS = /(?:^|\s)(?:sortkey|mw-editsection|navbar)(?:\s|$)/;
const HIDDEN_STYLE = /(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)/i;
/** How deep elements may lie within each other before the rest is left out. */
const MAX_DEPTH = 200;

/**
 * Text as it is shown, footnotes, curly quotes, non-breaking spaces and all; `\n` where the page
 * breaks the line.
 */
export function shownText(element: HtmlElement): string {
  return collect(element, false, 0).replace(/ +/g, " ").replaceAll(BREAK, "\n")
    .replace(/ ?\n[ \n]*/g, "\n").trim();
}

/** The same without footnote marks and what was struck out. */
export function nameText(element: HtmlElement): string {
  return tidy(collect(element, true, 0).replaceAll(BREAK, "\n"));
}

/** The titles of the links in a cell, best of title and address. */
export function linkTitles(element: HtmlElement): string[] {
  const titles: string[] = [];
  for (const link of element.querySelectorAll("a[href], a[title]")) {
    const title = link.getAttribute("title");
    if (title !== null && title !== "") titles.push(title);
    const path = /^(?:https?:)?(?:\/\/[^/]+)?\/wiki\/([^?#]+)|^\.\/([^?#]+)/.exec(
      link.getAttribute("href") ?? "",
    );
    const named = decoded(path?.[1] ?? path?.[2] ?? "");
    if (named !== "") titles.push(named);
  }
  return titles;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path).replace(/_/g, " ");
  } catch (thrown) {
    // A stray percent sign: the address says nothing then.
    if (thrown instanceof URIError) return "";
    throw thrown;
  }
}

/** In the collected text a line break of the page is U+0001, so that it outlives the source's. */
const BREAK = "\u0001";

function collect(element: HtmlElement, namesOnly: boolean, depth: number): string {
  if (depth > MAX_DEPTH) return "";
  let text = "";
  for (const node of element.childNodes) text += shown(node, namesOnly, depth);
  return text;
}

function shown(node: HtmlNode, namesOnly: boolean, depth: number): string {
  if (node.nodeType === 3) {
    return (node.textContent ?? "").replaceAll(BREAK, " ").replace(/[\t\n\f\r ]+/g, " ");
  }
  if (!isElement(node) || isHidden(node)) return "";
  const tag = node.tagName.toUpperCase();
  if (tag === "BR") return BREAK;
  if (UNSHOWN.has(tag)) return "";
  if (namesOnly && (UNNAMED.has(tag) || UNNAMED_CLASS.test(node.getAttribute("class") ?? ""))) {
    return "";
  }
  const within = collect(node, namesOnly, depth + 1);
  return BLOCKS.has(tag) ? `${BREAK}${within}${BREAK}` : within;
}

function isHidden(element: HtmlElement): boolean {
  return element.hasAttribute("hidden") ||
    HIDDEN_STYLE.test(element.getAttribute("style") ?? "") ||
    HIDDEN_CLASS.test(element.getAttribute("class") ?? "");
}
