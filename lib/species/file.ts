/**
 * The list on the disk: `species.jsonl` for programs, `species.csv` beside it for people.
 *
 * @module
 */

import { join } from "@std/path";
import * as v from "valibot";
import { defined } from "../base/defined.ts";
import { diskFailure } from "../base/disk_failure.ts";
import { Failure, reason } from "../base/failure.ts";
import { readTextIfThere, replaceFile } from "../base/files.ts";
import { readCommonNames } from "./common_names.ts";
import { formatSpeciesCsv } from "./csv.ts";
import { compareSpecies, draftSpecies, mergeSpecies, type SpeciesChanges } from "./list.ts";
import { excerpt } from "./name_text.ts";
import {
  isSpeciesId,
  type KnownName,
  MAX_ID_LENGTH,
  RANKS,
  type Species,
  type SpeciesDraft,
} from "./species.ts";

/** The list's file name within the data folder. */
export const SPECIES_FILE = "species.jsonl";
export const SPECIES_CSV = "species.csv";

/**
 * Reads the list of a data folder.
 *
 * @returns The species in the file's order; `undefined` if the folder has no list yet.
 * @throws {Failure} Naming the line that is wrong, or why the file cannot be read.
 *
 * @example
 * ```ts
 * import { readSpeciesList } from "./file.ts";
 *
 * const species = await readSpeciesList("./data") ?? [];
 * ```
 */
export async function readSpeciesList(dir: string): Promise<readonly Species[] | undefined> {
  const path = join(dir, SPECIES_FILE);
  const text = await readTextIfThere(path);
  return text === undefined ? undefined : parseSpeciesList(text, path);
}

/**
 * Reads the text of a `species.jsonl`.
 *
 * @throws {Failure} Naming the line that is wrong.
 */
export function parseSpeciesList(text: string, path: string): Species[] {
  const entries = text.replace(/^\ufeff/, "").split(/\r\n|\n|\r/)
    .map((text, index) => ({ line: index + 1, text, read: () => parseSpeciesLine(text, path) }))
    .filter(({ text }) => text.trim() !== "");
  const { drafts, unused: [wrong] } = readEntries(entries);
  if (wrong === undefined) return mergeSpecies(drafts);
  throw new Failure(
    `Cannot read the species list ${path}, line ${wrong.line}: ${wrong.reason}. Correct the line, ` +
      `or delete the file and make a new list with: deno task species`,
  );
}

/** A line or record that may become a species; `read` throws a TypeError that says why not. */
export interface Entry {
  /** Counted from 1, as in the file. */
  readonly line: number;
  readonly text: string;
  readonly read: () => SpeciesDraft;
}

/** A line that cannot be used. */
export interface UnusedLine extends Pick<Entry, "line" | "text"> {
  readonly reason: string;
}

/** Reads entries one after the other; a second one with the same id cannot be used. */
export function readEntries(
  entries: readonly Entry[],
): { readonly drafts: readonly SpeciesDraft[]; readonly unused: readonly UnusedLine[] } {
  const drafts: SpeciesDraft[] = [];
  const unused: UnusedLine[] = [];
  const lineOf = new Map<string, number>();
  for (const { line, text, read } of entries) {
    try {
      const draft = read();
      const { id } = draft;
      if (id !== undefined) {
        const before = lineOf.get(id);
        if (before !== undefined) throw new TypeError(`its id ${id} is on line ${before} too`);
        lineOf.set(id, line);
      }
      drafts.push(draft);
    } catch (thrown) {
      if (!(thrown instanceof TypeError)) throw thrown;
      unused.push({ line, text: excerpt(text, 60), reason: reason(thrown) });
    }
  }
  return { drafts, unused };
}

/**
 * Writes the list into a data folder: `species.jsonl`, then `species.csv`, each replaced in one
 * step. The folder is made if it is missing.
 *
 * @throws {Failure} If it cannot be written, saying why.
 */
export async function writeSpeciesList(
  dir: string,
  species: readonly Species[],
): Promise<void> {
  try {
    await Deno.mkdir(dir, { recursive: true });
  } catch (thrown) {
    throw diskFailure(`make the data folder ${dir}`, thrown);
  }
  const text = species.map((each) => `${formatSpeciesLine(each)}\n`).join("");
  await replaceFile(join(dir, SPECIES_FILE), text);
  await replaceFile(join(dir, SPECIES_CSV), formatSpeciesCsv(species));
}

/**
 * Replaces the list of a data folder. Images stay, also those of species that are gone from it.
 *
 * @throws {Failure} If the old list cannot be read or the new one cannot be written; then the old
 * one is as it was.
 */
export async function updateSpeciesList(
  dir: string,
  species: readonly Species[],
): Promise<SpeciesChanges | undefined> {
  const before = await readSpeciesList(dir);
  const old = new Map(before?.map((each) => [each.id, each]));
  const named = species.map((each): Species => {
    const { names = old.get(each.id)?.names } = each;
    return names === undefined ? each : { ...each, names };
  });
  await writeSpeciesList(dir, named);
  return before === undefined ? undefined : compareSpecies(before, species);
}

/**
 * Enters the names under which sources know the species into `species.jsonl`. All else of the file
 * stays as it is, and so does a file in which nothing changes.
 *
 * @param namesOf The known names of a species, by source.
 * @throws {Failure} If the file cannot be read or written.
 */
export async function updateKnownNames(
  dir: string,
  namesOf: (species: { readonly id: string }) => ReadonlyMap<string, KnownName>,
): Promise<void> {
  const path = join(dir, SPECIES_FILE);
  const before = await readTextIfThere(path);
  if (before === undefined) return;
  const after = before.replace(/^.+$/gm, (line) => withNames(line, namesOf));
  if (after !== before) await replaceFile(path, after);
}

/** A line of the list with known names; as it is where it cannot be read or has no id. */
function withNames(
  line: string,
  namesOf: (species: { readonly id: string }) => ReadonlyMap<string, KnownName>,
): string {
  const parsed = v.safeParse(LINE_WITH_ID, line);
  if (!parsed.success) return line;
  const { id, names: before } = parsed.output;
  const found = Object.fromEntries(namesOf({ id }));
  if (Object.keys(found).length === 0) return line;
  const names = { ...readKnownNames(before), ...found };
  if (JSON.stringify(names) === JSON.stringify(before)) return line;
  return formatSpeciesLine({ ...parsed.output, names });
}

/** The names of a line; none where they are not as we write them, since it is but a cache. */
function readKnownNames(value: unknown): Readonly<Record<string, KnownName>> | undefined {
  const parsed = v.safeParse(KNOWN_NAMES, value);
  return parsed.success && Object.keys(parsed.output).length > 0 ? parsed.output : undefined;
}

/** A species as a line of `species.jsonl`, without the line break. */
export function formatSpeciesLine(species: object): string {
  // Some readers of JSON lines take these two for line breaks.
  return JSON.stringify(species).replace(/\u2028/g, "\\u2028").replace(/\u2029/g, "\\u2029");
}

/**
 * Reads a line of `species.jsonl`; `page` is for a line that names none.
 *
 * @throws {TypeError} Saying what is wrong, to follow `line 7:`.
 */
export function parseSpeciesLine(line: string, page: string): SpeciesDraft {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (thrown) {
    throw new TypeError(`it is not JSON: ${reason(thrown)}`);
  }
  return parseSpecies(value, page);
}

const TEXT = v.nullish(v.pipe(v.string("must be a text"), v.trim()), "");
const NAMES = v.nullish(v.union([
  v.pipe(v.string(), v.transform(readCommonNames)),
  v.pipe(
    v.array(v.string()),
    v.transform((names) => names.map((name) => name.trim()).filter((name) => name !== "")),
  ),
], "must be a list of texts"));
const CELLS_MESSAGE = 'must be {"common": text, "latin": text}';
const CELLS = v.object(
  { common: v.string(CELLS_MESSAGE), latin: v.string(CELLS_MESSAGE) },
  CELLS_MESSAGE,
);
const LINE = v.object({
  id: v.nullish(v.pipe(
    v.string("must be a text"),
    v.check(
      (id) => isSpeciesId(id),
      `must be 1 to ${MAX_ID_LENGTH} of a-z, 0-9 and _, and no device name of Windows`,
    ),
  )),
  latin: TEXT,
  rank: v.nullish(v.picklist(RANKS, `must be one of ${RANKS.join(", ")}`)),
  search: TEXT,
  reason: TEXT,
  also: NAMES,
  common: NAMES,
  group: NAMES,
  verbatim: v.nullish(CELLS),
  page: TEXT,
  merged: v.nullish(v.array(CELLS, "must be a list")),
  names: v.optional(v.unknown()),
}, "it is not a JSON object");
const LINE_WITH_ID = v.pipe(
  v.string(),
  v.parseJson(),
  v.looseObject({ id: v.string(), names: v.optional(v.unknown()) }),
);
const KNOWN_NAMES = v.record(
  v.string(),
  v.object({
    asked: v.string(),
    name: v.string(),
    taxon: v.exactOptional(v.number()),
    how: v.exactOptional(v.string()),
    on: v.exactOptional(v.string()),
  }),
);

/**
 * Checks a value that should be a species. A person may have written it: only `latin` is needed,
 * whatever else is missing follows from it.
 *
 * @throws {TypeError} Saying what is wrong, to follow `line 7:`.
 */
export function parseSpecies(value: unknown, page: string): SpeciesDraft {
  // An array is an object to valibot.
  const parsed = v.safeParse(LINE, Array.isArray(value) ? undefined : value);
  if (!parsed.success) {
    const [{ message, path }] = parsed.issues;
    throw new TypeError(path === undefined ? message : `its ${path[0].key} ${message}`);
  }
  const { id, latin, search, ...line } = parsed.output;
  const common = line.common ?? [];
  const verbatim = line.verbatim ?? { common: common.join(", "), latin };
  if (search === "" && latin === "" && common.length === 0 && verbatim.latin === "") {
    throw new TypeError("it has neither a Latin nor a common name");
  }
  const derived = draftSpecies({ latin, common: "", verbatim, group: [], page: "" });
  // A line with a reason and no search says that this species must not be searched.
  const decided = search !== "" || line.reason !== "";
  const searched = decided ? search : derived.search ?? "";
  const also = line.also ?? derived.also ?? [];
  const names = readKnownNames(line.names);
  return {
    ...(typeof id === "string" ? { id } : {}),
    // The name of such a line was cleaned before.
    latin: decided ? latin : derived.latin,
    rank: line.rank ?? derived.rank,
    ...(searched === "" ? { reason: line.reason || (derived.reason ?? "") } : { search: searched }),
    ...(also.length === 0 ? {} : { also }),
    common: line.common ?? derived.common,
    group: line.group ?? [],
    verbatim,
    page: line.page || page,
    ...(line.merged?.length ? { merged: line.merged } : {}),
    ...defined({ names }),
  };
}
