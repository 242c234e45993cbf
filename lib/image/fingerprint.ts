/**
 * The perceptual fingerprint: it stays nearly the same when a picture is compressed, resized,
 * brightened, made grey, framed or cropped a little, and differs between pictures.
 *
 * It has a *view* of the whole picture and, where a border of one colour or a caption below was
 * found, further ones of what is within: at most three. A view is 282 hex digits:
 *
 * - 135 for the lowest waves (discrete cosine transform) of the brightness, the lowest first, each
 *   times its frequency: 8 where it is negative, and 0 to 7 for how strong it is beside the others.
 *   They are enough to crop the view itself, so that a picture is held against parts of another.
 * - a 0, which nothing is said by.
 * - 2 for the contrast: the standard deviation of the brightness, 0 to 255.
 * - 144 for the colours of 6 × 6 fields: first how blue, then how red each is beside its
 *   brightness, two digits each, 80 (128) for neither. Two fish of the same shape before the same
 *   wall differ in them.
 *
 * Logs of earlier versions have views of 362 digits: 36 for the waves' signs alone, in nine groups of
 * 15 bits; 36 for those of the inner 95 %; contrast and colours as above; 144 for the inner colours.
 *
 * @module
 */

import type { Sample } from "./sample.ts";

/** How many waves there are. */
export const WAVES = 135;
export const FIELDS = 6;

/** The picture is brought to this many pixels a side before its waves are measured. */
const SIDE = 32;
/** Waves with `across + down` up to this are in the fingerprint, but for the constant one. */
export const HIGHEST = 15;
/** How many steps a wave that is as strong as the usual one has, of the seven there are. */
const STEPS = 2.2;

/** How far the colours of a border may lie from its corner's, of 255. */
const BORDER_SPREAD = 26;
/** The same of a caption's ground: between letters it must be told from what is printed. */
const GROUND_SPREAD = 10;
/** The share of a border's line that may lie farther off. */
const BORDER_SPECKS = 0.02;
/** The greatest share of a side that is taken for a border. */
const BORDER_SHARE = 0.4;

/** A picture's fingerprint, and that of the same picture seen in a mirror. */
export interface Fingerprint {
  /** Hex digits: 282 a view. */
  readonly fingerprint: string;
  readonly mirrored: string;
  /** How much of the picture is within its borders and above its caption, where it has any. */
  readonly inner?: number;
}

/** A part of a sample: from the first column and row up to, and without, the second ones. */
interface Part {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

type Grid = Float64Array;

/** The waves in the order of the fingerprint: the lowest first. */
export const ORDER: readonly { readonly across: number; readonly down: number }[] = Array
  .from({ length: HIGHEST }, (_, at) => at + 1)
  .flatMap((sum) =>
    Array.from({ length: sum + 1 }, (_, across) => ({ across, down: sum - across }))
  );

/** What each colour adds to the brightness. */
const RED = 0.299;
const GREEN = 0.587;
const BLUE = 0.114;

const COSINES = Float64Array.from(
  { length: (HIGHEST + 1) * SIDE },
  (_, at) => Math.cos(Math.floor(at / SIDE) * (2 * (at % SIDE) + 1) * Math.PI / (2 * SIDE)),
);

export function fingerprint(sample: Sample): Fingerprint {
  const parts = partsOf(sample);
  const print = parts.map((part) => view(sample, part)).join("");
  const found = { fingerprint: print, mirrored: mirrorFingerprint(print) };
  const [whole, ...within] = parts;
  const last = within.at(-1);
  if (last === undefined) return found;
  return { ...found, inner: Math.round(1000 * areaOf(last) / areaOf(whole)) / 1000 };
}

function view(sample: Sample, part: Part): string {
  const shades = shadesOf(sample, part);
  const contrast = Math.min(255, Math.round(deviation(shades))).toString(16).padStart(2, "0");
  const colours = coloursOf(sample, part).map(levels).join("");
  return `${digitsOf(wavesOf(shades))}0${contrast}${colours}`;
}

/** The brightness of a part, averaged over `SIDE` × `SIDE` fields. */
function shadesOf({ width, pixels }: Sample, part: Part): Grid {
  const across = sharesOf(part.left, part.right);
  const down = sharesOf(part.top, part.bottom);
  const first = Math.floor(part.top);
  const narrow = new Float64Array((Math.ceil(part.bottom) - first) * SIDE);
  for (let y = first; y < part.bottom; y++) {
    for (const { from, to, weight } of across) {
      const at = (y * width + from) * 3;
      const shade = RED * (pixels[at] ?? 0) + GREEN * (pixels[at + 1] ?? 0) +
        BLUE * (pixels[at + 2] ?? 0);
      const field = (y - first) * SIDE + to;
      narrow[field] = (narrow[field] ?? 0) + weight * shade;
    }
  }
  const shades = new Float64Array(SIDE * SIDE);
  for (const { from, to, weight } of down) {
    for (let x = 0; x < SIDE; x++) {
      shades[to * SIDE + x] = (shades[to * SIDE + x] ?? 0) +
        weight * (narrow[(from - first) * SIDE + x] ?? 0);
    }
  }
  return shades;
}

/** That a pixel of a line makes up a share of one of `SIDE` fields. */
interface Share {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

function sharesOf(first: number, last: number): Share[] {
  const shares: Share[] = [];
  const step = (last - first) / SIDE;
  for (let to = 0; to < SIDE; to++) {
    const start = first + to * step;
    const end = Math.min(last, start + step);
    for (let from = Math.floor(start); from < end; from++) {
      const weight = (Math.min(end, from + 1) - Math.max(start, from)) / step;
      shares.push({ from, to, weight });
    }
  }
  return shares;
}

/** How blue and how red a part is beside its brightness, in `FIELDS` × `FIELDS` fields. */
function coloursOf({ width, pixels }: Sample, part: Part): readonly [Grid, Grid] {
  const blueness = new Float64Array(FIELDS * FIELDS);
  const redness = new Float64Array(FIELDS * FIELDS);
  const counts = new Float64Array(FIELDS * FIELDS);
  const [left, top] = [Math.round(part.left), Math.round(part.top)];
  const [right, bottom] = [Math.round(part.right), Math.round(part.bottom)];
  for (let y = top; y < bottom; y++) {
    const row = Math.floor((y - top) * FIELDS / (bottom - top)) * FIELDS;
    for (let x = left; x < right; x++) {
      const field = row + Math.floor((x - left) * FIELDS / (right - left));
      const at = (y * width + x) * 3;
      const red = pixels[at] ?? 0;
      const blue = pixels[at + 2] ?? 0;
      const shade = RED * red + GREEN * (pixels[at + 1] ?? 0) + BLUE * blue;
      blueness[field] = (blueness[field] ?? 0) + (blue - shade) * 0.564;
      redness[field] = (redness[field] ?? 0) + (red - shade) * 0.713;
      counts[field] = (counts[field] ?? 0) + 1;
    }
  }
  const average = (sum: number, field: number): number => sum / Math.max(1, counts[field] ?? 1);
  return [blueness.map(average), redness.map(average)];
}

/** The lowest waves of a discrete cosine transform: `[down * (HIGHEST + 1) + across]`. */
function wavesOf(shades: Grid): Float64Array {
  const count = HIGHEST + 1;
  const rows = new Float64Array(SIDE * count);
  for (let y = 0; y < SIDE; y++) {
    for (let across = 0; across < count; across++) {
      let sum = 0;
      for (let x = 0; x < SIDE; x++) {
        sum += (shades[y * SIDE + x] ?? 0) * (COSINES[across * SIDE + x] ?? 0);
      }
      rows[y * count + across] = sum;
    }
  }
  const waves = new Float64Array(count * count);
  for (let down = 0; down < count; down++) {
    for (let across = 0; across + down <= HIGHEST; across++) {
      let sum = 0;
      for (let y = 0; y < SIDE; y++) {
        sum += (rows[y * count + across] ?? 0) * (COSINES[down * SIDE + y] ?? 0);
      }
      waves[down * count + across] = sum;
    }
  }
  return waves;
}

/** The waves as digits. */
function digitsOf(waves: Float64Array): string {
  const values = ORDER.map(({ across, down }) => {
    // A wave along an edge has twice the energy at the same amplitude.
    const scale = across === 0 || down === 0 ? Math.SQRT1_2 : 1;
    return (waves[down * (HIGHEST + 1) + across] ?? 0) * scale * Math.hypot(across, down);
  });
  const usual = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / WAVES) || 1;
  return values.map((value) => {
    const strength = Math.min(7, Math.floor(Math.abs(value) / usual * STEPS));
    return ((value <= 0 ? 8 : 0) | strength).toString(16);
  }).join("");
}

const GRID_DIGITS = FIELDS * FIELDS * 4;

/** A view's length in hex digits. */
export const VIEW_DIGITS: number = WAVES + 1 + 2 + GRID_DIGITS;

/** How a view of an earlier version is laid out. */
export const OLD = { groups: 9, steadyGroups: 4, steady: 60, digits: 9 * 8 + 2 + 2 * GRID_DIGITS };

/** The views of a fingerprint, as digits; none where it is not one. */
export function viewDigits(print: string): readonly string[] {
  const digits = [VIEW_DIGITS, OLD.digits].find((length) => print.length % length === 0);
  if (digits === undefined || !/^[0-9a-f]+$/.test(print)) return [];
  return Array.from(
    { length: print.length / digits },
    (_, at) => print.slice(at * digits, (at + 1) * digits),
  );
}

/** The fingerprint of the mirrored picture, from the picture's own. */
export function mirrorFingerprint(print: string): string {
  return viewDigits(print).map((view) =>
    view.length === OLD.digits ? mirrorOld(view) : mirrorView(view)
  ).join("");
}

/** A mirror changes the signs of the waves that are odd from left to right. */
function mirrorView(view: string): string {
  const waves = ORDER.map(({ across }, at) => {
    const digit = view[at] ?? "0";
    return across % 2 === 0 ? digit : (parseInt(digit, 16) ^ 8).toString(16);
  });
  const colours = WAVES + 1 + 2;
  return waves.join("") + view.slice(WAVES, colours) + mirrorRows(view.slice(colours));
}

function mirrorOld(view: string): string {
  const groups = Array.from({ length: OLD.groups * 2 }, (_, group) => {
    const bits = parseInt(view.slice(group * 4, group * 4 + 4), 16) ^
      (ODD[group % OLD.groups] ?? 0);
    return bits.toString(16).padStart(4, "0");
  });
  const contrast = OLD.groups * 8;
  return groups.join("") + view.slice(contrast, contrast + 2) +
    mirrorRows(view.slice(contrast + 2));
}

/** The levels of each row of fields, the other way round. */
function mirrorRows(digits: string): string {
  const rows = digits.match(new RegExp(`.{${FIELDS * 2}}`, "g")) ?? [];
  return rows.map((row) => (row.match(/../g) ?? []).reverse().join("")).join("");
}

/** Where a wave's sign is in an old view: neighbouring waves are in different groups. */
export function oldPlace(wave: number): { readonly group: number; readonly bit: number } {
  const { steady, steadyGroups, groups } = OLD;
  if (wave < steady) {
    return { group: wave % steadyGroups, bit: Math.floor(wave / steadyGroups) };
  }
  const others = groups - steadyGroups;
  const at = wave - steady;
  return { group: steadyGroups + at % others, bit: Math.floor(at / others) };
}

/** By group of an old view: the signs that a mirror changes. */
const ODD = Uint16Array.from(
  { length: OLD.groups },
  (_, group) =>
    ORDER.reduce((bits, { across }, wave) => {
      const place = oldPlace(wave);
      return across % 2 === 1 && place.group === group ? bits | 1 << place.bit : bits;
    }, 0),
);

function levels(colours: Grid): string {
  return Array.from(colours, (value) => {
    const level = Math.max(-128, Math.min(127, Math.round(value)));
    return (level + 128).toString(16).padStart(2, "0");
  }).join("");
}

function deviation(grid: Grid): number {
  const middle = grid.reduce((sum, value) => sum + value, 0) / grid.length;
  return Math.sqrt(grid.reduce((sum, value) => sum + (value - middle) ** 2, 0) / grid.length);
}

/**
 * A picture's parts that a view is made of: the whole, what is within a first border of one colour or
 * above a caption, and what is within those that are seen only then.
 */
function partsOf(sample: Sample): [Part, ...Part[]] {
  const whole = { left: 0, top: 0, right: sample.width, bottom: sample.height };
  const parts: [Part, ...Part[]] = [whole];
  let part: Part = whole;
  for (let rounds = 0; rounds < MOST_BORDERS; rounds++) {
    const within = trimmed(sample, part);
    if (within.right - within.left < LEAST_PART || within.bottom - within.top < LEAST_PART) break;
    if (areaOf(within) === areaOf(part)) break;
    parts[Math.min(rounds + 1, 2)] = part = within;
  }
  return parts;
}

/** How often what is within a border is looked at for a further one. */
const MOST_BORDERS = 3;
/** The least side of a part, in pixels of the sample. */
const LEAST_PART = 16;

function areaOf({ left, top, right, bottom }: Part): number {
  return (right - left) * (bottom - top);
}

/** A part without its caption or bar below, and without the borders of one colour beside the rest. */
function trimmed(sample: Sample, part: Part): Part {
  const { left, right } = part;
  const [across, down] = [right - left, part.bottom - part.top];
  const first = colourAt(sample, left, part.top);
  const last = colourAt(sample, right - 1, part.bottom - 1);
  const isRow = (y: number, corner: Corner) =>
    isBorder(sample, corner, across, (at) => y * sample.width + left + at);
  const bar = depth(down, (at) => isRow(part.bottom - 1 - at, last));
  const bottom = part.bottom - Math.max(bar, captionDepth(sample, part));
  const top = part.top + depth(down, (at) => isRow(part.top + at, first));
  const isColumn = (x: number, corner: Corner) =>
    isBorder(sample, corner, bottom - top, (at) => (top + at) * sample.width + x);
  const end = colourAt(sample, right - 1, Math.max(0, bottom - 1));
  return {
    left: left + depth(across, (at) => isColumn(left + at, first)),
    top,
    right: right - depth(across, (at) => isColumn(right - 1 - at, end)),
    bottom,
  };
}

/** A caption's share of the height, at least and at most. */
const CAPTION_HEIGHT = [0.04, 0.24] as const;
/** How much of a caption's row has the ground's colour: between letters, and at its margins. */
const CAPTION_GROUND = 0.2;
const CAPTION_MARGIN = 0.7;

/** How many rows at the bottom are a caption: letters on one colour, with a margin around them. */
function captionDepth(sample: Sample, { left, top, right, bottom }: Part): number {
  const height = bottom - top;
  const ground = colourAt(sample, Math.floor((left + right) / 2), bottom - 1);
  const groundOf = (row: number): number => {
    let count = 0;
    for (let x = left; x < right; x++) {
      if (isNear(sample, ((bottom - 1 - row) * sample.width + x) * 3, ground, GROUND_SPREAD)) {
        count++;
      }
    }
    return count / (right - left);
  };
  const [least, most] = CAPTION_HEIGHT;
  let lowest = 0;
  let highest = 0;
  let rows = 0;
  for (; rows <= height * most; rows++) {
    const share = groundOf(rows);
    if (rows === 0) lowest = share;
    if (share < CAPTION_GROUND) break;
    highest = share;
  }
  const isCaption = rows >= height * least && rows <= height * most &&
    lowest >= CAPTION_MARGIN && highest >= CAPTION_MARGIN;
  return isCaption ? rows + 1 : lineDepth(height, groundOf);
}

/** The share of a row that has the ground's colour where nothing is printed. */
const CLEAN = 0.98;
/** The greatest share of the height for a line of text and what is below it. */
const LINE_HEIGHT = 0.15;

/** How many rows at the bottom are a line of text that is on the picture's own ground. */
function lineDepth(height: number, groundOf: (row: number) => number): number {
  const most = Math.floor(height * LINE_HEIGHT);
  let row = 0;
  const skip = (isClean: boolean): number => {
    const first = row;
    while (row < most && (groundOf(row) >= CLEAN) === isClean) row++;
    return row - first;
  };
  skip(true);
  const text = skip(false);
  const printed = row;
  const above = skip(true);
  return text > 0 && text <= height * 0.07 && above >= Math.max(2, height * 0.02) ? printed : 0;
}

function isNear(
  { pixels }: Sample,
  at: number,
  [red, green, blue]: Corner,
  most: number,
): boolean {
  const spread = Math.max(
    Math.abs((pixels[at] ?? 0) - red),
    Math.abs((pixels[at + 1] ?? 0) - green),
    Math.abs((pixels[at + 2] ?? 0) - blue),
  );
  return spread <= most;
}

type Corner = readonly [number, number, number];

function colourAt(sample: Sample, x: number, y: number): Corner {
  const at = (y * sample.width + x) * 3;
  return [sample.pixels[at] ?? 0, sample.pixels[at + 1] ?? 0, sample.pixels[at + 2] ?? 0];
}

/** How many lines from an edge are border; two more where there are any, since they are blended. */
function depth(side: number, isLine: (at: number) => boolean): number {
  const most = Math.floor(side * BORDER_SHARE);
  let lines = 0;
  while (lines < most && isLine(lines)) lines++;
  return lines === 0 ? 0 : lines + 2;
}

function isBorder(
  sample: Sample,
  corner: Corner,
  length: number,
  pixel: (at: number) => number,
): boolean {
  const allowed = length * BORDER_SPECKS;
  let off = 0;
  for (let at = 0; at < length; at++) {
    if (!isNear(sample, pixel(at) * 3, corner, BORDER_SPREAD) && ++off > allowed) return false;
  }
  return true;
}
