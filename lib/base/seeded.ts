/**
 * Random numbers that are the same on every machine, at every run and in every version: splits,
 * copies and shards of old data folders depend on them.
 *
 * @module
 */

/** A stream of random numbers (sfc32) that depends on nothing but its seed. */
export class Seeded {
  #a: number;
  #b: number;
  #c: number;
  #d = 1;

  constructor(seed: string) {
    [this.#a, this.#b, this.#c] = [mix(`a${seed}`), mix(`b${seed}`), mix(`c${seed}`)];
    for (let round = 0; round < 12; round++) this.next();
  }

  /** The next number, from 0 to below 1. */
  next(): number {
    const sum = (this.#a + this.#b | 0) + this.#d | 0;
    this.#d = this.#d + 1 | 0;
    this.#a = this.#b ^ this.#b >>> 9;
    this.#b = this.#c + (this.#c << 3) | 0;
    this.#c = (this.#c << 21 | this.#c >>> 11) + sum | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  between(least: number, most: number): number {
    return least + (most - least) * this.next();
  }

  /** True as often as a chance from 0 to 1 says. */
  happens(chance: number): boolean {
    return this.next() < chance;
  }

  /** The next whole number from 0 to below a bound. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** The next whole number between two bounds, both included. */
  whole(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  pick<T>(list: readonly T[]): T {
    const chosen = list[this.below(list.length)];
    if (chosen === undefined) throw new RangeError("Cannot pick from an empty list.");
    return chosen;
  }
}

/** A well-mixed 32-bit hash: texts that differ in one letter get numbers far apart. */
export function hash(text: string): number {
  return mix(text) >>> 0;
}

/** FNV-1a over a text's code units. Its low bits are poorly mixed. */
export function fnv1a(text: string): number {
  let bits = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    bits = Math.imul(bits ^ text.charCodeAt(at), 0x01000193);
  }
  return bits;
}

function mix(text: string): number {
  let bits = fnv1a(text);
  bits = Math.imul(bits ^ bits >>> 16, 0x7feb352d);
  bits = Math.imul(bits ^ bits >>> 15, 0x846ca68b);
  return bits ^ bits >>> 16;
}
