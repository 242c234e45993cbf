/**
 * Opening an image with libvips, and saying what is wrong with it where that fails.
 *
 * @module
 */

import type { Codec, CodecImage } from "./codec.ts";
import type { ReadableType } from "./recognise.ts";

/** An image that cannot be decoded, in the decoder's words. */
export class Undecodable extends Error {
  override readonly name = "Undecodable";

  constructor(
    message: string,
    readonly outcome: "corrupt" | "too-large" | "unsupported-type" = "corrupt",
    readonly size?: { readonly width: number; readonly height: number },
  ) {
    super(message);
  }
}

/** That a decoder could not be loaded, which is no fault of the image's. */
export class NotLoaded extends Error {
  override readonly name = "NotLoaded";
}

const TOO_LARGE = /out of memory|unable to allocate|Maximum supported image dimension/i;

/** Ways of storing pixels that libvips has no decoder for. */
const UNSUPPORTED =
  /unsupported|not supported|not configured|bad labq format|not a whole number of bytes|No 'pitm' box/i;

/** Lines of messages that only say where in libvips it happened. */
const NOISE = /^(?:unable to |source: |vips__|VipsImage: memory area too small)|^\s*$/;

/**
 * Opens an image: its header is read and checked, its pixels are not yet.
 *
 * @throws Whatever libvips throws: see `understand()`.
 */
export function open(
  codec: Codec,
  type: Exclude<ReadableType, "heic">,
  bytes: Uint8Array,
): CodecImage {
  const access = "sequential";
  switch (type) {
    case "jpeg":
      return codec.Image.jpegloadBuffer(bytes, { access, fail_on: "truncated" });
    case "png":
      return codec.Image.pngloadBuffer(bytes, { access, fail_on: "error" });
    case "webp":
      return codec.Image.webploadBuffer(bytes, { access, fail_on: "error" });
    case "gif":
      return codec.Image.gifloadBuffer(bytes, { access, fail_on: "warning" });
    case "tiff":
      return codec.Image.tiffloadBuffer(bytes, { access, fail_on: "error" });
    case "avif":
      return codec.Image.heifloadBuffer(bytes, { access, fail_on: "error" });
  }
}

/**
 * Makes an error of what libvips threw: exceptions of C++, whose message is a pair of class and words.
 * Its last line is of this image; lines before may be of earlier images that it read all the same.
 *
 * @throws {NotLoaded} What is no fault of the image's is thrown again.
 */
export function understand(thrown: unknown): Undecodable {
  if (thrown instanceof NotLoaded) throw thrown;
  if (thrown instanceof Undecodable) return thrown;
  const message: unknown = typeof thrown === "object" && thrown !== null && "message" in thrown
    ? thrown.message
    : thrown;
  const text = String(Array.isArray(message) ? message.at(-1) : message);
  const lines = text.split("\n").filter((line) => !NOISE.test(line));
  const words = lines.at(-1)?.trim() || "the decoder failed without a word";
  if (TOO_LARGE.test(words)) return new Undecodable(words, "too-large");
  return new Undecodable(words, UNSUPPORTED.test(words) ? "unsupported-type" : "corrupt");
}
