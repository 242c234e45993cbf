/**
 * How similar two texts are.
 *
 * @module
 */

/**
 * Counts the letters to change, add, leave out or swap that make one text of the other (the
 * optimal string alignment distance). Counts up to `most`; anything beyond is `most + 1`.
 *
 * @example
 * ```ts
 * import { distance } from "./distance.ts";
 *
 * console.log(distance("hellerii", "helleri", 2)); // 1
 * ```
 */
export function distance(one: string, other: string, most: number): number {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let before: number[] = [];
  let above = Array.from({ length: other.length + 1 }, (_, place) => place);
  for (let row = 1; row <= one.length; row++) {
    const line = [row];
    for (let place = 1; place <= other.length; place++) {
      const same = one[row - 1] === other[place - 1] ? 0 : 1;
      const swapped = row > 1 && place > 1 && one[row - 1] === other[place - 2] &&
        one[row - 2] === other[place - 1];
      line.push(Math.min(
        (above[place] ?? most) + 1,
        (line[place - 1] ?? most) + 1,
        (above[place - 1] ?? most) + same,
        swapped ? (before[place - 2] ?? most) + 1 : Infinity,
      ));
    }
    if (Math.min(...line) > most) return most + 1;
    before = above;
    above = line;
  }
  return above[other.length] ?? most + 1;
}
