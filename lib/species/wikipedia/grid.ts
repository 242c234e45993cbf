/**
 * A table as the grid that a browser lays out: cells that span rows and columns stand in each of
 * their places.
 *
 * @module
 */

import type { HtmlElement } from "../../web/html.ts";

/** The most columns that are read; wider tables hold no fish, spans may say anything. */
const MAX_COLUMNS = 200;

/** One row: what stands in each column, left to right. Places that no cell fills are `undefined`. */
export interface GridRow {
  /** The `tr`. */
  readonly element: HtmlElement;
  /** Cells by column; a spanning cell stands in several. */
  readonly cells: readonly (HtmlElement | undefined)[];
  /** Whether the row stands in `thead`. */
  readonly inHead: boolean;
}

/** A table's own rows; those of tables within its cells are not among them. */
export function tableRows(table: HtmlElement): { row: HtmlElement; section: HtmlElement }[] {
  const rows: { row: HtmlElement; section: HtmlElement }[] = [];
  for (const child of table.children) {
    const tag = child.tagName.toUpperCase();
    if (tag === "TR") rows.push({ row: child, section: table });
    if (tag !== "TBODY" && tag !== "THEAD" && tag !== "TFOOT") continue;
    for (const row of child.children) {
      if (row.tagName.toUpperCase() === "TR") rows.push({ row, section: child });
    }
  }
  return rows;
}

/** The cells that stand in a row of the markup. */
export function rowCells(row: HtmlElement): HtmlElement[] {
  return [...row.children].filter((cell) => /^T[HD]$/i.test(cell.tagName));
}

/** Lays a table out. Spans end with their row group, as in browsers. */
export function tableGrid(table: HtmlElement): GridRow[] {
  const grid: GridRow[] = [];
  let section: HtmlElement | undefined;
  // By column: the cell that reaches down from above, and for how many rows yet.
  let hanging: ({ cell: HtmlElement; rows: number } | undefined)[] = [];
  for (const { row, section: own } of tableRows(table)) {
    if (own !== section) hanging = [];
    section = own;
    const cells: (HtmlElement | undefined)[] = [];
    const reach = (column: number): boolean => {
      const above = hanging[column];
      if (above === undefined || above.rows <= 0) return false;
      cells[column] = above.cell;
      above.rows--;
      return true;
    };
    let column = 0;
    for (const cell of rowCells(row)) {
      while (reach(column)) column++;
      const width = span(cell, "colspan", 1000) || 1;
      // 0 means down to the end of the group.
      const rows = span(cell, "rowspan", 65534) || 65534;
      const end = Math.min(column + width, MAX_COLUMNS);
      for (; column < end; column++) {
        cells[column] = cell;
        hanging[column] = rows > 1 ? { cell, rows: rows - 1 } : undefined;
      }
      if (column >= MAX_COLUMNS) break;
    }
    for (; column < hanging.length; column++) reach(column);
    grid.push({
      element: row,
      cells: Array.from(cells),
      inHead: own.tagName.toUpperCase() === "THEAD",
    });
  }
  return grid;
}

/** The cells of a row, each once, left to right. */
export function distinctCells(row: GridRow): HtmlElement[] {
  return [...new Set(row.cells)].filter((cell) => cell !== undefined);
}

/** Whether a cell is a `th`. */
export function isHeaderCell(cell: HtmlElement): boolean {
  return cell.tagName.toUpperCase() === "TH";
}

function span(cell: HtmlElement, name: string, most: number): number {
  const value = /^\s*\+?(\d+)/.exec(cell.getAttribute(name) ?? "")?.[1];
  return value === undefined ? 1 : Math.min(Number(value), most);
}
