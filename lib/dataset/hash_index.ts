/**
 * A small-memory index from texts to running numbers.
 *
 * A `Map` of a million URLs takes some 200 MB; here a text is known by 64 bits of its hash, so a
 * million take 20. The hash is seeded anew in each process: two texts are taken for one with a
 * chance of one in ten million at a million texts, and nobody can prepare such a pair.
 *
 * @module
 */

const SEEDS = crypto.getRandomValues(new Uint32Array(2));
const SEED_LOW = SEEDS[0] ?? 0;
const SEED_HIGH = SEEDS[1] ?? 0;

/** Gives each text that it is shown a number: 0, 1, 2 … */
export class HashIndex {
  #low = new Uint32Array(1024);
  #high = new Uint32Array(1024);
  /** Numbers plus one by slot; 0 is an empty slot. */
  #slots = new Int32Array(2048);
  #size = 0;
  #foundLow = 0;
  #foundHigh = 0;

  /** How many texts have a number. */
  get size(): number {
    return this.#size;
  }

  /** The number of a text, -1 when it has none. */
  get(text: string): number {
    return (this.#slots[this.#find(text)] ?? 0) - 1;
  }

  /** The number of a text, which gets one now if it has none. */
  add(text: string): number {
    const slot = this.#find(text);
    const known = this.#slots[slot] ?? 0;
    if (known !== 0) return known - 1;
    const number = this.#size++;
    if (number === this.#low.length) {
      this.#low = grown(this.#low);
      this.#high = grown(this.#high);
    }
    this.#low[number] = this.#foundLow;
    this.#high[number] = this.#foundHigh;
    this.#slots[slot] = number + 1;
    if (this.#size * 2 > this.#slots.length) this.#widen();
    return number;
  }

  /** The slot that holds a text's number, or the empty one where it belongs. */
  #find(text: string): number {
    this.#hash(text);
    return this.#slot(this.#foundLow, this.#foundHigh);
  }

  #slot(low: number, high: number): number {
    const mask = this.#slots.length - 1;
    let slot = low & mask;
    for (;;) {
      const number = this.#slots[slot] ?? 0;
      if (number === 0) return slot;
      if (this.#low[number - 1] === low && this.#high[number - 1] === high) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #widen(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let number = 0; number < this.#size; number++) {
      this.#slots[this.#slot(this.#low[number] ?? 0, this.#high[number] ?? 0)] = number + 1;
    }
  }

  /** Two 32-bit multiply-and-mix hashes over the UTF-16 units, each fed into the other's end. */
  #hash(text: string): void {
    let one = SEED_LOW ^ 0xdeadbeef;
    let two = SEED_HIGH ^ 0x41c6ce57;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      one = Math.imul(one ^ unit, 2654435761);
      two = Math.imul(two ^ unit, 1597334677);
      one = (one << 13) | (one >>> 19);
      two = (two << 15) | (two >>> 17);
    }
    one = Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(two ^ (two >>> 13), 3266489909);
    two = Math.imul(two ^ (two >>> 16), 2246822507) ^ Math.imul(one ^ (one >>> 13), 3266489909);
    this.#foundLow = (one ^ (one >>> 16)) >>> 0;
    this.#foundHigh = (two ^ (two >>> 16)) >>> 0;
  }
}

/** The kinds of array that a column of a table may be. */
export type ColumnArray = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

/** The same values in an array of twice the length. */
export function grown<T extends ColumnArray>(column: T): T;
export function grown(column: ColumnArray): ColumnArray {
  const length = column.length * 2;
  const wider = column instanceof Uint8Array
    ? new Uint8Array(length)
    : column instanceof Uint16Array
    ? new Uint16Array(length)
    : column instanceof Uint32Array
    ? new Uint32Array(length)
    : column instanceof Int32Array
    ? new Int32Array(length)
    : new Float64Array(length);
  wider.set(column);
  return wider;
}
