/**
 * Which columns of a table hold the names: what the headers say, and where the cells say otherwise
 * what the cells say.
 *
 * @module
 */

import type { HtmlElement } from "../../web/html.ts";
import { nameText } from "./cell_text.ts";
import type { ColumnKind } from "./columns.ts";
import { distinctCells, isHeaderCell } from "./grid.ts";
import type { GridRow } from "./grid.ts";
import { isSlanted, looksLatin } from "./latin_cell.ts";
import type { Columns } from "./name_cells.ts";

/** A header row and the rows below it, down to the next. */
export interface Segment {
  /** What each column's header names. */
  readonly kinds: readonly (ColumnKind | undefined)[];
  /** How many columns the header row has. */
  readonly headerWidth: number;
  /** The rows, and the heading within the table that each stands below. */
  readonly rows: { readonly row: GridRow; readonly heading: string | undefined }[];
}

/**
 * The columns that hold the names.
 *
 * @param segment The header row and its rows.
 * @returns The columns, or nothing where the rows are no list of fish.
 */
export function chooseColumns(segment: Segment): Columns | undefined {
  const { kinds, rows } = segment;
  const sure = kinds.indexOf("latin");
  let latin = sure;
  if (latin < 0) {
    // `Species` and `Taxonomy` head other things too: the cells must say that they are names.
    const shares = kinds.map((kind, column) => kind === "maybe-latin" ? share(rows, column) : 0);
    latin = shares.indexOf(Math.max(...shares));
    if ((shares[latin] ?? 0) < 0.5) return undefined;
  }
  const shift = shifted(segment, latin) ? 1 : 0;
  const at = (kind: ColumnKind) =>
    kinds.flatMap((found, column) => found === kind ? [column + shift] : []);
  const common = at("common").slice(0, 1);
  if (common.length === 0) {
    const nameless = unnamedColumn(segment, latin, shift);
    if (nameless !== undefined) common.push(nameless);
  }
  const [first] = common;
  const further = at("more-common");
  if (shift === 0 && first !== undefined && areMixedUp(rows, latin, first)) {
    return { latin: first, genus: undefined, common: [latin, ...further] };
  }
  return { latin: latin + shift, genus: at("genus")[0], common: [...common, ...further] };
}

/** Whether a row stands below the list: totals and remarks. */
export function isFoot({ element }: GridRow): boolean {
  return /(?:^|\s)sortbottom(?:\s|$)/.test(element.getAttribute("class") ?? "") ||
    element.parentElement?.tagName.toUpperCase() === "TFOOT";
}

/** A second row of headers, such as `min | max` below `Temperature`. */
export function isSubheader(row: GridRow): boolean {
  const cells = distinctCells(row);
  return cells.length > 1 && cells.every((cell) => isHeaderCell(cell) && !isRowHeader(cell));
}

function isRowHeader(cell: HtmlElement): boolean {
  return (cell.getAttribute("scope") ?? "").toLowerCase() === "row";
}

/** Whether the headers of two columns were mixed up: the cells say which holds Latin names. */
function areMixedUp(rows: Segment["rows"], latin: number, common: number): boolean {
  const slanted = share(rows, common, isSlanted);
  if (slanted > 0.7 && share(rows, common) > 0.7 && share(rows, latin, isSlanted) < 0.3) {
    return true;
  }
  // `Hujeta gar` has a Latin ending too: the difference counts.
  const there = share(rows, common);
  return there > 0.7 && share(rows, latin) < there - 0.4;
}

/** Whether the header row lacks its first cell, so that everything stands one column further. */
function shifted(segment: Segment, latin: number): boolean {
  const { rows, headerWidth } = segment;
  const wider = rows.filter(({ row }) => row.cells.length > headerWidth).length;
  if (rows.length === 0 || wider < rows.length * 0.8) return false;
  return share(rows, latin) < 0.3 && share(rows, latin + 1) > 0.6;
}

/** The column before the Latin name whose header is empty or missing: it holds the common names. */
function unnamedColumn(segment: Segment, latin: number, shift: number): number | undefined {
  if (shift === 1) return 0;
  const first = segment.rows[0]?.row.cells[0];
  if (latin === 0 || first === undefined) return undefined;
  return segment.kinds[0] === undefined ? 0 : undefined;
}

/** The share of a column's filled cells that look like Latin names, or as else is asked. */
function share(
  rows: Segment["rows"],
  column: number,
  test: (cell: HtmlElement) => boolean = looksLatin,
): number {
  const verdicts = rows.filter(({ row }) => !isFoot(row)).flatMap(({ row }) => {
    const cell = row.cells[column];
    if (cell === undefined || nameText(cell) === "") return [];
    return isSubheader(row) && !looksLatin(cell) ? [] : [test(cell)];
  });
  if (verdicts.length === 0) return 0;
  return verdicts.filter((yes) => yes).length / verdicts.length;
}
