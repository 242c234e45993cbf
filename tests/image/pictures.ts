// Pictures for the tests, made by the codec itself.

import type { Codec, CodecImage } from "../../lib/image/codec.ts";
import { paint } from "../../lib/demo/paint.ts";
import { createExaminer, type ExaminerOptions } from "../../lib/image/create_examiner.ts";
import { loadHere } from "./load_codec.ts";
import type { Examination, ExaminedImage, ExaminedOther } from "../../lib/image/examine.ts";

/** The codec in this thread; it lives as long as the tests. */
export const codec: Codec = await loadHere({ parts: ["vips-heif.wasm"] });

/** A painted photograph. */
export function picture(index = 1, width = 320, height = 240): CodecImage {
  const pixels = paint("tests", "corydoras_adolfoi", index, width, height);
  return fromPixels(pixels, width, height);
}

/** An image of pixels: red, green, blue, row by row. */
export function fromPixels(pixels: Uint8Array, width: number, height: number): CodecImage {
  using raw = codec.Image.newFromMemory(pixels, width, height, 3, codec.BandFormat.uchar);
  return raw.copy({ interpretation: "srgb" });
}

/** A file as a pair of its bytes, in a buffer that may be handed over. */
export function bytesOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

/** The first part of a file. */
export function cut(bytes: Uint8Array, share: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes.subarray(0, Math.floor(bytes.length * share)));
}

/** Runs a test with an examiner, and closes it. */
export async function withExaminer(
  run: (examine: (bytes: Uint8Array) => Promise<Examination>) => Promise<void>,
  options: ExaminerOptions = {},
): Promise<void> {
  const examiner = createExaminer({ workers: 1, ...options });
  const never = new AbortController().signal;
  try {
    await run((bytes) => examiner.examine(bytesOf(bytes), never));
  } finally {
    examiner.close();
  }
}

/** An examination that must have come to an image. */
export function kept(examination: Examination): ExaminedImage {
  if (!examination.ok) throw new Error(`${examination.outcome}: ${examination.detail}`);
  return examination;
}

/** An examination that must not have come to an image. */
export function leftOut(examination: Examination): ExaminedOther {
  if (examination.ok) throw new Error(`kept as ${examination.type}`);
  return examination;
}
