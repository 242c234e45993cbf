/**
 * Puts image files into their places so that a file under its name is complete.
 *
 * @module
 */

import { join } from "@std/path";
import type { KeptType } from "../image/examine.ts";
import { diskFailure, isMissing, lstatIfThere } from "../base/disk_failure.ts";
import { linkFile, sha256Of, syncFolder, temporaryName, writeNew } from "../base/files.ts";
import { folderInside, imagesAreElsewhere, pathInside } from "../base/inside.ts";
import { isSpeciesId } from "../species/species.ts";
import { isImageFile, isSha256 } from "./event.ts";

/** A file's content that is in a store elsewhere. */
export interface StoredBytes {
  /** In bytes. */
  readonly length: number;
  /** Tells it from bytes in memory. */
  readonly stored: true;
}

/** An image to be placed. */
export interface ImageFile {
  /** SHA-256 of `bytes`, 64 hex digits. */
  readonly sha256: string;
  /** The type of the bytes. */
  readonly type: KeptType;
  /** The bytes, or where they are already. */
  readonly bytes: Uint8Array<ArrayBuffer> | StoredBytes;
}

/** What a kept image's name ends with. */
export const EXTENSIONS: Readonly<Record<KeptType, string>> = {
  jpeg: "jpg",
  png: "png",
  webp: "webp",
  gif: "gif",
};

/** The names that an image may have: the first is used but for a collision. */
export function namesOf(sha256: string, extension: string): string[] {
  return [16, 24, 32, 64].map((digits) => `${sha256.slice(0, digits)}.${extension}`);
}

/**
 * The image files of one data folder.
 *
 * An image is written under a temporary name, flushed, and given its own. The temporary name stays,
 * as a second one for the same file, until its line is on the disk ({@link Store.settle}): so the
 * start after a crash can tell a file that was placed but not logged, which is removed, from one
 * whose line was lost, which stays.
 */
export class Store {
  readonly #dir: string;
  readonly #taken: (file: string, sha256: string) => boolean;
  /** Species whose folder was made or seen by this process. */
  readonly #folders = new Map<string, Promise<void>>();
  /** By image file: what it was written as, where that name stays, and where its line will stand. */
  readonly #unlogged = new Map<string, { temporary: string | undefined; offset: number }>();
  /** Folders with names that are not flushed to the disk yet. */
  readonly #unflushed = new Set<string>();

  /** `taken` says whether a path belongs to a kept image with another hash. */
  constructor(
    dir: string,
    taken: (file: string, sha256: string) => boolean,
  ) {
    this.#dir = dir;
    this.#taken = taken;
  }

  /**
   * Writes an image beside its place, flushes it and gives it its name, which is flushed by
   * {@link Store.flushNames}. Where the same bytes already are, there or in a store elsewhere, nothing
   * is written.
   *
   * @returns The path within the data folder, with `/`.
   * @throws {Failure} When it cannot be written; nothing half-written is left.
   */
  async place(species: string, image: ImageFile): Promise<string> {
    if (!isSpeciesId(species) || !isSha256(image.sha256)) {
      throw new TypeError(`No species or no hash: ${species}, ${image.sha256}`);
    }
    const { bytes } = image;
    try {
      if (bytes instanceof Uint8Array) await this.#folder(species);
      for (const name of namesOf(image.sha256, EXTENSIONS[image.type])) {
        const file = `images/${species}/${name}`;
        if (this.#taken(file, image.sha256)) continue;
        if (!(bytes instanceof Uint8Array)) return file;
        const there = await this.#compare(file, image);
        if (there === "other" && await imagesAreElsewhere(this.#dir)) continue;
        if (there !== "same") await this.#write(species, file, bytes);
        return file;
      }
    } catch (error) {
      throw diskFailure(`save an image in ${join(this.#dir, "images", species)}`, error);
    }
    throw new TypeError(`Every name for ${image.sha256} is taken.`);
  }

  /**
   * Flushes the names of what was placed, once for each folder: call this before the lines that
   * speak of it are written. Throws a `Failure`.
   */
  async flushNames(): Promise<void> {
    const folders = [...this.#unflushed];
    this.#unflushed.clear();
    try {
      await Promise.all(folders.map((folder) => syncFolder(folder)));
    } catch (error) {
      throw diskFailure(`save images in ${join(this.#dir, "images")}`, error);
    }
  }

  /** Removes an image file; one that is gone already is fine. Throws a `Failure`. */
  async remove(file: string): Promise<void> {
    const species = file.split("/")[1] ?? "";
    if (!isImageFile(file, species)) throw new TypeError(`No image's path: ${file}`);
    await this.#remove(file);
  }

  /** Call this when an image's line is queued. */
  appended(file: string, offset: number): void {
    const image = this.#unlogged.get(file);
    if (image !== undefined) image.offset = offset;
  }

  /** Call this when the log is on the disk up to a byte. Throws a `Failure`. */
  async settle(durable: number): Promise<void> {
    const logged = [...this.#unlogged].filter(([, { offset }]) => offset < durable);
    for (const [file, { temporary }] of logged) {
      this.#unlogged.delete(file);
      if (temporary !== undefined) await this.#remove(temporary);
    }
  }

  /** Removes what was placed and will not be logged, as when the log cannot be written. */
  async takeBack(): Promise<void> {
    for (const [file, { temporary }] of this.#unlogged) {
      await this.#remove(file);
      if (temporary !== undefined) await this.#remove(temporary);
    }
    this.#unlogged.clear();
  }

  async #remove(file: string): Promise<void> {
    try {
      await Deno.remove(await pathInside(this.#dir, file));
    } catch (error) {
      if (!isMissing(error)) throw diskFailure(`remove ${join(this.#dir, file)}`, error);
    }
  }

  async #folder(species: string): Promise<void> {
    const known = this.#folders.get(species);
    const made = known ?? this.#makeFolder(species);
    if (known === undefined) {
      this.#folders.set(species, made);
      made.catch(() => this.#folders.delete(species));
    }
    await made;
    // Looked at each time: a link may be made while the run goes on.
    await folderInside(this.#dir, `images/${species}`);
  }

  async #makeFolder(species: string): Promise<void> {
    const images = join(this.#dir, "images");
    const folder = join(images, species);
    try {
      // Not recursive: a data folder that was deleted under us must not come back half.
      await Deno.mkdir(folder);
      await syncFolder(images);
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }

  async #compare(file: string, image: ImageFile): Promise<"nothing" | "same" | "other"> {
    const path = join(this.#dir, file);
    const found = lstatIfThere(path);
    if (found === undefined) return "nothing";
    if (!found.isFile || found.size !== image.bytes.length) return "other";
    return await sha256Of(await Deno.readFile(path)) === image.sha256 ? "same" : "other";
  }

  async #write(species: string, file: string, bytes: Uint8Array): Promise<void> {
    const folder = join(this.#dir, "images", species);
    const name = temporaryName();
    const temporary = join(folder, name);
    try {
      await writeNew(temporary, bytes);
      await folderInside(this.#dir, `images/${species}`);
      const stays = await linkFile(temporary, join(this.#dir, file));
      if (!stays) await Deno.rename(temporary, join(this.#dir, file));
      const second = stays ? `images/${species}/${name}` : undefined;
      this.#unlogged.set(file, { temporary: second, offset: Infinity });
    } catch (error) {
      // A temporary file that cannot be removed now is removed at the start of the next run.
      await Deno.remove(temporary).catch(() => undefined);
      throw error;
    }
    this.#unflushed.add(folder);
  }
}
