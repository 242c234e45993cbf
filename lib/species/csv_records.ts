/**
 * The records of a CSV file, as people and spreadsheets write them.
 *
 * @module
 */

/** A record of a CSV file and where it begins. */
export interface CsvRecord {
  /** The line, from 1. */
  readonly line: number;
  /** Its cells. */
  readonly cells: readonly string[];
}

/** What may stand between cells, the likelier first. */
const SEPARATORS = [",", ";", "\t", "|"] as const;

/**
 * The records of a CSV file, with commas, semicolons, tabs or bars between the cells, whichever the
 * first record has most of, or the one that a first line `sep=;` names. Lines that begin with `#`
 * are remarks.
 *
 * A quotation mark opens a cell only at its beginning and only where another closes it: `3" tank`
 * and a mark that somebody forgot stay what they are, and take no other line with them.
 *
 * @param text The file's text.
 *
 * @example
 * ```ts
 * import { csvRecords } from "./csv_records.ts";
 *
 * console.log(csvRecords('latin;size\nBetta splendens;3"')[1]?.cells); // [ "Betta splendens", '3"' ]
 * ```
 */
export function csvRecords(text: string): CsvRecord[] {
  const lines = text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n");
  const named = /^sep=(.)(?:\n|$)/i.exec(lines)?.[1];
  const records: CsvRecord[] = [];
  let separator = named;
  let place = named === undefined ? 0 : 6;
  let line = named === undefined ? 1 : 2;
  while (place < lines.length) {
    const end = endOfLine(lines, place);
    const written = lines.slice(place, end);
    if (written.trim() === "" || written.trimStart().startsWith("#")) {
      place = end + 1;
      line++;
      continue;
    }
    separator ??= usedMost(written);
    const { cells, next } = readRecord(lines, place, separator);
    if (cells.some((cell) => cell !== "")) records.push({ line, cells });
    for (let at = place; at < next; at++) if (lines[at] === "\n") line++;
    place = next;
  }
  return records;
}

function endOfLine(text: string, place: number): number {
  const end = text.indexOf("\n", place);
  return end < 0 ? text.length : end;
}

function usedMost(line: string): string {
  const bare = line.replace(/"[^"]*"/g, "");
  return SEPARATORS.map((sign) => ({ sign, count: bare.split(sign).length }))
    .reduce((best, next) => next.count > best.count ? next : best).sign;
}

/** Reads the record that begins at a place; `next` is where the next begins. */
function readRecord(
  text: string,
  place: number,
  separator: string,
): { cells: string[]; next: number } {
  const cells: string[] = [];
  for (let at = place;;) {
    const quoted = quotedCell(text, at, separator);
    const end = quoted?.end ?? endOfCell(text, at, separator);
    // An apostrophe before a formula is the spreadsheet's, not the cell's.
    cells.push((quoted?.cell ?? text.slice(at, end)).replace(/^'(?=[=+\-@\t\r'])/, "").trim());
    if (text[end] !== separator) return { cells, next: end + 1 };
    at = end + 1;
  }
}

function endOfCell(text: string, place: number, separator: string): number {
  let at = place;
  while (at < text.length && text[at] !== separator && text[at] !== "\n") at++;
  return at;
}

function quotedCell(
  text: string,
  place: number,
  separator: string,
): { cell: string; end: number } | undefined {
  const begin = /^ *"/.exec(text.slice(place, place + 40))?.[0].length;
  if (begin === undefined) return undefined;
  for (let at = text.indexOf('"', place + begin); at >= 0;) {
    if (text[at + 1] === '"') {
      at = text.indexOf('"', at + 2);
      continue;
    }
    let end = at + 1;
    while (text[end] === " ") end++;
    const closes = end >= text.length || text[end] === separator || text[end] === "\n";
    // A mark within marks: the first one was meant as itself, or closed by nobody.
    if (!closes) return undefined;
    return { cell: text.slice(place + begin, at).replaceAll('""', '"'), end };
  }
  return undefined;
}
