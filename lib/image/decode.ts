/**
 * Opening an image with the codec, and telling what is wrong with it where that fails.
 *
 * @module
 */

import type { Codec, CodecImage } from "./codec.ts";
import type { ReadableType } from "./magic.ts";

/** An image that cannot be decoded, in the codec's words. */
export class Undecodable extends Error {
  /** Always `"Undecodable"`. */
  override readonly name = "Undecodable";
  /** What the file comes to. */
  readonly outcome: "corrupt" | "too-large" | "unsupported-type";

  /**
   * Makes the error.
   *
   * @param message What is wrong with it.
   * @param outcome What the file comes to; `corrupt` unless given.
   */
  constructor(message: string, outcome: Undecodable["outcome"] = "corrupt") {
    super(message);
    this.outcome = outcome;
  }
}

/** The types that the codec itself opens. */
export type CodecType = Exclude<ReadableType, "heic">;

/** How careful to be: `strict` fails at the least doubt, `tolerant` at what costs pixels. */
export type Care = "strict" | "tolerant";

/**
 * What libjpeg remarks on and what costs no pixel: bytes too many between the header's parts, and
 * header fields with unusual values.
 */
const HARMLESS = [
  /extraneous bytes before marker 0x(?:db|e[0-9a-f]|fe)\b/i,
  /Invalid SOS parameters/i,
  /unknown JFIF revision/i,
  /Unknown Adobe color transform/i,
];

/** Bytes too many before the end: padding, or what was left of an image that lost its thread. */
const LEFT_OVER = /(\d+) extraneous bytes before marker 0xd9\b/i;

/** Sizes that the codec will not hear of. */
const TOO_LARGE = /out of memory|unable to allocate|Maximum supported image dimension/i;

/** Ways of storing pixels that the codec has no decoder for. */
const UNSUPPORTED =
  /unsupported|not supported|not configured|bad labq format|not a whole number of bytes|No 'pitm' box/i;

/** What libvips calls the two ways of reading a JPEG. */
const FAIL_ON = { strict: "warning", tolerant: "truncated" } as const;

/** Lines of the codec's messages that only say where in the codec it happened. */
const NOISE = /^(?:unable to |source: |vips__|VipsImage: memory area too small)|^\s*$/;

/**
 * Opens an image: its header is read and checked, its pixels are not yet.
 *
 * @param codec The codec; for AVIF with `vips-heif.wasm`.
 * @param type What the bytes are.
 * @param bytes The file.
 * @param care How careful to be.
 * @returns The image, to be read once from top to bottom. Of an animation, the first frame.
 * @throws Whatever the codec throws: see `understand()`.
 */
export function open(codec: Codec, type: CodecType, bytes: Uint8Array, care: Care): CodecImage {
  const access = "sequential";
  switch (type) {
    case "jpeg":
      return codec.Image.jpegloadBuffer(bytes, { access, fail_on: FAIL_ON[care] });
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
 * Opens a progressive JPEG in a smaller size. All of it is read and checked when the pixels are;
 * what is saved is making every one of them, more than half of the work. For other JPEGs this will
 * not do: of 48 with a hole in their data it found 4, decoding wholly found 40.
 *
 * @param codec The codec.
 * @param bytes The file.
 * @param care How careful to be.
 * @param shrink How many times smaller.
 * @returns The image, to be read once from top to bottom.
 * @throws Whatever the codec throws: see `understand()`.
 */
export function openSmaller(
  codec: Codec,
  bytes: Uint8Array,
  care: Care,
  shrink: 2 | 4 | 8,
): CodecImage {
  return codec.Image.jpegloadBuffer(bytes, {
    access: "sequential",
    fail_on: FAIL_ON[care],
    shrink,
  });
}

/**
 * Makes something of what the codec threw.
 *
 * @param thrown Whatever a `catch` was given: the codec throws exceptions of its own kind.
 * @returns The reason, as an error.
 */
export function understand(thrown: unknown): Undecodable {
  const lines = linesOf(thrown).filter((line) => !NOISE.test(line));
  const words = lines.at(-1)?.trim() || "the codec failed without a word";
  if (TOO_LARGE.test(words)) return new Undecodable(words, "too-large");
  return new Undecodable(words, UNSUPPORTED.test(words) ? "unsupported-type" : "corrupt");
}

/**
 * Whether what the codec threw when strict costs no pixel, so that a tolerant attempt is worth it.
 *
 * @param thrown Whatever a `catch` was given.
 * @param bytes The file.
 */
export function isHarmless(thrown: unknown, bytes: Uint8Array): boolean {
  const lines = linesOf(thrown).filter((line) => !NOISE.test(line));
  return lines.length > 0 && lines.every((line) => isHarmlessLine(line, bytes));
}

/**
 * Whether what the codec threw may speak of earlier images too. What it remarks on an image that it
 * reads all the same stays until it throws the next time, and is thrown with that. Only where it
 * would change the verdict: where some of it costs no pixel of this image.
 *
 * @param thrown Whatever a `catch` was given.
 * @param bytes The file.
 */
export function isOfSeveral(thrown: unknown, bytes: Uint8Array): boolean {
  const lines = linesOf(thrown).filter((line) => !NOISE.test(line));
  return lines.length > 1 && lines.some((line) => isHarmlessLine(line, bytes));
}

function isHarmlessLine(line: string, bytes: Uint8Array): boolean {
  const leftOver = LEFT_OVER.exec(line)?.[1];
  if (leftOver !== undefined) return endsPadded(bytes, Number(leftOver));
  return HARMLESS.some((known) => known.test(line));
}

/** Whether a JPEG has an end before which a number of bytes are all the same. */
function endsPadded(jpeg: Uint8Array, count: number): boolean {
  for (let at = jpeg.length - 2; at >= count; at--) {
    if (jpeg[at] !== 0xff || jpeg[at + 1] !== 0xd9) continue;
    const padding = jpeg.subarray(at - count, at);
    if (padding.every((byte) => byte === padding[0])) return true;
  }
  return false;
}

/** The lines of a thrown thing. A C++ exception's message is a pair: its class and its words. */
function linesOf(thrown: unknown): string[] {
  const message: unknown = typeof thrown === "object" && thrown !== null && "message" in thrown
    ? thrown.message
    : thrown;
  const words: unknown = Array.isArray(message) ? message.at(-1) : message;
  return String(words).split("\n");
}
