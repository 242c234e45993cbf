/**
 * What a picture file of the demo world is made of: which painting, what was done to it, which
 * format.
 *
 * @module
 */

import { random } from "./random.ts";

/** What was done to a painting before it was saved. */
export type Treatment =
  | "plain"
  /** Near-duplicates. */
  | "recompressed"
  | "smaller"
  | "larger"
  | "cropped"
  | "bordered"
  | "watermarked"
  | "brighter"
  | "mirrored"
  /** Broken or useless. */
  | "cut-off"
  | "tiny"
  | "blank"
  | "banner"
  | "bomb"
  | "placeholder"
  /** Sound, but unusual. */
  | "cmyk"
  | "rotated"
  | "sixteen-bit"
  | "profile"
  | "animated"
  | "garbage-behind"
  | "grey";

/** The file format. */
export type Format = "jpeg" | "png" | "webp" | "gif" | "avif";

/** One picture file. */
export interface Photo {
  /** The species' id, or another name for what belongs to no species. */
  readonly species: string;
  /** Which painting of it. */
  readonly index: number;
  /** What was done to it. */
  readonly treatment: Treatment;
  /** How it is saved. */
  readonly format: Format;
}

/** What all pictures of a world have in common. */
export interface Studio {
  /** The world's seed. */
  readonly seed: string;
  /** How large pictures are, 1 being 500 to 780 pixels on the long side. */
  readonly scale: number;
}

/** Width and height, in pixels. */
export interface Size {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

/** More than a hundred megapixels in a few kilobytes. */
export const BOMB: Size = { width: 12_000, height: 9_000 };

const SHAPES: readonly (readonly [number, number])[] = [[4, 3], [3, 2], [4, 3], [1, 1], [3, 4], [
  16,
  10,
]];

/**
 * The size of a painting at full size, before any treatment.
 *
 * @param studio What all pictures have in common.
 * @param species The species' id.
 * @param index Which painting.
 * @returns Width and height, both even.
 */
export function paintingSize(studio: Studio, species: string, index: number): Size {
  const chance = random(`size/${studio.seed}/${species}/${index}`);
  const [across, down] = chance.pick(SHAPES);
  const long = Math.round(chance.whole(250, 390) * studio.scale) * 2;
  const other = Math.round(long * Math.min(across, down) / Math.max(across, down) / 2) * 2;
  return across >= down ? { width: long, height: other } : { width: other, height: long };
}

/**
 * The size of a picture file as its pixels say.
 *
 * @param studio What all pictures have in common.
 * @param photo The picture.
 */
export function photoSize(studio: Studio, photo: Photo): Size {
  const size = paintingSize(studio, photo.species, photo.index);
  switch (photo.treatment) {
    case "smaller":
      return scaled(size, 0.6);
    case "larger":
      return scaled(size, 1.5);
    case "cropped":
      return scaled(size, 0.95);
    case "tiny":
      return { width: 72, height: 54 };
    case "banner":
      return { width: 900, height: 100 };
    case "bomb":
      return BOMB;
    case "placeholder":
      return { width: 400, height: 300 };
    case "plain":
      // PNG and GIF take long to save: theirs are smaller.
      return photo.format === "gif" || photo.format === "png" ? scaled(size, 0.6) : size;
    default:
      return size;
  }
}

function scaled(size: Size, factor: number): Size {
  return { width: Math.round(size.width * factor), height: Math.round(size.height * factor) };
}

/**
 * The `Content-Type` a decent server sends for a format.
 *
 * @param format The format.
 */
export function contentType(format: Format): string {
  return `image/${format}`;
}
