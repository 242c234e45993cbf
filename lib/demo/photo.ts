/**
 * What a picture file of the demo world is made of: which painting, what was done to it, which
 * format. `photo_maker.ts` makes it.
 *
 * @module
 */

import { Seeded } from "../base/seeded.ts";

export type Treatment =
  | "plain"
  // Near-duplicates.
  | "recompressed"
  | "smaller"
  | "larger"
  | "cropped"
  | "bordered"
  | "captioned"
  | "brighter"
  | "mirrored"
  // Broken or useless.
  | "cut-off"
  | "tiny"
  | "blank"
  | "banner"
  | "bomb"
  | "placeholder"
  // Sound, but unusual.
  | "cmyk"
  | "rotated"
  | "sixteen-bit"
  | "profile"
  | "animated"
  | "garbage-behind"
  | "grey";

export type Format = "jpeg" | "png" | "webp" | "gif" | "avif";

export interface Photo {
  /** The species' id, or another name for what belongs to no species. */
  readonly species: string;
  readonly index: number;
  readonly treatment: Treatment;
  readonly format: Format;
}

export interface Studio {
  /** Equal seeds give equal worlds; `aquaset` unless given. */
  readonly seed: string;
  /** How large pictures are; 1 unless given, which is 500 to 780 pixels on the long side. */
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** More than a hundred megapixels in a few kilobytes. */
export const BOMB: Size = { width: 12_000, height: 9_000 };

const SHAPES = [[4, 3], [3, 2], [4, 3], [1, 1], [3, 4], [16, 10]] as const;

export function paintingSize(studio: Studio, species: string, index: number): Size {
  const chance = new Seeded(`size/${studio.seed}/${species}/${index}`);
  const [across, down] = chance.pick(SHAPES);
  const long = Math.round(chance.whole(250, 390) * studio.scale) * 2;
  const other = Math.round(long * Math.min(across, down) / Math.max(across, down) / 2) * 2;
  return across >= down ? { width: long, height: other } : { width: other, height: long };
}

export function photoSize(studio: Studio, photo: Photo): Size {
  const size = paintingSize(studio, photo.species, photo.index);
  switch (photo.treatment) {
    case "smaller":
      return scaled(size, 0.6);
    case "larger":
      return scaled(size, 1.5);
    case "cropped":
      return scaled(size, 0.95);
    case "bordered":
      return scaled(size, 1.4);
    case "captioned":
      return { width: size.width, height: Math.round(size.height * 1.12) };
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

export function contentType(format: Format): string {
  return `image/${format}`;
}

/** What the worker is asked: a picture file, or many files on one contact sheet. */
export type PhotoRequest =
  | { readonly id: number; readonly studio: Studio; readonly photo: Photo }
  | { readonly id: number; readonly rows: readonly (readonly Uint8Array[])[] };

export type PhotoAnswer =
  | { readonly id: number; readonly bytes: Uint8Array<ArrayBuffer>; readonly sha256: string }
  | { readonly id: number; readonly error: string };
