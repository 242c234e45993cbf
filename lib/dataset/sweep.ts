/**
 * The folders of images: what is in them, and bringing them in step with the log at the start of a
 * run.
 *
 * @module
 */

import { basename, join } from "@std/path";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import { readIfThere, sha256Of, statIfThere, TEMPORARY_PREFIX } from "../base/files.ts";
import { folderInside, imagesAreElsewhere, pathInside } from "../base/inside.ts";
import { pooled } from "../base/pooled.ts";
import type { ImageEvent, LogLine } from "./event.ts";
import { bytesKey } from "./forgotten.ts";
import { isSpeciesId } from "./log_line.ts";
import { LOG_NAME, readLog } from "./log_reader.ts";
import type { DatasetState, KeptImage } from "./state.ts";

/** What a sweep found and did. */
export interface Sweep {
  /** How many half-written files were removed. */
  readonly temporaries: number;
  /** Files that were removed: placed but never logged, or not kept any more. */
  readonly removed: readonly string[];
  /** Files that no line of the log names: they stay. */
  readonly strays: readonly string[];
  /** Kept images, not rejected, whose file is gone. */
  readonly missing: readonly KeptImage[];
}

const FOLDERS_AT_ONCE = 8;

/** What operating systems and file managers leave in any folder: not ours to judge. */
const NOT_OURS = /^(?:\..*|Thumbs\.db|desktop\.ini)$/i;

/** Whether a file's name says that it is neither an image nor a leftover of ours. */
export function isForeignName(name: string): boolean {
  return NOT_OURS.test(name) && !name.startsWith(TEMPORARY_PREFIX);
}

/** What a species' folder holds. */
export interface FolderContent {
  /** The files of kept images. */
  readonly present: ReadonlySet<string>;
  readonly loose: readonly LooseFile[];
  /** Folders, links and pipes. */
  readonly odd: readonly { readonly file: string; readonly isFolder: boolean }[];
}

/** A file that no kept image has. */
export interface LooseFile {
  readonly file: string;
  readonly isTemporary: boolean;
  /** It has a temporary name too: it was placed, but its line was not yet written. */
  readonly isUnlogged: boolean;
}

/**
 * Looks through a species' folder, at names alone.
 *
 * @param kept The paths of its kept images.
 */
export async function lookInto(
  dir: string,
  species: string,
  kept: ReadonlyMap<string, unknown>,
): Promise<FolderContent> {
  const folder = await folderInside(dir, `images/${species}`);
  const present = new Set<string>();
  const files: { file: string; isTemporary: boolean }[] = [];
  const odd: { file: string; isFolder: boolean }[] = [];
  for (const { name, isFile, isDirectory } of await entriesOf(folder)) {
    const file = `images/${species}/${name}`;
    if (kept.has(file) && !isDirectory) {
      if (isFile || (await statIfThere(join(folder, name)))?.isFile === true) present.add(file);
    } else if (isForeignName(name)) continue;
    else if (isFile) files.push({ file, isTemporary: name.startsWith(TEMPORARY_PREFIX) });
    else odd.push({ file, isFolder: isDirectory });
  }
  const identityOf = async (file: string): Promise<string> => {
    const { dev, ino } = await Deno.lstat(join(folder, basename(file)));
    return `${dev} ${ino}`;
  };
  const temporaries = files.filter(({ isTemporary }) => isTemporary);
  const identities = new Set(await Promise.all(temporaries.map(({ file }) => identityOf(file))));
  const loose: LooseFile[] = [];
  for (const { file, isTemporary } of files) {
    const isUnlogged = identities.size > 0 && identities.has(await identityOf(file));
    loose.push({ file, isTemporary, isUnlogged });
  }
  return { present, loose, odd };
}

/** What is in a folder; nothing where there is no folder. */
export async function entriesOf(folder: string): Promise<Deno.DirEntry[]> {
  try {
    return await Array.fromAsync(Deno.readDir(folder));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** The ids of the species that have a folder of images. */
export async function speciesFolders(dir: string): Promise<Set<string>> {
  const entries = await entriesOf(await folderInside(dir, "images"));
  return new Set(
    entries.filter(({ name, isDirectory }) => isDirectory && isSpeciesId(name))
      .map(({ name }) => name),
  );
}

/**
 * Removes temporary files, files that were placed but never logged, and files whose image is not
 * kept any more; finds the kept images whose file is gone. What no line names stays, and where
 * `images` is a link to elsewhere, everything stays. Content is for `verify` to look at.
 *
 * @param dir The data folder, locked by this process.
 * @throws {Failure} When a folder cannot be read or a file not be removed, or a species' folder is
 * a link.
 */
export async function sweep(dir: string, state: DatasetState): Promise<Sweep> {
  try {
    let temporaries = await sweepRoot(dir);
    const loose: LooseFile[] = [];
    const missing: KeptImage[] = [];
    const empty: string[] = [];
    const all = new Set([...state.species, ...await speciesFolders(dir)]);
    const looks = pooled(FOLDERS_AT_ONCE, all, async (species) => {
      const kept = state.filesIn(species);
      return { species, kept, ...await lookInto(dir, species, kept) };
    });
    for await (const { species, kept, present, loose: others } of looks) {
      loose.push(...others);
      if (present.size === 0) empty.push(species);
      if (present.size === kept.size) continue;
      missing.push(
        ...state.imagesIn(species).filter(({ file, rejected }) => !rejected && !present.has(file)),
      );
    }
    const forgotten = await forgottenFiles(dir, state, loose);
    for (const file of forgotten) await Deno.remove(await pathInside(dir, file));
    if (await imagesAreElsewhere(dir)) {
      const strays = loose
        .filter(({ file, isTemporary }) => !isTemporary && !forgotten.has(file))
        .map(({ file }) => file);
      return { temporaries, removed: [...forgotten], strays, missing };
    }
    const unknown = loose
      .filter((each) => !each.isTemporary && !each.isUnlogged && !forgotten.has(each.file))
      .map(({ file }) => file);
    const named = await namedInLog(dir, unknown);
    const strays = new Set(unknown.filter((file) => !named.has(file)));
    const removed: string[] = [...forgotten];
    for (const { file, isTemporary } of loose) {
      if (strays.has(file) || forgotten.has(file)) continue;
      await Deno.remove(await pathInside(dir, file));
      if (isTemporary) temporaries++;
      else removed.push(file);
    }
    for (const species of empty) await removeIfEmpty(dir, `images/${species}`);
    return { temporaries, removed, strays: [...strays], missing };
  } catch (error) {
    throw diskFailure(`tidy the data folder ${dir}`, error);
  }
}

/** Files of images that the log has forgotten: whoever removed their lines was stopped before. */
async function forgottenFiles(
  dir: string,
  state: DatasetState,
  loose: readonly LooseFile[],
): Promise<Set<string>> {
  const forgotten = new Set<string>();
  if (!state.hasForgotten) return forgotten;
  for (const { file } of loose) {
    const bytes = await readIfThere(await pathInside(dir, file));
    if (bytes !== undefined && state.isForgotten([bytesKey(await sha256Of(bytes))])) {
      forgotten.add(file);
    }
  }
  return forgotten;
}

/** Which of some files, as paths within the data folder, any line of the log names. */
export async function namedInLog(dir: string, files: readonly string[]): Promise<Set<string>> {
  const asked = new Set(files);
  const named = new Set<string>();
  if (asked.size === 0) return named;
  await readLog(join(dir, LOG_NAME), (line) => {
    if (line.event === "image" && line.file !== undefined && asked.has(line.file)) {
      named.add(line.file);
    }
  });
  return named;
}

/** The event for a kept image whose file is gone: its URL is to be fetched again. */
export function missingEvent(line: LogLine & ImageEvent, detail: string): ImageEvent {
  const { v: _v, time: _time, file: _file, sha256: _sha256, dhash: _dhash, ...rest } = line;
  const { bytes: _bytes, width: _width, height: _height, type: _type, ...more } = rest;
  const { original: _original, replaces: _replaces, ...base } = more;
  return { ...base, outcome: "truncated", detail };
}

async function sweepRoot(dir: string): Promise<number> {
  let temporaries = 0;
  for await (const { name, isFile } of Deno.readDir(dir)) {
    if (!isFile || !name.startsWith(TEMPORARY_PREFIX)) continue;
    await Deno.remove(join(dir, name));
    temporaries++;
  }
  return temporaries;
}

async function removeIfEmpty(dir: string, folder: string): Promise<void> {
  const path = await folderInside(dir, folder);
  try {
    for await (const _ of Deno.readDir(path)) return;
    await Deno.remove(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
