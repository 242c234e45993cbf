/**
 * Brings the image files back in step with the log at the start of a run.
 *
 * @module
 */

import { join } from "@std/path";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import type { ImageEvent } from "./event.ts";
import type { KeptImage } from "./kept_table.ts";
import { isSpeciesId } from "./log_line.ts";
import type { DatasetState } from "./state.ts";
import { TEMPORARY_PREFIX } from "../base/files.ts";

/** What a sweep found. */
export interface Sweep {
  /** How many temporary files of an earlier run were removed. */
  readonly temporaries: number;
  /** The files without a kept line that were removed: paths within the data folder. */
  readonly strays: readonly string[];
  /** Kept images whose file is not there, rejected ones not among them. */
  readonly missing: readonly KeptImage[];
}

/** What operating systems and file managers leave in any folder: not ours to judge. */
const NOT_OURS = /^(?:\..*|Thumbs\.db|desktop\.ini)$/i;

/**
 * Whether a name in a species' folder is neither an image nor a leftover of ours.
 *
 * @param name The file's name.
 */
export function isForeignName(name: string): boolean {
  return NOT_OURS.test(name) && !name.startsWith(TEMPORARY_PREFIX);
}

/**
 * Removes leftover temporaries and files that no kept line names, and finds the kept lines whose
 * file is gone. Only names are looked at, no content: `verify` does that.
 *
 * @param dir The data folder, locked by this process.
 * @param state What its log says.
 * @throws {Failure} When the disk does not let us.
 */
export async function sweep(dir: string, state: DatasetState): Promise<Sweep> {
  try {
    const swept = { temporaries: await sweepRoot(dir), strays: [] as string[] };
    const missing: KeptImage[] = [];
    const folders = await speciesFolders(dir);
    for (const species of new Set([...state.species, ...folders])) {
      const images = [...state.keptImages(species)];
      if (images.length === 0 && !folders.has(species)) continue;
      const names = new Set(
        images.map((image) => image.file.slice(image.file.lastIndexOf("/") + 1)),
      );
      const present = await sweepFolder(dir, species, names, swept);
      missing.push(
        ...images.filter((image) =>
          !image.rejected && !present.has(image.file.slice(image.file.lastIndexOf("/") + 1))
        ),
      );
    }
    return { ...swept, missing };
  } catch (error) {
    throw diskFailure(`tidy the data folder ${dir}`, error);
  }
}

/**
 * The species that have a folder of images. Links to elsewhere are none.
 *
 * @param dir The data folder.
 * @returns Their ids; empty where there is no folder `images`.
 */
export async function speciesFolders(dir: string): Promise<Set<string>> {
  const found = new Set<string>();
  try {
    for await (const entry of Deno.readDir(join(dir, "images"))) {
      if (entry.isDirectory && isSpeciesId(entry.name)) found.add(entry.name);
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return found;
}

/**
 * The event for a kept image whose file is gone: its URL is to be fetched again.
 *
 * @param line The image's line.
 * @param detail What happened to the file.
 */
export function missingEvent(line: ImageEvent, detail: string): ImageEvent {
  const { species, source, url, page, author, license, licenseText, title } = line;
  const { kind, sex, stage, road, query } = line;
  return {
    event: "image",
    species,
    source,
    url,
    page,
    outcome: "truncated",
    ...(author === undefined ? {} : { author }),
    ...(license === undefined ? {} : { license }),
    ...(licenseText === undefined ? {} : { licenseText }),
    ...(title === undefined ? {} : { title }),
    ...(kind === undefined ? {} : { kind }),
    ...(sex === undefined ? {} : { sex }),
    ...(stage === undefined ? {} : { stage }),
    ...(road === undefined ? {} : { road }),
    ...(query === undefined ? {} : { query }),
    detail,
  };
}

async function sweepRoot(dir: string): Promise<number> {
  let temporaries = 0;
  for await (const entry of Deno.readDir(dir)) {
    if (!entry.isFile || !entry.name.startsWith(TEMPORARY_PREFIX)) continue;
    await Deno.remove(join(dir, entry.name));
    temporaries++;
  }
  return temporaries;
}

/** Tidies one species' folder; returns the names of kept files that are there. */
async function sweepFolder(
  dir: string,
  species: string,
  kept: ReadonlySet<string>,
  swept: { temporaries: number; strays: string[] },
): Promise<Set<string>> {
  const folder = join(dir, "images", species);
  const present = new Set<string>();
  let others = 0;
  try {
    for await (const entry of Deno.readDir(folder)) {
      const path = join(folder, entry.name);
      if (kept.has(entry.name) && !entry.isDirectory) {
        if (entry.isFile || await isFile(path)) present.add(entry.name);
      } else if (entry.isDirectory || isForeignName(entry.name)) {
        others++;
      } else {
        await Deno.remove(path);
        if (entry.name.startsWith(TEMPORARY_PREFIX)) swept.temporaries++;
        else swept.strays.push(`images/${species}/${entry.name}`);
      }
    }
    if (kept.size === 0 && others === 0) await Deno.remove(folder);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return present;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
