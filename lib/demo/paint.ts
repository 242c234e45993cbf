/**
 * Paints photographs of fish that do not exist, by arithmetic: a species always looks the same, no
 * two pictures do.
 *
 * @module
 */

import { Seeded } from "../base/seeded.ts";

/** Paints one picture of a species: red, green, blue, a byte each, row by row. */
export function paint(
  seed: string,
  species: string,
  index: number,
  width: number,
  height: number,
): Uint8Array<ArrayBuffer> {
  const chance = new Seeded(`${seed}/${species}/${index}`);
  const canvas = new Canvas(width, height);
  water(canvas, chance);
  ground(canvas, chance);
  const plants = chance.whole(2, 9);
  for (let plant = 0; plant < plants; plant++) blade(canvas, chance);
  fish(canvas, chance, lookOf(`${seed}/${species}`));
  if (chance.next() < 0.4) fish(canvas, chance, lookOf(`${seed}/${species}`), 0.45);
  grain(canvas, chance);
  return new Uint8Array(canvas.pixels.buffer);
}

/** Water from light to dark, with slow clouds of light in it: what makes two pictures differ. */
function water(canvas: Canvas, chance: Seeded): void {
  const { width, height, pixels } = canvas;
  const top = hue(chance, 130, 230, chance.between(0.3, 0.8), chance.between(0.45, 0.95));
  const bottom = hue(chance, 90, 240, chance.between(0.3, 0.9), chance.between(0.12, 0.5));
  const upright = chance.next() < 0.75;
  const waves = Array.from({ length: 7 }, () => {
    const across = chance.between(-3.2, 3.2) * 2 * Math.PI / width;
    const down = chance.between(-3.2, 3.2) * 2 * Math.PI / height;
    const phase = chance.between(0, 7);
    const height_ = chance.between(6, 19);
    return {
      cosX: Float32Array.from({ length: width }, (_, x) => height_ * Math.cos(across * x + phase)),
      sinX: Float32Array.from({ length: width }, (_, x) => height_ * Math.sin(across * x + phase)),
      cosY: Float32Array.from({ length: height }, (_, y) => Math.cos(down * y)),
      sinY: Float32Array.from({ length: height }, (_, y) => Math.sin(down * y)),
    };
  });
  const light = new Float32Array(width);
  for (let y = 0; y < height; y++) {
    light.fill(0);
    for (const { cosX, sinX, cosY, sinY } of waves) {
      const cos = cosY[y] ?? 0;
      const sin = sinY[y] ?? 0;
      for (let x = 0; x < width; x++) {
        light[x] = (light[x] ?? 0) + (cosX[x] ?? 0) * cos - (sinX[x] ?? 0) * sin;
      }
    }
    for (let x = 0; x < width; x++) {
      const deep = upright ? y / height : x / width;
      const at = (y * width + x) * 3;
      const glow = light[x] ?? 0;
      pixels[at] = top[0] + (bottom[0] - top[0]) * deep + glow * 0.8;
      pixels[at + 1] = top[1] + (bottom[1] - top[1]) * deep + glow;
      pixels[at + 2] = top[2] + (bottom[2] - top[2]) * deep + glow * 0.9;
    }
  }
}

function ground(canvas: Canvas, chance: Seeded): void {
  const { width, height } = canvas;
  const level = height * chance.between(0.72, 1.05);
  const sway = chance.between(0, height * 0.05);
  const phase = chance.between(0, 6);
  const colour = hue(chance, 15, 55, chance.between(0.2, 0.6), chance.between(0.3, 0.8));
  let state = chance.whole(1, 1 << 30);
  for (let x = 0; x < width; x++) {
    const edge = Math.max(0, Math.round(level + sway * Math.sin(phase + x * 5 / width)));
    for (let y = edge; y < height; y++) {
      if ((x + y * 7) % 3 === 0) state = (Math.imul(state, 1103515245) + 12345) | 0;
      const shade = 0.7 + ((state >>> 16) & 255) / 420;
      canvas.lay(x, y, colour[0] * shade, colour[1] * shade, colour[2] * shade, 0.92);
    }
  }
}

function blade(canvas: Canvas, chance: Seeded): void {
  const { width, height } = canvas;
  const foot = chance.between(0, width);
  const reach = height * chance.between(0.2, 0.95);
  const thick = width * chance.between(0.008, 0.035);
  const sway = width * chance.between(0.01, 0.07);
  const turn = chance.between(2, 7) / height;
  const phase = chance.between(0, 6);
  const colour = hue(chance, 60, 150, chance.between(0.4, 0.9), chance.between(0.2, 0.75));
  const cover = chance.between(0.55, 0.95);
  for (let y = Math.round(height - reach); y < height; y++) {
    const rise = (height - y) / reach;
    const middle = foot + sway * Math.sin(phase + y * turn) * rise;
    const half = thick * (1.05 - rise);
    const last = Math.min(width - 1, middle + half);
    for (let x = Math.max(0, Math.round(middle - half)); x <= last; x++) {
      const shade = 0.75 + 0.35 * (1 - Math.abs(x - middle) / (half + 0.1));
      canvas.lay(x, y, colour[0] * shade, colour[1] * shade, colour[2] * shade, cover);
    }
  }
}

function grain(canvas: Canvas, chance: Seeded): void {
  let state = chance.whole(1, 1 << 30) | 1;
  const { pixels } = canvas;
  for (let at = 0; at < pixels.length; at += 3) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const speck = ((state & 15) - 7.5) * 0.9;
    pixels[at] = (pixels[at] ?? 0) + speck;
    pixels[at + 1] = (pixels[at + 1] ?? 0) + speck;
    pixels[at + 2] = (pixels[at + 2] ?? 0) + speck;
  }
}

interface Look {
  readonly back: Colour;
  readonly belly: Colour;
  readonly mark: Colour;
  readonly fins: Colour;
  readonly pattern: "bars" | "lines" | "spots" | "band" | "mask";
  /** How many of them there are, or how large they are. */
  readonly marks: number;
  /** Half of its height, against half of its length. */
  readonly slender: number;
  readonly tail: number;
  readonly dorsal: number;
}

function lookOf(seed: string): Look {
  const chance = new Seeded(`look/${seed}`);
  const first = chance.between(0, 360);
  const second = first + chance.between(90, 270);
  return {
    back: hue(chance, first, first + 10, chance.between(0.4, 0.9), chance.between(0.3, 0.7)),
    belly: hue(chance, first, first + 30, chance.between(0.1, 0.6), chance.between(0.8, 1)),
    mark: hue(chance, second, second + 20, chance.between(0.5, 1), chance.between(0.1, 0.9)),
    fins: hue(chance, second, second + 60, chance.between(0.4, 0.9), chance.between(0.5, 0.95)),
    pattern: chance.pick(["bars", "lines", "spots", "band", "mask"] as const),
    marks: chance.whole(2, 7),
    slender: chance.between(0.22, 0.52),
    tail: chance.between(0.25, 0.6),
    dorsal: chance.between(0.15, 0.5),
  };
}

function fish(canvas: Canvas, chance: Seeded, look: Look, size = 1): void {
  const { width, height } = canvas;
  const length = width * chance.between(0.2, 0.36) * size;
  const middleX = width * chance.between(0.3, 0.7);
  const middleY = height * chance.between(0.25, 0.72);
  const turn = chance.between(-0.35, 0.35);
  const flip = chance.next() < 0.5 ? -1 : 1;
  const light = chance.between(0.75, 1.2);
  const cos = Math.cos(turn) / length;
  const sin = Math.sin(turn) / length;
  const reach = length * 1.7;
  within(canvas, middleX, middleY, reach, reach, (x, y) => {
    const overX = x - middleX;
    const overY = y - middleY;
    // The fish's own measure: head at 1, root of the tail at -1, back upwards below 0.
    const along = (overX * cos + overY * sin) * flip;
    const across = -overX * sin + overY * cos;
    if (along < -1.62 || along > 1.02) return;
    const shape = part(along, across, look);
    if (shape === undefined) return;
    const [colour, cover, shade] = shape;
    const bright = light * shade;
    canvas.lay(x, y, colour[0] * bright, colour[1] * bright, colour[2] * bright, cover);
  });
}

/** What of a fish lies at a place: its colour, how much it covers, how bright it is. */
function part(
  along: number,
  across: number,
  look: Look,
): readonly [Colour, number, number] | undefined {
  const half = look.slender * Math.pow(Math.max(0, 1 - along * along), 0.62) *
    (along < 0 ? 1 + along * 0.45 : 1);
  const over = across / (half + 1e-6);
  if (Math.abs(over) <= 1 && half > 0) {
    const eye = Math.hypot(along - 0.72, across + look.slender * 0.16);
    if (eye < 0.035) return [[8, 8, 10], 1, 1];
    if (eye < 0.07) return [[235, 225, 170], 1, 1];
    const shade = 1.12 - 0.45 * over * over + (over < 0 ? 0.1 : -0.08);
    const edge = Math.min(1, (1 - Math.abs(over)) * half * 40);
    return [marked(along, over, look) ? look.mark : blend(look, over), edge, shade];
  }
  if (along < -0.8) {
    const spread = look.tail * (-0.72 - along) * 0.95 + 0.06;
    const ray = 0.8 + 0.25 * Math.sin(across * 60 / (0.4 - along));
    return Math.abs(across) < spread ? [look.fins, 0.8, ray] : undefined;
  }
  const sail = half + look.dorsal * 0.6 * Math.max(0, 1 - Math.pow((along + 0.1) / 0.6, 2));
  if (across < 0 && -across < sail) return [look.fins, 0.72, 0.85 + 0.2 * Math.sin(along * 70)];
  const keel = half + look.dorsal * 0.4 * Math.max(0, 1 - Math.pow((along + 0.35) / 0.35, 2));
  if (across > 0 && across < keel) return [look.fins, 0.72, 0.8 + 0.2 * Math.sin(along * 70)];
  return undefined;
}

function blend(look: Look, over: number): Colour {
  const share = Math.min(1, Math.max(0, over * 0.7 + 0.5));
  const mixed = (at: 0 | 1 | 2) => look.back[at] * (1 - share) + look.belly[at] * share;
  return [mixed(0), mixed(1), mixed(2)];
}

function marked(along: number, over: number, look: Look): boolean {
  switch (look.pattern) {
    case "bars":
      return Math.sin((along + 1) * look.marks * 2.6) > 0.45;
    case "lines":
      return Math.sin((over + 1) * look.marks * 1.9) > 0.55;
    case "spots":
      return Math.sin(along * look.marks * 5) * Math.sin(over * look.marks * 2.2) > 0.42;
    case "band":
      return Math.abs(over) < 0.13 * Math.sqrt(look.marks);
    case "mask":
      return along > 0.95 - look.marks * 0.12 || along < -0.75;
  }
}

/** Red, green, blue, 0 to 255. */
type Colour = readonly [number, number, number];

class Canvas {
  /** Clamps what is stored to 0 to 255 by itself. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.pixels = new Uint8ClampedArray(width * height * 3);
  }

  /** Lays a colour over a pixel; `cover` from 0 (nothing) to 1 (all). */
  lay(x: number, y: number, red: number, green: number, blue: number, cover: number): void {
    const at = (y * this.width + x) * 3;
    const { pixels } = this;
    pixels[at] = (pixels[at] ?? 0) * (1 - cover) + red * cover;
    pixels[at + 1] = (pixels[at + 1] ?? 0) * (1 - cover) + green * cover;
    pixels[at + 2] = (pixels[at + 2] ?? 0) * (1 - cover) + blue * cover;
  }
}

/** A colour by its place on the colour wheel. */
function hue(
  chance: Seeded,
  low: number,
  high: number,
  saturation: number,
  value: number,
): Colour {
  const angle = chance.between(low, high) / 60;
  const part = (shift: number): number => {
    const turn = (shift + angle) % 6;
    return 255 * value * (1 - saturation * Math.max(0, Math.min(turn, 4 - turn, 1)));
  };
  return [part(5), part(3), part(1)];
}

function within(
  canvas: Canvas,
  middleX: number,
  middleY: number,
  reachX: number,
  reachY: number,
  draw: (x: number, y: number) => void,
): void {
  const lastY = Math.min(canvas.height - 1, Math.ceil(middleY + reachY));
  const lastX = Math.min(canvas.width - 1, Math.ceil(middleX + reachX));
  for (let y = Math.max(0, Math.floor(middleY - reachY)); y <= lastY; y++) {
    for (let x = Math.max(0, Math.floor(middleX - reachX)); x <= lastX; x++) draw(x, y);
  }
}
