/**
 * What the codec does not tell of a file: how its pixels are stored.
 *
 * @module
 */

import type { ReadableType } from "./magic.ts";

/** How a file stores its pixels. */
export interface Structure {
  /** Whether it stores plain red, green and blue of eight bits, in one still picture. */
  readonly plain: boolean;
  /** Whether it stores the very pixels: then it is not made worse by another compression. */
  readonly lossless: boolean;
  /** What is missing, where the file ends too early. */
  readonly missing?: string;
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
      return { plain: true, lossless: false };
    case "png":
      return png(bytes);
    case "webp":
      return webp(bytes);
    case "gif":
    case "tiff":
      return { plain: false, lossless: true };
    case "avif":
    case "heic":
      return { plain: false, lossless: false };
  }
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
  return { plain, lossless: true, missing: "PNG: the end is missing" };
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

function fourCharacters(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
