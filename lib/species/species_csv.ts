/**
 * The list as a spreadsheet.
 *
 * @module
 */

import { stringify } from "@std/csv";
import { readCommonNames } from "./common_names.ts";
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
  const maybe: number[] = [];
  header.forEach((cell, place) => {
    const name = headerText(cell).replaceAll(" ", "_");
    const own = COLUMNS.find((column) => column === name) ?? fieldOf(cell);
    if (own === "maybe-latin") maybe.push(place);
    else if (own !== undefined) columns[own] ??= place;
  });
  // `Species` beside `Scientific name` is not the Latin name.
  if (columns.latin === undefined && maybe[0] !== undefined) columns.latin = maybe[0];
  return columns.latin === undefined ? undefined : columns;
}

/**
 * Which field a header of a person's own names: `Scientific name`, `scientific_name` and
 * `scientificName` are alike.
 *
 * @param header The header.
 */
export function fieldOf(header: string): "latin" | "maybe-latin" | "genus" | "common" | undefined {
  const apart = header.replace(/(?<=\p{Ll})(?=\p{Lu})/gu, " ").replaceAll("_", " ");
  const kind = columnKind(apart);
  switch (kind) {
    case "latin":
    case "maybe-latin":
    case "genus":
    case "common":
      return kind;
    case "more-common":
      return "common";
  }
  const words = headerText(apart).split(" ");
  if (words.includes("latin") || words.includes("scientific")) return "latin";
  return words.includes("common") ? "common" : undefined;
}

/**
 * The columns of a file without a header: the one with most names of species is the Latin one.
 *
 * @param records The cells of the first records.
 * @returns The columns, or nothing where no column has Latin names.
 */
export function headlessColumns(records: readonly (readonly string[])[]): CsvColumns | undefined {
  const width = Math.max(0, ...records.map((cells) => cells.length));
  let latin: number | undefined;
  let most = 0;
  for (let column = 0; column < Math.min(width, 50); column++) {
    const names = records.map((cells) => readLatinName(cells[column] ?? "").rank);
    // A single word may be a genus, and many a common name is one.
    const score = names.reduce(
      (sum, rank) => sum + (rank === "unknown" ? 0 : rank === "genus" ? 0.1 : 1),
      0,
    );
    if (score > most) {
      latin = column;
      most = score;
    }
  }
  return latin === undefined ? undefined : { latin, common: latin === 0 ? 1 : 0 };
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
  const genus = cell("genus");
  const whole = genus !== "" && /^\p{Ll}/u.test(cell("latin"))
    ? `${genus} ${cell("latin")}`
    : cell("latin");
  const list = (name: string, sign: string) =>
    cell(name).split(sign).map((one) => one.trim()).filter((one) => one !== "");
  const common = list("common", AND.trim()).flatMap((name) =>
    columns.verbatim_common === undefined ? readCommonNames(name) : [name]
  );
  const verbatim = {
    common: columns.verbatim_common === undefined ? cell("common") : cell("verbatim_common"),
    latin: columns.verbatim_latin === undefined ? whole : cell("verbatim_latin"),
  };
  const given = Object.fromEntries(
    ["id", "latin", "rank", "search", "reason", "page"]
      .map((name) => [name, name === "latin" ? whole : cell(name)])
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
