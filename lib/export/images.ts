/**
 * The images an export is made from: as they are kept, resized, or varied copies of them.
 *
 * @module
 */

import { readIfThere, sha256Of, sizeOf, writeFileAtomic } from "../base/files.ts";
import { pathInside } from "../base/inside.ts";
import type { Copy } from "../augment/copies.ts";
import type { Renderer } from "../image/create_renderer.ts";
import type { RenderTask } from "../image/variation.ts";
import { readKept } from "../split/facts.ts";
import type { SplitImage } from "../split/split_dataset.ts";
import type { ExportOptions } from "./options.ts";
import { type FileFacts, linkFile, type WantedFile } from "./tree.ts";

/** Our own JPEGs have a third of a byte a pixel; twice as much is rare. */
const BYTES_PER_PIXEL = 0.7;
const JPEG_HEADER = 1_024;

/** What is done to images on their way into an export. */
export interface ImageOptions
  extends Pick<ExportOptions, "dir" | "link" | "resize" | "type" | "signal"> {
  /** The long side of copies, in pixels. */
  readonly copySize: number;
  readonly renderer: Renderer;
}

/** One image of an export: a kept photo, or a varied copy of one. */
export interface ExportImage {
  readonly photo: SplitImage;
  readonly copy?: Copy;
}

/** An image's bytes as they are exported. */
export interface ImageBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/** An image that is left out, and why. */
export interface LeftOut {
  /** The path within the data folder. */
  readonly file: string;
  /** The end of a sentence. */
  readonly why: string;
}

/** Reads, converts and places the images of one export. */
export class ExportImages {
  readonly #options: ImageOptions;
  readonly #leftOut = new Map<string, string>();

  constructor(options: ImageOptions) {
    this.#options = options;
  }

  /** The images that are left out because their files are damaged, by file. */
  get leftOut(): LeftOut[] {
    return [...this.#leftOut].map(([file, why]) => ({ file, why }))
      .sort((one, other) => one.file < other.file ? -1 : 1);
  }

  /** What an image's exported file is made from and how. */
  keyOf({ photo, copy }: ExportImage): string {
    const { resize, link, type } = this.#options;
    if (copy !== undefined) return `copy ${photo.sha256} ${copy.key}`;
    const how = resize === undefined
      ? (this.#isConverted(photo) ? type : link)
      : `${resize.fit} ${resize.size}`;
    return `${photo.sha256} ${how}`;
  }

  /** The name of an image's exported file, without folders. */
  nameOf({ photo, copy }: ExportImage): string {
    const { file } = photo;
    const stem = file.slice(file.lastIndexOf("/") + 1, file.lastIndexOf("."));
    if (copy !== undefined) return `${stem}-${String(copy.number).padStart(4, "0")}.jpg`;
    const isMade = this.#options.resize !== undefined || this.#isConverted(photo);
    return `${stem}.${isMade ? "jpg" : file.slice(file.lastIndexOf(".") + 1)}`;
  }

  /** How large an image's exported file is, at the most. */
  expectedBytes({ photo, copy }: ExportImage): number {
    const { resize, copySize } = this.#options;
    const side = copy === undefined ? resize?.size : copySize;
    if (side !== undefined) return Math.round(side ** 2 * BYTES_PER_PIXEL) + JPEG_HEADER;
    return this.#isConverted(photo)
      ? Math.round(photo.width * photo.height * BYTES_PER_PIXEL) + JPEG_HEADER
      : photo.bytes;
  }

  /** Whether a photo's file is there in its right size; otherwise the photo is left out. */
  async isPresent(photo: SplitImage): Promise<boolean> {
    const size = await sizeOf(await pathInside(this.#options.dir, photo.file));
    if (size === undefined) return this.#leaveOut(photo, "its file is missing");
    if (photo.bytes > 0 && size !== photo.bytes) {
      return this.#leaveOut(photo, "its file has another size than the log says");
    }
    return true;
  }

  /**
   * Places a photo's file, or its resized or converted version.
   *
   * @returns Undefined where the photo is left out.
   */
  async place(photo: SplitImage, target: string): Promise<FileFacts | undefined> {
    // Read although it may only be linked: nobody should train with a file that was changed.
    const image = await this.readPhoto(photo);
    if (image === undefined) return undefined;
    const { bytes, width, height } = image;
    const isAsKept = this.#options.resize === undefined && !this.#isConverted(photo);
    const source = await pathInside(this.#options.dir, photo.file);
    if (isAsKept && this.#options.link === "hard" && await linkFile(source, target)) {
      return { bytes: bytes.length, width, height };
    }
    await writeFileAtomic(target, bytes, { flush: "file" });
    return { bytes: bytes.length, width, height };
  }

  /** Makes copies of one photo and places them. A damaged photo has none. @returns Facts by path. */
  async placeCopies(
    photo: SplitImage,
    copies: readonly { readonly copy: Copy; readonly path: string; readonly target: string }[],
  ): Promise<ReadonlyMap<string, FileFacts>> {
    const facts = new Map<string, FileFacts>();
    const made = await this.#renderCopies(photo, copies.map(({ copy }) => copy));
    for (const [at, { bytes, width, height }] of made.entries()) {
      const { path, target } = copies[at] ?? {};
      if (path === undefined || target === undefined) continue;
      await writeFileAtomic(target, bytes, { flush: "file" });
      facts.set(path, { bytes: bytes.length, width, height });
    }
    return facts;
  }

  /** The facts of a file that an interrupted run has placed. */
  async inspect({ photo, copy }: ExportImage, target: string): Promise<FileFacts | undefined> {
    const bytes = await sizeOf(target);
    if (bytes === undefined) return undefined;
    const { width, height } = photo;
    if (copy === undefined && this.#options.resize === undefined) return { bytes, width, height };
    const file = await readIfThere(target);
    const size = file === undefined ? undefined : readJpegSize(file);
    return size === undefined ? undefined : { bytes, ...size };
  }

  /** Reads an image as it is exported. @returns Undefined where it is left out. */
  async read({ photo, copy }: ExportImage): Promise<ImageBytes | undefined> {
    if (copy === undefined) return await this.readPhoto(photo);
    return (await this.#renderCopies(photo, [copy]))[0];
  }

  async readPhoto(photo: SplitImage): Promise<ImageBytes | undefined> {
    const { resize } = this.#options;
    const bytes = await this.#readChecked(photo);
    if (bytes === undefined) return undefined;
    const { width, height } = photo;
    if (resize === undefined && !this.#isConverted(photo)) return { bytes, width, height };
    const fit = resize ?? { size: Math.max(width, height), fit: "keep-ratio" };
    return (await this.#render(photo, { kind: "fit", ...fit }, bytes))[0];
  }

  #isConverted({ file }: SplitImage): boolean {
    return this.#options.type === "jpeg" && !file.endsWith(".jpg");
  }

  async #renderCopies(photo: SplitImage, copies: readonly Copy[]): Promise<readonly ImageBytes[]> {
    const bytes = await this.#readChecked(photo);
    if (bytes === undefined) return [];
    const operations = copies.map((copy) => copy.operations());
    const size = this.#options.copySize;
    return await this.#render(photo, { kind: "copies", size, copies: operations }, bytes);
  }

  async #readChecked(photo: SplitImage): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const bytes = await readKept(this.#options.dir, photo.file);
    if (bytes === undefined) this.#leaveOut(photo, "its file is missing");
    else if (await sha256Of(bytes) === photo.sha256) return bytes;
    else this.#leaveOut(photo, "its file has other bytes than the log says");
    return undefined;
  }

  async #render(
    photo: SplitImage,
    task: RenderTask,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<readonly ImageBytes[]> {
    const made = await this.#options.renderer.render(task, [bytes], this.#options.signal);
    if (made.ok) return made.pictures;
    this.#leaveOut(photo, `it does not decode: ${made.why}`);
    return [];
  }

  #leaveOut({ file }: SplitImage, why: string): false {
    this.#leftOut.set(file, why);
    return false;
  }
}

/** A file's width and height, in pixels, from the frame header of a JPEG that we wrote. */
export function readJpegSize(
  bytes: Uint8Array<ArrayBuffer>,
): { width: number; height: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 2; at + 9 <= bytes.length;) {
    const marker = view.getUint16(at);
    const isFrame = marker >= 0xffc0 && marker <= 0xffcf &&
      ![0xffc4, 0xffc8, 0xffcc].includes(marker);
    if (isFrame) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    if (marker < 0xff00) return undefined;
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/** The wanted file of an image in a folder of the export. */
export function wantedFile(images: ExportImages, image: ExportImage, folder: string): WantedFile {
  return { path: `${folder}/${images.nameOf(image)}`, key: images.keyOf(image) };
}
