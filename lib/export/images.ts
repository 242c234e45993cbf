/**
 * The images an export is made from: as they are kept, resized, or varied copies of them.
 *
 * @module
 */

import { linkFile, sha256Of, sizeOf, writeFileAtomic } from "../base/files.ts";
import { pathInside } from "../base/inside.ts";
import { pooled } from "../base/pooled.ts";
import type { Copy } from "../augment/copies.ts";
import type { Renderer } from "../image/create_renderer.ts";
import type { RenderTask } from "../image/render.ts";
import { readKept } from "../split/facts.ts";
import type { SplitImage } from "../split/split_dataset.ts";
import type { FileFacts } from "./manifest.ts";
import type { ExportOptions } from "./options.ts";
import type { FileBatch, WantedFile } from "./tree.ts";

/** Our own JPEGs have a third of a byte a pixel; twice as much is rare. */
const BYTES_PER_PIXEL = 0.7;
const JPEG_HEADER = 1_024;
/** Images of one photo that are made from one decoding of it. */
const AT_ONCE = 8;

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
    return `${stem}.${this.#isAsKept({ photo }) ? file.slice(file.lastIndexOf(".") + 1) : "jpg"}`;
  }

  /** How large an image's exported file is, at the most. */
  expectedBytes(image: ExportImage): number {
    const { photo, copy } = image;
    if (this.#isAsKept(image)) return photo.bytes;
    const { resize, copySize } = this.#options;
    const side = copy === undefined ? resize?.size : copySize;
    const pixels = side === undefined ? photo.width * photo.height : side ** 2;
    return Math.round(pixels * BYTES_PER_PIXEL) + JPEG_HEADER;
  }

  /** The photos whose files are there in their right sizes; the others are left out. */
  async present(photos: readonly SplitImage[]): Promise<SplitImage[]> {
    const present: SplitImage[] = [];
    const sizes = pooled(32, photos, async (photo) => {
      const size = await sizeOf(await pathInside(this.#options.dir, photo.file));
      return { photo, size };
    });
    for await (const { photo, size } of sizes) {
      if (size === undefined) this.#leaveOut(photo, "its file is missing");
      else if (photo.bytes === 0 || size === photo.bytes) present.push(photo);
      else this.#leaveOut(photo, "its file has another size than the log says");
    }
    return present;
  }

  /** The files of images of one photo in a folder of the export, made a few at a time. */
  *batches(images: readonly ExportImage[], folder: string): Generator<FileBatch, void, void> {
    for (let from = 0; from < images.length; from += AT_ONCE) {
      const imageOf = new Map<WantedFile, ExportImage>(
        images.slice(from, from + AT_ONCE).map((image) => [
          { path: `${folder}/${this.nameOf(image)}`, key: this.keyOf(image) },
          image,
        ]),
      );
      yield {
        files: [...imageOf.keys()],
        make: (files, targetOf) => this.#makeFiles(files, imageOf, targetOf),
      };
    }
  }

  async *#makeFiles(
    files: readonly WantedFile[],
    imageOf: ReadonlyMap<WantedFile, ExportImage>,
    targetOf: (file: WantedFile) => string,
  ): AsyncGenerator<readonly [WantedFile, FileFacts], void, void> {
    const wanted = files.flatMap((file) => imageOf.get(file) ?? []);
    for (const [at, image] of (await this.make(wanted)).entries()) {
      const [file, from] = [files[at], wanted[at]];
      if (file === undefined || from === undefined) continue;
      await this.#place(from, image, targetOf(file));
      yield [file, { bytes: image.bytes.length, width: image.width, height: image.height }];
    }
  }

  async #place(image: ExportImage, { bytes }: ImageBytes, target: string): Promise<void> {
    if (this.#options.link === "hard" && this.#isAsKept(image)) {
      const source = await pathInside(this.#options.dir, image.photo.file);
      if (await linkFile(source, target)) return;
    }
    await writeFileAtomic(target, bytes, { flush: "file" });
  }

  /**
   * Makes images of one photo, itself first, as they are exported; none where the photo is left out.
   */
  async make(images: readonly ExportImage[]): Promise<readonly ImageBytes[]> {
    const [photo] = images.map((image) => image.photo);
    // Read although it may only be linked: nobody should train with a file that was changed.
    const bytes = photo && await this.#readChecked(photo);
    if (photo === undefined || bytes === undefined) return [];
    const { copySize: size, resize } = this.#options;
    const { width, height } = photo;
    const copies = images.flatMap(({ copy }) => copy === undefined ? [] : [copy.operations()]);
    let whole: readonly ImageBytes[] = [];
    if (copies.length < images.length) {
      const fit = resize ?? { size: Math.max(width, height), fit: "keep-ratio" };
      whole = this.#isAsKept({ photo })
        ? [{ bytes, width, height }]
        : await this.#render(photo, { kind: "fit", ...fit }, bytes.slice());
      // Or the first copy would be taken for it.
      if (whole.length === 0) return [];
    }
    if (copies.length === 0) return whole;
    const varied = await this.#render(photo, { kind: "copies", size, copies }, bytes.slice());
    return [...whole, ...varied];
  }

  #isConverted({ file }: SplitImage): boolean {
    return this.#options.type === "jpeg" && !file.endsWith(".jpg");
  }

  /** Whether its bytes are those of the kept file. */
  #isAsKept({ photo, copy }: ExportImage): boolean {
    return copy === undefined && this.#options.resize === undefined && !this.#isConverted(photo);
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

  #leaveOut({ file }: SplitImage, why: string): void {
    this.#leftOut.set(file, why);
  }
}
