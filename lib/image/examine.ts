/**
 * What is in a file's bytes: an image worth keeping, or why not.
 *
 * @module
 */

import type { ExaminedOutcome } from "../base/outcome.ts";
import type { Credit } from "./credit.ts";
import type { ImageFlag } from "./flags.ts";

/** The types an image is kept as. */
export type KeptType = "jpeg" | "png" | "webp" | "gif";

/** What an image must be to be kept. */
export interface ExamineLimits {
  /**
   * The least size, in pixels. A long picture may fall short of one side, down to half of it, where
   * it has as many pixels as that size all the same: 318×93 is enough for 100×100.
   */
  readonly minWidth: number;
  /** See `minWidth`. */
  readonly minHeight: number;
  /** The greatest ratio of the long side to the short one. */
  readonly maxAspect: number;
  /** The greatest number of pixels that is decoded. */
  readonly maxPixels: number;
}

/** The usual limits: 100×100 and larger, at most 5:1, at most 100 megapixels. */
export const DEFAULT_LIMITS: ExamineLimits = {
  minWidth: 100,
  minHeight: 100,
  maxAspect: 5,
  maxPixels: 100_000_000,
};

/** An image that can be kept. */
export interface ExaminedImage {
  /** Tells it from {@linkcode ExaminedOther}. */
  readonly ok: true;
  /**
   * What to write to disk: the file that came, its container rewritten without loss so that nothing
   * but the picture is left in it, or a conversion to plain, upright, 8-bit sRGB.
   */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** SHA-256 of `bytes`, 64 hex digits. */
  readonly sha256: string;
  /** The type of `bytes`. */
  readonly type: KeptType;
  /** Pixels, upright. */
  readonly width: number;
  /** Pixels, upright. */
  readonly height: number;
  /** The perceptual fingerprint, in hex; the log calls it `dhash`. */
  readonly fingerprint: string;
  /** The fingerprint of the mirrored picture, in hex. */
  readonly mirrored: string;
  /** How much of it is within its borders and above its caption, where it has any: 0 to 1. */
  readonly inner?: number;
  /** What the pixels say against it, if anything. */
  readonly flags?: readonly ImageFlag[];
  /** Whose picture it is, where the file that came says so. */
  readonly credit?: Credit;
  /** Where `bytes` are not those that came: the SHA-256 and the type of what came. */
  readonly original?: { readonly sha256: string; readonly type: string };
}

/** Bytes that are no image worth keeping. */
export interface ExaminedOther {
  /** Tells it from {@linkcode ExaminedImage}. */
  readonly ok: false;
  /** Why not. */
  readonly outcome: ExaminedOutcome;
  /** What was found, for the log: `HTML page`, `80×60`, `JPEG: Corrupt JPEG data: bad Huffman code` … */
  readonly detail: string;
  /** Pixels, where they could be read. */
  readonly width?: number;
  /** Pixels, where they could be read. */
  readonly height?: number;
  /** SHA-256 of what came, 64 hex digits. */
  readonly sha256: string;
}

/** What examining comes to. */
export type Examination = ExaminedImage | ExaminedOther;

/** Looks at images in workers of its own. */
export interface Examiner {
  /** Looks at one file's bytes. The buffer is handed over and not usable afterwards. */
  examine(bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<Examination>;
  /** Ends the workers. */
  close(): void;
}
