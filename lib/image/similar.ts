/**
 * Whether two fingerprints are of the same picture.
 *
 * @module
 */

import { FIELDS, GROUP_BITS, GROUPS } from "./fingerprint.ts";

/**
 * The greatest number of the 135 waves that may differ in sign. Measured on painted photographs
 * (`tests/bench/near_duplicate_bench.ts`): nearly all that is left after compressing, resizing,
 * framing and cropping lies below; of different pictures, none of 12,720 pairs came below 42.
 */
export const MOST_WAVES = 32;

/**
 * The greatest difference of the colours, as a share of their strength. Fish of one shape before
 * the same white wall have much the same waves, but not the same colours: of pairs of such fish, 1
 * in 1,000 passes both.
 */
export const MOST_COLOUR = 0.02;

/** How many times stronger the one's colours may be than the other's: it was made brighter. */
const MOST_GAIN = 1.4;
/** How many times greater the one's contrast may be than the other's. */
const MOST_CONTRAST = 1.5;
/** What is added to contrasts before they are compared: noise. */
const CONTRAST_NOISE = 3;

/** A view's length in hex digits. */
const VIEW_DIGITS = GROUPS * 8 + 2 + FIELDS * FIELDS * 4;
/** How strong colours are taken to be at least: grey pictures differ in nothing but noise. */
const COLOUR_NOISE = 50;

/** One view of a picture, read from a fingerprint. */
export interface View {
  /** The waves' signs, `GROUPS` groups of `GROUP_BITS` bits. */
  readonly whole: Uint16Array;
  /** The same of the inner part. */
  readonly inner: Uint16Array;
  /** The standard deviation of the brightness. */
  readonly contrast: number;
  /** How blue each field is, then how red. */
  readonly colours: Int8Array;
}

/** How many bits are set in each number of `GROUP_BITS` bits. */
const ONES = new Uint8Array(1 << GROUP_BITS);
for (let number = 1; number < ONES.length; number++) {
  ONES[number] = (ONES[number >> 1] ?? 0) + (number & 1);
}

/**
 * Reads a fingerprint.
 *
 * @param fingerprint Hex digits, as in the log.
 * @returns Its views; none where the text is no fingerprint of this kind.
 */
export function viewsOf(fingerprint: string): readonly View[] {
  const count = fingerprint.length / VIEW_DIGITS;
  if (!Number.isInteger(count) || !/^[0-9a-f]*$/.test(fingerprint)) return [];
  return Array.from(
    { length: count },
    (_, at) => readView(fingerprint.slice(at * VIEW_DIGITS, (at + 1) * VIEW_DIGITS)),
  );
}

function readView(digits: string): View {
  const number = (at: number, length: number): number =>
    parseInt(digits.slice(at, at + length), 16);
  const groups = (from: number): Uint16Array =>
    Uint16Array.from({ length: GROUPS }, (_, at) => number(from + at * 4, 4) & ONES.length - 1);
  const colours = GROUPS * 8 + 2;
  return {
    whole: groups(0),
    inner: groups(GROUPS * 4),
    contrast: number(GROUPS * 8, 2),
    colours: Int8Array.from(
      { length: FIELDS * FIELDS * 2 },
      (_, at) => number(colours + at * 2, 2) - 128,
    ),
  };
}

/**
 * How many waves of two views differ in sign: of the two wholes, or of the whole of one and the
 * inner part of the other, where that is nearer.
 *
 * @param one A view.
 * @param other Another.
 * @returns 0 to 135; about half of it for pictures that have nothing in common.
 */
export function wavesApart(one: View, other: View): number {
  return Math.min(
    groupsApart(one.whole, 0, other.whole, 0),
    groupsApart(one.whole, 0, other.inner, 0),
    groupsApart(one.inner, 0, other.whole, 0),
  );
}

/**
 * How many waves differ in sign, of views whose groups lie among others.
 *
 * @param ones Groups of views.
 * @param one Where those of the one view begin.
 * @param others Groups of views.
 * @param other Where those of the other view begin.
 * @returns 0 to 135.
 */
export function groupsApart(
  ones: Uint16Array,
  one: number,
  others: Uint16Array,
  other: number,
): number {
  let apart = 0;
  for (let at = 0; at < GROUPS; at++) {
    apart += ONES[(ones[one + at] ?? 0) ^ (others[other + at] ?? 0)] ?? 0;
  }
  return apart;
}

/**
 * How far the colours of two views are apart, when the one is made about as bright as the other.
 *
 * @param one A view.
 * @param other Another.
 * @returns From 0, the same, to 1 and more, where nothing fits.
 */
export function coloursApart(one: View, other: View): number {
  let ones = 0;
  let others = 0;
  let both = 0;
  one.colours.forEach((value, at) => {
    const beside = other.colours[at] ?? 0;
    ones += value ** 2;
    others += beside ** 2;
    both += value * beside;
  });
  const gain = Math.min(MOST_GAIN, Math.max(1 / MOST_GAIN, both / (others + 1)));
  const noise = COLOUR_NOISE * FIELDS * FIELDS;
  const apart = ones - 2 * gain * both + gain ** 2 * others;
  return apart / (ones + gain ** 2 * others + noise);
}

/**
 * Whether two views are of the same picture, the same way round.
 *
 * @param one A view.
 * @param other Another.
 */
export function isSameView(one: View, other: View): boolean {
  const contrast = (one.contrast + CONTRAST_NOISE) / (other.contrast + CONTRAST_NOISE);
  return contrast <= MOST_CONTRAST && contrast >= 1 / MOST_CONTRAST &&
    wavesApart(one, other) <= MOST_WAVES && coloursApart(one, other) <= MOST_COLOUR;
}

/**
 * Whether two fingerprints are of the same picture. For a mirrored one, ask again with the
 * `mirrored` fingerprint of either.
 *
 * @param one A fingerprint in hex.
 * @param other Another.
 *
 * @example
 * ```ts
 * import { isSimilar } from "./similar.ts";
 *
 * const dhash = "0123".repeat(18) + "20" + "80".repeat(72);
 * isSimilar(dhash, dhash); // true
 * ```
 */
export function isSimilar(one: string, other: string): boolean {
  const others = viewsOf(other);
  return viewsOf(one).some((view) => others.some((beside) => isSameView(view, beside)));
}
