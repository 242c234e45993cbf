/**
 * The name cells of one row of a fish table.
 *
 * @module
 */

import { linkTitles, nameText, shownText } from "./cell_text.ts";
import type { GridRow } from "./grid.ts";
import { areSwapped, bothNames } from "./latin_cell.ts";

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
  let latinCell = row.cells[columns.latin];
  const commonCells = [...new Set(columns.common.map((column) => row.cells[column]))]
    .filter((cell) => cell !== undefined).filter((cell) => cell !== latinCell);
  const verbatim = {
    common: commonCells.map(shownText).filter((text) => text !== "").join("; "),
    latin: latinCell === undefined ? "" : shownText(latinCell),
  };
  const [first] = commonCells;
  if (latinCell !== undefined && first !== undefined && areSwapped(latinCell, first)) {
    commonCells[0] = latinCell;
    latinCell = first;
  }
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
