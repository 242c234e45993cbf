/**
 * Tables for a terminal.
 *
 * @module
 */

import { stripAnsiCode } from "@std/fmt/colors";

/** Rows as lines of aligned columns; a column whose cells are all numbers is aligned right. */
export function table(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from(
    { length: columns },
    (_, column) => Math.max(...rows.map((row) => width(row[column] ?? ""))),
  );
  const numeric = widths.map((_, column) =>
    rows.slice(1).every((row) => /^-?[\d.,]*%?$/.test(stripAnsiCode(row[column] ?? "")))
  );
  return rows.map((row) =>
    row.map((cell, column) => {
      const space = " ".repeat((widths[column] ?? 0) - width(cell));
      return numeric[column] ? space + cell : cell + space;
    }).join("  ").trimEnd()
  ).join("\n");
}

function width(cell: string): number {
  return [...stripAnsiCode(cell)].length;
}
