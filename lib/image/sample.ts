/**
 * A small copy of an image, from which everything is measured that needs no detail.
 *
 * @module
 */

import type { Codec, CodecImage } from "./codec.ts";

/** Pixels in rows, three bytes each: red, green, blue. */
export interface Sample {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** A side of the sample has at least so many pixels where the image has as many; fewer than twice. */
export const SAMPLE_SIDE = 96;

/** How far from the middle colour a pixel of a blank page lies at most, of 255. */
const BLANK_SPREAD = 8;
/** The share of pixels that may lie farther off on a blank page: specks, a thin line. */
const BLANK_SPECKS = 0.01;

/**
 * Makes the sample of an image. Every pixel goes into it, so the image is decoded wholly.
 *
 * @throws Whatever libvips throws where the image does not decode.
 */
export function sampleOf(image: CodecImage): Sample {
  const across = Math.max(1, Math.floor(image.width / SAMPLE_SIDE));
  const down = Math.max(1, Math.floor(image.height / SAMPLE_SIDE));
  // Rounded up, so that the last rows are read too.
  using small = image.shrink(across, down, { ceil: true });
  return readPixels(small);
}

/** Opens pixels as an image of libvips. */
export function openPixels(codec: Codec, { width, height, pixels }: Sample): CodecImage {
  using raw = codec.Image.newFromMemory(pixels, width, height, 3, codec.BandFormat.uchar);
  return raw.copy({ interpretation: "srgb" });
}

/** Computes the pixels of an image that has three bytes for each. */
export function readPixels(image: CodecImage): Sample {
  const pixels = image.writeToMemory();
  if (!(pixels instanceof Uint8Array)) throw new TypeError("A plain image has bytes for pixels");
  return { width: image.width, height: image.height, pixels };
}

/**
 * Makes the sample of an image that was decoded in a smaller size: nearly the same as that of the
 * image itself.
 */
export function sampleOfPixels(
  decoded: Sample,
  width: number,
  height: number,
  shrink: number,
): Sample {
  const across = spansOf(width, decoded.width, shrink);
  const down = spansOf(height, decoded.height, shrink);
  const pixels = new Uint8Array(across.length * down.length * 3);
  // Whole rows are added up before pixels are made of them: that is quicker than field by field.
  const sums = new Float64Array(decoded.width * 3);
  let at = 0;
  for (const rows of down) {
    sums.fill(0);
    for (let row = Math.floor(rows.from); row < rows.to; row++) {
      addRow(decoded.pixels, row, Math.min(rows.to, row + 1) - Math.max(rows.from, row), sums);
    }
    for (const { from, to } of across) {
      const area = (rows.to - rows.from) * (to - from);
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let column = Math.floor(from); column < to; column++) {
        const share = Math.min(to, column + 1) - Math.max(from, column);
        red += share * (sums[column * 3] ?? 0);
        green += share * (sums[column * 3 + 1] ?? 0);
        blue += share * (sums[column * 3 + 2] ?? 0);
      }
      pixels[at++] = Math.round(red / area);
      pixels[at++] = Math.round(green / area);
      pixels[at++] = Math.round(blue / area);
    }
  }
  return { width: across.length, height: down.length, pixels };
}

/** The part of a line of the decoded image that makes up one pixel of the sample. */
interface Span {
  readonly from: number;
  readonly to: number;
}

function spansOf(side: number, decoded: number, shrink: number): Span[] {
  const step = Math.max(1, Math.floor(side / SAMPLE_SIDE));
  return Array.from({ length: Math.ceil(side / step) }, (_, at) => ({
    from: Math.min(decoded - 0.5, at * step / shrink),
    to: Math.min(decoded, (at + 1) * step / shrink),
  }));
}

function addRow(pixels: Uint8Array, row: number, share: number, sums: Float64Array): void {
  const start = row * sums.length;
  for (let at = 0; at < sums.length; at++) {
    sums[at] = (sums[at] ?? 0) + share * (pixels[start + at] ?? 0);
  }
}

/** Whether an image is of one colour, or so nearly that nothing is to be seen on it. */
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
