/**
 * What the codec does not tell of a file: how its pixels are stored.
 *
 * @module
 */

import type { ReadableType } from "./magic.ts";

/** A part of a picture, in pixels. */
export interface Frame {
  /** From the left edge. */
  readonly left: number;
  /** From the top edge. */
  readonly top: number;
  /** Of the part. */
  readonly width: number;
  /** Of the part. */
  readonly height: number;
}

/** How a file stores its pixels. */
export interface Structure {
  /** Whether it stores plain red, green and blue of eight bits, in one still picture. */
  readonly plain: boolean;
  /** Whether it stores the very pixels: then it is not made worse by another compression. */
  readonly lossless: boolean;
  /** What is wrong with it, where that is seen without decoding it: it ends too early, say. */
  readonly fault?: string;
  /** The part of the picture that the first frame fills, where it leaves some of it empty. */
  readonly frame?: Frame;
}

/**
 * Looks at how a file stores its pixels.
 *
 * @param type What the bytes are.
 * @param bytes The file.
 * @returns What was found. `plain` says nothing of orientation and colour profile.
 */
export function structure(type: ReadableType, bytes: Uint8Array<ArrayBuffer>): Structure {
  switch (type) {
    case "jpeg":
      return jpeg(bytes);
    case "png":
      return png(bytes);
    case "webp":
      return webp(bytes);
    case "gif":
      return { plain: false, lossless: true, ...firstFrame(bytes) };
    case "tiff":
      return { plain: false, lossless: true };
    case "avif":
    case "heic":
      return { plain: false, lossless: false };
  }
}

/**
 * The greatest number of scans. Photographs have about ten; each goes over all pixels again, so that
 * a small file of 2,000 keeps the codec busy for minutes (seen: 877 kB, 153 s).
 */
const MOST_SCANS = 100;

const END_OF_IMAGE = 0xd9;
const START_OF_SCAN = 0xda;

/** Walks a JPEG's segments up to its end and counts the scans. */
function jpeg(bytes: Uint8Array<ArrayBuffer>): Structure {
  const whole = { plain: true, lossless: false } as const;
  let scans = 0;
  let at = 2;
  while (at + 4 <= bytes.length) {
    at = bytes.indexOf(0xff, at);
    const marker = bytes[at + 1] ?? 0;
    if (at < 0 || marker === END_OF_IMAGE) break;
    if (marker === START_OF_SCAN && ++scans > MOST_SCANS) {
      return { ...whole, fault: `JPEG: more than ${MOST_SCANS} scans` };
    }
    at += 2;
    // Fill bytes, data, restart marks: these have no length behind them.
    if (marker === 0xff) at -= 1;
    else if (marker >= 0xc0 && (marker < 0xd0 || marker > 0xd8)) {
      at += ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0);
    }
  }
  return whole;
}

/** Walks a PNG's chunks: length, name, data, checksum. */
function png(bytes: Uint8Array<ArrayBuffer>): Structure {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const depth = bytes[24];
  const colour = bytes[25];
  let plain = depth === 8 && colour === 2;
  for (let at = 8; at + 12 <= bytes.length;) {
    const name = fourCharacters(bytes, at + 4);
    // tRNS makes one colour transparent, acTL makes an animation of it.
    if (name === "tRNS" || name === "acTL") plain = false;
    if (name === "IEND") return { plain, lossless: true };
    at += 12 + view.getUint32(at);
  }
  return { plain, lossless: true, fault: "PNG: the end is missing" };
}

/** Walks a WebP's chunks: name, length, data, padded to even. */
function webp(bytes: Uint8Array<ArrayBuffer>): Structure {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let plain = true;
  let lossless = false;
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = fourCharacters(bytes, at);
    if (name === "ANIM" || name === "ANMF" || name === "ALPH") plain = false;
    if (name === "VP8L") lossless = true;
    const size = view.getUint32(at + 4, true);
    at += 8 + size + size % 2;
  }
  return { plain, lossless };
}

/**
 * Finds a GIF's first frame, where it leaves some of the page empty: after the header, perhaps
 * colours, and blocks of remarks.
 */
function firstFrame(bytes: Uint8Array<ArrayBuffer>): { frame?: Frame } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = bytes[10] ?? 0;
  let at = 13 + (flags & 0x80 ? 3 << (flags & 7) + 1 : 0);
  while (bytes[at] === 0x21) {
    at += 2;
    while ((bytes[at] ?? 0) !== 0) at += 1 + (bytes[at] ?? 0);
    at++;
  }
  if (bytes[at] !== 0x2c || at + 9 > bytes.length) return {};
  const [left, top, width, height] = [1, 3, 5, 7].map((field) => view.getUint16(at + field, true));
  if (left === undefined || top === undefined) return {};
  if (width === undefined || height === undefined) return {};
  const [across, down] = [view.getUint16(6, true), view.getUint16(8, true)];
  const isWhole = left === 0 && top === 0 && width >= across && height >= down;
  const isWithin = width > 0 && height > 0 && left + width <= across && top + height <= down;
  return isWhole || !isWithin ? {} : { frame: { left, top, width, height } };
}

function fourCharacters(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
