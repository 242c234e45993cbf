/**
 * The list as a spreadsheet, and other people's spreadsheets as lists.
 *
 * @module
 */

import { parse } from "@std/csv";
import type { Species } from "./species.ts";
import { columnKind, headerText } from "./wikipedia/columns.ts";

/** Between the names in one cell; no common name holds a semicolon. */
const AND = "; ";
/** Between the levels of a group. */
const BELOW = " > ";
/** What stands in each column. */
const COLUMNS: Readonly<Record<string, (species: Species) => string>> = {
  id: ({ id }) => id,
  latin: ({ latin }) => latin,
  rank: ({ rank }) => rank,
  search: ({ search = "" }) => search,
  reason: ({ reason = "" }) => reason,
  also: ({ also = [] }) => also.join(AND),
  common: ({ common }) => common.join(AND),
  group: ({ group }) => group.join(BELOW),
  verbatim_common: ({ verbatim }) => verbatim.common,
  verbatim_latin: ({ verbatim }) => verbatim.latin,
  merged: ({ merged = [] }) => merged.map(({ common, latin }) => `${common} = ${latin}`).join(AND),
  page: ({ page }) => page,
};

/** What a spreadsheet may run as a formula, in wide letters too. */
const FORMULA = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/;

/** A cell that begins with an apostrophe where a spreadsheet would run it as a formula. */
export function withoutFormula(cell: string): string {
  return FORMULA.test(cell) ? `'${cell}` : cell;
}

/**
 * The list as CSV (RFC 4180) in UTF-8 with a byte order mark, by which spreadsheets recognise it.
 * Cells that a spreadsheet would run as a formula begin with an apostrophe, as one would type them.
 */
export function formatSpeciesCsv(species: readonly Species[]): string {
  const rows = species.map((each) => Object.values(COLUMNS).map((cellOf) => cellOf(each)));
  const lines = [Object.keys(COLUMNS), ...rows].map((cells) => cells.map(formatCell).join(","));
  return `\ufeff${lines.join("\r\n")}\r\n`;
}

function formatCell(text: string): string {
  const safe = text.startsWith("'") ? `'${text}` : withoutFormula(text);
  // A lone CR begins a new record in some spreadsheets.
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A record of a CSV file and the line it begins on, from 1. */
export interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * The records of a CSV file (RFC 4180) with commas, semicolons or tabs between the cells: whichever
 * the first record has most of. Lines that begin with `#` are comments.
 *
 * @throws {SyntaxError} If a quotation mark is not closed or not doubled.
 */
export function readCsv(text: string): CsvRecord[] {
  const plain = text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n");
  const lines = plain.split("\n");
  const isSkipped = (line: string | undefined) => line === "" || line?.startsWith("#") === true;
  const first = lines.find((line) => !isSkipped(line)) ?? "";
  const count = (sign: string) => first.replace(/"[^"]*"/g, "").split(sign).length;
  const separator = [";", "\t"].reduce(
    (best, sign) => count(sign) > count(best) ? sign : best,
    ",",
  );
  let at = 0;
  // The type is said here for projects that use this one as a library: they lack std.d.ts.
  const rows: string[][] = parse(plain, { separator, comment: "#" });
  return rows.map((cells) => {
    while (isSkipped(lines[at])) at++;
    const line = at + 1;
    at += cells.join("").split("\n").length;
    return { line, cells: cells.map(dropApostrophe) };
  }).filter(({ cells }) => cells.some((cell) => cell !== ""));
}

/** A cell without the apostrophe before a formula. */
function dropApostrophe(cell: string): string {
  const escaped = cell.startsWith("'") && (cell[1] === "'" || FORMULA.test(cell.slice(1)));
  return (escaped ? cell.slice(1) : cell).trim();
}

/** Which column holds which field. */
export type CsvColumns = Readonly<Record<string, number>>;

/** Which columns hold what, or nothing if the record is not a header with a Latin-name column. */
export function csvColumns(header: readonly string[]): CsvColumns | undefined {
  const columns = new Map<string, number>();
  for (const [place, cell] of header.entries()) {
    const field = cell === "id" ? "id" : fieldOf(cell);
    if (field !== undefined && !columns.has(field)) columns.set(field, place);
  }
  const { "maybe-latin": maybeLatin, ...fields } = Object.fromEntries(columns);
  // `Species` beside `Scientific name` is not the Latin name.
  const latin = fields.latin ?? maybeLatin;
  return latin === undefined ? undefined : { ...fields, latin };
}

/** `Scientific name`, `scientific_name` and `scientificName` head the same field. */
function fieldOf(header: string): "latin" | "maybe-latin" | "genus" | "common" | undefined {
  const spaced = header.replace(/(?<=\p{Ll})(?=\p{Lu})/gu, " ").replaceAll("_", " ");
  const kind = columnKind(spaced);
  if (kind === "more-common") return "common";
  if (kind !== undefined && kind !== "other") return kind;
  const words = headerText(spaced).split(" ");
  if (words.includes("latin") || words.includes("scientific")) return "latin";
  return words.includes("common") ? "common" : undefined;
}

/** Reads a record into the fields of `species.jsonl`, to be checked by `parseSpecies`. */
export function readCsvFields(
  cells: readonly string[],
  columns: CsvColumns,
): Record<string, unknown> {
  const cell = (name: string) => cells[columns[name] ?? -1] ?? "";
  const splitGenus = cell("genus") !== "" && /^\p{Ll}/u.test(cell("latin"));
  return {
    ...(cell("id") === "" ? {} : { id: cell("id") }),
    latin: splitGenus ? `${cell("genus")} ${cell("latin")}` : cell("latin"),
    common: cell("common"),
  };
}
