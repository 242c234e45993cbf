/**
 * The thumbnails of a data folder: made once, kept beside the report, thrown away with their image.
 *
 * @module
 */

import { join } from "@std/path";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import { writeFileAtomic } from "../base/files.ts";
import { fileInside, folderInside, makeFolderInside, pathInside } from "../base/inside.ts";
import type { KeptImage } from "../dataset/state.ts";
import type { Thumbnailer } from "../image/create_renderer.ts";
import { fileName } from "./sheet.ts";

/** The report's folder within a data folder. */
export const REPORT_FOLDER = "report";
/** The thumbnails' folder within the report's. */
export const THUMBNAIL_FOLDER = "thumbs";
const THUMBNAILS = `${REPORT_FOLDER}/${THUMBNAIL_FOLDER}`;

/** A larger file than this is not read for a thumbnail, in bytes. */
const LARGEST = 200e6;

/**
 * Where the thumbnail of an image is, within the thumbnails' folder, with `/`. The name of an
 * image's file begins with its hash, so the same picture of two species has one thumbnail.
 *
 * @param name The name of the image's file.
 */
export function thumbnailPath(name: string): string {
  return `${name.slice(0, 2)}/${name.slice(0, name.lastIndexOf("."))}.jpg`;
}

/** What came of making thumbnails. */
export interface ThumbnailsMade {
  /** How many were made now. */
  readonly made: number;
  /** How many were there. */
  readonly there: number;
  /** Images of which there is none, because their file is not there or does not decode. */
  readonly failed: readonly string[];
}

/** The thumbnails of one data folder. */
export class Thumbnails {
  readonly #dir: string;
  readonly #thumbnailer: Thumbnailer;
  readonly #making = new Map<string, Promise<boolean>>();

  /**
   * The thumbnails of a data folder.
   *
   * @param dir The data folder.
   * @param thumbnailer Makes them.
   */
  constructor(dir: string, thumbnailer: Thumbnailer) {
    this.#dir = dir;
    this.#thumbnailer = thumbnailer;
  }

  /** The folder they are in. */
  get folder(): string {
    return join(this.#dir, REPORT_FOLDER, THUMBNAIL_FOLDER);
  }

  /**
   * Makes sure that an image has its thumbnail.
   *
   * @param image The image.
   * @param signal Ends the making.
   * @returns Its path; nothing where the image's file is not there or does not decode.
   * @throws {Failure} When the disk does not let us.
   */
  async ensure(image: Pick<KeptImage, "file">, signal: AbortSignal): Promise<string | undefined> {
    const within = `${THUMBNAILS}/${thumbnailPath(fileName(image))}`;
    const path = await pathInside(this.#dir, within);
    if (await isFilled(path)) return path;
    const making = this.#making.get(path) ?? this.#make(image.file, within, signal);
    this.#making.set(path, making);
    try {
      return await making ? path : undefined;
    } finally {
      this.#making.delete(path);
    }
  }

  /**
   * Makes those that are not there, some at a time.
   *
   * @param images The images.
   * @param signal Ends the making.
   * @param told Is called after each with the number so far.
   * @throws {Failure} When the disk does not let us.
   */
  async ensureAll(
    images: readonly Pick<KeptImage, "file">[],
    signal: AbortSignal,
    told: (done: number) => void,
  ): Promise<ThumbnailsMade> {
    const present = await this.#present();
    const missing = images.filter(({ file }) => !present.has(thumbnailPath(fileName({ file }))));
    const failed: string[] = [];
    let done = images.length - missing.length;
    const rest = missing[Symbol.iterator]();
    const work = async (): Promise<void> => {
      for (const image of rest) {
        signal.throwIfAborted();
        if (await this.ensure(image, signal) === undefined) failed.push(image.file);
        told(++done);
      }
    };
    // Twice as many as there are workers: while one decodes, the next file is read.
    await Promise.all(Array.from({ length: 8 }, work));
    return { made: missing.length - failed.length, there: images.length - missing.length, failed };
  }

  /**
   * Removes the thumbnails of images that are no more, and half-written ones.
   *
   * @param images The images there are.
   * @returns How many were removed.
   * @throws {Failure} When the disk does not let us.
   */
  async removeStale(images: readonly Pick<KeptImage, "file">[]): Promise<number> {
    const wanted = new Set(images.map((image) => thumbnailPath(fileName(image))));
    let removed = 0;
    for (const path of await this.#present()) {
      if (wanted.has(path)) continue;
      await Deno.remove(await pathInside(this.#dir, `${THUMBNAILS}/${path}`));
      removed++;
    }
    return removed;
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
      if (!isMissing(error)) throw diskFailure(`read the folder ${this.folder}`, error);
    }
    return present;
  }

  async #make(file: string, within: string, signal: AbortSignal): Promise<boolean> {
    const image = await fileInside(this.#dir, file);
    const bytes = image === undefined ? undefined : await readImage(image);
    const small = bytes && await this.#thumbnailer.shrink(bytes, signal);
    if (small === undefined) return false;
    const path = join(this.#dir, within);
    try {
      await makeFolderInside(this.#dir, within.slice(0, within.lastIndexOf("/")));
      await writeFileAtomic(path, small, { flush: "nothing" });
    } catch (error) {
      throw diskFailure(`write the thumbnail ${path}`, error);
    }
    return true;
  }
}

/** The bytes of an image's file; nothing where it is not there or is no plain file. */
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
