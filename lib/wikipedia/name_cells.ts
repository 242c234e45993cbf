/**
 * The name cells of one row of a fish table.
 *
 * @module
 */

import { readLatinName } from "../latin_name.ts";
import type { HtmlElement } from "../web/html.ts";
import { linkTitles, nameText, shownText } from "./cell_text.ts";
import type { GridRow } from "./grid.ts";

/** The name cells of one row of a fish table. */
export interface NameCells {
  /** The Latin-name cell without footnote marks; `\n` where the page breaks the line. */
  readonly latin: string;
  /** The common-name cells, likewise, one below the other. */
  readonly common: string;
  /** Both as a reader sees them. */
  readonly verbatim: { readonly common: string; readonly latin: string };
  /** The titles of the links in the Latin-name cell. */
  readonly titles: readonly string[];
  /** The heading row within the table above this row, where there is one. */
  readonly heading?: string;
}

/** The columns that count, by place. */
export interface Columns {
  /** The Latin name's. */
  readonly latin: number;
  /** The genus', where it has one of its own. */
  readonly genus: number | undefined;
  /** Those of common names. */
  readonly common: readonly number[];
}

/** The name cells of a row. */
export function nameCells(row: GridRow, columns: Columns): NameCells {
  const latinCell = row.cells[columns.latin];
  const commonCells = [...new Set(columns.common.map((column) => row.cells[column]))]
    .filter((cell) => cell !== undefined && cell !== latinCell).filter((cell) =>
      cell !== undefined
    );
  const verbatim = {
    common: commonCells.map(shownText).filter((text) => text !== "").join("; "),
    latin: latinCell === undefined ? "" : shownText(latinCell),
  };
  const common = commonCells.map(nameText).filter((text) => text !== "").join("\n");
  const titles = latinCell === undefined ? [] : linkTitles(latinCell);
  const latin = latinCell === undefined ? "" : nameText(latinCell);
  const genusCell = columns.genus === undefined ? undefined : row.cells[columns.genus];
  const genus = genusCell === undefined ? "" : nameText(genusCell);
  if (/^\p{Lu}\p{Ll}+$/u.test(genus) && /^(?:\p{Ll}|\p{Lu}\. )/u.test(latin)) {
    const epithets = latin.replace(/^\p{Lu}\. /u, "");
    return {
      latin: `${genus} ${epithets}`,
      common,
      verbatim: { ...verbatim, latin: `${genus} ${verbatim.latin}` },
      titles,
    };
  }
  if (commonCells.length === 0 && latinCell !== undefined) {
    const both = bothNames(latinCell, latin);
    if (both !== undefined) return { ...both, verbatim, titles };
  }
  return { latin, common, verbatim, titles };
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
