/**
 * The items of bullet lists: `Red fox, <i>Vulpes vulpes</i>` and `<i>Acer rubrum</i> – red maple`.
 *
 * @module
 */

import { readLatinName } from "../latin_name.ts";
import { isAuthorship } from "../latin_words.ts";
import { isElement } from "../../web/html.ts";
import type { HtmlElement, HtmlNode } from "../../web/html.ts";
import { linkTitles, nameText, shownText } from "./cell.ts";
import type { NameCells } from "./table.ts";

/** Longer texts before or after a Latin name are prose, not common names. */
const MAX_COMMON = 60;
/** What may follow italics and still belongs to the Latin name. */
const CONTINUES = /^ ?(?:×|x |(?:spp?|cf|aff|subsp|ssp|var|f)\.|\p{Lu}?\p{Ll}+ ×)/u;
/** What ends a Latin name: a separator or an author in brackets. */
const END_OF_LATIN = /\s+[-–—]\s|[,;:(\n]|$/;

/** The names in an item of a bullet list, or nothing if it names no species. */
export function readBullet(item: HtmlElement): NameCells | undefined {
  const own = ownContent(item);
  const text = nameText(own);
  for (const italic of item.querySelectorAll("i, em")) {
    const slanted = nameText(italic);
    const place = text.indexOf(slanted);
    const rest = text.slice(place + slanted.length);
    const end = CONTINUES.test(rest) ? rest.search(END_OF_LATIN) : 0;
    const latin = slanted + rest.slice(0, end);
    if (place < 0 || !namesSpecies(latin)) continue;
    const before = text.slice(0, place).replace(/[\s([:,†–—-]+$/u, "");
    // `It eats what it finds. Where Vulpes vulpes lives …` is prose.
    if (before.length > MAX_COMMON || /[.;] /.test(before)) return undefined;
    return {
      latin,
      common: before === "" ? commonAfter(rest.slice(end)) : before,
      verbatim: { common: "", latin: shownText(own) },
      titles: linkTitles(italic.closest("a") === null ? italic : item),
    };
  }
  return undefined;
}

/** The text of an item as a heading above the items nested in it: `Genus: Sciurus`. */
export function bulletHeading(item: HtmlElement): string {
  return nameText(ownContent(item)).replaceAll("\n", " ");
}

/** An item's content without the lists nested in it. */
function ownContent(item: HtmlElement): { readonly childNodes: readonly HtmlNode[] } {
  const isList = (node: HtmlNode) => isElement(node) && /^[UOD]L$/i.test(node.tagName);
  return { childNodes: [...item.childNodes].filter((node) => !isList(node)) };
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
