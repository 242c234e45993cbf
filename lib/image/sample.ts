/**
 * A small copy of an image, from which everything is measured that needs no detail.
 *
 * @module
 */

import type { CodecImage } from "./codec.ts";

/** Pixels in rows, three bytes each: red, green, blue. */
export interface Sample {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** `width × height × 3` bytes. */
  readonly pixels: Uint8Array;
}

/** The least number of pixels a side of the sample has, where the image has as many. */
export const SAMPLE_SIDE = 96;

/** How far from the middle colour a pixel of a blank page lies at most, of 255. */
const BLANK_SPREAD = 8;
/** The share of pixels that may lie farther off on a blank page: specks, a thin line. */
const BLANK_SPECKS = 0.01;

/**
 * Makes the small copy. Every pixel of the image goes into it, so the image is decoded wholly.
 *
 * @param image A plain image; it is read once from top to bottom.
 * @returns The sample: each side 96 to 191 pixels, or the image's own where that has fewer.
 * @throws Whatever the codec throws where the image does not decode.
 */
export function sampleOf(image: CodecImage): Sample {
  const across = Math.max(1, Math.floor(image.width / SAMPLE_SIDE));
  const down = Math.max(1, Math.floor(image.height / SAMPLE_SIDE));
  // Rounded up, so that the last rows are read too.
  using small = image.shrink(across, down, { ceil: true });
  const pixels = small.writeToMemory();
  if (!(pixels instanceof Uint8Array)) throw new TypeError("A plain image has bytes for pixels");
  return { width: small.width, height: small.height, pixels };
}

/**
 * Whether an image is of one colour, or so nearly that nothing is to be seen on it.
 *
 * @param sample The image's sample.
 */
export function isBlank(sample: Sample): boolean {
  const count = sample.width * sample.height;
  const middle = [0, 1, 2].map((band) => medianOf(sample.pixels, band, count));
  const [red = 0, green = 0, blue = 0] = middle;
  const allowed = Math.floor(count * BLANK_SPECKS);
  let off = 0;
  for (let at = 0; at < count * 3; at += 3) {
    const spread = Math.max(
      Math.abs((sample.pixels[at] ?? 0) - red),
      Math.abs((sample.pixels[at + 1] ?? 0) - green),
      Math.abs((sample.pixels[at + 2] ?? 0) - blue),
    );
    if (spread > BLANK_SPREAD && ++off > allowed) return false;
  }
  return true;
}

function medianOf(pixels: Uint8Array, band: number, count: number): number {
  const histogram = new Uint32Array(256);
  for (let at = band; at < count * 3; at += 3) {
    const value = pixels[at] ?? 0;
    histogram[value] = (histogram[value] ?? 0) + 1;
  }
  let below = 0;
  for (let value = 0; value < 256; value++) {
    below += histogram[value] ?? 0;
    if (below * 2 >= count) return value;
  }
  return 255;
}
