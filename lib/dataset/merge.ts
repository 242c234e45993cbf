/**
 * Joins data folders: what several machines have gathered becomes one.
 *
 * @module
 */

import { dirname, join } from "@std/path";
import { Failure } from "../base/failure.ts";
import type { KeptType } from "../image/examine.ts";
import type { Notice } from "../sources/source.ts";
import { LOG_NAME, makeDataFolder, refuseLostLog } from "./data_folder.ts";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import type { KeptImage } from "./kept_table.ts";
import { lockHolder, takeLock } from "./lock.ts";
import { readLog } from "./log_reader.ts";
import { mergedLines, mergedState } from "./merge_log.ts";
import { mergeSpeciesLists } from "./merge_species.ts";
import {
  readIfThere,
  sha256Of,
  syncFolder,
  TEMPORARY_PREFIX,
  writeAll,
  writeFileAtomic,
} from "../base/files.ts";
import { fileInside, makeFolderInside } from "../base/inside.ts";
import { Store } from "./store.ts";
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

/** Which folders to join. */
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

/**
 * Joins data folders. The result is the same in whatever order they are named, and when it is done
 * again.
 *
 * Images are known by their hash and linked where the disk allows, else copied; a file whose
 * content is not what its log says is not taken. The log takes its place last, in one step: until
 * then the folder is as it was, but for images that the next start would remove.
 *
 * @throws {Failure} When a folder is missing, being written, or of a newer version, or the disk
 * does not let us.
 */
export async function mergeDatasets(options: MergeOptions): Promise<Merge> {
  const { into, from, notice, signal } = options;
  for (const dir of from) await checkSource(dir);
  await makeDataFolder(into);
  const lock = await takeLock(into, "merge");
  try {
    await refuseLostLog(into);
    const dirs = await distinct([into, ...from]);
    await tellBadLines(dirs, notice);
    const logs = dirs.map((dir) => join(dir, LOG_NAME));
    const { state, done } = await mergedState(logs);
    const gathering = new Gathering(into, dirs, (file, sha256) => {
      const species = file.split("/")[1] ?? "";
      return [...state.keptImages(species)].some((image) =>
        image.file === file && image.sha256 !== sha256
      );
    });
    await makeFolderInside(into, "images");
    const total = [...state.keptImages()].length;
    let placed = 0;
    for (const image of state.keptImages()) {
      signal.throwIfAborted();
      await gathering.bring(image);
      options.progress?.(++placed, total);
    }
    await gathering.settle();
    await mergeSpeciesLists(into, dirs, notice);
    await writeLog(into, logs, done);
    await sweep(into, state);
    const { linked, copied, lost } = gathering;
    const withImages = state.species.filter((id) => state.keptImages(id).next().done !== true);
    const images = withImages.reduce((sum, id) => sum + state.kept(id), 0);
    return { species: withImages.length, images, linked, copied, lost };
  } catch (error) {
    signal.throwIfAborted();
    throw diskFailure(`join data folders into ${into}`, error);
  } finally {
    await lock.release();
  }
}

/** Brings image files together by their hash. */
class Gathering {
  readonly #into: string;
  readonly #dirs: readonly string[];
  readonly #store: Store;
  readonly #changed = new Set<string>();
  linked = 0;
  copied = 0;
  lost = 0;

  constructor(
    into: string,
    dirs: readonly string[],
    taken: (file: string, sha256: string) => boolean,
  ) {
    this.#into = into;
    this.#dirs = dirs;
    this.#store = new Store(into, taken);
  }

  /** Sees to it that an image's file is in its place, if any of the folders has it. */
  async bring(image: KeptImage): Promise<void> {
    for (const dir of this.#dirs) {
      for (const file of possibleFiles(image)) {
        const path = await fileInside(dir, file);
        const bytes = path === undefined ? undefined : await readIfThere(path);
        if (bytes === undefined || await sha256Of(bytes) !== image.sha256) continue;
        if (dir === this.#into && file === image.file) return;
        if (await this.#link(join(dir, file), image)) this.linked++;
        else {
          const type = typeOf(image.file);
          await this.#store.place(image.species, { sha256: image.sha256, type, bytes });
          this.copied++;
        }
        return;
      }
    }
    this.lost++;
  }

  /** Waits until the new names are on the disk. */
  async settle(): Promise<void> {
    for (const folder of this.#changed) await syncFolder(folder);
    await syncFolder(join(this.#into, "images"));
  }

  /** Links a file into its place; false where that cannot be, so that it is to be copied. */
  async #link(from: string, image: KeptImage): Promise<boolean> {
    const folder = await makeFolderInside(this.#into, dirname(image.file));
    const to = join(this.#into, image.file);
    this.#changed.add(folder);
    const temporary = join(folder, `${TEMPORARY_PREFIX}${Deno.pid}-link`);
    try {
      await Deno.link(from, temporary);
    } catch (error) {
      // Another disk, a file system without links, a folder that may only be read: copying works.
      if (error instanceof Error) return false;
      throw error;
    }
    await Deno.rename(temporary, to);
    return true;
  }
}

async function checkSource(dir: string): Promise<void> {
  const log = join(dir, LOG_NAME);
  try {
    if (!(await Deno.stat(log)).isFile) throw new Failure(`Cannot join ${dir}: ${log} is no file.`);
  } catch (error) {
    if (!isMissing(error)) throw diskFailure(`read the data folder ${dir}`, error);
    throw new Failure(`Cannot join ${dir}: it is no data folder, it has no ${LOG_NAME}.`, 2);
  }
  const holder = await lockHolder(dir);
  if (holder === undefined) return;
  throw new Failure(
    `Cannot join ${dir}: it is being written by ${holder.script} (process ${holder.pid}, since ${holder.started}). Wait until it ends.`,
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

async function tellBadLines(dirs: readonly string[], notice: Notice): Promise<void> {
  for (const dir of dirs) {
    const path = join(dir, LOG_NAME);
    const { problems, problemCount } = await readLog(path, () => {});
    for (const { number, why } of problems) {
      notice(`Line ${number} of ${path} is left out: ${why}.`);
    }
    const more = problemCount - problems.length;
    if (more > 0) notice(`${more} more lines of ${path} are left out.`);
  }
}

/** Where an image's file may be: a collision may have given it a longer name elsewhere. */
function possibleFiles(image: KeptImage): string[] {
  const extension = image.file.slice(image.file.lastIndexOf("."));
  const names = [16, 24, 32, 64].map((length) =>
    `images/${image.species}/${image.sha256.slice(0, length)}${extension}`
  );
  return [...new Set([image.file, ...names])];
}

function typeOf(file: string): KeptType {
  switch (file.slice(file.lastIndexOf(".") + 1)) {
    case "png":
      return "png";
    case "webp":
      return "webp";
    case "gif":
      return "gif";
    default:
      return "jpeg";
  }
}

async function writeLog(
  into: string,
  logs: readonly string[],
  done: readonly string[],
): Promise<void> {
  const encoder = new TextEncoder();
  await writeFileAtomic(join(into, LOG_NAME), async (file) => {
    let batch = "";
    for await (const { text } of mergedLines(logs, done)) {
      batch += `${text}\n`;
      if (batch.length < 1 << 18) continue;
      await writeAll(file, encoder.encode(batch));
      batch = "";
    }
    await writeAll(file, encoder.encode(batch));
  });
}
