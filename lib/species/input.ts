/**
 * A list of species that a person wrote: JSON lines, a table, or one Latin name a line.
 *
 * @module
 */

import { basename } from "@std/path";
import { diskFailure } from "../base/disk_failure.ts";
import { Failure } from "../base/failure.ts";
import { decodeHtml } from "../web/html.ts";
import { csvColumns, type CsvRecord, readCsv, readCsvFields } from "./csv.ts";
import {
  type Entry,
  parseSpecies,
  parseSpeciesLine,
  readEntries,
  type UnusedLine,
} from "./file.ts";
import { draftSpecies, mergeSpecies } from "./list.ts";
import { createLookup, suggest } from "./lookup.ts";
import type { Species, SpeciesDraft } from "./species.ts";

/** A common name in the file and the species it was understood as. */
export interface TakenName {
  readonly line: number;
  readonly name: string;
  readonly species: Species;
}

/** What a person's list holds. */
export interface SpeciesInput {
  readonly species: readonly Species[];
  readonly unused: readonly UnusedLine[];
  readonly taken: readonly TakenName[];
}

/**
 * Reads a list that a person wrote.
 *
 * @throws {Failure} If it cannot be read or not one of its lines can be used.
 */
export async function readSpeciesInput(
  path: string,
  known: readonly Species[] = [],
): Promise<SpeciesInput> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (thrown) {
    const why = thrown instanceof Deno.errors.NotFound
      ? "there is no such file"
      : thrown instanceof Deno.errors.IsADirectory
      ? "it is a folder; name a file in it"
      : undefined;
    if (why === undefined) throw diskFailure(`read the species file ${path}`, thrown);
    throw new Failure(`Cannot read the species file ${path}: ${why}.`, 1, thrown);
  }
  const other = otherFormat(bytes);
  if (other !== undefined) {
    throw new Failure(
      `Cannot use the species file ${path}: it is ${other}. It should be a text of Latin names, ` +
        `CSV or JSON lines.`,
    );
  }
  const input = parseSpeciesInput(decodeHtml(bytes), path, known);
  if (input.species.some(({ search }) => search !== undefined)) return input;
  const [first] = input.unused;
  const why = first !== undefined
    ? `line ${first.line}: ${first.reason}`
    : input.species[0]?.reason ?? "it is empty";
  throw new Failure(
    `Cannot use the species file ${path}: it names no species (${why}). Write one Latin name a ` +
      `line, or CSV with a column “latin”, or JSON lines such as {"latin":"Betta splendens"}.`,
  );
}

/** What a file is that cannot be a list, with what to do instead. */
function otherFormat(bytes: Uint8Array): string | undefined {
  const begin = String.fromCharCode(...bytes.subarray(0, 1000));
  if (begin.startsWith("PK\x03\x04")) {
    return "a workbook or another zip archive; save the sheet as CSV";
  }
  if (/^\s*<(?:!doctype html|html)\b/i.test(begin)) {
    return "a web page; give the page's address with --list";
  }
  const wide = /^(?:\xff\xfe|\xfe\xff)/.test(begin);
  return begin.includes("\0") && !wide ? "not a text" : undefined;
}

/**
 * Reads the text of a list that a person wrote. A row with a common name and no Latin one stays on
 * the list with the reason, as on Wikipedia's.
 */
export function parseSpeciesInput(
  text: string,
  path: string,
  known: readonly Species[] = [],
): SpeciesInput {
  const page = `file:${basename(path)}`;
  const content = text.replace(/^\ufeff/, "");
  const format = formatOf(content, path);
  const entries = format === "json"
    ? linesOf(content).map((each) => ({ ...each, read: () => parseSpeciesLine(each.text, page) }))
    : format === "csv"
    ? csvEntries(content, path, page)
    : textEntries(content, page);
  const taken: TakenName[] = [];
  const findByCommonName = createFinder(known);
  const { drafts, unused } = readEntries(entries.map(({ line, text, read }) => ({
    line,
    text,
    read() {
      const draft = read();
      const name = draft.verbatim.latin.trim() || (draft.common[0] ?? "");
      const species = findByCommonName(name, draft);
      if (species === undefined) return draft;
      taken.push({ line, name, species });
      const { id: _, merged: __, ...named } = species;
      return { ...named, page: draft.page, verbatim: draft.verbatim };
    },
  })));
  return { species: mergeSpecies(drafts), unused, taken };
}

/**
 * Prepares to find the species of the known list whose common name an entry gives. What it returns
 * gives nothing if the entry stands for itself, and throws a TypeError if the entry has neither a
 * Latin name nor a common name that is known.
 */
function createFinder(known: readonly Species[]) {
  const lookUp = createLookup(known);
  const genera = new Set(known.map(({ latin }) => latin.split(" ")[0]));
  return (
    name: string,
    { id, latin, rank, search, common, reason }: SpeciesDraft,
  ): Species | undefined => {
    if (id !== undefined || rank === "genus" && genera.has(latin)) return undefined;
    const found = lookUp(name);
    if (found.kind === "found") return found.by === "common" ? found.species : undefined;
    if (found.kind === "ambiguous") {
      if (search === undefined && common.length > 0) return undefined;
      const names = found.species.map(({ latin }) => latin).join(", ");
      throw new TypeError(`it is the common name of ${names}: give the Latin name`);
    }
    const [near] = found.near;
    if (common.length > 0) return undefined;
    if (search !== undefined) {
      // `neon tetr` reads like a Latin name.
      if (near === undefined || near.name === near.species.latin) return undefined;
      throw new TypeError(`it is not on the list of the data folder; ${suggest(found.near)}`);
    }
    const why = reason ?? "it names no species";
    throw new TypeError(near === undefined ? why : `${why}; ${suggest(found.near)}`);
  };
}

function formatOf(text: string, name: string): "json" | "csv" | "text" {
  if (/\.(?:jsonl|ndjson|json)$/i.test(name)) return "json";
  if (/\.[ct]sv$/i.test(name)) return "csv";
  if (/^\s*\{/.test(text)) return "json";
  const cells = (text.split(/[\r\n]/, 1)[0] ?? "").split(/[,;\t]/);
  return cells.length > 1 && csvColumns(cells) !== undefined ? "csv" : "text";
}

function csvEntries(text: string, path: string, page: string): Entry[] {
  const unusable = (why: string, thrown?: unknown) =>
    new Failure(`Cannot use the species file ${path} as CSV: ${why}`, 1, thrown);
  let records: CsvRecord[];
  try {
    records = readCsv(text);
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    throw unusable(`${thrown.message}. Close and double its quotation marks.`, thrown);
  }
  const [header] = records.splice(0, 1);
  const columns = csvColumns(header?.cells ?? []);
  if (columns === undefined) {
    throw unusable("no column of its first line is headed “latin”. Add that line.");
  }
  return records.map(({ line, cells }) => ({
    line,
    text: cells.join(", "),
    read: () => parseSpecies(readCsvFields(cells, columns), page),
  }));
}

/** One name a line; after a tab or semicolon there may be common names, as pasted from a table. */
function textEntries(text: string, page: string): Entry[] {
  return linesOf(text).map(({ line, text }) => ({
    line,
    text,
    read: () => {
      const bare = text.replace(/\s#(?!\d).*$/, "").replace(/^(?:[-*•]|\d+[.)])\s+/, "");
      const [latin = "", ...common] = bare.split(/[\t;]/).map((cell) => cell.trim());
      const cells = { latin, common: common.filter((cell) => cell !== "").join("; ") };
      return draftSpecies({ ...cells, verbatim: cells, group: [], page });
    },
  }));
}

/** The lines that are neither empty nor comments. */
function linesOf(text: string): { readonly line: number; readonly text: string }[] {
  return text.split(/\r\n|\n|\r/).map((line, index) => ({ line: index + 1, text: line.trim() }))
    .filter(({ text }) => text !== "" && !/^#(?!\d)/.test(text));
}
