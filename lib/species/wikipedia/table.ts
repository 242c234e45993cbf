/**
 * One table of an article: whether it lists species, and the name cells of its rows.
 *
 * @module
 */

import type { HtmlElement } from "../../web/html.ts";
import { type ColumnKind, columnKind } from "./columns.ts";
import { looksLatin, type NamedCells, nameText, shownText, spellOut, splitCell } from "./names.ts";

export interface TableRow extends NamedCells {
  /** The heading row within the table above this row, if there is one. */
  readonly heading?: string;
}

export interface ReadTable {
  /** The rows that name species, or nothing if no column holds Latin names. */
  readonly rows?: readonly TableRow[];
  /** The cells of the first row, for a message about a page without species. */
  readonly headers: readonly string[];
}

/** Longer texts across the table are remarks, not headings. */
const MAX_HEADING = 100;

export function readTable(table: HtmlElement): ReadTable {
  const grid = layOut(table);
  const first = grid[0] === undefined ? [] : distinctCells(grid[0]).map(nameText);
  const headers = first.filter((text) => text !== "" && text.length <= 40);
  const lists = splitAtHeaders(grid).flatMap((part) => {
    const columns = chooseColumns(part);
    return columns === undefined ? [] : [readRows(part, columns)];
  });
  return lists.length === 0 ? { headers } : { headers, rows: lists.flat() };
}

/** A row by columns: a cell that spans several columns or rows stands in each of them. */
interface GridRow {
  readonly cells: readonly (HtmlElement | undefined)[];
  /** Whether it stands in the `thead`. */
  readonly inHead: boolean;
}

/** How many columns are read. Spans may give any number. */
const MAX_COLUMNS = 200;

/** Lays a table out as browsers do; rows of tables within its cells are not among its rows. */
export function layOut(table: HtmlElement): GridRow[] {
  const grid: GridRow[] = [];
  for (const part of table.children) {
    const tag = part.tagName.toUpperCase();
    if (/^T(?:HEAD|BODY|FOOT)$/.test(tag)) grid.push(...layOutSection(part, tag));
  }
  return grid;
}

function layOutSection(section: HtmlElement, tag: string): GridRow[] {
  const grid: GridRow[] = [];
  // By column: the cell that reaches down from above, and for how many more rows.
  const hanging: ({ cell: HtmlElement; rows: number } | undefined)[] = [];
  for (const element of section.children) {
    const cells: (HtmlElement | undefined)[] = [];
    const reachesDown = (column: number): boolean => {
      const above = hanging[column];
      if (above === undefined || above.rows-- <= 0) return false;
      cells[column] = above.cell;
      return true;
    };
    let column = 0;
    for (const cell of [...element.children].filter(({ tagName }) => /^T[HD]$/i.test(tagName))) {
      while (reachesDown(column)) column++;
      // rowspan="0" reaches down to the end of the section.
      const rows = spanOf(cell, "rowspan") || Infinity;
      const end = Math.min(column + (spanOf(cell, "colspan") || 1), MAX_COLUMNS);
      for (; column < end; column++) {
        cells[column] = cell;
        hanging[column] = { cell, rows: rows - 1 };
      }
    }
    for (; column < hanging.length; column++) reachesDown(column);
    grid.push({ cells: Array.from(cells), inHead: tag === "THEAD" });
  }
  return grid;
}

function spanOf(cell: HtmlElement, name: "rowspan" | "colspan"): number {
  return Number(/^\s*(\d{1,5})/.exec(cell.getAttribute(name) ?? "")?.[1] ?? 1);
}

function distinctCells(row: GridRow): HtmlElement[] {
  return [...new Set(row.cells)].filter((cell) => cell !== undefined);
}

function isHeaderCell(cell: HtmlElement): boolean {
  return cell.tagName.toUpperCase() === "TH";
}

/** A header row and the rows below it, down to the next header row. */
interface TablePart {
  readonly kinds: readonly (ColumnKind | undefined)[];
  /** The rows, each with the heading within the table that stands above it. */
  readonly rows: { readonly row: GridRow; readonly heading: string | undefined }[];
}

function splitAtHeaders(grid: readonly GridRow[]): TablePart[] {
  const parts: TablePart[] = [];
  let heading: string | undefined;
  for (const row of grid) {
    const kinds = headerKinds(row);
    const part = parts.at(-1);
    const across = headingOf(row, part?.kinds.length ?? row.cells.length);
    if (kinds !== undefined) parts.push({ kinds, rows: [] });
    else if (across === undefined) part?.rows.push({ row, heading });
    else if (across.length <= MAX_HEADING) heading = across;
  }
  return parts;
}

/** What each column of a header row holds, or nothing if the row is not a header row. */
function headerKinds(row: GridRow): (ColumnKind | undefined)[] | undefined {
  const cells = distinctCells(row);
  const kindOf = new Map(cells.map((cell) => [cell, columnKind(nameText(cell))]));
  const kinds = [...kindOf.values()];
  if (!kinds.includes("latin") && !kinds.includes("maybe-latin")) return undefined;
  const isHeader = row.inHead ||
    cells.filter((cell) => nameText(cell) !== "").every(isHeaderCell) ||
    kinds.filter((kind) => kind !== undefined).length > 1;
  if (!isHeader) return undefined;
  return row.cells.map((cell) => cell === undefined ? undefined : kindOf.get(cell));
}

/** The text of a row that is one cell across the table. */
function headingOf(row: GridRow, width: number): string | undefined {
  const [cell, ...others] = distinctCells(row);
  if (cell === undefined || others.length > 0 || width < 2) return undefined;
  const across = row.cells.length >= Math.max(2, width / 2) || isHeaderCell(cell);
  return across ? nameText(cell).replaceAll("\n", " ") : undefined;
}

/** The columns that hold the names, by place. */
interface Columns {
  readonly latin: number;
  readonly genus: number | undefined;
  readonly common: readonly number[];
}

function chooseColumns({ kinds, rows }: TablePart): Columns | undefined {
  let latin = kinds.indexOf("latin");
  if (latin < 0) {
    // `Species` and `Taxonomy` head other columns too: half of the cells must be Latin names.
    const shares = kinds.map((kind, column) =>
      kind === "maybe-latin" ? shareOfLatin(rows, column) : 0
    );
    latin = shares.indexOf(Math.max(...shares));
    if ((shares[latin] ?? 0) < 0.5) return undefined;
  }
  const at = (kind: ColumnKind) => kinds.flatMap((found, column) => found === kind ? [column] : []);
  return {
    latin,
    genus: at("genus")[0],
    common: [...at("common").slice(0, 1), ...at("more-common")],
  };
}

function shareOfLatin(rows: TablePart["rows"], column: number): number {
  const cells = rows.map(({ row }) => row.cells[column])
    .filter((cell) => cell !== undefined).filter((cell) => nameText(cell) !== "");
  return cells.length === 0 ? 0 : cells.filter(looksLatin).length / cells.length;
}

function readRows({ rows }: TablePart, columns: Columns): TableRow[] {
  const found: TableRow[] = [];
  let before: readonly (HtmlElement | undefined)[] = [];
  for (const { row, heading } of rows) {
    const latin = row.cells[columns.latin];
    const names = [latin, ...columns.common.map((column) => row.cells[column])];
    const isEmpty = distinctCells(row).every((cell) => nameText(cell) === "");
    // A row whose name cells all span from above continues the same species.
    const isSame = latin !== undefined && names.every((cell, index) => cell === before[index]);
    before = names;
    if (isEmpty || isSame) continue;
    const cells = readNames(row, columns);
    found.push(heading === undefined ? cells : { ...cells, heading });
  }
  return found;
}

function readNames(row: GridRow, columns: Columns): NamedCells {
  const cell = row.cells[columns.latin];
  const commonCells = [...new Set(columns.common.map((column) => row.cells[column]))]
    .filter((each) => each !== undefined).filter((each) => each !== cell);
  const textOf = (read: (cell: HtmlElement) => string, separator: string) =>
    commonCells.map(read).filter((text) => text !== "").join(separator);
  const common = textOf(nameText, "\n");
  const verbatim = { common: textOf(shownText, "; "), latin: "" };
  if (cell === undefined) return { latin: "", common, verbatim };
  const latin = spellOut(nameText(cell), cell);
  verbatim.latin = shownText(cell);
  const genusCell = columns.genus === undefined ? undefined : row.cells[columns.genus];
  const genus = genusCell === undefined ? "" : nameText(genusCell);
  // The genus in a column of its own, the epithet in the next.
  if (/^\p{Lu}\p{Ll}+$/u.test(genus) && /^(?:\p{Ll}|\p{Lu}\. )/u.test(latin)) {
    verbatim.latin = `${genus} ${verbatim.latin}`;
    return { latin: `${genus} ${latin.replace(/^\p{Lu}\. /u, "")}`, common, verbatim };
  }
  const both = commonCells.length === 0 ? splitCell(cell) : undefined;
  return { latin, common, ...both, verbatim };
}
