/**
 * One table of an article: whether it lists fish, and the name cells of each of its rows.
 *
 * @module
 */

import { readLatinName } from "../latin_name.ts";
import { LATIN_ENDING } from "../latin_vocabulary.ts";
import { tidy } from "../name_text.ts";
import type { HtmlElement } from "../web/html.ts";
import { linkTitles, nameText, shownText } from "./cell_text.ts";
import { columnKind } from "./columns.ts";
import type { ColumnKind } from "./columns.ts";
import type { GridRow } from "./grid.ts";
import { tableGrid } from "./grid.ts";
import { bothNames, nameCells } from "./name_cells.ts";
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

/** A header row and the rows below it, down to the next. */
interface Segment {
  readonly kinds: readonly (ColumnKind | undefined)[];
  readonly headerWidth: number;
  readonly rows: { readonly row: GridRow; readonly heading: string | undefined }[];
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
    const columns = columnsOf(segment);
    if (columns === undefined) continue;
    listsFish = true;
    rows.push(...segmentRows(segment, columns));
  }
  const first = grid[0] === undefined ? [] : distinct(grid[0]).map(nameText);
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
    else if (current !== undefined && !isSubheader(row)) current.rows.push({ row, heading });
  }
  return segments;
}

function distinct(row: GridRow): HtmlElement[] {
  return [...new Set(row.cells)].filter((cell) => cell !== undefined);
}

function isHeaderCell(cell: HtmlElement): boolean {
  return cell.tagName.toUpperCase() === "TH";
}

/** What each column of a header row names, or nothing where the row is none. */
function headerKinds(row: GridRow): (ColumnKind | undefined)[] | undefined {
  const cells = distinct(row);
  const kindOf = new Map(cells.map((cell) => [cell, columnKind(headerName(cell))]));
  const kinds = [...kindOf.values()];
  if (!kinds.includes("latin") && !kinds.includes("maybe-latin")) return undefined;
  const named = cells.filter((cell) => nameText(cell) !== "");
  const heads = row.inHead || named.every(isHeaderCell);
  const known = kinds.filter((kind) => kind !== undefined).length;
  if (!heads && known < 2) return undefined;
  return row.cells.map((cell) => cell === undefined ? undefined : kindOf.get(cell));
}

/** A header's text; `Common<br>name` is one. */
function headerName(cell: HtmlElement): string {
  return nameText(cell).replaceAll("\n", " ");
}

/** A second row of headers, such as `min | max` below `Temperature`. */
function isSubheader(row: GridRow): boolean {
  const cells = distinct(row);
  return cells.length > 1 && cells.every((cell) => isHeaderCell(cell) && !isRowHeader(cell));
}

function isRowHeader(cell: HtmlElement): boolean {
  return (cell.getAttribute("scope") ?? "").toLowerCase() === "row";
}

/** The text of a row that is one cell across the table. */
function headingOf(row: GridRow, width: number): string | undefined {
  const cells = distinct(row);
  const [cell] = cells;
  if (cells.length !== 1 || cell === undefined || width < 2) return undefined;
  const across = row.cells.length >= Math.max(2, Math.ceil(width / 2));
  if (!across && !isHeaderCell(cell)) return undefined;
  return nameText(cell).replaceAll("\n", " ");
}

function columnsOf(segment: Segment): Columns | undefined {
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
  return { latin: latin + shift, genus: at("genus")[0], common: [...common, ...at("more-common")] };
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

/** The share of a column's filled cells that look like Latin names. */
function share(rows: Segment["rows"], column: number): number {
  const cells = rows.filter(({ row }) => !isFoot(row)).map(({ row }) => row.cells[column])
    .filter((cell) => cell !== undefined);
  const filled = cells.filter((cell) => nameText(cell) !== "");
  if (filled.length === 0) return 0;
  return filled.filter(looksLatin).length / filled.length;
}

function looksLatin(cell: HtmlElement): boolean {
  const text = nameText(cell);
  const name = readLatinName(text, linkTitles(cell));
  if (/^\p{Ll}+$/u.test(text) && LATIN_ENDING.test(text)) return true;
  if (name.latin === "") return bothNames(cell, text) !== undefined;
  return cell.querySelector("i, em") !== null || isLatinish(name.latin);
}

/** Whether a name's words have Latin endings. */
function isLatinish(name: string): boolean {
  const [, epithet = ""] = name.split(" ");
  return LATIN_ENDING.test(epithet) || /^(?:spp?|cf|aff)\.$/.test(epithet);
}

function segmentRows(segment: Segment, columns: Columns): NameCells[] {
  const found: NameCells[] = [];
  let before: readonly (HtmlElement | undefined)[] = [];
  for (const { row, heading } of segment.rows) {
    const names = [row.cells[columns.latin], ...columns.common.map((column) => row.cells[column])];
    const filled = distinct(row).some((cell) => tidy(shownText(cell)) !== "");
    const again = names[0] !== undefined && names.every((cell, index) => cell === before[index]);
    before = names;
    // A row whose name cells all reach down from above says more of the same fish.
    if (!filled || again) continue;
    const cells = nameCells(row, columns);
    if (isFoot(row) && readLatinName(cells.latin, cells.titles).search === undefined) continue;
    found.push(heading === undefined ? cells : { ...cells, heading });
  }
  return found;
}

/** Whether a row stands below the list: totals and remarks. */
function isFoot({ element }: GridRow): boolean {
  return /(?:^|\s)sortbottom(?:\s|$)/.test(element.getAttribute("class") ?? "") ||
    element.parentElement?.tagName.toUpperCase() === "TFOOT";
}
