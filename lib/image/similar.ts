/**
 * Whether two fingerprints are of the same picture.
 *
 * @module
 */

import { FIELDS, GROUP_BITS, GROUPS, VIEW_DIGITS } from "./fingerprint.ts";

/** What may differ between two pictures that are the same. */
interface Leeway {
  /** The number of the 135 waves that may differ in sign. */
  readonly waves: number;
  /** The difference of the colours, as a share of their strength. */
  readonly colour: number;
  /** How many times greater the one's contrast may be than the other's. */
  readonly contrast: number;
}

/**
 * Each kind of change leaves something alone, which must be nearly the same then: other light the
 * waves, a crop the contrast, and what is laid over a picture most of the colours. Chosen on real
 * photographs, most of them of clownfish, and on painted ones: of 261,000 pairs of different real
 * ones, none passes. Fish of one shape before the same white wall have much the same waves, but not
 * the same colours: of painted pairs of such fish, 1 in 600 passes.
 */
const LEEWAYS: readonly Leeway[] = [
  { waves: 12, colour: 0.08, contrast: 1.6 },
  { waves: 28, colour: 0.02, contrast: 1.5 },
  { waves: 38, colour: 0.025, contrast: 1.06 },
];

/** The greatest number of the 135 waves that may differ in sign, whatever was done. */
export const MOST_WAVES = 38;

/** How many times stronger the one's colours may be than the other's: it was made brighter. */
const MOST_GAIN = 1.4;
/** What is added to contrasts before they are compared: noise. */
const CONTRAST_NOISE = 3;

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
  /** The same of the inner part. */
  readonly innerColours: Int8Array;
}

/** How many bits are set in each number of `GROUP_BITS` bits. */
const ONES = new Uint8Array(1 << GROUP_BITS);
for (let number = 1; number < ONES.length; number++) {
  ONES[number] = (ONES[number >> 1] ?? 0) + (number & 1);
}

/** Reads a fingerprint; any other text has no views. */
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
  const grids = FIELDS * FIELDS * 2;
  const colours = (from: number): Int8Array =>
    Int8Array.from({ length: grids }, (_, at) => number(from + at * 2, 2) - 128);
  return {
    whole: groups(0),
    inner: groups(GROUPS * 4),
    contrast: number(GROUPS * 8, 2),
    colours: colours(GROUPS * 8 + 2),
    innerColours: colours(GROUPS * 8 + 2 + grids * 2),
  };
}

/**
 * How many waves of two views differ in sign: of the two wholes, or of the whole of one and the
 * inner part of the other, where that is nearer.
 */
export function wavesApart(one: View, other: View): number {
  return Math.min(
    groupsApart(one.whole, 0, other.whole, 0),
    groupsApart(one.whole, 0, other.inner, 0),
    groupsApart(one.inner, 0, other.whole, 0),
  );
}

/** How many waves differ in sign, of views whose groups lie among others. */
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
 */
export function coloursApart(one: View, other: View): number {
  return fieldsApart(one.colours, other.colours);
}

function fieldsApart(one: Int8Array, other: Int8Array): number {
  let ones = 0;
  let others = 0;
  let both = 0;
  for (let at = 0; at < one.length; at++) {
    const value = one[at] ?? 0;
    const beside = other[at] ?? 0;
    ones += value * value;
    others += beside * beside;
    both += value * beside;
  }
  const gain = Math.min(MOST_GAIN, Math.max(1 / MOST_GAIN, both / (others + 1)));
  const noise = COLOUR_NOISE * FIELDS * FIELDS;
  const apart = ones - 2 * gain * both + gain ** 2 * others;
  return apart / (ones + gain ** 2 * others + noise);
}

/** Whether two views are of the same picture, the same way round. */
export function isSameView(one: View, other: View): boolean {
  const ratio = (one.contrast + CONTRAST_NOISE) / (other.contrast + CONTRAST_NOISE);
  const contrast = Math.max(ratio, 1 / ratio);
  return isSamePart(contrast, one.whole, one.colours, other.whole, other.colours) ||
    isSamePart(contrast, one.whole, one.colours, other.inner, other.innerColours) ||
    isSamePart(contrast, one.inner, one.innerColours, other.whole, other.colours);
}

/** Whether what differs between two parts is what one kind of change makes differ. */
function isSamePart(
  contrast: number,
  one: Uint16Array,
  oneColours: Int8Array,
  other: Uint16Array,
  otherColours: Int8Array,
): boolean {
  const waves = groupsApart(one, 0, other, 0);
  if (waves > MOST_WAVES) return false;
  const colour = fieldsApart(oneColours, otherColours);
  return LEEWAYS.some((most) =>
    waves <= most.waves && colour <= most.colour && contrast <= most.contrast
  );
}

/**
 * Whether two fingerprints are of the same picture. For a mirrored one, ask again with the
 * `mirrored` fingerprint of either.
 *
 * @example
 * ```ts
 * import { isSimilar } from "./similar.ts";
 *
 * const print = "0123".repeat(18) + "20" + "80".repeat(144);
 * isSimilar(print, print); // true
 * ```
 */
export function isSimilar(one: string, other: string): boolean {
  const others = viewsOf(other);
  return viewsOf(one).some((view) => others.some((beside) => isSameView(view, beside)));
}
