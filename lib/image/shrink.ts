/**
 * Small copies of kept images, for people to look at.
 *
 * @module
 */

import type { Codec } from "./codec.ts";
import { understand } from "./decode.ts";

/** How strongly the copies are compressed: at this size nobody sees it, and they are many. */
const QUALITY = 72;

/**
 * Makes a small copy of an image.
 *
 * @param codec The codec.
 * @param bytes The file: JPEG, PNG, WebP or GIF.
 * @param side The greatest width and height of the copy, in pixels; a smaller image is not enlarged.
 * @returns A JPEG; nothing where the file does not decode.
 */
export function shrink(
  codec: Codec,
  bytes: Uint8Array<ArrayBuffer>,
  side: number,
): Uint8Array<ArrayBuffer> | undefined {
  try {
    using small = codec.Image.thumbnailBuffer(bytes, side, { height: side, size: "down" });
    return new Uint8Array(
      small.writeToBuffer(".jpg", { Q: QUALITY, background: [255], keep: "none" }),
    );
  } catch (thrown) {
    // Whatever the codec throws: a picture that cannot be shown is told of in its place.
    understand(thrown);
    return undefined;
  }
}
