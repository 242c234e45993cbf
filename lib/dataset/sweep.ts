/**
 * Brings the image files back in step with the log at the start of a run.
 *
 * @module
 */

import { basename, join } from "@std/path";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import { TEMPORARY_PREFIX } from "../base/files.ts";
import { folderInside, imagesAreElsewhere, pathInside } from "../base/inside.ts";
import { pooled } from "../base/pooled.ts";
import type { ImageEvent } from "./event.ts";
import { isSpeciesId } from "./log_line.ts";
import { readLog } from "./log_reader.ts";
import type { DatasetState, KeptImage } from "./state.ts";

/** What a sweep found. */
export interface Sweep {
  /** How many temporary files of an earlier run were removed. */
  readonly temporaries: number;
  /** Files that were removed: placed but never logged, or no longer kept. */
  readonly removed: readonly string[];
  /** Files that no line of the log speaks of: they are left alone. */
  readonly strays: readonly string[];
  /** Kept images whose file is not there, rejected ones not among them. */
  readonly missing: readonly KeptImage[];
}

const FOLDERS_AT_ONCE = 8;

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
 * Removes leftover temporaries, files that were placed but never logged, and files whose image is
 * not kept any more; finds the kept lines whose file is gone. What no line speaks of stays, and
 * where `images` is a link to elsewhere, nothing is removed. Only names are looked at, no content:
 * `verify` does that.
 *
 * @param dir The data folder, locked by this process.
 * @param state What its log says.
 * @throws {Failure} When the disk does not let us, or a species' folder is a link.
 */
export async function sweep(dir: string, state: DatasetState): Promise<Sweep> {
  try {
    let temporaries = await sweepRoot(dir);
    const loose: Loose[] = [];
    const missing: KeptImage[] = [];
    const folders = await speciesFolders(dir);
    const empty: string[] = [];
    const all = new Set([...state.species, ...folders]);
    const looked = pooled(FOLDERS_AT_ONCE, all, async (species) => {
      const files = state.filesIn(species);
      const folder = await folderInside(dir, `images/${species}`);
      const found = folders.has(species) ? await look(folder, species, files) : NOTHING;
      return { species, files, ...found };
    });
    for await (const { species, files, present, loose: others, foreign } of looked) {
      loose.push(...others);
      if (present.size + foreign === 0 && folders.has(species)) empty.push(species);
      if (present.size === files.size) continue;
      missing.push(
        ...state.imagesIn(species).filter(({ file, rejected }) => !rejected && !present.has(file)),
      );
    }
    if (await imagesAreElsewhere(dir)) {
      const strays = loose.filter(({ isTemporary }) => !isTemporary).map(({ file }) => file);
      return { temporaries, removed: [], strays, missing };
    }
    const spoken = await spokenOf(dir, loose);
    const removed: string[] = [];
    const strays: string[] = [];
    for (const { file, isTemporary, isUnlogged } of loose) {
      if (!isTemporary && !isUnlogged && !spoken.has(file)) strays.push(file);
      else {
        await Deno.remove(await pathInside(dir, file));
        if (isTemporary) temporaries++;
        else removed.push(file);
      }
    }
    for (const species of empty) await removeIfEmpty(dir, `images/${species}`);
    return { temporaries, removed, strays, missing };
  } catch (error) {
    throw diskFailure(`tidy the data folder ${dir}`, error);
  }
}

/** A file in a species' folder that no kept image has. */
interface Loose {
  readonly file: string;
  readonly isTemporary: boolean;
  /** Whether it has a temporary name besides: it was placed, but its line was not yet written. */
  readonly isUnlogged: boolean;
}

/** Of the files that no kept image has, those that some line of the log has named. */
async function spokenOf(dir: string, loose: readonly Loose[]): Promise<Set<string>> {
  const asked = new Set(
    loose.filter(({ isTemporary, isUnlogged }) => !isTemporary && !isUnlogged)
      .map(({ file }) => file),
  );
  return asked.size === 0 ? asked : await namedInLog(dir, asked);
}

/**
 * Which of some files a line of the log names, or has named.
 *
 * @param dir The data folder.
 * @param files Paths within it.
 */
export async function namedInLog(dir: string, files: ReadonlySet<string>): Promise<Set<string>> {
  const named = new Set<string>();
  await readLog(join(dir, "log.jsonl"), (line) => {
    if (line.event === "image" && line.file !== undefined && files.has(line.file)) {
      named.add(line.file);
    }
  });
  return named;
}

/**
 * The species that have a folder of images.
 *
 * @param dir The data folder.
 * @returns Their ids; empty where there is no folder `images`.
 */
export async function speciesFolders(dir: string): Promise<Set<string>> {
  const found = new Set<string>();
  try {
    for await (const entry of Deno.readDir(await folderInside(dir, "images"))) {
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
  const { species, source, url, page, author, license, licenseText, licenseUrl, title } = line;
  const { observation, kind, sex, stage, road, query } = line;
  return {
    event: "image",
    species,
    source,
    url,
    page,
    outcome: "truncated",
    ...present({ author, license, licenseText, licenseUrl, title, observation }),
    ...present({ kind, sex, stage, road, query }),
    detail,
  };
}

/** The fields that are there. */
function present<Fields extends object>(fields: Fields): Partial<Fields> {
  const kept: Partial<Fields> = { ...fields };
  for (const name in kept) if (kept[name] === undefined) delete kept[name];
  return kept;
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

/** What a species' folder holds. */
interface Found {
  /** The files of kept images. */
  readonly present: ReadonlySet<string>;
  readonly loose: readonly Loose[];
  /** How many entries are none of ours. */
  readonly foreign: number;
}

const NOTHING: Found = { present: new Set(), loose: [], foreign: 0 };

/** Looks through one species' folder. */
async function look(
  folder: string,
  species: string,
  kept: ReadonlyMap<string, boolean>,
): Promise<Found> {
  const present = new Set<string>();
  const loose: Loose[] = [];
  const temporaries = new Set<string>();
  let foreign = 0;
  for await (const { name, isFile, isDirectory } of Deno.readDir(folder)) {
    const file = `images/${species}/${name}`;
    if (kept.has(file) && !isDirectory) {
      if (isFile || await isAFile(join(folder, name))) present.add(file);
      else foreign++;
    } else if (isFile && !isForeignName(name)) {
      const isTemporary = name.startsWith(TEMPORARY_PREFIX);
      if (isTemporary) temporaries.add(await identityOf(join(folder, name)));
      loose.push({ file, isTemporary, isUnlogged: false });
    } else foreign++;
  }
  if (temporaries.size === 0) return { present, loose, foreign };
  const named = loose.map(async (each): Promise<Loose> => ({
    ...each,
    isUnlogged: temporaries.has(await identityOf(join(folder, basename(each.file)))),
  }));
  return { present, loose: await Promise.all(named), foreign };
}

async function removeIfEmpty(dir: string, folder: string): Promise<void> {
  const path = await folderInside(dir, folder);
  for await (const _ of Deno.readDir(path)) return;
  await Deno.remove(path);
}

/** What two names of the same file have in common. */
async function identityOf(path: string): Promise<string> {
  const { dev, ino } = await Deno.lstat(path);
  return `${dev} ${ino}`;
}

async function isAFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
