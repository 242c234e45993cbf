/**
 * A list of species that a person wrote: JSON lines, a table, or one Latin name a line.
 *
 * @module
 */

import { basename } from "@std/path";
import { diskFailure } from "../base/disk_failure.ts";
import { Failure, reason } from "../base/failure.ts";
import { csvRecords } from "./csv_records.ts";
import { listText } from "./list_text.ts";
import { csvColumns, headlessColumns, readCsvRecord } from "./species_csv.ts";
import { jsonFish, jsonLine, jsonList } from "./species_json.ts";
import { draftSpecies, mergeSpecies } from "./species_list.ts";
import type { SpeciesDraft } from "./species_list.ts";
import type { Species } from "./species.ts";

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
    if (thrown instanceof Deno.errors.IsADirectory) {
      throw new Failure(
        `Cannot read the species file ${path}: it is a folder; name a file in it.`,
        1,
        thrown,
      );
    }
    throw diskFailure(`read the species file ${path}`, thrown);
  }
  const input = parseSpeciesInput(textOf(bytes, path), basename(path));
  if (input.species.some(({ search }) => search !== undefined)) return input;
  const first = input.unused[0];
  const why = first !== undefined
    ? `line ${first.line}: ${first.reason}`
    : input.species[0]?.reason ?? "it is empty";
  throw new Failure(
    `Cannot use the species file ${path}: it names no fish (${why}). Write one Latin name a line, ` +
      `or CSV with a column “latin”, or JSON lines such as {"latin":"Betta splendens"}.`,
  );
}

function textOf(bytes: Uint8Array, path: string): string {
  try {
    return listText(bytes);
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown;
    throw new Failure(
      `Cannot use the species file ${path}: ${
        reason(thrown)
      }. It should be a text of Latin names, ` +
        `CSV or JSON lines.`,
      1,
      thrown,
    );
  }
}

/**
 * Reads the text of a list that a person wrote. A row with a common name and no Latin one stays on
 * the list with the reason, as on Wikipedia's.
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
      const { id, search, common, reason: why } = draft;
      if (search === undefined && id === undefined && common.length === 0) {
        throw new TypeError(why ?? "it names no fish");
      }
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
  const list = format === "jsonl" ? jsonList(plain) : undefined;
  if (format === "csv") readTable(plain, page, use);
  else if (list !== undefined) {
    list.forEach((value, index) =>
      use(index + 1, JSON.stringify(value) ?? "", () => jsonFish(value, page))
    );
  } else {
    plain.split(/\r\n|\n|\r/).forEach((line, index) => {
      const content = format === "text" ? withoutRemark(line) : line.trim();
      if (content === "" || /^(?:#|\/\/)/.test(content)) return;
      use(
        index + 1,
        line,
        () => format === "jsonl" ? jsonLine(content, page) : textLine(content, page),
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
  if (/^\s*(?:\{|\[\s*[{"])/.test(text)) return "jsonl";
  const cells = csvRecords(text.slice(0, 5000))[0]?.cells ?? [];
  return cells.length > 1 && csvColumns(cells) !== undefined ? "csv" : "text";
}

/** In how many records the header is looked for: there may be a title above it. */
const HEADER_WITHIN = 5;

function readTable(text: string, page: string, use: Use): void {
  const records = csvRecords(text);
  const header = records.slice(0, HEADER_WITHIN)
    .findIndex(({ cells }) => csvColumns(cells) !== undefined);
  const columns = csvColumns(records[header]?.cells ?? []) ??
    headlessColumns(records.slice(0, 20).map(({ cells }) => cells));
  for (const [index, { line, cells }] of records.entries()) {
    if (index === header) continue;
    use(line, cells.join(", "), () => {
      if (index < header) throw new TypeError("it stands above the header");
      if (columns === undefined) throw new TypeError("no column is headed “latin”");
      return readCsvRecord(cells, columns, page);
    });
  }
}

/** A line of a bare list, without bullet and number before and remark behind. */
function withoutRemark(line: string): string {
  return line.replace(/(?:^|\s)#(?!\d).*$/, "").replace(/^\s*(?:[-*•]|\d+[.)])\s+/, "").trim();
}

function textLine(line: string, page: string): SpeciesDraft {
  // Behind a tab or semicolon there may be common names, as pasted from a table.
  const [latin = "", ...common] = line.split(/[\t;]/).map((cell) => cell.trim());
  const cells = { latin, common: common.filter((cell) => cell !== "").join("; ") };
  return draftSpecies({ ...cells, verbatim: cells, group: [], page });
}

function brief(line: string): string {
  const text = line.trim();
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
