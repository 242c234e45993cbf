/**
 * Finding, among many fingerprints, those of the same picture: multi-index hashing.
 *
 * The signs of the 60 lowest waves of a view are in four groups of 15. In views of the same picture
 * few of them differ, so nearly always at most one in some group: it is enough to look up each of the
 * four groups and its neighbours at a distance of one, and to compare what is found. A view is entered
 * and looked up by its waves and by those of some parts of it, so that crops are found.
 *
 * @module
 */

import { FIELDS, WAVES } from "./fingerprint.ts";
import {
  alike,
  enteredBy,
  isSameView,
  lookedUp,
  onesOf,
  shareParts,
  type View,
  viewsOf,
  waveOf,
} from "./similar.ts";

/** How many groups there are, and how many signs each has. */
const GROUPS = 4;
const GROUP_BITS = 15;

/** What to exclusive-or a group with to get it and all its neighbours. */
const NEIGHBOURS: readonly number[] = [
  0,
  ...Array.from({ length: GROUP_BITS }, (_, bit) => 1 << bit),
];

/** The signs of the lowest waves: neighbouring waves, which often change together, are apart. */
function groupsOf(waves: Int8Array | Float32Array): Uint32Array {
  const groups = new Uint32Array(GROUPS);
  for (let at = 0; at < GROUPS * GROUP_BITS; at++) {
    if ((waves[at] ?? 0) > 0) {
      groups[at % GROUPS] = (groups[at % GROUPS] ?? 0) | 1 << Math.floor(at / GROUPS);
    }
  }
  return groups;
}

export interface Found<Item> {
  readonly item: Item;
  /** How little the waves are alike: 0 for the same. */
  readonly apart: number;
  /** Whether it is the mirrored picture. */
  readonly mirrored: boolean;
}

/** Where each value of a group occurs among many views. */
class Table {
  /** For each group and each value of it: one more than the number of its newest block. */
  readonly #newest = new Int32Array(GROUPS << GROUP_BITS);
  /**
   * Blocks of numbers: one more than the number of the next older block, how many entries there are,
   * and for each entry which view it is and that view's next two groups. These show nearly always
   * that it is another picture, without a look at the view itself, which lies elsewhere in memory.
   */
  #blocks = new Int32Array(BLOCK * 1024);
  #count = 0;

  /** Adds the view at `at`. */
  add(groups: Uint32Array, at: number): void {
    for (let group = 0; group < GROUPS; group++) {
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
  search(groups: Uint32Array, visit: (at: number) => void): void {
    const blocks = this.#blocks;
    for (let group = 0; group < GROUPS; group++) {
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

/** How many signs of two further groups may differ in a picture that is the same. */
const MOST_NEXT = 8;

/** The two groups after one, as one number of 30 bits. */
function nextTwo(groups: Uint32Array, group: number): number {
  const one = groups[(group + 1) % GROUPS] ?? 0;
  const other = groups[(group + 2) % GROUPS] ?? 0;
  return one << GROUP_BITS | other;
}

/**
 * An index of fingerprints.
 *
 * @example
 * ```ts
 * import { NearIndex } from "./near_index.ts";
 *
 * const index = new NearIndex<string>();
 * const fingerprint = "3a".repeat(68) + "20" + "80".repeat(72);
 * index.add(fingerprint, "https://example.org/a.jpg");
 * index.find(fingerprint, fingerprint)[0]?.item; // "https://example.org/a.jpg"
 * ```
 */
export class NearIndex<Item> {
  readonly #table = new Table();
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
      for (const waves of enteredBy(view)) this.#table.add(groupsOf(waves), at);
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
    const straight = viewsOf(fingerprint);
    const others = viewsOf(mirrored);
    for (const view of straight) this.#search(view, false, found);
    others.forEach((view, at) => {
      const beside = straight[at];
      if (beside !== undefined) shareParts(beside, view);
      this.#search(view, true, found);
    });
    return [...found.values()].sort((one, other) => one.apart - other.apart);
  }

  #search(view: View, mirrored: boolean, found: Map<Item, Found<Item>>): void {
    const seen = new Set<number>();
    for (const waves of lookedUp(view)) {
      let energy = 0;
      for (const value of waves) energy += value * value;
      const least = WORTH_A_LOOK * Math.sqrt(energy);
      this.#table.search(groupsOf(waves), (at) => {
        if (seen.has(at) || this.#views.alike(at, waves) < least) return;
        seen.add(at);
        const item = this.#items[at];
        if (item === undefined || this.#removed.has(item)) return;
        const other = this.#views.at(at);
        if (!isSameView(view, other)) return;
        const apart = 1 - alike(view, other);
        const known = found.get(item);
        if (known !== undefined && known.apart <= apart) return;
        found.set(item, { item, apart, mirrored });
      });
    }
  }
}

/** How much alike the waves of two views are before they are compared in all ways. */
const WORTH_A_LOOK = 0.4;

/** How many numbers the colours of a view are. */
const COLOURS = FIELDS * FIELDS * 2;

/** How many bytes the waves of a view are, two in each. */
const WAVE_BYTES = Math.ceil(WAVES / 2);

/** By the four bits of a wave: its value. */
const VALUES = Int8Array.from({ length: 16 }, (_, digit) => waveOf(digit));

/** Views, one after the other: as objects they would take some ten times as much memory. */
class ViewColumns {
  #room = 1024;
  #waves = new Uint8Array(WAVE_BYTES * this.#room);
  /** How strong the waves of each are together; negative for a view of an earlier version. */
  #norms = new Float32Array(this.#room);
  /** 1 for the whole of a picture with a border. */
  #bordered = new Uint8Array(this.#room);
  #contrasts = new Uint8Array(this.#room);
  #colours = new Int8Array(COLOURS * this.#room);
  #size = 0;

  /** Adds a view and gives its number: 0, 1, 2 … */
  add(view: View): number {
    if (this.#size === this.#room) this.#grow();
    const at = this.#size++;
    let sum = 0;
    view.waves.forEach((value, wave) => {
      const digit = (value < 0 ? 8 : 0) | Math.abs(value) >> 1;
      const byte = at * WAVE_BYTES + (wave >> 1);
      this.#waves[byte] = (this.#waves[byte] ?? 0) | digit << 4 * (wave & 1);
      sum += value * value;
    });
    this.#norms[at] = Math.sqrt(sum) * (view.old ? -1 : 1);
    this.#bordered[at] = view.bordered ? 1 : 0;
    this.#contrasts[at] = view.contrast;
    this.#colours.set(view.colours, at * COLOURS);
    return at;
  }

  /** How much alike a view's waves are to others, times how strong those are. */
  alike(number: number, waves: Int8Array | Float32Array): number {
    let sum = 0;
    const first = number * WAVE_BYTES;
    for (let at = 0; at < WAVE_BYTES - 1; at++) {
      const byte = this.#waves[first + at] ?? 0;
      sum += (VALUES[byte & 15] ?? 0) * (waves[2 * at] ?? 0) +
        (VALUES[byte >> 4] ?? 0) * (waves[2 * at + 1] ?? 0);
    }
    return sum / Math.abs(this.#norms[number] ?? 1);
  }

  /** The view of a number. */
  at(number: number): View {
    const [first, colours] = [number * WAVE_BYTES, number * COLOURS];
    return {
      waves: Int8Array.from(
        { length: WAVES },
        (_, wave) => VALUES[(this.#waves[first + (wave >> 1)] ?? 0) >> 4 * (wave & 1) & 15] ?? 0,
      ),
      old: (this.#norms[number] ?? 0) < 0,
      bordered: this.#bordered[number] === 1,
      contrast: this.#contrasts[number] ?? 0,
      colours: this.#colours.subarray(colours, colours + COLOURS),
    };
  }

  #grow(): void {
    this.#room = moreRows(this.#room);
    this.#waves = new Uint8Array(this.#waves.buffer.transfer(WAVE_BYTES * this.#room));
    this.#norms = new Float32Array(this.#norms.buffer.transfer(4 * this.#room));
    this.#bordered = new Uint8Array(this.#bordered.buffer.transfer(this.#room));
    this.#contrasts = new Uint8Array(this.#contrasts.buffer.transfer(this.#room));
    this.#colours = new Int8Array(this.#colours.buffer.transfer(COLOURS * this.#room));
  }
}

/** Doubling would leave large tables half empty: from this many rows on, room for as many is added. */
const STEP = 32_768;

function moreRows(rows: number): number {
  return rows < STEP ? rows * 2 : rows + STEP;
}
