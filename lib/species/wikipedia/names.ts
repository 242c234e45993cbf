/**
 * Common and Latin names in one place: in an item of a bullet list, or in one cell of a table. The
 * Latin name is in italics: `Red fox, <i>Vulpes vulpes</i>`, `<i>Acer rubrum</i> – red maple`.
 *
 * @module
 */

import { readLatinName } from "../latin_name.ts";
import { FAMILY, isAuthorship, LATIN_ENDING } from "../latin_words.ts";
import { tidy } from "../name_text.ts";
import type { Verbatim } from "../species.ts";
import { isElement } from "../../web/html.ts";
import type { HtmlElement, HtmlNode } from "../../web/html.ts";

/** The names in one row of a table or one item of a bullet list. */
export interface NamedCells {
  /** The Latin name's text without footnote marks; `\n` for the page's line breaks. */
  readonly latin: string;
  /** The common names' text, likewise. */
  readonly common: string;
  /** Both as a reader sees them. */
  readonly verbatim: Verbatim;
}

/** Longer texts before or after a Latin name are prose, not common names. */
const MAX_COMMON = 60;
/** What may follow italics and still belongs to the Latin name. */
const CONTINUES = /^ ?(?:×|x |(?:spp?|cf|aff|subsp|ssp|var|f)\.|\p{Lu}?\p{Ll}+ ×)/u;
/** What ends a Latin name: a separator or an author in brackets. */
const END_OF_LATIN = /\s+[-–—]\s|[,;:(\n]|$/;

/** The names in an item of a bullet list, or nothing if it names no species. */
export function readBullet(item: HtmlElement): NamedCells | undefined {
  const own = ownContent(item);
  const names = splitNames(item, nameText(own));
  if (names === undefined) return undefined;
  const { before, latin, after } = names;
  return {
    latin: spellOut(latin, item),
    common: before === "" ? commonAfter(after) : before,
    verbatim: { common: "", latin: shownText(own) },
  };
}

/** The common name before the Latin one in a cell that holds both, or nothing. */
export function splitCell(
  cell: HtmlElement,
): { readonly latin: string; readonly common: string } | undefined {
  const { before = "", latin = "" } = splitNames(cell, nameText(cell)) ?? {};
  return before === "" || FAMILY.test(before) ? undefined : { latin, common: before };
}

/** Whether a cell holds a Latin name: one in italics or with a Latin ending. */
export function looksLatin(cell: HtmlElement): boolean {
  const text = nameText(cell);
  if (/^\p{Ll}+$/u.test(text) && LATIN_ENDING.test(text)) return true;
  const { latin } = readLatinName(text);
  if (latin === "") return splitCell(cell) !== undefined;
  const [, epithet = ""] = latin.split(" ");
  return cell.querySelector("i, em") !== null || LATIN_ENDING.test(epithet) ||
    /^(?:spp?|cf|aff)\.$/.test(epithet);
}

/** The text of an item as a heading above the items nested in it: `Genus: Sciurus`. */
export function bulletHeading(item: HtmlElement): string {
  return nameText(ownContent(item)).replaceAll("\n", " ").replace(/†/g, "");
}

/** `C. julii` with its genus in full where a link in the element has the whole name for a title. */
export function spellOut(latin: string, element: HtmlElement): string {
  const [, epithet] = latin.split(/\. ?| /);
  const titles = [...element.querySelectorAll("a[title]")]
    .map((link) => (link.getAttribute("title") ?? "").split(" "));
  return withGenus(latin, titles.flatMap(([genus = "", of]) => of === epithet ? genus : []));
}

/** `C. julii` with the first of some genera that begins so; as it is where none does. */
export function withGenus(latin: string, genera: readonly string[]): string {
  const [abbreviation = "", initial = " "] = /^(\p{Lu})\. ?(?=\p{Ll}{3})/u.exec(latin) ?? [];
  const genus = genera.find((name) => name.startsWith(initial));
  return genus === undefined ? latin : `${genus} ${latin.slice(abbreviation.length)}`;
}

/** An item's content without the lists nested in it. */
function ownContent(item: HtmlElement): Content {
  const nodes = [...item.childNodes];
  return {
    childNodes: nodes.filter((node) => !isElement(node) || !/^[UOD]L$/i.test(node.tagName)),
  };
}

/** Splits a text at the first of its italics that name a species. */
function splitNames(
  element: HtmlElement,
  text: string,
): { readonly before: string; readonly latin: string; readonly after: string } | undefined {
  for (const italic of element.querySelectorAll("i, em")) {
    const slanted = nameText(italic);
    const place = text.indexOf(slanted);
    const rest = text.slice(place + slanted.length);
    const end = CONTINUES.test(rest) ? rest.search(END_OF_LATIN) : 0;
    const latin = slanted + rest.slice(0, end);
    if (place < 0 || !namesSpecies(latin)) continue;
    const before = text.slice(0, place).replace(/[\s([:,†–—-]+$/u, "");
    // `It eats what it finds. Where Vulpes vulpes lives …` is prose.
    const isProse = before.length > MAX_COMMON || /[.;] /.test(before);
    return isProse ? undefined : { before, latin, after: rest.slice(end) };
  }
  return undefined;
}

function namesSpecies(text: string): boolean {
  // The genus of `S. vulgaris` stands above the item.
  if (/^\p{Lu}\. ?\p{Ll}{3,}/u.test(text)) return true;
  const { latin, rank } = readLatinName(text);
  return rank === "species" || rank === "subspecies" || rank === "hybrid" && latin !== "" ||
    / (?:spp?|cf|aff)\./.test(latin);
}

/** The common names after a Latin name and its author: `, cherry shrimp`, `L. – field maple`. */
function commonAfter(rest: string): string {
  const [, held = ""] = /^ ?\(([^()]+)\)/.exec(rest) ?? [];
  const [, name = isAuthorship(held) ? "" : held] = /\s[-–—]\s+(\S.*)$/.exec(rest) ??
    /^,\s+(?!\d)(\S.*)$/.exec(rest) ?? [];
  const isProse = name.length > MAX_COMMON ||
    /[.;]\s|^(?:from|in|of|the|see|now|formerly|throughout) /i.test(name);
  return isProse ? "" : name;
}

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
type Content = Pick<HtmlElement, "childNodes">;

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
