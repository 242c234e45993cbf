/**
 * A list of species that a person wrote: JSON lines, a table, or one Latin name a line.
 *
 * @module
 */

import { basename } from "@std/path";
import { diskFailure } from "./dataset/disk_failure.ts";
import { Failure, reason } from "./failure.ts";
import { csvColumns, csvRecords, headlessColumns, readCsvRecord } from "./species_csv.ts";
import type { CsvColumns } from "./species_csv.ts";
import { draftSpecies, mergeSpecies } from "./species_list.ts";
import type { SpeciesDraft } from "./species_list.ts";
import { parseSpeciesLine } from "./species_line.ts";
import type { Species } from "./species.ts";
import { decodeHtml } from "./web/html.ts";

/** A line of the file that cannot be used. */
export interface UnusedLine {
  /** The line, from 1. */
  readonly line: number;
  /** What it says, cut short. */
  readonly text: string;
  /** Why it cannot be used. */
  readonly reason: string;
}

/** What a person's list comes to. */
export interface SpeciesInput {
  /** The fish. */
  readonly species: readonly Species[];
  /** The lines that could not be used. */
  readonly unused: readonly UnusedLine[];
}

/** How a list is written. */
type Format = "jsonl" | "csv" | "text";

/**
 * Reads a list that a person wrote.
 *
 * @param path The file: `.jsonl`, `.csv`, `.tsv`, or text with one Latin name a line; `#` begins a
 * remark. By another ending, what it holds tells.
 * @throws {Failure} When it cannot be read or not one of its lines can be used.
 *
 * @example
 * ```ts
 * import { readSpeciesInput } from "./species_input.ts";
 *
 * const { species, unused } = await readSpeciesInput("my-fish.txt");
 * for (const { line, reason } of unused) console.error(`line ${line}: ${reason}`);
 * ```
 */
export async function readSpeciesInput(path: string): Promise<SpeciesInput> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) {
      throw new Failure(`Cannot read the species file ${path}: there is no such file.`, 1, thrown);
    }
    throw diskFailure(`read the species file ${path}`, thrown);
  }
  const input = parseSpeciesInput(decodeHtml(bytes), basename(path));
  if (input.species.length > 0) return input;
  const first = input.unused[0];
  const why = first === undefined ? "it is empty" : `line ${first.line}: ${first.reason}`;
  throw new Failure(
    `Cannot use the species file ${path}: it names no fish (${why}). Write one Latin name a line, ` +
      `or CSV with a column “latin”, or JSON lines such as {"latin":"Betta splendens"}.`,
  );
}

/**
 * Reads the text of a list that a person wrote.
 *
 * @param text The text.
 * @param name The file's name; its ending tells the format.
 */
export function parseSpeciesInput(text: string, name: string): SpeciesInput {
  const page = `file:${name}`;
  const unused: UnusedLine[] = [];
  const drafts: SpeciesDraft[] = [];
  const ids = new Map<string, number>();
  const use = (line: number, verbatim: string, read: () => SpeciesDraft) => {
    try {
      const draft = read();
      const { id, search, reason: why } = draft;
      if (search === undefined && id === undefined) throw new TypeError(why ?? "it names no fish");
      const before = id === undefined ? undefined : ids.get(id);
      if (before !== undefined) throw new TypeError(`its id ${id} is on line ${before} too`);
      if (id !== undefined) ids.set(id, line);
      drafts.push(draft);
    } catch (thrown) {
      if (!(thrown instanceof TypeError)) throw thrown;
      unused.push({ line, text: brief(verbatim), reason: reason(thrown) });
    }
  };
  const plain = text.replace(/^\ufeff/, "");
  const format = formatOf(plain, name);
  if (format === "csv") readTable(plain, page, use);
  else {
    plain.split(/\r\n|\n|\r/).forEach((line, index) => {
      const content = format === "text" ? withoutRemark(line) : line.trim();
      if (content === "") return;
      use(
        index + 1,
        line,
        () => format === "jsonl" ? parseSpeciesLine(content, page) : textLine(content, page),
      );
    });
  }
  return { species: mergeSpecies(drafts), unused };
}

type Use = (line: number, verbatim: string, read: () => SpeciesDraft) => void;

function formatOf(text: string, name: string): Format {
  const ending = /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase();
  if (ending === "jsonl" || ending === "ndjson" || ending === "json") return "jsonl";
  if (ending === "csv" || ending === "tsv") return "csv";
  if (/^\s*\{/.test(text)) return "jsonl";
  const first = csvRecords(text.split(/\r\n|\n|\r/).find((line) => line.trim() !== "") ?? "")[0];
  const cells = Array.isArray(first?.cells) ? first.cells : [];
  return cells.length > 1 && csvColumns(cells) !== undefined ? "csv" : "text";
}

function readTable(text: string, page: string, use: Use): void {
  let columns: CsvColumns | undefined;
  for (const { line, cells } of csvRecords(text)) {
    if ("reason" in cells) {
      use(line, "", () => {
        throw new TypeError(cells.reason);
      });
      continue;
    }
    if (cells.every((cell) => cell === "")) continue;
    if (columns === undefined) {
      columns = csvColumns(cells);
      if (columns !== undefined) continue;
      columns = headlessColumns(cells);
    }
    const known = columns;
    use(line, cells.join(", "), () => {
      if (known === undefined) throw new TypeError("no column is headed “latin”");
      return readCsvRecord(cells, known, page);
    });
  }
}

/** A line of a bare list, without bullet and number before and remark behind. */
function withoutRemark(line: string): string {
  return line.replace(/(?:^|\s)#.*$/, "").replace(/^\s*(?:[-*•]|\d+[.)])\s+/, "").trim();
}

function textLine(line: string, page: string): SpeciesDraft {
  // Behind a tab there may be common names, as pasted from a table.
  const [latin = "", ...common] = line.split("\t").map((cell) => cell.trim());
  const cells = { latin, common: common.filter((cell) => cell !== "").join("; ") };
  return draftSpecies({ ...cells, verbatim: cells, group: [], page });
}

function brief(line: string): string {
  const text = line.trim();
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
