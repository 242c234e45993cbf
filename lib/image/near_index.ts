/**
 * Finding, among many fingerprints, those of the same picture: multi-index hashing.
 *
 * The 60 lowest waves of a view are in four groups of 15 signs. In views of the same picture few of
 * the 60 differ, so nearly always at most one in some group: it is enough to look up each of the four
 * groups and its neighbours at a distance of one, and to compare what is found. Measured: of 29,054
 * changed pictures that comparing with each would find, this finds 28,782.
 *
 * @module
 */

import { FIELDS, GROUP_BITS, GROUPS, STEADY_GROUPS } from "./fingerprint.ts";
import { groupsApart, isSameView, MOST_WAVES, type View, viewsOf, wavesApart } from "./similar.ts";

/** What to exclusive-or a group with to get it and all its neighbours. */
const NEIGHBOURS: readonly number[] = [
  0,
  ...Array.from({ length: GROUP_BITS }, (_, bit) => 1 << bit),
];

export interface Found<Item> {
  readonly item: Item;
  /** How many of the 135 signs differ. */
  readonly apart: number;
  /** Whether it is the mirrored picture. */
  readonly mirrored: boolean;
}

/** Where each value of a group occurs among many views. */
class Table {
  /** For each steady group and each value of it: one more than the number of its newest block. */
  readonly #newest = new Int32Array(STEADY_GROUPS << GROUP_BITS);
  /**
   * Blocks of numbers: one more than the number of the next older block, how many entries there are,
   * and for each entry which view it is and that view's next two groups. These show nearly always
   * that it is another picture, without a look at the view itself, which lies elsewhere in memory.
   */
  #blocks = new Int32Array(BLOCK * 1024);
  #count = 0;

  /** Adds the view at `at`. */
  add(groups: Uint16Array, at: number): void {
    for (let group = 0; group < STEADY_GROUPS; group++) {
      const value = group << GROUP_BITS | (groups[group] ?? 0);
      let block = (this.#newest[value] ?? 0) - 1;
      if (block < 0 || this.#blocks[block * BLOCK + 1] === ENTRIES) {
        const older = block + 1;
        block = this.#count++;
        if (this.#count * BLOCK > this.#blocks.length) {
          const bytes = 4 * BLOCK * moreRows(block);
          this.#blocks = new Int32Array(this.#blocks.buffer.transfer(bytes));
        }
        this.#blocks[block * BLOCK] = older;
        this.#newest[value] = block + 1;
      }
      const count = this.#blocks[block * BLOCK + 1] ?? 0;
      const entry = block * BLOCK + 2 + count * 2;
      this.#blocks[entry] = at;
      this.#blocks[entry + 1] = nextTwo(groups, group);
      this.#blocks[block * BLOCK + 1] = count + 1;
    }
  }

  /** Calls `visit` with each view that may be near, with some more than once. */
  search(groups: Uint16Array, visit: (at: number) => void): void {
    const blocks = this.#blocks;
    for (let group = 0; group < STEADY_GROUPS; group++) {
      const value = group << GROUP_BITS | (groups[group] ?? 0);
      const next = nextTwo(groups, group);
      for (const change of NEIGHBOURS) {
        let block = this.#newest[value ^ change] ?? 0;
        while (block !== 0) {
          const first = (block - 1) * BLOCK;
          const end = first + 2 + (blocks[first + 1] ?? 0) * 2;
          for (let entry = first + 2; entry < end; entry += 2) {
            if (onesOf(next ^ (blocks[entry + 1] ?? 0)) <= MOST_NEXT) visit(blocks[entry] ?? 0);
          }
          block = blocks[first] ?? 0;
        }
      }
    }
  }
}

/** How many entries a block has: one read of memory brings several, and few stay empty. */
const ENTRIES = 7;
/** How many numbers a block is. */
const BLOCK = 2 + ENTRIES * 2;

/** How many signs of two further steady groups may differ in a picture that is the same. */
const MOST_NEXT = 11;

/** The two steady groups after one, as one number of 30 bits. */
function nextTwo(groups: Uint16Array, group: number): number {
  const one = groups[(group + 1) % STEADY_GROUPS] ?? 0;
  const other = groups[(group + 2) % STEADY_GROUPS] ?? 0;
  return one << GROUP_BITS | other;
}

/** How many bits are set in a number of 30 bits. */
function onesOf(number: number): number {
  const pairs = number - (number >>> 1 & 0x55555555);
  const fours = (pairs & 0x33333333) + (pairs >>> 2 & 0x33333333);
  return Math.imul(fours + (fours >>> 4) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * An index of fingerprints.
 *
 * @example
 * ```ts
 * import { NearIndex } from "./near_index.ts";
 *
 * const index = new NearIndex<string>();
 * const fingerprint = "0123".repeat(18) + "20" + "80".repeat(144);
 * index.add(fingerprint, "https://example.org/a.jpg");
 * index.find(fingerprint, fingerprint)[0]?.item; // "https://example.org/a.jpg"
 * ```
 */
export class NearIndex<Item> {
  readonly #wholes = new Table();
  readonly #inners = new Table();
  readonly #views = new ViewColumns();
  /** By view. */
  readonly #items: Item[] = [];
  readonly #removed = new Set<Item>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds a fingerprint in hex; one of another kind is never found. An item is added once. */
  add(fingerprint: string, item: Item): void {
    this.#removed.delete(item);
    this.#size++;
    for (const view of viewsOf(fingerprint)) {
      const at = this.#views.add(view);
      this.#items.push(item);
      this.#wholes.add(view.whole, at);
      this.#inners.add(view.inner, at);
    }
  }

  remove(item: Item): void {
    if (this.#removed.has(item)) return;
    this.#removed.add(item);
    this.#size--;
  }

  /** Finds what was added for the same picture, the nearest first; both fingerprints in hex. */
  find(fingerprint: string, mirrored: string): Found<Item>[] {
    const found = new Map<Item, Found<Item>>();
    for (const view of viewsOf(fingerprint)) this.#search(view, false, found);
    for (const view of viewsOf(mirrored)) this.#search(view, true, found);
    return [...found.values()].sort((one, other) => one.apart - other.apart);
  }

  #search(view: View, mirrored: boolean, found: Map<Item, Found<Item>>): void {
    const { whole, inner } = view;
    const look = (at: number, groups: Uint16Array, others: Uint16Array): void => {
      if (groupsApart(groups, 0, others, at * GROUPS) > MOST_WAVES) return;
      const item = this.#items[at];
      if (item === undefined || this.#removed.has(item)) return;
      const other = this.#views.at(at);
      if (!isSameView(view, other)) return;
      const apart = wavesApart(view, other);
      const known = found.get(item);
      if (known !== undefined && known.apart <= apart) return;
      found.set(item, { item, apart, mirrored });
    };
    const { wholes, inners } = this.#views;
    this.#wholes.search(whole, (at) => look(at, whole, wholes));
    this.#inners.search(whole, (at) => look(at, whole, inners));
    this.#wholes.search(inner, (at) => look(at, inner, wholes));
  }
}

/** How many numbers the colours of a view are. */
const COLOURS = FIELDS * FIELDS * 2;

/** Views, one after the other: as objects they would take some ten times as much memory. */
class ViewColumns {
  #room = 1024;
  #wholes = new Uint16Array(GROUPS * this.#room);
  #inners = new Uint16Array(GROUPS * this.#room);
  #contrasts = new Uint8Array(this.#room);
  #colours = new Int8Array(COLOURS * this.#room);
  #innerColours = new Int8Array(COLOURS * this.#room);
  #size = 0;

  /** The waves' signs of all views, `GROUPS` numbers each. Another array after each `add`. */
  get wholes(): Uint16Array {
    return this.#wholes;
  }

  /** The same of the inner parts. */
  get inners(): Uint16Array {
    return this.#inners;
  }

  /** Adds a view and gives its number: 0, 1, 2 … */
  add(view: View): number {
    if (this.#size === this.#room) this.#grow();
    const at = this.#size++;
    this.#wholes.set(view.whole, at * GROUPS);
    this.#inners.set(view.inner, at * GROUPS);
    this.#contrasts[at] = view.contrast;
    this.#colours.set(view.colours, at * COLOURS);
    this.#innerColours.set(view.innerColours, at * COLOURS);
    return at;
  }

  /** The view of a number. */
  at(number: number): View {
    const [groups, colours] = [number * GROUPS, number * COLOURS];
    return {
      whole: this.#wholes.subarray(groups, groups + GROUPS),
      inner: this.#inners.subarray(groups, groups + GROUPS),
      contrast: this.#contrasts[number] ?? 0,
      colours: this.#colours.subarray(colours, colours + COLOURS),
      innerColours: this.#innerColours.subarray(colours, colours + COLOURS),
    };
  }

  #grow(): void {
    this.#room = moreRows(this.#room);
    this.#wholes = new Uint16Array(this.#wholes.buffer.transfer(2 * GROUPS * this.#room));
    this.#inners = new Uint16Array(this.#inners.buffer.transfer(2 * GROUPS * this.#room));
    this.#contrasts = new Uint8Array(this.#contrasts.buffer.transfer(this.#room));
    this.#colours = new Int8Array(this.#colours.buffer.transfer(COLOURS * this.#room));
    this.#innerColours = new Int8Array(this.#innerColours.buffer.transfer(COLOURS * this.#room));
  }
}

/** Doubling would leave large tables half empty: from this many rows on, room for as many is added. */
const STEP = 32_768;

function moreRows(rows: number): number {
  return rows < STEP ? rows * 2 : rows + STEP;
}
