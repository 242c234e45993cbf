/**
 * A small-memory index from texts to running numbers.
 *
 * A `Map` of a million URLs takes some 200 MB; here a text is known by 64 bits of its hash, so a
 * million take 20. The hash is seeded anew in each process: two texts are taken for one with a
 * chance of one in ten million at a million texts, and nobody can prepare such a pair.
 *
 * @module
 */

import { grown } from "../base/columns.ts";

const SEEDS = crypto.getRandomValues(new Uint32Array(2));
const SEED_LOW = SEEDS[0] ?? 0;
const SEED_HIGH = SEEDS[1] ?? 0;

/** Gives each text that it is shown, in the realm it is shown for, a number: 0, 1, 2 … */
export class HashIndex {
  /** By number: the second half of the text's hash. */
  #high = new Int32Array(1024);
  /** By slot: a number plus one, 0 where the slot is empty, and the first half of its text's hash. */
  #slots = new Int32Array(2 * 2048);
  #size = 0;
  #foundLow = 0;
  #foundHigh = 0;

  /** How many texts have a number. */
  get size(): number {
    return this.#size;
  }

  /**
   * The number of a text, -1 when it has none.
   *
   * @param text The text.
   * @param realm A whole number; the same text in another realm is another text.
   */
  get(text: string, realm = 0): number {
    this.#hash(text, realm);
    return (this.#slots[this.#find(this.#foundLow, this.#foundHigh)] ?? 0) - 1;
  }

  /**
   * The number of a text, which gets one now if it has none.
   *
   * @param text The text.
   * @param realm A whole number; the same text in another realm is another text.
   */
  add(text: string, realm = 0): number {
    this.#hash(text, realm);
    const slot = this.#find(this.#foundLow, this.#foundHigh);
    const known = this.#slots[slot] ?? 0;
    if (known !== 0) return known - 1;
    const number = this.#size++;
    if (number === this.#high.length) this.#high = grown(this.#high);
    this.#high[number] = this.#foundHigh;
    this.#slots[slot] = number + 1;
    this.#slots[slot + 1] = this.#foundLow;
    if (this.#size * 4 > this.#slots.length) this.#widen();
    return number;
  }

  /** Where a hash's number is in `#slots`, or the empty place where it belongs. */
  #find(low: number, high: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (low << 1) & mask;
    for (;;) {
      const number = slots[slot] ?? 0;
      if (number === 0) return slot;
      if (slots[slot + 1] === low && this.#high[number - 1] === high) return slot;
      slot = (slot + 2) & mask;
    }
  }

  #widen(): void {
    const narrow = this.#slots;
    this.#slots = new Int32Array(narrow.length * 2);
    for (let from = 0; from < narrow.length; from += 2) {
      const number = narrow[from] ?? 0;
      if (number === 0) continue;
      const low = narrow[from + 1] ?? 0;
      const slot = this.#find(low, this.#high[number - 1] ?? 0);
      this.#slots[slot] = number;
      this.#slots[slot + 1] = low;
    }
  }

  /** Two 32-bit multiply-and-rotate hashes over pairs of UTF-16 units, mixed at the end. */
  #hash(text: string, realm: number): void {
    let one = SEED_LOW ^ Math.imul(realm + 1, 0x9e3779b1);
    let two = SEED_HIGH ^ Math.imul(realm + 1, 0x85ebca77) ^ text.length;
    const even = text.length & ~1;
    for (let at = 0; at < even; at += 2) {
      const pair = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);
      one = Math.imul(one ^ pair, 0x9e3779b1);
      two = Math.imul(two ^ pair, 0x5f356495);
      one = (one << 13) | (one >>> 19);
      two = (two << 15) | (two >>> 17);
    }
    if (even < text.length) {
      one = Math.imul(one ^ text.charCodeAt(even), 0x9e3779b1);
      two = Math.imul(two ^ text.charCodeAt(even), 0x5f356495);
    }
    one = Math.imul(one ^ (one >>> 16), 0x85ebca6b) ^ Math.imul(two ^ (two >>> 13), 0xc2b2ae35);
    two = Math.imul(two ^ (two >>> 16), 0x85ebca6b) ^ Math.imul(one ^ (one >>> 13), 0xc2b2ae35);
    this.#foundLow = one ^ (one >>> 16);
    this.#foundHigh = two ^ (two >>> 16);
  }
}
