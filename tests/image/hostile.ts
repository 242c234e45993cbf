// Files with more in them than a picture.

import { crc32 } from "node:zlib";

export function glue(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The bytes of a text whose characters are a byte each. */
export function text(latin1: string): Uint8Array {
  return Uint8Array.from(latin1, (letter) => letter.charCodeAt(0));
}

export function segment(marker: number, data: Uint8Array): Uint8Array {
  return glue(Uint8Array.of(0xff, marker, data.length + 2 >> 8, data.length + 2 & 255), data);
}

/** A JPEG with more in its header, behind the JFIF segment where there is one. */
export function jpegWith(
  jpeg: Uint8Array,
  ...parts: readonly Uint8Array[]
): Uint8Array<ArrayBuffer> {
  const start = jpeg[3] === 0xe0 ? 20 : 2;
  return glue(jpeg.subarray(0, start), ...parts, jpeg.subarray(start));
}

/** A chunk of a PNG, with its checksum unless another is given. */
export function pngChunk(name: string, data: Uint8Array, checksum?: number): Uint8Array {
  const chunk = glue(new Uint8Array(4), text(name), data, new Uint8Array(4));
  const view = new DataView(chunk.buffer);
  view.setUint32(0, data.length);
  view.setUint32(chunk.length - 4, checksum ?? crc32(chunk.subarray(4, -4)));
  return chunk;
}

export function pngWith(
  png: Uint8Array,
  ...chunks: readonly Uint8Array[]
): Uint8Array<ArrayBuffer> {
  return glue(png.subarray(0, 33), ...chunks, png.subarray(33));
}

export function webpWith(
  webp: Uint8Array,
  name: string,
  data: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const chunk = glue(text(name), new Uint8Array(4), data, new Uint8Array(data.length % 2));
  new DataView(chunk.buffer).setUint32(4, data.length, true);
  const whole = glue(webp, chunk);
  new DataView(whole.buffer).setUint32(4, whole.length - 8, true);
  return whole;
}
