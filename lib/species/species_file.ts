/**
 * The list on the disk: `species.jsonl` for programs, `species.csv` beside it for people.
 *
 * @module
 */

import { join } from "@std/path";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import { Failure, reason } from "../base/failure.ts";
import { replaceFile } from "../base/files.ts";
import type { WriteDisk } from "../base/files.ts";
import { formatSpeciesCsv } from "./species_csv.ts";
import { formatSpeciesLine, parseSpeciesLine } from "./species_line.ts";
import { mergeSpecies } from "./species_list.ts";
import type { SpeciesDraft } from "./species_list.ts";
import type { Species } from "./species.ts";

/** The list's file name within the data folder. */
export const SPECIES_FILE = "species.jsonl";
/** Its spreadsheet's. */
export const SPECIES_CSV = "species.csv";

/**
 * Reads the list of a data folder.
 *
 * @param dir The data folder.
 * @returns The fish in the file's order, or nothing where there is no list yet.
 * @throws {Failure} Naming the line that is wrong, or why the file cannot be read.
 *
 * @example
 * ```ts
 * import { readSpeciesList } from "./species_file.ts";
 *
 * const species = await readSpeciesList("./data") ?? [];
 * ```
 */
export async function readSpeciesList(dir: string): Promise<readonly Species[] | undefined> {
  const path = join(dir, SPECIES_FILE);
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw diskFailure(`read the species list ${path}`, thrown);
  }
  return parseSpeciesList(text, path);
}

/**
 * Reads the text of a `species.jsonl`.
 *
 * @param text Its text.
 * @param path What it is called in messages.
 * @throws {Failure} Naming the line that is wrong.
 */
export function parseSpeciesList(text: string, path: string): Species[] {
  const drafts: SpeciesDraft[] = [];
  const lines = new Map<string, number>();
  text.replace(/^\ufeff/, "").split(/\r\n|\n|\r/).forEach((line, index) => {
    if (line.trim() === "") return;
    try {
      const draft = parseSpeciesLine(line, path);
      const before = draft.id === undefined ? undefined : lines.get(draft.id);
      if (before !== undefined) throw new TypeError(`its id ${draft.id} is on line ${before} too`);
      if (draft.id !== undefined) lines.set(draft.id, index + 1);
      drafts.push(draft);
    } catch (thrown) {
      if (!(thrown instanceof TypeError)) throw thrown;
      throw new Failure(
        `Cannot read the species list ${path}, line ${index + 1}: ${reason(thrown)}. ` +
          `Mend the line, or delete the file and run the species script for a new list.`,
        1,
        thrown,
      );
    }
  });
  return mergeSpecies(drafts);
}

/**
 * Writes the list into a data folder: `species.jsonl`, then `species.csv`, each at once or not at
 * all. The folder is made where it is missing.
 *
 * @param dir The data folder.
 * @param species The list.
 * @param disk The disk.
 * @throws {Failure} When it cannot be written, saying why.
 */
export async function writeSpeciesList(
  dir: string,
  species: readonly Species[],
  disk: WriteDisk = Deno,
): Promise<void> {
  try {
    await Deno.mkdir(dir, { recursive: true });
  } catch (thrown) {
    throw diskFailure(`make the data folder ${dir}`, thrown);
  }
  const text = species.map((fish) => `${formatSpeciesLine(fish)}\n`).join("");
  await replaceFile(join(dir, SPECIES_FILE), text, disk);
  await replaceFile(join(dir, SPECIES_CSV), formatSpeciesCsv(species), disk);
}
