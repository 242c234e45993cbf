/**
 * Whether two fingerprints are of the same picture.
 *
 * @module
 */

import { FIELDS, HIGHEST, OLD, oldPlace, ORDER, viewDigits, WAVES } from "./fingerprint.ts";

/** What may differ between two pictures that are the same. */
interface Leeway {
  /** How much alike the waves must be: their cosine, 1 for the same. */
  readonly alike: number;
  /** The difference of the colours, as a share of their strength. */
  readonly colour: number;
}

/**
 * The less the colours say the same, the more the waves must. The last one is blind to colour and to
 * brightness: a grey copy passes it. Chosen on image-search results of Mediterranean fish, with teddy
 * bears and clothes on one ground for what must not pass: see `tests/bench/README.md`.
 */
const LEEWAYS: readonly Leeway[] = [
  { alike: 0.85, colour: 0.03 },
  { alike: 0.88, colour: 0.1 },
  { alike: 0.93, colour: 0.15 },
  { alike: 0.96, colour: 0.5 },
];
/** With a picture that has no colours nothing can be said by them. */
const GREY_ALIKE = 0.94;

/** What may differ where one of them is of an earlier version, whose waves have signs alone. */
interface OldLeeway {
  /** The number of the 135 waves that may differ in sign. */
  readonly waves: number;
  readonly colour: number;
  /** How many times greater the one's contrast may be than the other's. */
  readonly contrast: number;
}

const OLD_LEEWAYS: readonly OldLeeway[] = [
  { waves: 12, colour: 0.08, contrast: 1.6 },
  { waves: 28, colour: 0.02, contrast: 1.5 },
  { waves: 38, colour: 0.025, contrast: 1.06 },
];

/** The greatest number of the 135 waves that may differ in sign, where nothing else is known. */
export const MOST_WAVES = 38;

/** How many times stronger the one's colours may be than the other's: it was made brighter. */
const MOST_GAIN = 1.4;
/** What is added to contrasts before they are compared: noise. */
const CONTRAST_NOISE = 3;

/** How strong colours are taken to be at least: grey pictures differ in nothing but noise. */
const COLOUR_NOISE = 50;
/** The mean square of the colours of a picture that has hardly any. */
const GREY = 12;

/** One view of a picture, read from a fingerprint. */
export interface View {
  /** The waves, each times its frequency; signs alone in one of an earlier version. */
  readonly waves: Int8Array;
  readonly old: boolean;
  /** Whether it is of a whole picture that has a border or a caption. */
  readonly bordered: boolean;
  /** The standard deviation of the brightness. */
  readonly contrast: number;
  /** How blue each field is, then how red. */
  readonly colours: Int8Array;
}

/** Reads a fingerprint; any other text has no views. */
export function viewsOf(fingerprint: string): readonly View[] {
  return viewDigits(fingerprint).map((digits, at, all) =>
    digits.length === OLD.digits ? readOld(digits) : readView(digits, at === 0 && all.length > 1)
  );
}

function readView(digits: string, bordered: boolean): View {
  const waves = new Int8Array(WAVES);
  for (let at = 0; at < WAVES; at++) waves[at] = waveOf(digitAt(digits, at));
  const contrast = 16 * digitAt(digits, WAVES + 1) + digitAt(digits, WAVES + 2);
  return { waves, old: false, bordered, contrast, colours: readColours(digits, WAVES + 3) };
}

/** The value of one hex digit: parsing each by itself takes longer than the search for the view. */
function digitAt(digits: string, at: number): number {
  const code = digits.charCodeAt(at);
  return code < 58 ? code - 48 : code - 87;
}

/** What a digit of a wave says: 1, 3, 5 … 15, or the same below zero. */
export function waveOf(digit: number): number {
  const value = 2 * (digit & 7) + 1;
  return digit & 8 ? -value : value;
}

function readOld(digits: string): View {
  return {
    waves: Int8Array.from({ length: WAVES }, (_, at) => {
      const { group, bit } = oldPlace(at);
      return parseInt(digits.slice(group * 4, group * 4 + 4), 16) >> bit & 1 ? OLD_WAVE : -OLD_WAVE;
    }),
    old: true,
    bordered: false,
    contrast: parseInt(digits.slice(OLD.groups * 8, OLD.groups * 8 + 2), 16),
    colours: readColours(digits, OLD.groups * 8 + 2),
  };
}

/** How strong the waves of an old view are taken to be: one of the odd numbers that a digit says. */
const OLD_WAVE = 3;

function readColours(digits: string, from: number): Int8Array {
  const colours = new Int8Array(FIELDS * FIELDS * 2);
  for (let at = 0; at < colours.length; at++) {
    const place = from + at * 2;
    colours[at] = 16 * digitAt(digits, place) + digitAt(digits, place + 1) - 128;
  }
  return colours;
}

/** A part of a picture: from and to, as shares of its sides. */
interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function box(left: number, top: number, right: number, bottom: number): Box {
  return { left, top, right, bottom };
}

/**
 * Which parts of a picture another one is held against: cropped all round, at top and bottom, at the
 * sides, at one edge, from one corner.
 */
const BOXES: readonly Box[] = [
  ...[0.025, 0.05, 0.1].map((edge) => box(edge, edge, 1 - edge, 1 - edge)),
  box(0, 0.05, 1, 0.95),
  box(0, 0.1, 1, 0.9),
  box(0.05, 0, 0.95, 1),
  box(0.1, 0, 0.9, 1),
  box(0, 0, 1, 0.92),
  box(0, 0, 1, 0.85),
  box(0, 0.08, 1, 1),
  box(0, 0, 0.92, 1),
  box(0.08, 0, 1, 1),
  box(0, 0, 0.95, 0.95),
  box(0.05, 0.05, 1, 1),
  box(0.05, 0, 1, 0.95),
  box(0, 0.05, 0.95, 1),
];
/** Which of them is looked up in an index: a symmetrical one. */
const LOOKED_UP = 1;
/** Which of them a view is entered into it by: the other way round, a crop is looked up as it is. */
const ENTERED = [2, 4, 6];
/** How many entries of an index a view has. */
export const ENTRIES: number = 1 + ENTERED.length;
const COUNT = HIGHEST + 1;
/** How finely a part is measured when it is made of waves. */
const POINTS = 32;

/** How a wave along one side becomes waves of a part of the side: `[to * COUNT + from]`. */
export function cropMatrix(first: number, last: number): Float64Array | undefined {
  if (first === 0 && last === 1) return undefined;
  const matrix = new Float64Array(COUNT * COUNT);
  for (let to = 0; to < COUNT; to++) {
    for (let from = 0; from < COUNT; from++) {
      let sum = 0;
      for (let at = 0; at < POINTS; at++) {
        const place = (at + 0.5) / POINTS;
        sum += Math.cos(to * place * Math.PI) *
          Math.cos(from * (first + (last - first) * place) * Math.PI);
      }
      const scales = (to === 0 ? Math.SQRT1_2 : 1) * (from === 0 ? Math.SQRT1_2 : 1);
      matrix[to * COUNT + from] = sum * scales * 2 / POINTS;
    }
  }
  return matrix;
}

/** By box: what is done to the waves across and down; nothing where the whole side is taken. */
const CROPS = BOXES.map(({ left, top, right, bottom }) => ({
  across: cropMatrix(left, right),
  down: cropMatrix(top, bottom),
}));

/** By wave: how often it goes up and down across a picture, and down it. */
export const ACROSS: Uint8Array = Uint8Array.from(ORDER, ({ across }) => across);
export const DOWN: Uint8Array = Uint8Array.from(ORDER, ({ down }) => down);
const BY = Float64Array.from(ORDER, ({ across, down }) => Math.hypot(across, down));

/** Used again by each call: making them takes as long as all that is computed in them. */
const grid = new Float64Array(COUNT * COUNT);
const half = new Float64Array(COUNT * COUNT);

/** Makes a part of a picture of its waves: first `narrow`, then `shorten` as often as is wanted. */
export function narrow(waves: Int8Array, across: Float64Array | undefined): void {
  for (let at = 0; at < WAVES; at++) {
    grid[(DOWN[at] ?? 0) * COUNT + (ACROSS[at] ?? 0)] = (waves[at] ?? 0) / (BY[at] ?? 1);
  }
  isNarrow = across !== undefined;
  if (across === undefined) return;
  for (let row = 0; row < COUNT; row++) {
    for (let to = 0; to < COUNT; to++) {
      let sum = 0;
      for (let from = 0; from < COUNT - row; from++) {
        sum += (across[to * COUNT + from] ?? 0) * (grid[row * COUNT + from] ?? 0);
      }
      half[row * COUNT + to] = sum;
    }
  }
}

let isNarrow = false;

/** The waves of what was narrowed last, or the first of them, when it is also cut above and below. */
export function shorten(down: Float64Array | undefined, count = WAVES): Float32Array {
  const rows = isNarrow ? half : grid;
  const part = new Float32Array(count);
  for (let at = 0; at < count; at++) {
    const [column, row] = [ACROSS[at] ?? 0, DOWN[at] ?? 0];
    let sum = 0;
    if (down === undefined) sum = rows[row * COUNT + column] ?? 0;
    else {
      // A grid has no waves of more than the highest frequency in all.
      const end = isNarrow ? COUNT : COUNT - column;
      for (let from = 0; from < end; from++) {
        sum += (down[row * COUNT + from] ?? 0) * (rows[from * COUNT + column] ?? 0);
      }
    }
    part[at] = sum * (BY[at] ?? 1);
  }
  return part;
}

/** The waves of a part, from those of the whole. */
function cropWaves(waves: Int8Array, { across, down }: (typeof CROPS)[number]): Float32Array {
  narrow(waves, across);
  return shorten(down);
}

/** The parts of views, each made once. */
const parts = new WeakMap<View, Float32Array[]>();

/** The waves of a view's part. */
function partOf(view: View, at: number): Float32Array {
  let known = parts.get(view);
  if (known === undefined) parts.set(view, known = []);
  const crop = CROPS[at];
  return known[at] ??= crop === undefined ? EMPTY : cropWaves(view.waves, crop);
}

/** Makes the part of a mirrored view that is looked up from that of the view: it is symmetrical. */
export function sharePart(view: View, mirrored: View): void {
  for (let at = 0; at < WAVES; at++) {
    const wave = view.waves[at] ?? 0;
    if (mirrored.waves[at] !== (isOdd(at) ? -wave : wave)) return;
  }
  const known: Float32Array[] = [];
  known[LOOKED_UP] = partOf(view, LOOKED_UP).map((wave, at) => isOdd(at) ? -wave : wave);
  parts.set(mirrored, known);
}

/** Whether a mirror changes the sign of a wave. */
export function isOdd(wave: number): boolean {
  return ((ACROSS[wave] ?? 0) & 1) === 1;
}

/** The waves of a view and of the parts of it that are worth looking up. */
export function lookedUp(view: View): readonly (Int8Array | Float32Array)[] {
  return [view.waves, partOf(view, LOOKED_UP)];
}

/** The waves that a view is found by: its own, and those of the parts that are cropped most often. */
export function enteredBy(view: View): readonly (Int8Array | Float32Array)[] {
  return [view.waves, ...ENTERED.map((at) => partOf(view, at))];
}

/** Parts are only held against each other where the wholes, or the first parts, are so much alike. */
const WORTHWHILE = 0.4;

/** How much alike the waves of two views are, or of one and a part of the other: at most 1. */
export function alike(one: View, other: View): number {
  let most = cosine(one.waves, other.waves);
  if (most >= SURE) return most;
  for (let at = 0; at < BOXES.length; at++) {
    // Parts of what has not even the middle in common are not tried.
    if (at === 3 && most < WORTHWHILE) return most;
    most = Math.max(
      most,
      cosine(partOf(one, at), other.waves),
      cosine(one.waves, partOf(other, at)),
    );
  }
  return most;
}

/** So much alike that no part can matter. */
const SURE = 0.97;
const EMPTY = new Float32Array(0);

function cosine(one: Int8Array | Float32Array, other: Int8Array | Float32Array): number {
  let [ones, others, both] = [0, 0, 0];
  for (let at = 0; at < one.length; at++) {
    const value = one[at] ?? 0;
    const beside = other[at] ?? 0;
    ones += value * value;
    others += beside * beside;
    both += value * beside;
  }
  return both / Math.sqrt(ones * others + 1e-9);
}

/** The signs of a view's waves, 32 in a number: of the whole, then of its middle. */
export type Signs = readonly [whole: Int32Array, middle: Int32Array];

/** The signs of a view, to compare it with very many. */
export function signsOf(view: View): Signs {
  return [packSigns(view.waves), packSigns(partOf(view, 0))];
}

function packSigns(waves: Int8Array | Float32Array): Int32Array {
  const signs = new Int32Array(Math.ceil(WAVES / 32));
  for (let at = 0; at < WAVES; at++) {
    if ((waves[at] ?? 0) > 0) signs[at >> 5] = (signs[at >> 5] ?? 0) | 1 << (at & 31);
  }
  return signs;
}

/** How many waves of two views differ in sign: of the wholes, or a whole and the middle of another. */
export function wavesApart(one: Signs, other: Signs): number {
  return Math.min(
    onesApart(one[0], other[0]),
    onesApart(one[0], other[1]),
    onesApart(one[1], other[0]),
  );
}

function onesApart(one: Int32Array, other: Int32Array): number {
  let apart = 0;
  for (let at = 0; at < one.length; at++) apart += onesOf((one[at] ?? 0) ^ (other[at] ?? 0));
  return apart;
}

/** How many bits are set. */
export function onesOf(number: number): number {
  const pairs = number - (number >>> 1 & 0x55555555);
  const fours = (pairs & 0x33333333) + (pairs >>> 2 & 0x33333333);
  return Math.imul(fours + (fours >>> 4) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * How far the colours of two views are apart, when the one is made about as bright as the other: the
 * same whichever comes first.
 */
export function coloursApart(
  { colours: one }: { readonly colours: Int8Array | Float32Array },
  { colours: other }: View,
): number {
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
  return Math.max(apartBy(ones, others, both), apartBy(others, ones, both));
}

/** How far colours are apart when the others are made about as strong as the ones. */
function apartBy(ones: number, others: number, both: number): number {
  const gain = Math.min(MOST_GAIN, Math.max(1 / MOST_GAIN, both / (others + 1)));
  const noise = COLOUR_NOISE * FIELDS * FIELDS;
  const apart = ones - 2 * gain * both + gain ** 2 * others;
  return apart / (ones + gain ** 2 * others + noise);
}

function isGrey({ colours }: View): boolean {
  return colours.reduce((sum, value) => sum + value * value, 0) / colours.length < GREY;
}

/**
 * The share of the leeway that is left for two pictures that both have a border: it is much of what
 * they have in common, and what is within has views of its own.
 */
const BORDERED = 0.6;

/** Whether two views are of the same picture, the same way round. */
export function isSameView(one: View, other: View): boolean {
  if (one.old || other.old) return isSameOld(one, other);
  return isWithin(one, other, one.bordered && other.bordered ? BORDERED : 1);
}

/** Whether two views have so much in common that they are on the same side of a split. */
export function isRelatedView(one: View, other: View): boolean {
  return one.old || other.old ? isSameOld(one, other) : isWithin(one, other, 2);
}

/** Whether what differs is within so many times the leeway. */
function isWithin(one: View, other: View, times: number): boolean {
  // Colours are compared sooner than parts, and say how much alike the waves must be.
  const colour = coloursApart(one, other);
  const needed = [
    LEEWAYS.find((most) => colour <= times * most.colour)?.alike,
    isGrey(one) === isGrey(other) ? undefined : GREY_ALIKE,
  ].filter((alike) => alike !== undefined);
  if (needed.length === 0) return false;
  return alike(one, other) >= 1 - times * (1 - Math.min(...needed));
}

function isSameOld(one: View, other: View): boolean {
  const waves = wavesApart(signsOf(one), signsOf(other));
  if (waves > MOST_WAVES) return false;
  const ratio = (one.contrast + CONTRAST_NOISE) / (other.contrast + CONTRAST_NOISE);
  const contrast = Math.max(ratio, 1 / ratio);
  const colour = coloursApart(one, other);
  return OLD_LEEWAYS.some((most) =>
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
 * const print = "3a".repeat(68) + "20" + "80".repeat(72);
 * isSimilar(print, print); // true
 * ```
 */
export function isSimilar(one: string, other: string): boolean {
  const others = viewsOf(other);
  return viewsOf(one).some((view) => others.some((beside) => isSameView(view, beside)));
}
