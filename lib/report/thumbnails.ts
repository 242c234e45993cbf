/**
 * The thumbnails of a data folder: made once, kept beside the report, thrown away with their image.
 *
 * @module
 */

import { join } from "@std/path";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import { removeIfThere, writeFileAtomic } from "../base/files.ts";
import { folderInside, makeFolderInside, pathInside } from "../base/inside.ts";
import { pooled } from "../base/pooled.ts";
import type { KeptImage } from "../dataset/state.ts";
import type { Thumbnailer } from "../image/create_renderer.ts";
import { fileName } from "./sheet.ts";

export const REPORT_FOLDER = "report";
const THUMBNAILS = `${REPORT_FOLDER}/thumbs`;

/** A larger file than this is not read for a thumbnail, in bytes. */
const LARGEST = 200e6;

/**
 * Where the thumbnail of an image is, within the thumbnails' folder, with `/`. The name of an
 * image's file begins with its hash, so the same picture of two species has one thumbnail.
 */
export function thumbnailPath(name: string): string {
  return `${name.slice(0, 2)}/${name.slice(0, name.lastIndexOf("."))}.jpg`;
}

export interface ThumbnailsMade {
  readonly made: number;
  /** Images that have none, because their file is missing or does not decode. */
  readonly failed: readonly string[];
}

export class Thumbnails {
  readonly #dir: string;
  readonly #thumbnailer: Thumbnailer;
  readonly #making = new Map<string, Promise<boolean>>();

  constructor(dir: string, thumbnailer: Thumbnailer) {
    this.#dir = dir;
    this.#thumbnailer = thumbnailer;
  }

  /**
   * Makes sure that an image has its thumbnail.
   *
   * @returns Its path; `undefined` where the image's file is missing or does not decode.
   * @throws {Failure} When the disk does not let us.
   */
  async ensure(image: Pick<KeptImage, "file">, signal: AbortSignal): Promise<string | undefined> {
    const within = `${THUMBNAILS}/${thumbnailPath(fileName(image))}`;
    const path = await pathInside(this.#dir, within);
    if (await isFilled(path)) return path;
    return await this.#makeOnce(image.file, within, signal) ? path : undefined;
  }

  /**
   * Makes those that are missing, some at a time.
   *
   * @param progress Called after each with the number so far.
   * @throws {Failure} When the disk does not let us.
   */
  async ensureAll(
    images: readonly Pick<KeptImage, "file">[],
    signal: AbortSignal,
    progress: (done: number) => void,
  ): Promise<ThumbnailsMade> {
    const present = await this.#present();
    const missing = images.filter(({ file }) => !present.has(thumbnailPath(fileName({ file }))));
    const failed: string[] = [];
    let done = images.length - missing.length;
    // Twice as many as there are workers: while one decodes, the next file is read.
    const made = pooled(8, missing, async (image) => {
      signal.throwIfAborted();
      const within = `${THUMBNAILS}/${thumbnailPath(fileName(image))}`;
      return { image, isMade: await this.#makeOnce(image.file, within, signal) };
    });
    for await (const { image, isMade } of made) {
      if (!isMade) failed.push(image.file);
      progress(++done);
    }
    return { made: missing.length - failed.length, failed };
  }

  /**
   * Removes thumbnails of other images than these, and half-written ones.
   *
   * @throws {Failure} When the disk does not let us.
   */
  async removeStale(images: readonly Pick<KeptImage, "file">[]): Promise<void> {
    const wanted = new Set(images.map((image) => thumbnailPath(fileName(image))));
    for (const path of await this.#present()) {
      if (wanted.has(path)) continue;
      await removeIfThere(await pathInside(this.#dir, `${THUMBNAILS}/${path}`));
    }
  }

  /** The paths of all files in the thumbnails' folders, empty ones left out. */
  async #present(): Promise<Set<string>> {
    const present = new Set<string>();
    try {
      for await (const folder of Deno.readDir(await folderInside(this.#dir, THUMBNAILS))) {
        if (!folder.isDirectory || !/^[0-9a-f]{2}$/.test(folder.name)) continue;
        const below = await folderInside(this.#dir, `${THUMBNAILS}/${folder.name}`);
        for await (const file of Deno.readDir(below)) {
          if (file.isFile) present.add(`${folder.name}/${file.name}`);
        }
      }
    } catch (error) {
      if (!isMissing(error)) throw diskFailure(`read the folder ${THUMBNAILS}`, error);
    }
    return present;
  }

  /** Makes one, unless that is under way. */
  async #makeOnce(file: string, within: string, signal: AbortSignal): Promise<boolean> {
    const making = this.#making.get(within) ?? this.#make(file, within, signal);
    this.#making.set(within, making);
    try {
      return await making;
    } finally {
      this.#making.delete(within);
    }
  }

  async #make(file: string, within: string, signal: AbortSignal): Promise<boolean> {
    const bytes = await readImage(await pathInside(this.#dir, file));
    const small = bytes && await this.#thumbnailer.shrink(bytes, signal);
    if (small === undefined) return false;
    const path = join(this.#dir, within);
    const write = () => writeFileAtomic(path, small, { flush: "nothing" });
    const folder = within.slice(0, within.lastIndexOf("/"));
    try {
      await folderInside(this.#dir, folder);
      await write().catch(async (error) => {
        if (!isMissing(error)) throw error;
        await makeFolderInside(this.#dir, folder);
        await write();
      });
    } catch (error) {
      throw diskFailure(`write the thumbnail ${path}`, error);
    }
    return true;
  }
}

/** The bytes of an image's file; `undefined` where it is no plain file, or a huge one. */
async function readImage(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const { isFile, size } = await Deno.lstat(path);
    return isFile && size <= LARGEST ? await Deno.readFile(path) : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw diskFailure(`read the image ${path}`, error);
  }
}

/** Whether there is a file with something in it: a power cut may leave an empty one. */
async function isFilled(path: string): Promise<boolean> {
  try {
    const { isFile, size } = await Deno.lstat(path);
    return isFile && size > 0;
  } catch (error) {
    if (isMissing(error)) return false;
    throw diskFailure(`read the thumbnail ${path}`, error);
  }
}
