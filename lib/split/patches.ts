/**
 * Whether two pictures show the same, by their details: patches of the one are looked for in the
 * other. It shares nothing with the fingerprints, which know a picture's coarse waves and colours
 * alone, so it finds what they miss: parts of a picture, several edits at once.
 *
 * @module
 */

/** A picture is looked at in a square of so many pixels a side. */
export const LOOK_SIDE = 96;

/** A part of a picture: from and to, as shares of its sides. */
type Box = readonly [left: number, top: number, right: number, bottom: number];

const WHOLE: Box = [0, 0, 1, 1];
/** The parts that another whole picture is held against. */
const PARTS: readonly Box[] = [
  WHOLE,
  ...[0.1, 0.15, 0.2].map((edge): Box => [edge, edge, 1 - edge, 1 - edge]),
  [0, 0.1, 1, 0.9],
  [0.1, 0, 0.9, 1],
  [0, 0, 1, 0.85],
  [0, 0.15, 1, 1],
  [0, 0, 0.85, 1],
  [0.15, 0, 1, 1],
  [0, 0, 1, 0.75],
  [0, 0, 0.8, 0.8],
  [0.2, 0.2, 1, 1],
  [0, 0.2, 0.8, 1],
  [0.2, 0, 1, 0.8],
];

/** The coarse squares have so many pixels a side. */
const COARSE = 16;
const CELLS = COARSE * COARSE;
/** A coarse square's length: its numbers fit into a byte. */
const LENGTH = 254;
/** Details are compared where a whole and a part are so much alike. */
const WORTHWHILE = 0.7;

/** The squares of details, and the patches they are cut into, have so many pixels a side. */
const FINE = 64;
const PATCH = 16;
/** How far a patch may have moved, in pixels. */
const SHIFT = 3;
/** Details are what differs from the mean of so many pixels to each side. */
const AROUND = 2;
/** A patch with a smaller standard deviation has nothing to be known by; a greater one counts no more. */
const PLAIN = 2;
const STRONGEST = 12;
/** Fewer patches with something in them say nothing. */
const FEWEST = 4;
/** This share of the patches may match worse than the score says: captions, watermarks. */
const EDITED = 0.4;

/**
 * From this score on two pictures count as the same. Chosen on search results for fish of Bangladesh
 * and the Mediterranean, sharks and big cats; measured on others: see `tests/bench/README.md`.
 */
export const SAME_DETAILS = 0.6;

/** Edges are cut off while a row's standard deviation is below this, up to that share of the side. */
const EVEN = 6;
const MOST_CUT = 0.3;

/** A picture as it is compared. */
export interface Look {
  readonly grey: Uint8Array;
  /** What is left without margins, frames and caption strips. */
  readonly inner: Box;
  /** The coarse squares of the parts, one after the other. */
  readonly parts: Int8Array;
  /** The coarse square of the mirrored whole. */
  readonly mirrored: Int8Array;
}

/** Looks at a picture: `LOOK_SIDE` rows of as many pixels, three bytes each. */
export function lookAt(pixels: Uint8Array): Look {
  const grey = new Uint8Array(LOOK_SIDE * LOOK_SIDE);
  for (let at = 0; at < grey.length; at++) {
    grey[at] = Math.round(
      0.299 * (pixels[at * 3] ?? 0) + 0.587 * (pixels[at * 3 + 1] ?? 0) +
        0.114 * (pixels[at * 3 + 2] ?? 0),
    );
  }
  const [top, bottom] = innerSpan(grey, LOOK_SIDE, 1);
  const [left, right] = innerSpan(grey, 1, LOOK_SIDE);
  const inner: Box = [left, top, right, bottom];
  const parts = new Int8Array(PARTS.length * CELLS);
  const sums = sumsOf(grey);
  PARTS.forEach((part, at) => {
    parts.set(standardised(resized(sums, within(inner, part), COARSE)), at * CELLS);
  });
  const mirrored = new Int8Array(CELLS);
  for (let at = 0; at < CELLS; at++) {
    mirrored[at] = parts[at - at % COARSE + COARSE - 1 - at % COARSE] ?? 0;
  }
  return { grey, inner, parts, mirrored };
}

/** Where rows, or columns, begin and end to differ in themselves, as shares of the side. */
function innerSpan(grey: Uint8Array, row: number, step: number): [from: number, to: number] {
  const isEven = (at: number): boolean => {
    let [sum, squares] = [0, 0];
    for (let place = 0; place < LOOK_SIDE; place++) {
      const value = grey[at * row + place * step] ?? 0;
      sum += value;
      squares += value * value;
    }
    return squares / LOOK_SIDE - (sum / LOOK_SIDE) ** 2 < EVEN ** 2;
  };
  const most = Math.floor(LOOK_SIDE * MOST_CUT);
  let [from, to] = [0, LOOK_SIDE];
  while (from < most && isEven(from)) from++;
  while (to > LOOK_SIDE - most && isEven(to - 1)) to--;
  return [from / LOOK_SIDE, to / LOOK_SIDE];
}

/** A part of a part. */
function within([left, top, right, bottom]: Box, part: Box): Box {
  const [across, down] = [right - left, bottom - top];
  return [
    left + across * part[0],
    top + down * part[1],
    left + across * part[2],
    top + down * part[3],
  ];
}

/** Sums of all pixels above and to the left of each point: the mean of any part is four of them. */
function sumsOf(grey: Uint8Array): Uint32Array {
  const sums = new Uint32Array(POINTS * POINTS);
  for (let row = 0; row < LOOK_SIDE; row++) {
    let line = 0;
    for (let at = 0; at < LOOK_SIDE; at++) {
      line += grey[row * LOOK_SIDE + at] ?? 0;
      const point = (row + 1) * POINTS + at + 1;
      sums[point] = line + (sums[point - POINTS] ?? 0);
    }
  }
  return sums;
}

const POINTS = LOOK_SIDE + 1;

/** A part of a picture as a square of another size: each pixel is the mean of what it covers. */
function resized(sums: Uint32Array, [left, top, right, bottom]: Box, side: number): Float32Array {
  const square = new Float32Array(side * side);
  const across = (right - left) * LOOK_SIDE / side;
  const down = (bottom - top) * LOOK_SIDE / side;
  let above = new Float64Array(side + 1);
  for (let row = 0; row <= side; row++) {
    const y = Math.min(LOOK_SIDE, top * LOOK_SIDE + row * down);
    const line = Math.min(LOOK_SIDE - 1, Math.floor(y));
    const below = y - line;
    const here = new Float64Array(side + 1);
    for (let at = 0; at <= side; at++) {
      const x = Math.min(LOOK_SIDE, left * LOOK_SIDE + at * across);
      const place = Math.min(LOOK_SIDE - 1, Math.floor(x));
      const beyond = x - place;
      const point = line * POINTS + place;
      here[at] = (1 - below) *
          ((1 - beyond) * (sums[point] ?? 0) + beyond * (sums[point + 1] ?? 0)) +
        below * ((1 - beyond) * (sums[point + POINTS] ?? 0) +
            beyond * (sums[point + POINTS + 1] ?? 0));
      if (row === 0 || at === 0) continue;
      const sum = (here[at] ?? 0) - (here[at - 1] ?? 0) - (above[at] ?? 0) + (above[at - 1] ?? 0);
      square[(row - 1) * side + at - 1] = sum / (across * down);
    }
    above = here;
  }
  return square;
}

/** Less its mean, and of one length. */
function standardised(square: Float32Array): Float32Array {
  const mean = square.reduce((sum, value) => sum + value, 0) / square.length;
  const centred = square.map((value) => value - mean);
  const length = Math.sqrt(centred.reduce((sum, value) => sum + value * value, 0));
  return centred.map((value) =>
    Math.max(-127, Math.min(127, Math.round(LENGTH * value / (length + 1e-3))))
  );
}

/** How the whole of one picture lies on a part of another. */
interface Laid {
  readonly alike: number;
  readonly whole: Look;
  readonly isMirrored: boolean;
  readonly part: Box;
  readonly of: Look;
}

/**
 * How much two pictures have in common: at most 1, 0 where nothing suggests it.
 */
export function detailsInCommon(one: Look, other: Look): number {
  const laid = [lay(one, other), lay(other, one)].sort((a, b) => b.alike - a.alike)[0];
  if (laid === undefined || laid.alike < WORTHWHILE) return 0;
  const { whole, isMirrored, part, of } = laid;
  const details = detailsOf(whole, WHOLE);
  const first = isMirrored ? mirror(details) : details;
  const second = detailsOf(of, part);
  return Math.max(patchesFound(first, second), patchesFound(second, first));
}

/** The part of one picture that is most like the whole of another. */
function lay(whole: Look, of: Look): Laid {
  let [most, part, isMirrored] = [-Infinity, 0, false];
  for (let at = 0; at < PARTS.length; at++) {
    let [straight, mirrored] = [0, 0];
    for (let cell = 0; cell < CELLS; cell++) {
      const value = of.parts[at * CELLS + cell] ?? 0;
      straight += value * (whole.parts[cell] ?? 0);
      mirrored += value * (whole.mirrored[cell] ?? 0);
    }
    if (Math.max(straight, mirrored) <= most) continue;
    [most, part, isMirrored] = [Math.max(straight, mirrored), at, mirrored > straight];
  }
  const alike = most / LENGTH ** 2;
  return { alike, whole, isMirrored, part: PARTS[part] ?? WHOLE, of };
}

/** What of a part differs from its surroundings. */
function detailsOf({ grey, inner }: Look, part: Box): Float32Array {
  const square = resized(sumsOf(grey), within(inner, part), FINE);
  const rows = blurred(square, FINE, 1);
  const smooth = blurred(rows, 1, FINE);
  return square.map((value, at) => value - (smooth[at] ?? 0));
}

/** Each pixel as the mean of its neighbours in a row or column; beyond the edge lies its mirror image. */
function blurred(square: Float32Array, row: number, step: number): Float32Array {
  const made = new Float32Array(square.length);
  for (let line = 0; line < FINE; line++) {
    for (let at = 0; at < FINE; at++) {
      let sum = 0;
      for (let near = at - AROUND; near <= at + AROUND; near++) {
        const place = near < 0 ? -1 - near : near >= FINE ? 2 * FINE - 1 - near : near;
        sum += square[line * row + place * step] ?? 0;
      }
      made[line * row + at * step] = sum / (2 * AROUND + 1);
    }
  }
  return made;
}

function mirror(square: Float32Array): Float32Array {
  return square.map((_, at) => square[at - at % FINE + FINE - 1 - at % FINE] ?? 0);
}

/**
 * How well the patches of one square are found in another near their place: what most of them reach.
 */
function patchesFound(one: Float32Array, other: Float32Array): number {
  const found: { readonly score: number; readonly weight: number }[] = [];
  const [own, beside] = [patchesOf(one), patchesOf(other)];
  for (let top = 0; top < FINE; top += PATCH) {
    for (let left = 0; left < FINE; left += PATCH) {
      const at = top * FINE + left;
      const spread = own.spreads[at] ?? 0;
      if (spread < PLAIN) continue;
      let score = 0;
      const lowest = Math.min(FINE - PATCH, top + SHIFT);
      const rightmost = Math.min(FINE - PATCH, left + SHIFT);
      for (let down = Math.max(0, top - SHIFT); down <= lowest; down++) {
        for (let across = Math.max(0, left - SHIFT); across <= rightmost; across++) {
          const to = down * FINE + across;
          const others = beside.spreads[to] ?? 0;
          if (others < 1) continue;
          const both = product(one, at, other, to) - (own.means[at] ?? 0) * (beside.means[to] ?? 0);
          score = Math.max(score, both / (spread * others));
        }
      }
      found.push({ score, weight: Math.min(spread, STRONGEST) });
    }
  }
  if (found.length < FEWEST) return 0;
  found.sort((a, b) => a.score - b.score);
  let left = EDITED * found.reduce((sum, { weight }) => sum + weight, 0);
  return found.find(({ weight }) => (left -= weight) <= 0)?.score ?? 0;
}

/** The mean and the standard deviation of the patch that begins at each pixel. */
function patchesOf(square: Float32Array): { means: Float32Array; spreads: Float32Array } {
  const means = new Float32Array(FINE * FINE);
  const squares = new Float32Array(FINE * FINE);
  // Along the rows, then down the columns.
  for (let row = 0; row < FINE; row++) {
    let [sum, ofSquares] = [0, 0];
    for (let at = row * FINE; at < (row + 1) * FINE; at++) {
      const [value, gone] = [square[at] ?? 0, at % FINE < PATCH ? 0 : square[at - PATCH] ?? 0];
      sum += value - gone;
      ofSquares += value * value - gone * gone;
      const from = at - PATCH + 1;
      if (from < row * FINE) continue;
      means[from] = sum / PATCH;
      squares[from] = ofSquares / PATCH;
    }
  }
  const spreads = new Float32Array(FINE * FINE);
  for (let column = 0; column <= FINE - PATCH; column++) {
    for (let row = 0; row <= FINE - PATCH; row++) {
      let [sum, ofSquares] = [0, 0];
      const at = row * FINE + column;
      for (let line = 0; line < PATCH; line++) {
        sum += means[at + line * FINE] ?? 0;
        ofSquares += squares[at + line * FINE] ?? 0;
      }
      means[at] = sum / PATCH;
      spreads[at] = Math.sqrt(Math.max(0, ofSquares / PATCH - (sum / PATCH) ** 2));
    }
  }
  return { means, spreads };
}

/** The mean product of the pixels of two patches. */
function product(one: Float32Array, from: number, other: Float32Array, to: number): number {
  let sum = 0;
  for (let row = 0; row < PATCH * FINE; row += FINE) {
    for (let at = row; at < row + PATCH; at++) {
      sum += (one[from + at] ?? 0) * (other[to + at] ?? 0);
    }
  }
  return sum / (PATCH * PATCH);
}

/** The hash is made of the signs of so many waves each way. */
const WAVES = 8;

/** How `WAVES` waves are made of the coarse square's cells: `[wave * COARSE + cell]`. */
const COSINES = Float32Array.from({ length: WAVES * COARSE }, (_, at) => {
  const [wave, cell] = [Math.floor(at / COARSE) + 1, at % COARSE];
  return Math.cos(wave * (cell + 0.5) * Math.PI / COARSE);
});

/** A 64-bit hash of the whole, as two numbers of 32 bits. */
export function hashOf({ parts }: Look): readonly [number, number] {
  return hashSquare(parts.subarray(0, CELLS));
}

/** The hash of the mirrored picture. */
export function mirroredHashOf({ mirrored }: Look): readonly [number, number] {
  return hashSquare(mirrored);
}

function hashSquare(square: Int8Array): readonly [number, number] {
  const hash: [number, number] = [0, 0];
  const rows = new Float32Array(COARSE * WAVES);
  for (let row = 0; row < COARSE; row++) {
    for (let wave = 0; wave < WAVES; wave++) {
      let sum = 0;
      for (let at = 0; at < COARSE; at++) {
        sum += (COSINES[wave * COARSE + at] ?? 0) * (square[row * COARSE + at] ?? 0);
      }
      rows[row * WAVES + wave] = sum;
    }
  }
  for (let bit = 0; bit < WAVES * WAVES; bit++) {
    const [down, across] = [Math.floor(bit / WAVES), bit % WAVES];
    let sum = 0;
    for (let row = 0; row < COARSE; row++) {
      sum += (COSINES[down * COARSE + row] ?? 0) * (rows[row * WAVES + across] ?? 0);
    }
    if (sum > 0) hash[bit < 32 ? 0 : 1] |= 1 << bit % 32;
  }
  return hash;
}
