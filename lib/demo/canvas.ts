/**
 * A picture under way: pixels, colours, boxes.
 *
 * @module
 */

import type { Random } from "./random.ts";

/** Red, green, blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** A picture under way. */
export class Canvas {
  /** Clamps what is stored to 0 to 255 by itself. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
  /** An empty picture. */
  constructor(
    /** Pixels. */
    readonly width: number,
    /** Pixels. */
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

/**
 * A colour by its place on the colour wheel.
 *
 * @param chance Chooses the place.
 * @param low The place at least, in degrees.
 * @param high The place at most, in degrees.
 * @param saturation 0 grey to 1.
 * @param value 0 black to 1.
 */
export function hue(
  chance: Random,
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

/**
 * Calls a function for each pixel of a box that lies on the canvas.
 *
 * @param canvas The canvas.
 * @param middleX The box's middle.
 * @param middleY The box's middle.
 * @param reachX Half of the box's width.
 * @param reachY Half of the box's height.
 * @param draw The function.
 */
export function within(
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
