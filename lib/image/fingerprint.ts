/**
 * The perceptual fingerprint: it stays nearly the same when a picture is compressed, resized,
 * brightened, framed or cropped a little, and differs between pictures.
 *
 * It has a *view* of the whole picture and, where a border of one colour or a caption below was
 * found, a second one of what is within. A view is 362 hex digits:
 *
 * - 36 for the signs of the 135 lowest waves (discrete cosine transform) of the brightness, in nine
 *   groups of 15 bits, four digits each: the lowest 60 in the first four, the others in the last
 *   five. They say where it is lighter and where darker.
 * - 36 for the same of the inner 95 % of each side: what is cropped is nearer to that.
 * - 2 for the contrast: the standard deviation of the brightness, 0 to 255.
 * - 144 for the colours of 6 × 6 fields: first how blue, then how red each is beside its
 *   brightness, two digits each, 80 (128) for neither. Two fish of the same shape before the same
 *   wall differ in them.
 * - 144 for the colours of the inner part.
 *
 * @module
 */

import type { Sample } from "./sample.ts";

/** How many groups the signs of the waves are in. */
export const GROUPS = 9;
/** How many of the groups, the first ones, hold the lowest and steadiest waves. */
export const STEADY_GROUPS = 4;
export const GROUP_BITS = 15;
export const FIELDS = 6;

/** The picture is brought to this many pixels a side before its waves are measured. */
const SIDE = 32;
/** Waves with `across + down` up to this are in the fingerprint, but for the constant one. */
const HIGHEST = 15;
/** The lowest waves are the steadiest: these are in groups of their own, for looking them up. */
const STEADY = 60;

/** What the inner view leaves out at each edge, as a share of the side. */
const INNER_MARGIN = 0.025;

/** How far the colours of a border may lie from its corner's, of 255. */
const BORDER_SPREAD = 10;
/** The share of a border's line that may lie farther off. */
const BORDER_SPECKS = 0.02;
/** The greatest share of a side that is taken for a border. */
const BORDER_SHARE = 0.3;

/** A picture's fingerprint, and that of the same picture seen in a mirror. */
export interface Fingerprint {
  /** Hex digits: 362, or 724 where there is a border or caption. */
  readonly fingerprint: string;
  readonly mirrored: string;
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
const ORDER: readonly { readonly across: number; readonly down: number }[] = Array
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
  const whole = { left: 0, top: 0, right: sample.width, bottom: sample.height };
  const within = withinBorder(sample);
  const parts = within === undefined ? [whole] : [whole, within];
  const print = parts.map((part) => view(sample, part)).join("");
  return { fingerprint: print, mirrored: mirrorFingerprint(print) };
}

function view(sample: Sample, part: Part): string {
  const whole = shadesOf(sample, part);
  const waves = wavesOf(whole);
  const within = innerOf(part);
  const inner = wavesOf(shadesOf(sample, within));
  const contrast = Math.min(255, Math.round(deviation(whole))).toString(16).padStart(2, "0");
  const colours = [...coloursOf(sample, part), ...coloursOf(sample, within)];
  return signs(waves) + signs(inner) + contrast + colours.map(levels).join("");
}

function innerOf({ left, top, right, bottom }: Part): Part {
  const across = (right - left) * INNER_MARGIN;
  const down = (bottom - top) * INNER_MARGIN;
  return { left: left + across, top: top + down, right: right - across, bottom: bottom - down };
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

function signs(waves: Float64Array): string {
  const groups = new Uint16Array(GROUPS);
  ORDER.forEach(({ across, down }, at) => {
    if ((waves[down * (HIGHEST + 1) + across] ?? 0) <= 0) return;
    const { group, bit } = placeOf(at);
    groups[group] = (groups[group] ?? 0) | 1 << bit;
  });
  return Array.from(groups, (group) => group.toString(16).padStart(4, "0")).join("");
}

/** By group: the signs of the waves that are odd from left to right, which a mirror changes. */
const ODD = Uint16Array.from({ length: GROUPS }, (_, group) => {
  const places = ORDER.map(({ across }, at) => ({ odd: across % 2 === 1, ...placeOf(at) }));
  return places.reduce((bits, at) => at.odd && at.group === group ? bits | 1 << at.bit : bits, 0);
});

/** A view's length in hex digits. */
export const VIEW_DIGITS: number = GROUPS * 8 + 2 + FIELDS * FIELDS * 8;

/** The fingerprint of the mirrored picture, from the picture's own. */
export function mirrorFingerprint(print: string): string {
  if (print.length % VIEW_DIGITS !== 0 || !/^[0-9a-f]+$/.test(print)) return "";
  return Array.from(
    { length: print.length / VIEW_DIGITS },
    (_, at) => mirrorView(print.slice(at * VIEW_DIGITS, (at + 1) * VIEW_DIGITS)),
  ).join("");
}

function mirrorView(digits: string): string {
  let mirrored = "";
  for (let group = 0; group < GROUPS * 2; group++) {
    const bits = parseInt(digits.slice(group * 4, group * 4 + 4), 16) ^ (ODD[group % GROUPS] ?? 0);
    mirrored += bits.toString(16).padStart(4, "0");
  }
  const contrast = GROUPS * 8;
  mirrored += digits.slice(contrast, contrast + 2);
  for (let row = 0; row < FIELDS * 4; row++) {
    const start = contrast + 2 + row * FIELDS * 2;
    const levels = digits.slice(start, start + FIELDS * 2).match(/../g) ?? [];
    mirrored += levels.reverse().join("");
  }
  return mirrored;
}

/** Neighbouring waves go to different groups: what changes one often changes the other. */
function placeOf(wave: number): { group: number; bit: number } {
  if (wave < STEADY) {
    return { group: wave % STEADY_GROUPS, bit: Math.floor(wave / STEADY_GROUPS) };
  }
  const others = GROUPS - STEADY_GROUPS;
  const at = wave - STEADY;
  return { group: STEADY_GROUPS + at % others, bit: Math.floor(at / others) };
}

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

/** What is within a border of one colour and above a caption; undefined where there is neither. */
function withinBorder(sample: Sample): Part | undefined {
  const { width, height } = sample;
  const first = colourAt(sample, 0, 0);
  const last = colourAt(sample, width - 1, height - 1);
  const isColumn = (x: number, corner: Corner) =>
    isBorder(sample, corner, height, (at) => at * width + x);
  const isRow = (y: number, corner: Corner) =>
    isBorder(sample, corner, width, (at) => y * width + at);
  const left = depth(width, (at) => isColumn(at, first));
  const right = depth(width, (at) => isColumn(width - 1 - at, last));
  const top = depth(height, (at) => isRow(at, first));
  const bottom = Math.max(
    depth(height, (at) => isRow(height - 1 - at, last)),
    captionDepth(sample),
  );
  if (left + right + top + bottom === 0) return undefined;
  const part = { left, top, right: width - right, bottom: height - bottom };
  return part.right - part.left < 16 || part.bottom - part.top < 16 ? undefined : part;
}

/** A caption's share of the height, at least and at most. */
const CAPTION_HEIGHT = [0.04, 0.24] as const;
/** How much of a caption's row has the ground's colour: between letters, and at its margins. */
const CAPTION_GROUND = 0.2;
const CAPTION_MARGIN = 0.7;

/** How many rows at the bottom are a caption: letters on one colour, with a margin around them. */
function captionDepth(sample: Sample): number {
  const { width, height } = sample;
  const ground = colourAt(sample, Math.floor(width / 2), height - 1);
  const groundOf = (row: number): number => {
    let count = 0;
    for (let x = 0; x < width; x++) {
      if (isNear(sample, ((height - 1 - row) * width + x) * 3, ground)) count++;
    }
    return count / width;
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
  return isCaption ? rows + 1 : 0;
}

function isNear({ pixels }: Sample, at: number, [red, green, blue]: Corner): boolean {
  const spread = Math.max(
    Math.abs((pixels[at] ?? 0) - red),
    Math.abs((pixels[at + 1] ?? 0) - green),
    Math.abs((pixels[at + 2] ?? 0) - blue),
  );
  return spread <= BORDER_SPREAD;
}

type Corner = readonly [number, number, number];

function colourAt(sample: Sample, x: number, y: number): Corner {
  const at = (y * sample.width + x) * 3;
  return [sample.pixels[at] ?? 0, sample.pixels[at + 1] ?? 0, sample.pixels[at + 2] ?? 0];
}

/** How many lines from an edge are border; one more where there are any, since it is blended. */
function depth(side: number, isLine: (at: number) => boolean): number {
  const most = Math.floor(side * BORDER_SHARE);
  let lines = 0;
  while (lines < most && isLine(lines)) lines++;
  return lines === 0 ? 0 : lines + 1;
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
    if (!isNear(sample, pixel(at) * 3, corner) && ++off > allowed) return false;
  }
  return true;
}
