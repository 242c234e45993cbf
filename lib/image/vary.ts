/**
 * Varies a picture: what a copy's operations do to its pixels.
 *
 * Mirror, turn and crop become one map from the copy's places to the picture's, colour and light one
 * matrix, so that however many there are, each pixel is computed once.
 *
 * @module
 */

import type { Codec } from "./codec.ts";
import { openPixels, readPixels, type Sample } from "./sample.ts";

/** One operation. Positions and sizes are shares of the picture's, from 0 to 1. */
export type Variation =
  | { readonly do: "mirror" }
  /** Turned clockwise; what comes in at the corners is the mirror image of what is there. */
  | { readonly do: "turn"; readonly degrees: number }
  /** A part of it: `share` of each side, from `left` and `top`, brought to the size that it was. */
  | { readonly do: "crop"; readonly left: number; readonly top: number; readonly share: number }
  /** Colours turned by `hue` degrees and made `saturation` times as strong. */
  | { readonly do: "colour"; readonly hue: number; readonly saturation: number }
  /** Times `contrast` around the middle, and times `brightness`. */
  | { readonly do: "light"; readonly brightness: number; readonly contrast: number }
  /** Blurred: the radius in thousandths of the long side. */
  | { readonly do: "blur"; readonly radius: number }
  /** Noise on each colour of each pixel: its standard deviation, of 255. */
  | { readonly do: "noise"; readonly strength: number; readonly seed: number }
  | {
    readonly do: "cover";
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
    readonly grey: number;
  }
  /** Compressed as JPEG. */
  | { readonly do: "recompress"; readonly quality: number };

/** Varies a picture. The same variations of the same picture give the same pixels. */
export function vary(codec: Codec, picture: Sample, variations: readonly Variation[]): Sample {
  let now = picture;
  let pass = new Pass(picture);
  const finish = (): void => {
    now = pass.apply(now);
    pass = new Pass(now);
  };
  for (const variation of variations) {
    if (pass.add(variation)) continue;
    finish();
    if (variation.do === "blur") now = blur(codec, now, variation.radius);
    else if (variation.do === "recompress") now = recompress(codec, now, variation.quality);
    else pass.add(variation);
  }
  finish();
  return now;
}

/** Rows of three numbers and what is added to their sum: a matrix of 3×4 or 2×3 numbers. */
type Matrix = readonly number[];

type Cover = Extract<Variation, { do: "cover" }>;

/** Operations that are done together, in this order: map, covers, tone, noise. */
class Pass {
  readonly #width: number;
  readonly #height: number;
  /** Where in the picture a place of the copy is, if it is elsewhere: a, b, c and d, e, f. */
  #map: Matrix | undefined;
  readonly #covers: Cover[] = [];
  #tone: Matrix | undefined;
  #noise: Extract<Variation, { do: "noise" }> | undefined;

  constructor({ width, height }: Sample) {
    this.#width = width;
    this.#height = height;
  }

  /** Adds an operation. Returns false where it must wait for another pass, or is not one of these. */
  add(variation: Variation): boolean {
    if (this.#noise !== undefined) return false;
    switch (variation.do) {
      case "mirror":
      case "turn":
      case "crop":
        if (this.#covers.length > 0 || this.#tone !== undefined) return false;
        this.#map = chain(this.#map ?? [1, 0, 0, 0, 1, 0], this.#inverse(variation));
        return true;
      case "cover":
        if (this.#tone !== undefined) return false;
        this.#covers.push(variation);
        return true;
      case "colour":
      case "light": {
        const next = toneOf(variation);
        this.#tone = this.#tone === undefined ? next : after(this.#tone, next);
        return true;
      }
      case "noise":
        this.#noise = variation;
        return true;
      default:
        return false;
    }
  }

  apply(picture: Sample): Sample {
    const { width, height } = picture;
    let pixels = this.#map === undefined
      ? new Uint8ClampedArray(picture.pixels)
      : resample(picture, this.#map);
    for (const cover of this.#covers) drawCover(pixels, width, height, cover);
    if (this.#tone !== undefined) pixels = changeTone(pixels, this.#tone);
    if (this.#noise !== undefined) {
      addNoise(pixels, width, this.#noise.strength, this.#noise.seed);
    }
    return { width, height, pixels: new Uint8Array(pixels.buffer) };
  }

  /** Where a place of the changed picture was before. */
  #inverse(variation: Extract<Variation, { do: "mirror" | "turn" | "crop" }>): Matrix {
    const [width, height] = [this.#width, this.#height];
    if (variation.do === "mirror") return [-1, 0, width, 0, 1, 0];
    if (variation.do === "crop") {
      const { left, top, share } = variation;
      return [share, 0, left * width, 0, share, top * height];
    }
    const angle = variation.degrees * Math.PI / 180;
    const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
    const [x, y] = [width / 2, height / 2];
    return [cosine, sine, x - x * cosine - y * sine, -sine, cosine, y + x * sine - y * cosine];
  }
}

/** The map that does `second`, then `first`. */
function chain(first: Matrix, second: Matrix): Matrix {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = first;
  const [g = 0, h = 0, i = 0, j = 0, k = 0, l = 0] = second;
  return [
    a * g + b * j,
    a * h + b * k,
    a * i + b * l + c,
    d * g + e * j,
    d * h + e * k,
    d * i + e * l + f,
  ];
}

/** The tone that does `first`, then `second`. */
function after(first: Matrix, second: Matrix): Matrix {
  return Array.from({ length: 12 }, (_, at) => {
    const [row, column] = [at - at % 4, at % 4];
    const sum = [0, 1, 2].reduce(
      (sum, band) => sum + (second[row + band] ?? 0) * (first[band * 4 + column] ?? 0),
      0,
    );
    return column === 3 ? sum + (second[row + 3] ?? 0) : sum;
  });
}

function toneOf(variation: Extract<Variation, { do: "colour" | "light" }>): Matrix {
  if (variation.do === "light") {
    const { brightness, contrast } = variation;
    const factor = brightness * contrast;
    const offset = brightness * 128 * (1 - contrast);
    return [factor, 0, 0, offset, 0, factor, 0, offset, 0, 0, factor, offset];
  }
  // Turns the colours around the grey axis and makes them stronger, at the same brightness.
  const angle = variation.hue * Math.PI / 180;
  const [a, b] = [
    Math.cos(angle) * variation.saturation,
    Math.sin(angle) * variation.saturation,
  ];
  const [red, green, blue] = [0.213, 0.715, 0.072];
  return [
    ...[
      red + a * 0.787 - b * 0.213,
      green - a * 0.715 - b * 0.715,
      blue - a * 0.072 + b * 0.928,
      0,
    ],
    ...[
      red - a * 0.213 + b * 0.143,
      green + a * 0.285 + b * 0.140,
      blue - a * 0.072 - b * 0.283,
      0,
    ],
    ...[
      red - a * 0.213 - b * 0.787,
      green - a * 0.715 + b * 0.715,
      blue + a * 0.928 + b * 0.072,
      0,
    ],
  ];
}

/** Weights of neighbours have so many bits each way. */
const WEIGHT_BITS = 8;
const ONE = 1 << WEIGHT_BITS;

/** Takes each pixel from where the map says, between its neighbours; what lies outside, mirrored. */
function resample({ width, height, pixels }: Sample, map: Matrix): Uint8ClampedArray<ArrayBuffer> {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = map;
  const made = new Uint8ClampedArray(width * height * 3);
  const [right, bottom] = [width - 1, height - 1];
  for (let y = 0, to = 0; y < height; y++) {
    const [rowX, rowY] = [a * 0.5 + b * (y + 0.5) + c - 0.5, d * 0.5 + e * (y + 0.5) + f - 0.5];
    for (let x = 0; x < width; x++, to += 3) {
      let [fromX, fromY] = [rowX + a * x, rowY + d * x];
      if (fromX < 0 || fromX > right) fromX = mirrored(fromX, width);
      if (fromY < 0 || fromY > bottom) fromY = mirrored(fromY, height);
      const [column, row] = [fromX | 0, fromY | 0];
      const [across, down] = [(fromX - column) * ONE | 0, (fromY - row) * ONE | 0];
      const first = (row * width + column) * 3;
      // At the last column and row the neighbour is the pixel itself.
      const next = column < right ? 3 : 0;
      const below = first + (row < bottom ? width * 3 : 0);
      const leftTop = (ONE - across) * (ONE - down);
      const rightTop = across * (ONE - down);
      const leftBelow = (ONE - across) * down;
      const rightBelow = across * down;
      for (let band = 0; band < 3; band++) {
        const sum = (pixels[first + band] ?? 0) * leftTop +
          (pixels[first + next + band] ?? 0) * rightTop +
          (pixels[below + band] ?? 0) * leftBelow +
          (pixels[below + next + band] ?? 0) * rightBelow;
        made[to + band] = sum + (1 << 2 * WEIGHT_BITS - 1) >> 2 * WEIGHT_BITS;
      }
    }
  }
  return made;
}

/** A place within a side's pixels, mirrored at both ends as often as it takes. */
function mirrored(place: number, side: number): number {
  const period = 2 * side;
  const within = ((place + 0.5) % period + period) % period;
  const inside = within < side ? within : period - within;
  return Math.min(side - 1, Math.max(0, inside - 0.5));
}

function changeTone(pixels: Uint8ClampedArray, tone: Matrix): Uint8ClampedArray<ArrayBuffer> {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0, j = 0, k = 0, l = 0] = tone;
  const made = new Uint8ClampedArray(pixels.length);
  for (let at = 0; at < pixels.length; at += 3) {
    const red = pixels[at] ?? 0;
    const green = pixels[at + 1] ?? 0;
    const blue = pixels[at + 2] ?? 0;
    made[at] = a * red + b * green + c * blue + d;
    made[at + 1] = e * red + f * green + g * blue + h;
    made[at + 2] = i * red + j * green + k * blue + l;
  }
  return made;
}

function drawCover(
  pixels: Uint8ClampedArray,
  width: number,
  height: number,
  area: Cover,
): void {
  const across = Math.max(1, Math.round(width * area.width));
  const down = Math.max(1, Math.round(height * area.height));
  const left = Math.min(width - across, Math.round(width * area.left));
  const top = Math.min(height - down, Math.round(height * area.top));
  for (let y = top; y < top + down; y++) {
    const start = (y * width + left) * 3;
    pixels.fill(area.grey, start, start + across * 3);
  }
}

/** Random numbers of a normal distribution, made once: drawing one for each pixel is slow. */
let grains: Float32Array | undefined;
const GRAINS = 2 ** 17;

function addNoise(pixels: Uint8ClampedArray, width: number, strength: number, seed: number): void {
  grains ??= makeGrains();
  const random = randomNumbers(seed);
  const row = width * 3;
  for (let at = 0; at < pixels.length; at += row) {
    // Each row begins elsewhere, so that no pattern is seen.
    const start = (random() & GRAINS - 1) - at;
    for (let each = at; each < at + row; each++) {
      pixels[each] = (pixels[each] ?? 0) + strength * (grains[start + each & GRAINS - 1] ?? 0);
    }
  }
}

/** Sums of twelve: as good as normal, and the same on every machine. */
function makeGrains(): Float32Array {
  const random = randomNumbers(0);
  return Float32Array.from({ length: GRAINS }, () => {
    let sum = -6;
    for (let count = 0; count < 12; count++) sum += random() / 2 ** 32;
    return sum;
  });
}

/** Random whole numbers below 2 ** 32 (mulberry32). Workers may read nothing of `lib/base`. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = state + 0x6d2b79f5 | 0;
    let bits = Math.imul(state ^ state >>> 15, state | 1);
    bits ^= bits + Math.imul(bits ^ bits >>> 7, bits | 61);
    return (bits ^ bits >>> 14) >>> 0;
  };
}

function blur(codec: Codec, picture: Sample, radius: number): Sample {
  const sigma = radius * Math.max(picture.width, picture.height) / 1000;
  // Below this the codec's mask is a single pixel.
  if (sigma < 0.3) return picture;
  using image = openPixels(codec, picture);
  using blurred = image.gaussblur(sigma);
  return readPixels(blurred);
}

function recompress(codec: Codec, picture: Sample, quality: number): Sample {
  using image = openPixels(codec, picture);
  const bytes = image.writeToBuffer(".jpg", { Q: quality, keep: "none" });
  using again = codec.Image.newFromBuffer(bytes);
  return readPixels(again);
}
