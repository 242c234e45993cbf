/**
 * What an image may be instead of a good photo of a fish. Nothing is rejected by it.
 *
 * `drawing`, `strip`, `blurred` and `grey` are measured on every image that is kept; `not-fish`,
 * `dish` and `text` come from a network's classes, by `deno task embed`.
 *
 * The thresholds were chosen on 2,759 photos of sea animals, of which 1 % are called drawings, on
 * 342 search results for cartoon figures, of which 44 % are, and, that of drawings, on 4,500 search
 * results for fish, of which 70 are called so, 32 of them rightly.
 *
 * @module
 */

import type { Sample } from "./sample.ts";

/** What is to be said against an image. */
export type ImageFlag = "drawing" | "not-fish" | "dish" | "text" | "strip" | "blurred" | "grey";

/** The flags that an image may have. The index numbers them: new ones come at the end. */
export const IMAGE_FLAGS: readonly ImageFlag[] = [
  "drawing",
  "not-fish",
  "dish",
  "text",
  "strip",
  "blurred",
  "grey",
];

/**
 * Flags of what is hardly a photo of a fish; the others are of photos with a fault. Of 51 grey
 * pictures among 2,013 search results for fish, 42 were prints and drawings.
 */
const NO_PHOTO: ReadonlySet<ImageFlag> = new Set(["drawing", "not-fish", "dish", "text", "grey"]);

/** Whether flags say that an image is hardly a photo of a fish. */
export function isNoPhoto(flags: readonly ImageFlag[]): boolean {
  return flags.some((flag) => NO_PHOTO.has(flag));
}

/** The share of evenly coloured pixels, of those in question, from which on it is a drawing. */
const DRAWN = 0.15;
/** Pixels nearer to the border's colour than this, or darker than that, say nothing. */
const BACKGROUND = 24;
const DARK = 100;
/** Fewer pixels in question than this share count as so many. */
const FEWEST = 0.08;
/** The greatest strength of colour, of 255, in a grey picture, but for a few pixels. */
const GREY = 8;
const COLOURED_SPECKS = 0.02;
/** How strong the finest detail is beside that of four times its size, at most, when blurred. */
const BLURRED = 0.1;
/** A strip's height as a share of the picture's. */
const STRIP = { least: 0.04, most: 0.24 } as const;
/** How far colours of a strip lie apart, of 255; letters on it may be farther off. */
const STRIP_SPREAD = 16;
/** The share of a strip's row that has its colour; of its last row; of the row above the strip. */
const STRIP_SHARES = { row: 0.55, last: 0.9, above: 0.3 } as const;

/** Reads flags; anything else is left out. */
export function imageFlags(value: unknown): ImageFlag[] {
  return Array.isArray(value) ? IMAGE_FLAGS.filter((flag) => value.includes(flag)) : [];
}

/** The flags that a sample of an image gives. */
export function measureFlags(sample: Sample): ImageFlag[] {
  const strip = stripRows(sample);
  const found: Readonly<Partial<Record<ImageFlag, boolean>>> = {
    // A photo above a caption is no drawing.
    drawing: evenness(sample) > DRAWN &&
      evenness({ ...sample, height: sample.height - strip }) > DRAWN,
    strip: strip > 0,
    blurred: detail(sample) < BLURRED,
    grey: isGrey(sample),
  };
  return IMAGE_FLAGS.filter((flag) => found[flag] === true);
}

/**
 * How many pixels have exactly the colour of their neighbours: paint does, while a camera's noise
 * leaves even a wall uneven. Backgrounds and the dark, where noise is lost, do not count.
 */
function evenness(sample: Sample): number {
  const { width, height, pixels } = sample;
  const [red, green, blue] = borderColour(sample);
  let [asked, even] = [0, 0];
  for (let y = 0; y + 1 < height; y++) {
    for (let x = 0; x + 1 < width; x++) {
      const at = (y * width + x) * 3;
      const r = pixels[at] ?? 0;
      const g = pixels[at + 1] ?? 0;
      const b = pixels[at + 2] ?? 0;
      const apart = Math.max(Math.abs(r - red), Math.abs(g - green), Math.abs(b - blue));
      if (apart <= BACKGROUND || 0.299 * r + 0.587 * g + 0.114 * b <= DARK) continue;
      asked++;
      if (isSame(pixels, at, at + 3) && isSame(pixels, at, at + width * 3)) even++;
    }
  }
  return even / Math.max(1, width * height * FEWEST, asked);
}

function isSame(pixels: Uint8Array, one: number, other: number): boolean {
  return pixels[one] === pixels[other] && pixels[one + 1] === pixels[other + 1] &&
    pixels[one + 2] === pixels[other + 2];
}

function borderColour({ width, height, pixels }: Sample): Colour {
  const colours = new ColourCounts(pixels);
  for (let x = 0; x < width; x++) {
    colours.count(x);
    colours.count((height - 1) * width + x);
  }
  for (let y = 1; y + 1 < height; y++) {
    colours.count(y * width);
    colours.count(y * width + width - 1);
  }
  return colours.middle();
}

type Colour = readonly [red: number, green: number, blue: number];

/** How often pixels have each value of red, green and blue. */
class ColourCounts {
  readonly #pixels: Uint8Array;
  readonly #counts = new Uint32Array(3 * 256);
  #size = 0;

  constructor(pixels: Uint8Array) {
    this.#pixels = pixels;
  }

  /** Counts the pixel of a number. */
  count(pixel: number): void {
    for (let band = 0; band < 3; band++) {
      const value = band * 256 + (this.#pixels[pixel * 3 + band] ?? 0);
      this.#counts[value] = (this.#counts[value] ?? 0) + 1;
    }
    this.#size++;
  }

  /** The median of each. */
  middle(): Colour {
    return [this.#median(0), this.#median(1), this.#median(2)];
  }

  #median(band: number): number {
    const half = this.#size >> 1;
    let value = 0;
    let count = this.#counts[band * 256] ?? 0;
    while (count <= half && value < 255) count += this.#counts[band * 256 + ++value] ?? 0;
    return value;
  }
}

function isGrey({ pixels }: Sample): boolean {
  const allowed = pixels.length / 3 * COLOURED_SPECKS;
  let coloured = 0;
  for (let at = 0; at < pixels.length; at += 3) {
    const red = pixels[at] ?? 0;
    const green = pixels[at + 1] ?? 0;
    const blue = pixels[at + 2] ?? 0;
    const strength = Math.max(red, green, blue) - Math.min(red, green, blue);
    if (strength > GREY && ++coloured > allowed) return false;
  }
  return true;
}

function detail({ width, height, pixels }: Sample): number {
  const grey = new Float32Array(width * height);
  for (let at = 0; at < grey.length; at++) {
    grey[at] = 0.299 * (pixels[at * 3] ?? 0) + 0.587 * (pixels[at * 3 + 1] ?? 0) +
      0.114 * (pixels[at * 3 + 2] ?? 0);
  }
  const differences = (step: number): number => {
    let sum = 0;
    for (let y = 0; y + step < height; y++) {
      for (let x = 0; x + step < width; x++) {
        const here = grey[y * width + x] ?? 0;
        const across = (grey[y * width + x + step] ?? 0) - here;
        const down = (grey[(y + step) * width + x] ?? 0) - here;
        sum += across * across + down * down;
      }
    }
    return sum / Math.max(1, (width - step) * (height - step));
  };
  // A sample has up to twice as many pixels a side as another.
  const step = Math.min(width, height) >= 144 ? 2 : 1;
  return differences(step) / Math.max(1, differences(4 * step));
}

/** How high the band of one colour below is, with or without letters, that ends at once; 0 for none. */
function stripRows({ width, height, pixels }: Sample): number {
  const last = new ColourCounts(pixels);
  for (let x = 0; x < width; x++) last.count((height - 1) * width + x);
  const [red, green, blue] = last.middle();
  /** The share of a row, counted from below, that has the last one's colour. */
  const shareOf = (rowsBelow: number): number => {
    const start = (height - 1 - rowsBelow) * width * 3;
    let near = 0;
    for (let at = start; at < start + width * 3; at += 3) {
      const apart = Math.max(
        Math.abs((pixels[at] ?? 0) - red),
        Math.abs((pixels[at + 1] ?? 0) - green),
        Math.abs((pixels[at + 2] ?? 0) - blue),
      );
      if (apart <= STRIP_SPREAD) near++;
    }
    return near / width;
  };
  if (shareOf(0) < STRIP_SHARES.last) return 0;
  const most = Math.floor(height * STRIP.most);
  let rows = 1;
  let share = 1;
  while (rows <= most + 1 && share >= STRIP_SHARES.row) {
    share = shareOf(rows);
    if (share >= STRIP_SHARES.row) rows++;
  }
  // The strip may end within a row of the sample.
  const above = shareOf(rows + 1);
  const isStrip = rows <= most && rows >= height * STRIP.least &&
    Math.min(share, above) <= STRIP_SHARES.above;
  return isStrip ? rows : 0;
}
