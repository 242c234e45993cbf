/**
 * The text of cells, items and headings, as a reader sees it.
 *
 * @module
 */

import { tidy } from "../name_text.ts";
import { isElement } from "../../web/html.ts";
import type { HtmlElement, HtmlNode } from "../../web/html.ts";

/** Elements without shown text, and tables within a cell. */
const SILENT = new Set(["STYLE", "SCRIPT", "TEMPLATE", "LINK", "META", "TABLE"]);
/** Elements that begin a line of their own. */
const BLOCKS = new Set(["P", "DIV", "LI", "UL", "OL", "DL", "DD", "DT"]);
/** Elements that are no part of a name: footnote marks, and what was struck out. */
const NOT_NAME = new Set(["SUP", "S", "DEL", "STRIKE"]);
const NOT_NAME_CLASS = /(?:^|\s)(?:reference|noprint|Inline-Template|mw-ref)(?:\s|$)/;
const HIDDEN_CLASS = /(?:^|\s)(?:sortkey|mw-editsection|navbar)(?:\s|$)/;
const HIDDEN_STYLE = /(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)/i;
/** How deep elements may be nested before the rest is left out. */
const MAX_DEPTH = 200;
/** Stands for the page's line breaks, so that they differ from those of the markup. */
const BREAK = "\u0001";

/** An element, or some of the nodes in it. */
export type Content = Pick<HtmlElement, "childNodes">;

/** Text as it is shown, with footnotes and all; `\n` for the page's line breaks. */
export function shownText(element: Content): string {
  return collect(element, false, 0).replace(/ +/g, " ").replaceAll(BREAK, "\n")
    .replace(/ ?\n[ \n]*/g, "\n").trim();
}

/** The same without footnote marks and what was struck out, tidied. */
export function nameText(element: Content): string {
  return tidy(collect(element, true, 0).replaceAll(BREAK, "\n"));
}

function collect(element: Content, namesOnly: boolean, depth: number): string {
  if (depth > MAX_DEPTH) return "";
  let text = "";
  for (const node of element.childNodes) text += collectNode(node, namesOnly, depth);
  return text;
}

function collectNode(node: HtmlNode, namesOnly: boolean, depth: number): string {
  if (node.nodeType === 3) {
    return (node.textContent ?? "").replaceAll(BREAK, " ").replace(/[\t\n\f\r ]+/g, " ");
  }
  if (!isElement(node) || isHidden(node)) return "";
  const tag = node.tagName.toUpperCase();
  if (tag === "BR") return BREAK;
  const skipped = SILENT.has(tag) || namesOnly &&
      (NOT_NAME.has(tag) || NOT_NAME_CLASS.test(node.getAttribute("class") ?? ""));
  if (skipped) return "";
  const text = collect(node, namesOnly, depth + 1);
  return BLOCKS.has(tag) ? `${BREAK}${text}${BREAK}` : text;
}

function isHidden(element: HtmlElement): boolean {
  return element.hasAttribute("hidden") ||
    HIDDEN_STYLE.test(element.getAttribute("style") ?? "") ||
    HIDDEN_CLASS.test(element.getAttribute("class") ?? "");
}
