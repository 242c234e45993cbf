/**
 * Photographs of fish that do not exist, painted by arithmetic: the same species always looks the
 * same, no two pictures do.
 *
 * @module
 */

import { Canvas, hue, within } from "./canvas.ts";
import { fish, lookOf } from "./fish_shape.ts";
import { type Random, random } from "./random.ts";

/** A painted picture, three bytes a pixel. */
export interface Raster {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Red, green, blue; row by row. */
  readonly pixels: Uint8Array<ArrayBuffer>;
}

/**
 * Paints one picture of a species.
 *
 * @param seed The world's seed.
 * @param species The species' id.
 * @param index Which picture of it.
 * @param width Pixels.
 * @param height Pixels.
 * @returns The picture; the same for the same arguments.
 */
export function paint(
  seed: string,
  species: string,
  index: number,
  width: number,
  height: number,
): Raster {
  const chance = random(`${seed}/${species}/${index}`);
  const canvas = new Canvas(width, height);
  water(canvas, chance);
  ground(canvas, chance);
  const plants = chance.whole(2, 9);
  for (let plant = 0; plant < plants; plant++) blade(canvas, chance);
  const stones = chance.whole(0, 4);
  for (let stone = 0; stone < stones; stone++) rock(canvas, chance);
  fish(canvas, chance, lookOf(`${seed}/${species}`));
  if (chance.next() < 0.4) fish(canvas, chance, lookOf(`${seed}/${species}`), 0.45);
  const bubbles = chance.whole(0, 14);
  for (let bubble = 0; bubble < bubbles; bubble++) airBubble(canvas, chance);
  grain(canvas, chance);
  return { width, height, pixels: new Uint8Array(canvas.pixels.buffer) };
}

/** Water from light to dark, with slow clouds of light in it: what makes two pictures differ. */
function water(canvas: Canvas, chance: Random): void {
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

function ground(canvas: Canvas, chance: Random): void {
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

function blade(canvas: Canvas, chance: Random): void {
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

function rock(canvas: Canvas, chance: Random): void {
  const middleX = chance.between(0, canvas.width);
  const middleY = canvas.height * chance.between(0.75, 1);
  const reachX = canvas.width * chance.between(0.04, 0.16);
  const reachY = reachX * chance.between(0.5, 1);
  const grey = chance.between(40, 130);
  const warm = chance.between(0.9, 1.2);
  within(canvas, middleX, middleY, reachX, reachY, (x, y) => {
    const across = (x - middleX) / reachX;
    const down = (y - middleY) / reachY;
    const far = across * across + down * down;
    if (far > 1) return;
    const shade = grey * (1.25 - 0.6 * far - 0.3 * down);
    canvas.lay(x, y, shade * warm, shade, shade * 0.9, Math.min(1, (1 - far) * 12));
  });
}

function airBubble(canvas: Canvas, chance: Random): void {
  const middleX = chance.between(0, canvas.width);
  const middleY = chance.between(0, canvas.height);
  const reach = canvas.width * chance.between(0.004, 0.014);
  within(canvas, middleX, middleY, reach, reach, (x, y) => {
    const far = Math.hypot(x - middleX, y - middleY) / reach;
    if (far < 1) canvas.lay(x, y, 235, 245, 250, far > 0.65 ? 0.55 : 0.12);
  });
}

function grain(canvas: Canvas, chance: Random): void {
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
