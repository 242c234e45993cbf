/**
 * Cells that hold a Latin name, and cells that hold another beside it.
 *
 * @module
 */

import { readLatinName } from "../latin_name.ts";
import { LATIN_ENDING } from "../latin_vocabulary.ts";
import type { HtmlElement } from "../../web/html.ts";
import { linkTitles, nameText } from "./cell_text.ts";

/**
 * Whether a cell holds a Latin name: one that is set in italics or has a Latin ending.
 *
 * @param cell The cell.
 */
export function looksLatin(cell: HtmlElement): boolean {
  const text = nameText(cell);
  const name = readLatinName(text, linkTitles(cell));
  if (/^\p{Ll}+$/u.test(text) && LATIN_ENDING.test(text)) return true;
  if (name.latin === "") return bothNames(cell, text) !== undefined;
  return isSlanted(cell) || isLatinish(name.latin);
}

/** Whether a cell has words in italics, as Latin names have. */
export function isSlanted(cell: HtmlElement): boolean {
  return cell.querySelector("i, em") !== null;
}

/** Whether a name's words have Latin endings. */
function isLatinish(name: string): boolean {
  const [, epithet = ""] = name.split(" ");
  return LATIN_ENDING.test(epithet) || /^(?:spp?|cf|aff)\.$/.test(epithet);
}

/**
 * Whether the cells of a row stand the wrong way round: a Latin name where the common one should
 * be, and none where it should.
 *
 * @param latin The cell that should hold the Latin name.
 * @param common The cell that should hold the common name.
 */
export function areSwapped(latin: HtmlElement, common: HtmlElement): boolean {
  const here = nameText(latin);
  if (here !== "" && looksLatin(latin)) return false;
  const { rank, latin: name } = readLatinName(nameText(common), linkTitles(common));
  if (rank !== "species" && rank !== "subspecies") return false;
  // Without a name on the other side, as for `hybrid`, more than an ending must speak for it.
  return isSlanted(common) ||
    here !== "" && readLatinName(here).rank === "unknown" && isLatinish(name);
}

/** Takes `Neon tetra (<i>Paracheirodon innesi</i>)` apart, where one column holds both names. */
export function bothNames(
  cell: HtmlElement,
  text: string,
): { readonly latin: string; readonly common: string } | undefined {
  const italic = cell.querySelector("i, em");
  const slanted = italic === null ? "" : nameText(italic);
  const name = readLatinName(slanted);
  if (name.rank !== "species" && name.rank !== "subspecies") return undefined;
  const place = text.indexOf(slanted);
  const before = text.slice(0, Math.max(place, 0)).replace(/[\s([:,–—-]+$/u, "").trim();
  if (!/\p{L}{3,}/u.test(before) || /idae$|×|\b(?:spp?|cf|aff|hybrid)\b/i.test(before)) {
    return undefined;
  }
  // `Old name (syn. New name)` is one Latin name and another.
  if (/(?:[=]|\b(?:syn|formerly|now)\b\.?:?)\s*$/i.test(before)) return undefined;
  return { latin: text.slice(place).replace(/\)(?=[^(]*$)/, ""), common: before };
}
