/**
 * Pictures of which another is a part: cropped by up to half of each side, anywhere.
 *
 * Each is held against each other one, so this is for as many as one species has, and not for all of
 * a dataset. The signs of the lowest waves of some parts say which two may be; the part is then moved
 * and stretched until it fits best. What is left must agree in its waves *and* in the colours of
 * their fields, by so much as chance does not bring about.
 *
 * @module
 */

import { FIELDS, HIGHEST, WAVES } from "./fingerprint.ts";
import {
  ACROSS,
  coloursApart,
  cropMatrix,
  DOWN,
  isOdd,
  narrow,
  onesOf,
  shorten,
  type View,
} from "./similar.ts";

/** A side is cut at places of so many. */
const STEPS = 40;
/** A part of a side, from and to, in steps. */
type Span = readonly [from: number, to: number];
/** The least part of a side. */
const LEAST = 18;

/** The parts of a side that are tried first. */
const SPANS: readonly [Span, ...Span[]] = [[0, 40], [0, 34], [3, 37], [6, 40], [0, 27], [7, 33], [
  13,
  40,
]];
/** How many parts there are; the first is the whole. */
const PARTS = SPANS.length ** 2;

/** By span: what is done to the waves along a side, made when it is first asked for. */
const matrices = new Map<number, Float64Array | undefined>();

function matrixOf([from, to]: Span): Float64Array | undefined {
  const key = from * (STEPS + 1) + to;
  const known = matrices.get(key);
  if (known !== undefined || matrices.has(key)) return known;
  const matrix = cropMatrix(from / STEPS, to / STEPS);
  matrices.set(key, matrix);
  return matrix;
}

/** How many signs of a part are compared: two numbers of 32. */
const SIGNS = 64;
/** The signs that a mirror changes. */
const [ODD, ODD_TOO] = packSigns(
  Float32Array.from({ length: SIGNS }, (_, at) => isOdd(at) ? 1 : 0),
);
/** How many signs of two wholes may differ, and of a whole and a part, to be looked at closer. */
const MOST_OF_WHOLES = 26;
const MOST_SIGNS = 15;

function packSigns(waves: Float32Array): [number, number] {
  let [first, second] = [0, 0];
  for (let at = 0; at < 32; at++) {
    if ((waves[at] ?? 0) > 0) first |= 1 << at;
    if ((waves[at + 32] ?? 0) > 0) second |= 1 << at;
  }
  return [first, second];
}

/** The signs of a view's parts: the first 32 of each, then the others of each. */
function signsOf(view: View): Int32Array {
  const known = madeSigns.get(view);
  if (known !== undefined) return known;
  const signs = new Int32Array(PARTS * 2);
  SPANS.forEach((across, column) => {
    narrow(view.waves, matrixOf(across));
    SPANS.forEach((down, row) => {
      const part = column * SPANS.length + row;
      [signs[part], signs[PARTS + part]] = packSigns(shorten(matrixOf(down), SIGNS));
    });
  });
  madeSigns.set(view, signs);
  return signs;
}

const madeSigns = new WeakMap<View, Int32Array>();

/** What must be true of two pictures of which one is a part of the other. */
interface Bound {
  /** How far apart the colours are at most. */
  readonly colour: number;
  /** How unlikely it is by chance that the waves are so much alike: see `surenessOf`. */
  readonly sure: number;
  /** The share of the picture that the part is at most. */
  readonly area: number;
}

/** Chosen on search results and on look-alikes before one ground: see `tests/bench/README.md`. */
const BOUNDS: readonly Bound[] = [
  { colour: 0.05, sure: 8.7, area: 0.92 },
  { colour: 0.25, sure: 10.5, area: 1 },
];
/** What is less sure before a part is moved is not looked at closer. */
const LEAST_SURE = 4.5;

/** Pictures that others are held against. */
export class Parts {
  readonly #views: View[] = [];
  readonly #numbers: number[] = [];
  readonly #signs: Int32Array[] = [];

  /** Adds a view under the number of its picture. */
  add(view: View, number: number): void {
    if (view.old) return;
    this.#views.push(view);
    this.#numbers.push(number);
    this.#signs.push(signsOf(view));
  }

  /** The numbers of the views that a view is a part of, or that are parts of it. */
  find(view: View, mirrored: View): { number: number; mirrored: boolean }[] {
    if (view.old) return [];
    const own = signsOf(view);
    return this.#signs.flatMap((signs, at) => {
      const nearest = nearestParts(own, signs);
      const other = this.#views[at];
      const number = this.#numbers[at];
      if (nearest === undefined || other === undefined || number === undefined) return [];
      const one = nearest.mirrored ? mirrored : view;
      const isSame = nearest.isOwn
        ? isPart(other, one, nearest.part)
        : isPart(one, other, nearest.part);
      return isSame ? [{ number, mirrored: nearest.mirrored }] : [];
    });
  }
}

/** How a whole and a part are most alike. */
interface Nearest {
  /** Whether it is a part of the first of the two. */
  readonly isOwn: boolean;
  readonly mirrored: boolean;
  readonly part: number;
}

function nearestParts(own: Int32Array, others: Int32Array): Nearest | undefined {
  let fewest = MOST_SIGNS + 1;
  let found: Nearest | undefined;
  for (const mirrored of [false, true]) {
    const [odd, oddToo] = mirrored ? [ODD, ODD_TOO] : [0, 0];
    const apart = (parts: Int32Array, part: number, wholes: Int32Array): number =>
      onesOf((parts[part] ?? 0) ^ (wholes[0] ?? 0) ^ odd) +
      onesOf((parts[PARTS + part] ?? 0) ^ (wholes[PARTS] ?? 0) ^ oddToo);
    if (apart(own, 0, others) > MOST_OF_WHOLES) continue;
    for (let part = 0; part < PARTS; part++) {
      const theirs = apart(others, part, own);
      if (theirs < fewest) {
        fewest = theirs;
        found = { isOwn: false, mirrored, part };
      }
      const ours = apart(own, part, others);
      if (ours < fewest) {
        fewest = ours;
        // A part of the mirrored picture is the mirrored part on the other side.
        found = { isOwn: true, mirrored, part: mirrored ? mirrorPart(part) : part };
      }
    }
  }
  return found;
}

/** The part that mirrors to a part. */
function mirrorPart(part: number): number {
  const [column, row] = [Math.floor(part / SPANS.length), part % SPANS.length];
  const [from, to] = SPANS[column] ?? [0, STEPS];
  const mirrored = SPANS.findIndex(([first, last]) =>
    first === STEPS - to && last === STEPS - from
  );
  return mirrored * SPANS.length + row;
}

/** Whether one view is a part of another, near a given one. */
function isPart(whole: View, of: View, part: number): boolean {
  let across = SPANS[Math.floor(part / SPANS.length)] ?? SPANS[0];
  let down = SPANS[part % SPANS.length] ?? SPANS[0];
  const measure = (one: Span, other: Span): number => {
    narrow(of.waves, matrixOf(one));
    return surenessOf(whole.waves, shorten(matrixOf(other)), one, other);
  };
  let sure = measure(across, down);
  if (sure < LEAST_SURE) return false;
  for (let step = 2; step > 0;) {
    let best: readonly [Span, Span] | undefined;
    for (const next of moved(across, step)) {
      const value = measure(next, down);
      if (value > sure) [sure, best] = [value, [next, down]];
    }
    for (const next of moved(down, step)) {
      const value = measure(across, next);
      if (value > sure) [sure, best] = [value, [across, next]];
    }
    if (best === undefined) step--;
    else [across, down] = best;
  }
  const area = lengthOf(across) * lengthOf(down) / STEPS ** 2;
  const colour = coloursApart({ colours: cropColours(of.colours, across, down) }, whole);
  return BOUNDS.some((bound) => colour <= bound.colour && sure >= bound.sure && area <= bound.area);
}

function lengthOf([from, to]: Span): number {
  return to - from;
}

/** A span with one end or both moved by a step. */
function moved([from, to]: Span, step: number): Span[] {
  const spans: Span[] = [
    [from - step, to],
    [from + step, to],
    [from, to - step],
    [from, to + step],
    [from - step, to - step],
    [from + step, to + step],
  ];
  return spans.filter(([first, last]) => first >= 0 && last <= STEPS && last - first >= LEAST);
}

/**
 * How many standard deviations of chance the waves of a picture and of a part are above not being
 * alike: Fisher's transformation of their correlation, where a picture has as many degrees of freedom
 * as waves of equal strength would have its energy. Only waves that are in what is known of the
 * picture that the part is of count: those of a part are slower there.
 */
function surenessOf(one: Int8Array, other: Float32Array, across: Span, down: Span): number {
  const [columns, rows] = [STEPS / lengthOf(across), STEPS / lengthOf(down)];
  let [both, ones, others, onesToo, othersToo] = [0, 0, 0, 0, 0];
  for (let at = 0; at < WAVES; at++) {
    if ((ACROSS[at] ?? 0) * columns + (DOWN[at] ?? 0) * rows > HIGHEST + 1e-9) continue;
    const value = one[at] ?? 0;
    const beside = other[at] ?? 0;
    both += value * beside;
    ones += value * value;
    others += beside * beside;
    onesToo += value ** 4;
    othersToo += beside ** 4;
  }
  const alike = both / Math.sqrt(ones * others + 1e-9);
  const freedom = Math.min(ones * ones / (onesToo + 1e-9), others * others / (othersToo + 1e-9));
  return Math.atanh(Math.min(alike, 0.999)) * Math.sqrt(freedom);
}

/** The colours of a part, in as many fields. */
function cropColours(colours: View["colours"], across: Span, down: Span): Float32Array {
  const part = new Float32Array(colours.length);
  const [columns, rows] = [sharesOf(across), sharesOf(down)];
  for (let at = 0; at < part.length; at++) {
    const [row, column] = [Math.floor(at / FIELDS) % FIELDS, at % FIELDS];
    const start = at - at % (FIELDS * FIELDS);
    let sum = 0;
    for (let y = 0; y < FIELDS; y++) {
      for (let x = 0; x < FIELDS; x++) {
        sum += (rows[row * FIELDS + y] ?? 0) * (columns[column * FIELDS + x] ?? 0) *
          (colours[start + y * FIELDS + x] ?? 0);
      }
    }
    part[at] = sum;
  }
  return part;
}

/** How much of each field of a part is which field of the whole. */
function sharesOf([from, to]: Span): Float32Array {
  const shares = new Float32Array(FIELDS * FIELDS);
  const step = (to - from) / STEPS;
  for (let field = 0; field < FIELDS; field++) {
    const start = from / STEPS * FIELDS + step * field;
    for (let of = 0; of < FIELDS; of++) {
      const covered = Math.min(start + step, of + 1) - Math.max(start, of);
      shares[field * FIELDS + of] = Math.max(0, covered) / step;
    }
  }
  return shares;
}
