/**
 * Puts image files into their places so that a file that has its name is whole.
 *
 * @module
 */

import { join } from "@std/path";
import { Failure } from "../base/failure.ts";
import type { KeptType } from "../image/examine.ts";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import { sha256Of, syncFolder, writeFileAtomic } from "../base/files.ts";
import { extensionOf } from "./kept_table.ts";
import { isImageFile, isSha256, isSpeciesId } from "./log_line.ts";

/** The operations on the disk that placing needs; `Deno` has them. */
export type Disk = Pick<typeof Deno, "open" | "rename" | "remove" | "lstat" | "mkdir" | "readFile">;

/** An image to be placed. */
export interface ImageFile {
  /** SHA-256 of `bytes`, 64 hex digits. */
  readonly sha256: string;
  /** The type of `bytes`. */
  readonly type: KeptType;
  /** The file's content. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Name lengths in hex digits: the first is used but for a collision. */
const NAME_LENGTHS = [16, 24, 32, 64] as const;

/** The image files of one data folder. */
export class Store {
  readonly #dir: string;
  readonly #taken: (file: string, sha256: string) => boolean;
  readonly #disk: Disk;
  /** Species whose folder was made or seen by this process. */
  readonly #folders = new Map<string, Promise<void>>();

  /**
   * The store of one data folder.
   *
   * @param dir The data folder.
   * @param taken Whether a path belongs to a kept image with another hash.
   * @param disk The disk.
   */
  constructor(
    dir: string,
    taken: (file: string, sha256: string) => boolean,
    disk: Disk = Deno,
  ) {
    this.#dir = dir;
    this.#taken = taken;
    this.#disk = disk;
  }

  /**
   * Writes an image beside its place, flushes it, renames it and flushes the folder. Where the
   * same bytes already stand, nothing is written.
   *
   * @param species The species' id.
   * @param image The image.
   * @returns The path within the data folder, with `/`.
   * @throws {Failure} When the disk does not let us; nothing half-written is left.
   */
  async place(species: string, image: ImageFile): Promise<string> {
    if (!isSpeciesId(species) || !isSha256(image.sha256)) {
      throw new TypeError(`No species or no hash: ${species}, ${image.sha256}`);
    }
    try {
      await this.#folder(species);
      for (const length of NAME_LENGTHS) {
        const name = `${image.sha256.slice(0, length)}.${extensionOf(image.type)}`;
        const file = `images/${species}/${name}`;
        if (this.#taken(file, image.sha256)) continue;
        if (!await this.#stands(file, image)) {
          await writeFileAtomic(join(this.#dir, file), image.bytes, { disk: this.#disk });
        }
        return file;
      }
    } catch (error) {
      throw diskFailure(`save an image in ${join(this.#dir, "images", species)}`, error);
    }
    throw new TypeError(`Every name for ${image.sha256} is taken.`);
  }

  /**
   * Removes an image file that no kept line names any more. One that is gone already is fine.
   *
   * @param file The path within the data folder.
   * @throws {Failure} When the disk does not let us.
   */
  async remove(file: string): Promise<void> {
    const species = file.split("/")[1] ?? "";
    if (!isImageFile(file, species)) throw new TypeError(`No image's path: ${file}`);
    try {
      await this.#folder(species);
      await this.#disk.remove(join(this.#dir, file));
    } catch (error) {
      if (!isMissing(error)) throw diskFailure(`remove ${join(this.#dir, file)}`, error);
    }
  }

  /** Makes sure, once, that a species has a folder of its own and not a link to elsewhere. */
  #folder(species: string): Promise<void> {
    const known = this.#folders.get(species);
    if (known !== undefined) return known;
    const made = this.#makeFolder(species);
    this.#folders.set(species, made);
    made.catch(() => this.#folders.delete(species));
    return made;
  }

  async #makeFolder(species: string): Promise<void> {
    const images = join(this.#dir, "images");
    const folder = join(images, species);
    try {
      // Not recursive: a data folder that was deleted under us must not come back half.
      await this.#disk.mkdir(folder);
      await syncFolder(images, this.#disk);
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
    if ((await this.#disk.lstat(folder)).isDirectory) return;
    throw new Failure(
      `Cannot save images in ${folder}: it is not a folder but a link or a file. Remove it and run again.`,
    );
  }

  async #stands(file: string, image: ImageFile): Promise<boolean> {
    const path = join(this.#dir, file);
    try {
      const found = await this.#disk.lstat(path);
      if (!found.isFile || found.size !== image.bytes.length) return false;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
    return await sha256Of(await this.#disk.readFile(path)) === image.sha256;
  }
}
