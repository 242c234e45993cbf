/**
 * One table of an article: whether it lists fish, and the name cells of each of its rows.
 *
 * @module
 */

import { readLatinName } from "../latin_name.ts";
import { tidy } from "../name_text.ts";
import type { HtmlElement } from "../../web/html.ts";
import { nameText, shownText } from "./cell_text.ts";
import { chooseColumns, isFoot, isSubheader } from "./choose_columns.ts";
import type { Segment } from "./choose_columns.ts";
import { columnKind } from "./columns.ts";
import type { ColumnKind } from "./columns.ts";
import type { GridRow } from "./grid.ts";
import { distinctCells, isHeaderCell, tableGrid } from "./grid.ts";
import { looksLatin } from "./latin_cell.ts";
import { nameCells } from "./name_cells.ts";
import type { Columns, NameCells } from "./name_cells.ts";

/** What a table is. */
export interface ReadTable {
  /** The rows that name fish; empty for a table that is no list of fish. */
  readonly rows: readonly NameCells[];
  /** Whether a Latin-name column was found. */
  readonly listsFish: boolean;
  /** What stands in the first row, for a message about a page without fish. */
  readonly headers: readonly string[];
}

/** A heading row is short; a longer text across the table is a remark. */
const MAX_HEADING = 100;

/**
 * Reads a table.
 *
 * @param table The `table` element.
 */
export function readTable(table: HtmlElement): ReadTable {
  const grid = tableGrid(table);
  const segments = segmentsOf(grid);
  const rows: NameCells[] = [];
  let listsFish = false;
  for (const segment of segments) {
    const columns = chooseColumns(segment);
    if (columns === undefined) continue;
    listsFish = true;
    rows.push(...segmentRows(segment, columns));
  }
  const first = grid[0] === undefined ? [] : distinctCells(grid[0]).map(nameText);
  return { rows, listsFish, headers: first.filter((text) => text !== "" && text.length <= 40) };
}

function segmentsOf(grid: readonly GridRow[]): Segment[] {
  const segments: Segment[] = [];
  let heading: string | undefined;
  const width = Math.max(0, ...grid.map((row) => row.cells.length));
  for (const row of grid) {
    const kinds = headerKinds(row);
    const current = segments.at(-1);
    if (kinds !== undefined) {
      segments.push({ kinds, headerWidth: row.cells.length, rows: [] });
      continue;
    }
    const across = headingOf(row, current?.headerWidth ?? width);
    if (across !== undefined) heading = across.length <= MAX_HEADING ? across : heading;
    else current?.rows.push({ row, heading });
  }
  return segments;
}

/** What each column of a header row names, or nothing where the row is none. */
function headerKinds(row: GridRow): (ColumnKind | undefined)[] | undefined {
  const cells = distinctCells(row);
  const kindOf = new Map(cells.map((cell) => [cell, columnKind(headerName(cell))]));
  unheaded(cells, kindOf);
  const kinds = [...kindOf.values()];
  if (!kinds.includes("latin") && !kinds.includes("maybe-latin")) return undefined;
  const named = cells.filter((cell) => nameText(cell) !== "");
  const heads = row.inHead || named.every(isHeaderCell);
  const known = kinds.filter((kind) => kind !== undefined).length;
  if (!heads && known < 2) return undefined;
  return row.cells.map((cell) => cell === undefined ? undefined : kindOf.get(cell));
}

/** Where no header names the Latin column, an empty one between known ones may be its own. */
function unheaded(
  cells: readonly HtmlElement[],
  kindOf: Map<HtmlElement, ColumnKind | undefined>,
): void {
  const kinds = [...kindOf.values()];
  if (kinds.includes("latin") || kinds.includes("maybe-latin")) return;
  if (!kinds.includes("common") || !cells.every(isHeaderCell)) return;
  for (const cell of cells) if (nameText(cell) === "") kindOf.set(cell, "maybe-latin");
}

/** A header's text; `Common<br>name` is one. */
function headerName(cell: HtmlElement): string {
  return nameText(cell).replaceAll("\n", " ");
}

/** The text of a row that is one cell across the table. */
function headingOf(row: GridRow, width: number): string | undefined {
  const cells = distinctCells(row);
  const [cell] = cells;
  if (cells.length !== 1 || cell === undefined || width < 2) return undefined;
  const across = row.cells.length >= Math.max(2, Math.ceil(width / 2));
  if (!across && !isHeaderCell(cell)) return undefined;
  return nameText(cell).replaceAll("\n", " ");
}

function segmentRows(segment: Segment, columns: Columns): NameCells[] {
  const found: NameCells[] = [];
  let before: readonly (HtmlElement | undefined)[] = [];
  for (const { row, heading } of segment.rows) {
    const names = [row.cells[columns.latin], ...columns.common.map((column) => row.cells[column])];
    const filled = distinctCells(row).some((cell) => tidy(shownText(cell)) !== "");
    const again = names[0] !== undefined && names.every((cell, index) => cell === before[index]);
    before = names;
    // A row whose name cells all reach down from above says more of the same fish.
    if (!filled || again) continue;
    if (isSubheader(row) && (names[0] === undefined || !looksLatin(names[0]))) continue;
    const cells = nameCells(row, columns);
    if (isFoot(row) && readLatinName(cells.latin, cells.titles).search === undefined) continue;
    found.push(heading === undefined ? cells : { ...cells, heading });
  }
  return found;
}
