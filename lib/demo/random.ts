/**
 * Chance that is the same each time: everything the demo world makes up comes from a seed.
 *
 * @module
 */

import { fnv1a } from "../base/seeded.ts";

/** A stream of numbers that depends on nothing but its seed. */
export interface Random {
  /** The next number, 0 inclusive to 1 exclusive. */
  next(): number;
  /** The next number, `low` inclusive to `high` exclusive. */
  between(low: number, high: number): number;
  /** The next whole number, `low` to `high`, both inclusive. */
  whole(low: number, high: number): number;
  /** One of a list's members. */
  pick<T>(list: readonly [T, ...T[]] | readonly T[]): T;
}

/** A 32-bit number for a text (FNV-1a): equal for equal texts, far apart for similar ones. */
export function hash(text: string): number {
  let value = fnv1a(text);
  value ^= value >>> 15;
  value = Math.imul(value, 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
}

/**
 * Chance from a seed (mulberry32).
 *
 * @param seed Any text: the same text gives the same numbers.
 * @returns The stream of numbers.
 *
 * @example
 * ```ts
 * import { random } from "./random.ts";
 *
 * const side = random("7/Betta splendens/3").pick(["left", "right"]);
 * ```
 */
export function random(seed: string): Random {
  let state = hash(seed);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    between: (low, high) => low + next() * (high - low),
    whole: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: (list) => {
      const chosen = list[Math.floor(next() * list.length)];
      if (chosen === undefined) throw new RangeError("Cannot pick from an empty list.");
      return chosen;
    },
  };
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/**
 * A made-up identifier of the kind sites use.
 *
 * @param seed Any text.
 * @param length In characters.
 * @returns Letters, digits, `-` and `_`.
 */
export function token(seed: string, length: number): string {
  const chance = random(`token/${seed}`);
  let text = "";
  for (let index = 0; index < length; index++) text += LETTERS[chance.whole(0, 63)];
  return text;
}
