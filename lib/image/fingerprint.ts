/**
 * The perceptual fingerprint: bits that stay nearly the same when a picture is compressed, resized,
 * brightened or trimmed a little, and that differ between pictures.
 *
 * @module
 */

import type { Sample } from "./sample.ts";

/** The picture is brought to this many pixels a side before its waves are measured. */
const SIDE = 32;
/** How many waves in each direction go into the fingerprint. */
const WAVES = 16;

/** A picture's fingerprint, and that of the same picture seen in a mirror. */
export interface Fingerprint {
  /** Hex digits. */
  readonly dhash: string;
  /** Hex digits. */
  readonly mirrored: string;
}

/** `COSINES[wave * SIDE + place]`. */
const COSINES: Float64Array = Float64Array.from(
  { length: WAVES * SIDE },
  (_, at) => Math.cos(Math.floor(at / SIDE) * (2 * (at % SIDE) + 1) * Math.PI / (2 * SIDE)),
);

/**
 * Takes a picture's fingerprint.
 *
 * @param sample The picture's sample.
 * @returns The fingerprint, 64 hex digits.
 */
export function fingerprint(sample: Sample): Fingerprint {
  const waves = wavesOf(shades(sample));
  let dhash = "";
  let mirrored = "";
  for (let at = 0; at < WAVES * WAVES; at += 4) {
    let digit = 0;
    let other = 0;
    for (let bit = 0; bit < 4; bit++) {
      const value = at + bit === 0 ? 0 : waves[at + bit] ?? 0;
      const odd = (at + bit) % WAVES % 2 === 1;
      digit = digit * 2 + (value > 0 ? 1 : 0);
      other = other * 2 + ((odd ? -value : value) > 0 ? 1 : 0);
    }
    dhash += digit.toString(16);
    mirrored += other.toString(16);
  }
  return { dhash, mirrored };
}

/** The picture's brightness, averaged over `SIDE` × `SIDE` fields. */
function shades(sample: Sample): Float64Array {
  const { width, height, pixels } = sample;
  const sums = new Float64Array(SIDE * SIDE);
  const counts = new Float64Array(SIDE * SIDE);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y * SIDE / height) * SIDE;
    for (let x = 0; x < width; x++) {
      const field = row + Math.floor(x * SIDE / width);
      const at = (y * width + x) * 3;
      const shade = 0.299 * (pixels[at] ?? 0) + 0.587 * (pixels[at + 1] ?? 0) +
        0.114 * (pixels[at + 2] ?? 0);
      sums[field] = (sums[field] ?? 0) + shade;
      counts[field] = (counts[field] ?? 0) + 1;
    }
  }
  return sums.map((sum, field) => sum / Math.max(1, counts[field] ?? 1));
}

/** The lowest waves of a discrete cosine transform, row by row. */
function wavesOf(fields: Float64Array): Float64Array {
  const rows = new Float64Array(SIDE * WAVES);
  for (let y = 0; y < SIDE; y++) {
    for (let wave = 0; wave < WAVES; wave++) {
      let sum = 0;
      for (let x = 0; x < SIDE; x++) {
        sum += (fields[y * SIDE + x] ?? 0) * (COSINES[wave * SIDE + x] ?? 0);
      }
      rows[y * WAVES + wave] = sum;
    }
  }
  const waves = new Float64Array(WAVES * WAVES);
  for (let down = 0; down < WAVES; down++) {
    for (let across = 0; across < WAVES; across++) {
      let sum = 0;
      for (let y = 0; y < SIDE; y++) {
        sum += (rows[y * WAVES + across] ?? 0) * (COSINES[down * SIDE + y] ?? 0);
      }
      waves[down * WAVES + across] = sum;
    }
  }
  return waves;
}
