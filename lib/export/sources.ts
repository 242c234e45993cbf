/**
 * The image files an export is made from, as they are or brought to a size.
 *
 * @module
 */

import { diskFailure } from "../base/disk_failure.ts";
import { readIfThere, sha256Of, sizeOf, writeFileAtomic } from "../base/files.ts";
import { fileInside, pathInside } from "../base/inside.ts";
import type { Renderer } from "../image/create_renderer.ts";
import type { Fit } from "../image/variation.ts";
import type { SplitImage } from "../split/split_dataset.ts";
import { linkFile, type Made } from "./tree.ts";

/** A photo saved as this program does has a third of a byte a pixel; twice as much is rare. */
const BYTES_A_PIXEL = 0.7;
const JPEG_HEAD = 1_024;

/** How images are brought to a size. */
export interface Resizing {
  /** Pixels: the greatest side, or both. */
  readonly size: number;
  /** How. */
  readonly fit: Fit;
}

/** How an export gets its images. */
export interface SourceOptions {
  /** The data folder. */
  readonly dir: string;
  /** A second name for the same file, or a file of its own. */
  readonly link: "hard" | "copy";
  /** The size to bring them to; as they are unless given. */
  readonly resizing?: Resizing;
  /** Brings them there. */
  readonly renderer: Renderer;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** An image file's bytes and what they are. */
export interface SourceBytes {
  /** The file's content. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Pixels; 0 where not known. */
  readonly width: number;
  /** Pixels; 0 where not known. */
  readonly height: number;
}

/** An image that is left out, and why. */
export interface LeftOut {
  /** The path within the data folder. */
  readonly file: string;
  /** Why, for the end of a sentence. */
  readonly why: string;
}

/** The image files of a data folder. */
export class Sources {
  /** The images that are left out, because their files are no good. */
  readonly leftOut: LeftOut[] = [];
  readonly #options: SourceOptions;

  /** The files of one data folder. */
  constructor(options: SourceOptions) {
    this.#options = options;
  }

  /** What an image's exported file is made from and how. */
  key(image: SplitImage): string {
    const { resizing, link } = this.#options;
    const how = resizing === undefined ? link : `${resizing.fit} ${resizing.size}`;
    return `${image.sha256} ${how}`;
  }

  /** The ending of an image's exported file. */
  extension(image: SplitImage): string {
    if (this.#options.resizing !== undefined) return "jpg";
    return image.file.slice(image.file.lastIndexOf(".") + 1);
  }

  /** How large an image's exported file is, or is going to be at the most. */
  expectedBytes(image: SplitImage): number {
    const { resizing } = this.#options;
    return resizing === undefined
      ? image.bytes
      : Math.round(resizing.size ** 2 * BYTES_A_PIXEL) + JPEG_HEAD;
  }

  /** Whether an image's file is there and has its size; one that has not is noted as left out. */
  async isThere(image: SplitImage): Promise<boolean> {
    const size = await sizeOf(await pathInside(this.#options.dir, image.file));
    if (size === undefined) return this.#leave(image, "its file is not there");
    if (image.bytes > 0 && size !== image.bytes) {
      return this.#leave(image, "its file is not as long as the log says");
    }
    return true;
  }

  /**
   * Puts an image's file, or a resized one, into its place.
   *
   * @param image The image.
   * @param target Where to.
   * @returns What is there now; nothing where the image is left out.
   */
  async put(image: SplitImage, target: string): Promise<Made> {
    const { dir, link, resizing } = this.#options;
    const source = await pathInside(dir, image.file);
    const { width, height } = image;
    // Read although it may only be linked: an altered file must not be trained with.
    const read = await this.read(image);
    if (read === undefined) return undefined;
    if (link === "hard" && resizing === undefined && await linkFile(source, target)) {
      return { bytes: read.bytes.length, width, height };
    }
    await writeFileAtomic(target, read.bytes, { flush: "file" });
    return { bytes: read.bytes.length, width: read.width, height: read.height };
  }

  /**
   * Reads an image, as it is exported.
   *
   * @param image The image.
   * @returns Its bytes; nothing where the image is left out.
   */
  async read(image: SplitImage): Promise<SourceBytes | undefined> {
    const { dir, resizing, renderer, signal } = this.#options;
    const bytes = await readImage(dir, image.file);
    if (bytes === undefined) {
      this.#leave(image, "its file is not there");
      return undefined;
    }
    if (await sha256Of(bytes) !== image.sha256) {
      this.#leave(image, "its file has other bytes than the log says");
      return undefined;
    }
    if (resizing === undefined) return { bytes, width: image.width, height: image.height };
    const made = await renderer.render({ kind: "fit", ...resizing }, [bytes], signal);
    const [picture] = made.ok ? made.pictures : [];
    if (picture !== undefined) return picture;
    this.#leave(image, `it does not decode: ${made.ok ? "nothing was made" : made.why}`);
    return undefined;
  }

  #leave({ file }: SplitImage, why: string): false {
    this.leftOut.push({ file, why });
    return false;
  }
}

async function readImage(
  dir: string,
  image: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const path = await fileInside(dir, image);
    return path === undefined ? undefined : await readIfThere(path);
  } catch (thrown) {
    throw diskFailure(`read the image ${image}`, thrown);
  }
}
