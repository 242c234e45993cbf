// Fish that are hard to tell apart: from the side, of nearly one shape, before a white wall.

import type { CodecImage } from "../../lib/image/codec.ts";
import { fromPixels } from "./pictures.ts";

/** A row of chances from 0 to 1, the same for the same seed. */
export function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}

/**
 * One of those fish.
 *
 * @param number Which.
 * @param width Pixels.
 * @param height Pixels.
 * @returns The picture.
 */
export function studio(number: number, width: number, height: number): CodecImage {
  const chance = chanceOf(number * 7919 + 1);
  for (let skip = 0; skip < 5; skip++) chance();
  const pixels = new Uint8Array(width * height * 3).fill(255);
  const middleX = width * (0.5 + (chance() - 0.5) * 0.03);
  const middleY = height * (0.5 + (chance() - 0.5) * 0.03);
  const reachX = width * (0.36 + chance() * 0.06);
  const reachY = reachX * (0.25 + chance() * 0.3);
  const body = [chance() * 200, chance() * 200, chance() * 200];
  const marks = [chance() * 255, chance() * 255, chance() * 255];
  const bars = 2 + Math.floor(chance() * 6);
  const phase = chance() * 6;
  const kind = Math.floor(chance() * 3);
  const tail = width * (0.05 + chance() * 0.08);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const across = (x - middleX) / reachX;
      const down = (y - middleY) / reachY;
      const behind = x - (middleX + reachX * 0.9);
      const isTail = behind > 0 && behind < tail && Math.abs(y - middleY) < 4 + behind * 0.7;
      if (across ** 2 + down ** 2 > 1 && !isTail) continue;
      const bar = Math.sin(across * bars * 3 + phase);
      const mark =
        [bar, Math.sin(down * bars * 2 + phase), bar * Math.sin(down * 4 + phase)][kind] ?? 0;
      const light = 0.75 - 0.35 * down;
      const grain = chance() * 20 - 10;
      const colour = (mark > 0.3 ? marks : body).map((value) =>
        Math.max(0, Math.min(255, value * light + grain))
      );
      pixels.set(colour, (y * width + x) * 3);
    }
  }
  return fromPixels(pixels, width, height);
}
