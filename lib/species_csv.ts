/**
 * The list as a spreadsheet.
 *
 * @module
 */

import { parse, stringify } from "@std/csv";
import { readCommonNames } from "./common_names.ts";
import { reason } from "./failure.ts";
import { readLatinName } from "./latin_name.ts";
import { parseSpeciesLine } from "./species_line.ts";
import type { SpeciesDraft } from "./species_list.ts";
import type { Species } from "./species.ts";
import { columnKind, headerText } from "./wikipedia/columns.ts";

const COLUMNS = [
  "id",
  "latin",
  "rank",
  "search",
  "reason",
  "also",
  "common",
  "group",
  "verbatim_common",
  "verbatim_latin",
  "merged",
  "page",
] as const;

/** Between the names of a list in one cell; no common name holds a semicolon. */
const AND = "; ";
/** Between the levels of a group. */
const BELOW = " > ";
/** What a spreadsheet may take for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * The list as CSV (RFC 4180), UTF-8 with a byte order mark, by which spreadsheets know it. Cells
 * that a spreadsheet would run as a formula begin with an apostrophe, as one would type them.
 *
 * @param species The list.
 */
export function formatSpeciesCsv(species: readonly Species[]): string {
  const rows = species.map((fish) =>
    [
      fish.id,
      fish.latin,
      fish.rank,
      fish.search ?? "",
      fish.reason ?? "",
      (fish.also ?? []).join(AND),
      fish.common.join(AND),
      fish.group.join(BELOW),
      fish.verbatim.common,
      fish.verbatim.latin,
      (fish.merged ?? []).map(({ common, latin }) => `${common} = ${latin}`).join(AND),
      fish.page,
    ].map((cell) => FORMULA.test(cell) || cell.startsWith("'") ? `'${cell}` : cell)
  );
  return stringify([COLUMNS, ...rows], { headers: false, bom: true, crlf: true });
}

/** A record of a CSV file and where it begins. */
export interface CsvRecord {
  /** The line, from 1. */
  readonly line: number;
  /** Its cells, or why it cannot be read. */
  readonly cells: readonly string[] | { readonly reason: string };
}

/**
 * The records of a CSV file, with commas, semicolons or tabs between the cells, whichever the first
 * record has most of.
 *
 * @param text The file's text.
 */
export function csvRecords(text: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  let separator: string | undefined;
  for (const { line, record } of rawRecords(text)) {
    separator ??= [",", ";", "\t"].map((sign) => ({ sign, count: record.split(sign).length }))
      .reduce((best, next) => next.count > best.count ? next : best).sign;
    records.push({ line, cells: cellsOf(record, separator) });
  }
  return records;
}

/** Cuts a text into records: a line break within quotation marks does not end one. */
function rawRecords(text: string): { line: number; record: string }[] {
  const records: { line: number; record: string }[] = [];
  let open = "";
  let begun = 1;
  let number = 0;
  for (const line of text.replace(/^\ufeff/, "").split(/\r\n|\n|\r/)) {
    number++;
    if (open === "") begun = number;
    const record = open === "" ? line : `${open}\n${line}`;
    const quotes = record.split('"').length - 1;
    if (quotes % 2 === 1) open = record;
    else {
      if (record.trim() !== "") records.push({ line: begun, record });
      open = "";
    }
  }
  if (open !== "") records.push({ line: begun, record: open });
  return records;
}

function cellsOf(record: string, separator: string): CsvRecord["cells"] {
  try {
    const [cells = []] = parse(record, { separator, skipFirstRow: false });
    return cells.map((cell) => cell.replace(/^'(?=[=+\-@\t\r'])/, "").trim());
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    return { reason: `its quotation marks do not match (${reason(thrown)})` };
  }
}

/** Which column holds which field. */
export type CsvColumns = Readonly<Record<string, number>>;

/**
 * What the columns of a CSV file are: those of `species.csv`, or of any table with a column for
 * the Latin name.
 *
 * @param header The cells of the first record.
 * @returns The columns, or nothing where the record is no header.
 */
export function csvColumns(header: readonly string[]): CsvColumns | undefined {
  const columns: Record<string, number> = {};
  header.forEach((cell, place) => {
    const name = headerText(cell).replaceAll(" ", "_");
    const own = COLUMNS.find((column) => column === name) ?? fieldOf(cell);
    if (own !== undefined) columns[own] ??= place;
  });
  return columns.latin === undefined ? undefined : columns;
}

function fieldOf(header: string): string | undefined {
  const words = headerText(header).split(" ");
  switch (columnKind(header)) {
    case "latin":
    case "maybe-latin":
      return "latin";
    case "common":
    case "more-common":
      return "common";
  }
  if (words.includes("latin") || words.includes("scientific")) return "latin";
  return words.includes("common") ? "common" : undefined;
}

/** The columns of a file without a header, where its first record begins with a Latin name. */
export function headlessColumns(first: readonly string[]): CsvColumns | undefined {
  const { rank } = readLatinName(first[0] ?? "");
  return rank === "unknown" ? undefined : { latin: 0, common: 1 };
}

/**
 * Reads a record.
 *
 * @param cells The record's cells.
 * @param columns Which is which.
 * @param page What `page` is where the record has none.
 * @throws {TypeError} As {@linkcode parseSpeciesLine}.
 */
export function readCsvRecord(
  cells: readonly string[],
  columns: CsvColumns,
  page: string,
): SpeciesDraft {
  const cell = (name: string) => cells[columns[name] ?? -1] ?? "";
  const list = (name: string, sign: string) =>
    cell(name).split(sign).map((one) => one.trim()).filter((one) => one !== "");
  const common = list("common", AND.trim()).flatMap((name) =>
    columns.verbatim_common === undefined ? readCommonNames(name) : [name]
  );
  const verbatim = {
    common: columns.verbatim_common === undefined ? cell("common") : cell("verbatim_common"),
    latin: columns.verbatim_latin === undefined ? cell("latin") : cell("verbatim_latin"),
  };
  const given = Object.fromEntries(
    ["id", "latin", "rank", "search", "reason", "page"].map((name) => [name, cell(name)])
      .filter(([, value]) => value !== ""),
  );
  const merged = list("merged", AND.trim()).map((row) => {
    const place = row.lastIndexOf(" = ");
    return {
      common: row.slice(0, Math.max(place, 0)),
      latin: row.slice(place < 0 ? 0 : place + 3),
    };
  });
  const also = list("also", AND.trim());
  const line = {
    ...given,
    ...(also.length === 0 ? {} : { also }),
    common,
    group: list("group", BELOW.trim()),
    verbatim,
    ...(merged.length === 0 ? {} : { merged }),
  };
  return parseSpeciesLine(JSON.stringify(line), page);
}
