/**
 * Making pictures of pictures, with the codec at hand: what a worker does.
 *
 * @module
 */

import type { Codec, CodecImage } from "./codec.ts";
import { readContainer } from "./container.ts";
import { Undecodable } from "./decode.ts";
import { type JpegDecoder, Padded } from "./jpeg.ts";
import type { LookTools } from "./look.ts";
import { recognise } from "./recognise.ts";
import { openPixels, readPixels, type Sample } from "./sample.ts";
import { type Variation, vary } from "./vary.ts";

/** How an image is brought to a size: cut, padded, or with its longer side at it. */
export type Fit = "crop" | "pad" | "keep-ratio";

export type RenderTask =
  | { readonly kind: "fit"; readonly size: number; readonly fit: Fit }
  /** Varied copies of one picture whose long side is at most `size`. */
  | {
    readonly kind: "copies";
    readonly size: number;
    readonly copies: readonly (readonly Variation[])[];
  }
  /** One sheet of all pictures, in rows of `columns` cells of `size` pixels a side. */
  | { readonly kind: "sheet"; readonly size: number; readonly columns: number }
  /** Plain pixels, three bytes each, `size` a side whatever the picture's shape, for networks. */
  | { readonly kind: "square"; readonly size: number }
  /** A small copy of each picture, its sides at most `size`, for people to look at. */
  | { readonly kind: "thumbnail"; readonly size: number };

export interface Rendered {
  /** A JPEG; for squares, pixels. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

export type Rendering =
  | { readonly ok: true; readonly pictures: readonly Rendered[] }
  /** A file does not decode, or took too much time or memory. */
  | { readonly ok: false; readonly why: string };

interface SaveOptions {
  readonly Q: number;
  readonly optimize_coding?: boolean;
  readonly background?: number[];
  readonly keep: "none";
}

const JPEG: SaveOptions = { Q: 92, optimize_coding: true, keep: "none" };
/** What a picture is padded with: a grey that is neither a light wall nor deep water. */
const PADDING = [128, 128, 128];
/** What is between the cells of a sheet. */
const PAPER = [245, 245, 245];
const GAP = 4;

/** How thumbnails are compressed: at their size nobody sees it, and they are many. */
const THUMBNAIL: SaveOptions = { Q: 72, background: [255], keep: "none" };

/**
 * So much of its size is enough for a thumbnail, and more than the report shows (208 pixels): then
 * most are as the decoder gives them, which makes pictures smaller by eighths, and no second step
 * is needed.
 */
const NEAR = 2 / 3;

export type RenderTools = Pick<LookTools, "vips" | "reserve" | "jpegDecoder">;

/**
 * Makes pictures.
 *
 * @throws Whatever libvips throws where a file does not decode.
 */
export async function render(
  tools: RenderTools,
  task: RenderTask,
  images: readonly Uint8Array<ArrayBuffer>[],
): Promise<Rendered[]> {
  const codec = await tools.vips();
  if (task.kind === "thumbnail" || task.kind === "square") {
    const make = task.kind === "thumbnail" ? thumbnail : square;
    return await Array.fromAsync(images, (bytes) => make(tools, codec, bytes, task.size));
  }
  await tools.reserve(Math.max(0, ...images.map((bytes) => decodedBytes(codec, bytes))));
  switch (task.kind) {
    case "fit":
      return images.map((bytes) => {
        using fitted = fit(codec, bytes, task.size, task.fit);
        return save(fitted);
      });
    case "copies":
      return images.flatMap((bytes) => {
        using parent = shrink(tools.jpegDecoder, codec, bytes, task.size) ??
          within(codec, bytes, task.size);
        const pixels = readPixels(parent);
        return task.copies.map((variations) => makeCopy(codec, pixels, variations));
      });
    case "sheet": {
      using sheet = makeSheet(codec, images, task.size, task.columns);
      return [save(sheet)];
    }
  }
}

async function thumbnail(
  tools: RenderTools,
  codec: Codec,
  bytes: Uint8Array<ArrayBuffer>,
  size: number,
): Promise<Rendered> {
  using shrunk = shrink(tools.jpegDecoder, codec, bytes, size, size * NEAR);
  if (shrunk !== undefined) return save(shrunk, THUMBNAIL);
  await tools.reserve(decodedBytes(codec, bytes));
  using small = codec.Image.thumbnailBuffer(bytes, size, { height: size, size: "down" });
  return save(small, THUMBNAIL);
}

/** Of a JPEG only as many pixels are decoded as are needed. */
async function square(
  tools: RenderTools,
  codec: Codec,
  bytes: Uint8Array<ArrayBuffer>,
  size: number,
): Promise<Rendered> {
  const decoded = decodeSmaller(tools.jpegDecoder, bytes, size, Math.min);
  if (decoded === undefined) await tools.reserve(decodedBytes(codec, bytes));
  const sizing = { height: size, size: "force" } as const;
  using opened = decoded === undefined ? undefined : openPixels(codec, decoded);
  using forced = opened?.thumbnailImage(size, sizing) ??
    codec.Image.thumbnailBuffer(bytes, size, { ...sizing, fail_on: "truncated" });
  using even = flattened(forced.copy());
  const { pixels } = readPixels(even);
  return { bytes: new Uint8Array(pixels), width: size, height: size };
}

/**
 * A plain JPEG, its sides at most `size`, and the longer one at least `least` where it was. Of others
 * and damaged ones: undefined.
 */
function shrink(
  decoder: JpegDecoder,
  codec: Codec,
  bytes: Uint8Array<ArrayBuffer>,
  size: number,
  least = size,
): CodecImage | undefined {
  const decoded = decodeSmaller(decoder, bytes, least);
  if (decoded === undefined) return undefined;
  if (Math.max(decoded.width, decoded.height) <= size) return openPixels(codec, decoded);
  using image = openPixels(codec, decoded);
  return image.thumbnailImage(size, { height: size, size: "down" });
}

function makeCopy(codec: Codec, parent: Sample, variations: readonly Variation[]): Rendered {
  // What is recompressed at the end is saved in that quality instead: compressing it twice gains nothing.
  const last = variations.at(-1);
  const isRecompressed = last?.do === "recompress";
  const varied = vary(codec, parent, isRecompressed ? variations.slice(0, -1) : variations);
  using copy = openPixels(codec, varied);
  return save(copy, isRecompressed ? { ...JPEG, Q: last.quality } : JPEG);
}

/**
 * Decodes a plain JPEG in a size of which one side, the greater unless another is chosen, is at
 * least `size`. Of others and damaged ones: undefined.
 */
function decodeSmaller(
  decoder: JpegDecoder,
  bytes: Uint8Array<ArrayBuffer>,
  size: number,
  choose: (one: number, other: number) => number = Math.max,
): Sample | undefined {
  const recognised = recognise(bytes);
  if (recognised.kind !== "image" || recognised.type !== "jpeg") return undefined;
  const { jpeg, fault, orientation } = readContainer("jpeg", bytes);
  if (jpeg === undefined || fault !== undefined || orientation > 1) return undefined;
  const side = choose(jpeg.width, jpeg.height);
  const eighths = ([1, 2, 3, 4, 5, 6, 7] as const).find((eighths) => side * eighths / 8 >= size) ??
    8;
  try {
    return decoder.decode(bytes, jpeg, eighths);
  } catch (thrown) {
    if (thrown instanceof Undecodable || thrown instanceof Padded) return undefined;
    throw thrown;
  }
}

/** How many bytes an image takes when it is decoded, as its header says. */
function decodedBytes(codec: Codec, bytes: Uint8Array<ArrayBuffer>): number {
  using image = codec.Image.newFromBuffer(bytes, "", { access: "sequential" });
  return image.width * image.height * image.bands * (image.format === "uchar" ? 1 : 2);
}

function save(image: CodecImage, options: SaveOptions = JPEG): Rendered {
  const bytes = new Uint8Array(image.writeToBuffer(".jpg", options));
  return { bytes, width: image.width, height: image.height };
}

function fit(
  codec: Codec,
  bytes: Uint8Array<ArrayBuffer>,
  size: number,
  how: Fit,
): CodecImage {
  if (how === "keep-ratio") return within(codec, bytes, size);
  if (how === "crop") {
    return flattened(codec.Image.thumbnailBuffer(bytes, size, {
      height: size,
      crop: "centre",
      fail_on: "truncated",
    }));
  }
  using inner = within(codec, bytes, size, "both");
  return inner.gravity("centre", size, size, { extend: "background", background: PADDING });
}

/** A picture in memory, upright, its sides at most `size`. */
function within(
  codec: Codec,
  bytes: Uint8Array<ArrayBuffer>,
  size: number,
  sizing: "down" | "both" = "down",
): CodecImage {
  return flattened(
    codec.Image.thumbnailBuffer(bytes, size, { height: size, size: sizing, fail_on: "truncated" }),
  );
}

/** Three bytes a pixel, in memory; what was transparent is white. Disposes of what came. */
function flattened(image: CodecImage): CodecImage {
  using opened = image;
  using colours = opened.interpretation === "srgb" ? opened.copy() : opened.colourspace("srgb");
  using flat = colours.hasAlpha() ? colours.flatten({ background: [255] }) : colours.copy();
  using bytes = flat.format === "uchar" ? flat.copy() : flat.cast("uchar");
  return bytes.copyMemory();
}

function makeSheet(
  codec: Codec,
  images: readonly Uint8Array<ArrayBuffer>[],
  size: number,
  columns: number,
): CodecImage {
  const cells: CodecImage[] = [];
  try {
    for (const bytes of images) {
      using small = within(codec, bytes, size);
      cells.push(
        small.gravity("centre", size, size, { extend: "background", background: PAPER }),
      );
    }
    using joined = codec.Image.arrayjoin(cells, {
      across: columns,
      shim: GAP,
      background: PAPER,
    });
    return joined.copyMemory();
  } finally {
    for (const cell of cells) cell.delete();
  }
}
