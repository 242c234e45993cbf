/**
 * The cells of a list article: their text as a reader sees it, and the names in them.
 *
 * @module
 */

import { readLatinName } from "../latin_name.ts";
import { LATIN_ENDING } from "../latin_words.ts";
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

/** The titles of the links in a cell. */
export function linkTitles(element: HtmlElement): string[] {
  return [...element.querySelectorAll("a[title]")]
    .map((link) => link.getAttribute("title") ?? "").filter((title) => title !== "");
}

/** Whether a cell holds a Latin name: one in italics or with a Latin ending. */
export function looksLatin(cell: HtmlElement): boolean {
  const text = nameText(cell);
  if (/^\p{Ll}+$/u.test(text) && LATIN_ENDING.test(text)) return true;
  const { latin } = readLatinName(text, linkTitles(cell));
  if (latin === "") return splitBothNames(cell) !== undefined;
  const [, epithet = ""] = latin.split(" ");
  return cell.querySelector("i, em") !== null || LATIN_ENDING.test(epithet) ||
    /^(?:spp?|cf|aff)\.$/.test(epithet);
}

/** Splits `Neon tetra (<i>Paracheirodon innesi</i>)` and `Neon tetra, <i>Paracheirodon innesi</i>`. */
export function splitBothNames(
  cell: HtmlElement,
): { readonly latin: string; readonly common: string } | undefined {
  const italic = cell.querySelector("i, em");
  if (italic === null) return undefined;
  const { rank } = readLatinName(nameText(italic));
  if (rank !== "species" && rank !== "subspecies") return undefined;
  const text = nameText(cell);
  const place = text.indexOf(nameText(italic));
  const common = text.slice(0, Math.max(place, 0)).replace(/[\s([:,–—-]+$/u, "").trim();
  if (!/\p{L}{3,}/u.test(common) || /idae$|×|\b(?:spp?|cf|aff|hybrid)\b/i.test(common)) {
    return undefined;
  }
  // `Old name (syn. New name)` is two Latin names.
  if (/(?:[=]|\b(?:syn|formerly|now)\b\.?:?)\s*$/i.test(common)) return undefined;
  return { latin: text.slice(place).replace(/\)(?=[^(]*$)/, ""), common };
}
