/**
 * Merges data folders: what several machines have gathered becomes one.
 *
 * @module
 */

import { dirname, join } from "@std/path";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import { Failure, type Notice } from "../base/failure.ts";
import {
  readIfThere,
  removeIfThere,
  sha256Of,
  syncFolder,
  TEMPORARY_PREFIX,
  writeAll,
  writeFileAtomic,
} from "../base/files.ts";
import { fileInside, makeFolderInside, writableInside } from "../base/inside.ts";
import { pooled } from "../base/pooled.ts";
import { makeDataFolder, refuseLostLog, reportLog } from "./dataset.ts";
import { INDEX_NAME } from "./index_file.ts";
import { lockHolder, takeLock } from "./lock.ts";
import { LOG_NAME, readLog } from "./log_reader.ts";
import { mergeLogs } from "./merge_log.ts";
import { mergeSpeciesLists } from "./merge_species.ts";
import { DatasetState, type KeptImage } from "./state.ts";
import { sweep } from "./sweep.ts";

/** What a merge came to. */
export interface Merge {
  /** How many species have images. */
  readonly species: number;
  /** How many images are kept in the end. */
  readonly images: number;
  /** How many of them came by a hard link. */
  readonly linked: number;
  /** How many of them were copied. */
  readonly copied: number;
  /** Kept images whose file no folder has; the next run fetches them again. */
  readonly lost: number;
}

/** Which folders to merge. */
export interface MergeOptions {
  /** The folder that is to have all; what it has already stays. It is made where there is none. */
  readonly into: string;
  /** The other folders; they are not changed. */
  readonly from: readonly string[];
  /** Hears what is odd. */
  readonly notice: Notice;
  /** Hears how many images are in their place. */
  readonly progress?: (done: number, total: number) => void;
  /** Ends the merge with its reason; the same merge again goes on from there. */
  readonly signal: AbortSignal;
}

const FILES_AT_ONCE = 8;

/**
 * Merges data folders. The result is the same in whatever order they are named, and when it is done
 * again.
 *
 * Images are known by their hash and linked where the disk allows, else copied; a file whose
 * content is not what its log says is not taken. The log takes its place last, in one step: until
 * then the folder is as it was, but for images that the next start would report.
 *
 * @throws {Failure} When a folder is missing, being written, or of a newer version, or the disk
 * does not let us.
 */
export async function mergeDatasets(options: MergeOptions): Promise<Merge> {
  const { into, from, notice, signal } = options;
  for (const dir of from) await checkSource(dir);
  await makeDataFolder(into);
  const lock = await takeLock(into, "merge");
  const log = join(into, `${TEMPORARY_PREFIX}${Deno.pid}-log`);
  try {
    const dirs = await distinct([into, ...from]);
    for (const dir of dirs) await checkLog(dir, dir === into, notice);
    await makeFolderInside(into, "images");
    const path = await writableInside(into, LOG_NAME);
    await writeFileAtomic(log, (file) => writeLog(file, dirs.map((dir) => join(dir, LOG_NAME))));
    using state = DatasetState.inMemory(() => []);
    await readLog(log, (line, place) => state.apply(line, place, line.time));
    try {
      const gathered = await gather(options, dirs, state);
      await mergeSpeciesLists(into, dirs, notice);
      await Deno.rename(log, path);
      await syncFolder(into);
      await removeIfThere(await writableInside(into, INDEX_NAME));
      await sweep(into, state);
      const species = state.species.filter((id) => state.keptImages(id).next().done !== true);
      const images = species.reduce((sum, id) => sum + state.kept(id), 0);
      return { species: species.length, images, ...gathered };
    } finally {
      state.close();
    }
  } catch (error) {
    await removeIfThere(log);
    signal.throwIfAborted();
    throw diskFailure(`merge data folders into ${into}`, error);
  } finally {
    await lock.release();
  }
}

async function writeLog(file: Deno.FsFile, logs: readonly string[]): Promise<void> {
  const encoder = new TextEncoder();
  let batch = "";
  for await (const line of mergeLogs(logs)) {
    batch += `${line}\n`;
    if (batch.length < 1 << 18) continue;
    await writeAll(file, encoder.encode(batch));
    batch = "";
  }
  await writeAll(file, encoder.encode(batch));
}

/** Brings the files of all kept images together. */
async function gather(
  { into, progress, signal }: MergeOptions,
  dirs: readonly string[],
  state: DatasetState,
): Promise<Pick<Merge, "linked" | "copied" | "lost">> {
  const images = [...state.keptImages()];
  const counts = { there: 0, linked: 0, copied: 0, lost: 0 };
  const folders = new Set<string>();
  let done = 0;
  const brought = pooled(FILES_AT_ONCE, images, async (image) => {
    signal.throwIfAborted();
    folders.add(await makeFolderInside(into, dirname(image.file)));
    return await bring(image, dirs, into);
  });
  for await (const how of brought) {
    counts[how]++;
    progress?.(++done, images.length);
  }
  for (const folder of folders) await syncFolder(folder);
  await syncFolder(join(into, "images"));
  const { linked, copied, lost } = counts;
  return { linked, copied, lost };
}

/** Sees to it that an image's file is in its place, if any of the folders has it. */
async function bring(
  image: KeptImage,
  dirs: readonly string[],
  into: string,
): Promise<"there" | "linked" | "copied" | "lost"> {
  for (const dir of dirs) {
    for (const file of possibleFiles(image)) {
      const from = await fileInside(dir, file);
      const bytes = from === undefined ? undefined : await readIfThere(from);
      if (from === undefined || bytes === undefined) continue;
      if (await sha256Of(bytes) !== image.sha256) continue;
      const to = join(into, image.file);
      if (dir === into && file === image.file) return "there";
      if (await link(from, to, crypto.randomUUID())) return "linked";
      await writeFileAtomic(to, bytes, { flush: "file" });
      return "copied";
    }
  }
  return "lost";
}

/** Links a file into its place; false where that cannot be, so that it is to be copied. */
async function link(from: string, to: string, name: string): Promise<boolean> {
  const temporary = join(dirname(to), `${TEMPORARY_PREFIX}${Deno.pid}-link-${name}`);
  try {
    await Deno.link(from, temporary);
  } catch (error) {
    // Another disk, a file system without links, a folder that may only be read: copying works.
    if (error instanceof Error) return false;
    throw error;
  }
  await Deno.rename(temporary, to);
  // Renaming one name of a file to another does nothing and leaves both.
  await removeIfThere(temporary);
  return true;
}

async function checkSource(dir: string): Promise<void> {
  const log = join(dir, LOG_NAME);
  try {
    if (!(await Deno.stat(log)).isFile) {
      throw new Failure(`Cannot merge ${dir}: ${log} is no file.`);
    }
  } catch (error) {
    if (!isMissing(error)) throw diskFailure(`read the data folder ${dir}`, error);
    throw new Failure(`Cannot merge ${dir}: it is no data folder, it has no ${LOG_NAME}.`, 2);
  }
  const holder = await lockHolder(dir);
  if (holder === undefined) return;
  throw new Failure(
    `Cannot merge ${dir}: it is being written by ${holder.script} (process ${holder.pid}, since ${holder.started}). Wait until it ends.`,
  );
}

/** The folders, each once, whatever way it was named. */
async function distinct(dirs: readonly string[]): Promise<string[]> {
  const known = new Map<string, string>();
  for (const dir of dirs) {
    const path = await Deno.realPath(dir);
    if (!known.has(path)) known.set(path, dir);
  }
  return [...known.values()];
}

/** Says which lines of a log are left out; refuses a target whose log is lost. */
async function checkLog(dir: string, isTarget: boolean, notice: Notice): Promise<void> {
  let images = 0;
  const log = await readLog(join(dir, LOG_NAME), (line) => {
    if (line.event === "image") images++;
  });
  if (isTarget && images === 0) await refuseLostLog(dir, log.exists);
  reportLog(join(dir, LOG_NAME), { ...log, unknown: new Map() }, notice);
}

/** Where an image's file may be: a collision may have given it a longer name elsewhere. */
function possibleFiles(image: KeptImage): string[] {
  const folder = image.file.slice(0, image.file.lastIndexOf("/"));
  const extension = image.file.slice(image.file.lastIndexOf("."));
  const names = [16, 24, 32, 64].map((length) =>
    `${folder}/${image.sha256.slice(0, length)}${extension}`
  );
  return [...new Set([image.file, ...names])];
}
