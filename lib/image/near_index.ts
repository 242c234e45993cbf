/**
 * Finding, among many fingerprints, those of the same picture: multi-index hashing.
 *
 * The signs of the 60 lowest waves of a view are in three groups of 20. In views of the same picture
 * few of them differ, and those that do are of the weakest waves: it is enough to look up each group
 * as it is and with its weakest signs turned, and to compare what is found. A view is entered and
 * looked up by its waves and by those of some parts of it, so that crops are found.
 *
 * @module
 */

import { FIELDS, WAVES } from "./fingerprint.ts";
import { Parts } from "./parts.ts";
import {
  alike,
  enteredBy,
  ENTRIES,
  isSameView,
  lookedUp,
  onesOf,
  sharePart,
  type View,
  viewsOf,
  waveOf,
} from "./similar.ts";

/** How many groups there are, and how many signs each has. */
const GROUPS = 3;
const GROUP_BITS = 20;

/** How often each group is looked up. */
const PROBES = 64;

/**
 * Which signs of a group are turned, by rank, the weakest first: those first whose ranks are least
 * together. Each is an earlier one with one sign more.
 */
const TURNS = turns();

function turns(): { from: number; rank: number }[] {
  const sets: { ranks: number[]; sum: number }[] = [];
  const extend = (ranks: number[], sum: number): void => {
    sets.push({ ranks, sum });
    for (let rank = (ranks.at(-1) ?? -1) + 1; rank < GROUP_BITS; rank++) {
      if (sum + rank + 1 <= GROUP_BITS) extend([...ranks, rank], sum + rank + 1);
    }
  };
  extend([], 0);
  sets.sort((one, other) => one.sum - other.sum || one.ranks.length - other.ranks.length);
  const places = new Map(sets.map(({ ranks }, at) => [ranks.join(), at]));
  return sets.slice(1, PROBES).map(({ ranks }) => ({
    from: places.get(ranks.slice(0, -1).join()) ?? 0,
    rank: ranks.at(-1) ?? 0,
  }));
}

type Waves = Int8Array | Float32Array;

/** The signs of every third wave from one on: neighbouring waves often change together. */
function signsOf(waves: Waves, group: number): number {
  let signs = 0;
  for (let bit = 0; bit < GROUP_BITS; bit++) {
    if ((waves[bit * GROUPS + group] ?? 0) > 0) signs |= 1 << bit;
  }
  return signs;
}

/** Fills `weakest` with a group's signs, one bit each, by how strong their waves are. */
function rankSigns(waves: Waves, group: number, weakest: Int32Array): void {
  for (let bit = 0; bit < GROUP_BITS; bit++) {
    const strength = Math.abs(waves[bit * GROUPS + group] ?? 0);
    let place = bit;
    for (; place > 0 && (strengths[place - 1] ?? 0) > strength; place--) {
      strengths[place] = strengths[place - 1] ?? 0;
      weakest[place] = weakest[place - 1] ?? 0;
    }
    strengths[place] = strength;
    weakest[place] = 1 << bit;
  }
}

/** Used again by each call, as are those of `search`. */
const strengths = new Float64Array(GROUP_BITS);
const weakest = new Int32Array(GROUP_BITS);
const turned = new Int32Array(PROBES);

export interface Found<Item> {
  readonly item: Item;
  /** How little the waves are alike: 0 for the same. */
  readonly apart: number;
  /** Whether it is the mirrored picture. */
  readonly mirrored: boolean;
}

/** Where the values of groups occur among many entries. */
class Table {
  /** For each group and each slot: one more than the number of its newest entry. */
  #newest = new Int32Array(GROUPS * LEAST_SLOTS);
  #slots = LEAST_SLOTS;
  /** Rows: all signs, in two numbers, then by group one more than the next older entry in its slot. */
  #rows = new Int32Array(ROW * 1024);
  #size = 0;

  add(waves: Waves): void {
    const entry = this.#size++;
    if (this.#size * ROW > this.#rows.length) {
      this.#rows = new Int32Array(this.#rows.buffer.transfer(4 * ROW * moreRows(entry)));
    }
    const [first, second] = pack(signsOf(waves, 0), signsOf(waves, 1), signsOf(waves, 2));
    this.#rows[entry * ROW] = first;
    this.#rows[entry * ROW + 1] = second;
    if (this.#size > this.#slots && this.#slots < 1 << GROUP_BITS) this.#spread();
    else this.#link(entry);
  }

  /** Calls `visit` with each entry that may be near, with some more than once. */
  search(waves: Waves, visit: (entry: number) => void): void {
    const groups = [signsOf(waves, 0), signsOf(waves, 1), signsOf(waves, 2)] as const;
    const [first, second] = pack(...groups);
    const rows = this.#rows;
    for (let group = 0; group < GROUPS; group++) {
      rankSigns(waves, group, weakest);
      turned[0] = groups[group] ?? 0;
      let probes = 1;
      for (const { from, rank } of TURNS) {
        turned[probes++] = (turned[from] ?? 0) ^ (weakest[rank] ?? 0);
      }
      for (let probe = 0; probe < PROBES; probe++) {
        let next = this.#newest[this.#slotOf(group, turned[probe] ?? 0)] ?? 0;
        while (next !== 0) {
          const row = (next - 1) * ROW;
          const apart = onesOf(first ^ (rows[row] ?? 0)) + onesOf(second ^ (rows[row + 1] ?? 0));
          if (apart <= MOST_APART) visit(next - 1);
          next = rows[row + 2 + group] ?? 0;
        }
      }
    }
  }

  /** Makes more slots, so that few entries share one. */
  #spread(): void {
    this.#slots *= 2;
    this.#newest = new Int32Array(GROUPS * this.#slots);
    for (let entry = 0; entry < this.#size; entry++) this.#link(entry);
  }

  #link(entry: number): void {
    const row = entry * ROW;
    const groups = unpack(this.#rows[row] ?? 0, this.#rows[row + 1] ?? 0);
    for (let group = 0; group < GROUPS; group++) {
      const slot = this.#slotOf(group, groups[group] ?? 0);
      this.#rows[row + 2 + group] = this.#newest[slot] ?? 0;
      this.#newest[slot] = entry + 1;
    }
  }

  #slotOf(group: number, signs: number): number {
    // Odd, so that signs that differ have slots that do where there is one for each.
    return group * this.#slots + (Math.imul(signs, 0x9e3779b1) & this.#slots - 1);
  }
}

const ROW = 2 + GROUPS;
const LEAST_SLOTS = 1024;

/** How many of the 60 signs may differ in a picture that is the same. */
const MOST_APART = 14;

const HALF = GROUP_BITS / 2;

/** Three groups as two numbers of 30 bits. */
function pack(one: number, other: number, last: number): [number, number] {
  return [one | (last & (1 << HALF) - 1) << GROUP_BITS, other | last >> HALF << GROUP_BITS];
}

function unpack(first: number, second: number): [number, number, number] {
  const most = (1 << GROUP_BITS) - 1;
  return [first & most, second & most, first >> GROUP_BITS | second >> GROUP_BITS << HALF];
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
  readonly #groupOf: ((item: Item) => string) | undefined;
  /** The numbers of the views of each group. */
  readonly #groups = new Map<string, number[]>();
  /** Groups that parts were looked for in lately. */
  readonly #parts = new Map<string, Parts>();
  readonly #removed = new Set<Item>();
  #last: { readonly fingerprint: string; readonly views: readonly View[] } | undefined;
  #size = 0;

  /** Within a group, such as a species, pictures are also found by large parts of them. */
  constructor(groupOf?: (item: Item) => string) {
    this.#groupOf = groupOf;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a fingerprint in hex; one of another kind is never found. An item is added once. */
  add(fingerprint: string, item: Item): void {
    this.#removed.delete(item);
    this.#size++;
    const group = this.#groupOf?.(item);
    for (const view of this.#viewsOf(fingerprint)) {
      const number = this.#items.length;
      this.#views.add(view);
      this.#items.push(item);
      for (const waves of enteredBy(view)) this.#table.add(waves);
      if (group === undefined) continue;
      this.#groups.getOrInsertComputed(group, () => []).push(number);
      this.#parts.get(group)?.add(view, number);
    }
  }

  remove(item: Item): void {
    if (this.#removed.has(item)) return;
    this.#removed.add(item);
    this.#size--;
  }

  /** Finds what was added for the same picture, the nearest first; both fingerprints in hex. */
  find(fingerprint: string, mirrored: string, group?: string): Found<Item>[] {
    const found = new Map<Item, Found<Item>>();
    const straight = this.#viewsOf(fingerprint);
    const others = viewsOf(mirrored);
    for (const view of straight) this.#search(view, false, found);
    others.forEach((view, at) => {
      const beside = straight[at];
      if (beside !== undefined) sharePart(beside, view);
      this.#search(view, true, found);
    });
    if (group !== undefined) {
      const parts = this.#partsOf(group);
      straight.forEach((view, at) => {
        for (const { number, mirrored } of parts.find(view, others[at] ?? view)) {
          const item = this.#items[number];
          if (item === undefined || this.#removed.has(item) || found.has(item)) continue;
          found.set(item, { item, apart: 1, mirrored });
        }
      });
    }
    return [...found.values()].sort((one, other) => one.apart - other.apart);
  }

  /** What was looked for is mostly added then: its views and what was made of them are still there. */
  #viewsOf(fingerprint: string): readonly View[] {
    if (this.#last?.fingerprint !== fingerprint) {
      this.#last = { fingerprint, views: viewsOf(fingerprint) };
    }
    return this.#last.views;
  }

  #partsOf(group: string): Parts {
    const parts = this.#parts.get(group) ?? new Parts();
    if (!this.#parts.delete(group)) {
      for (const number of this.#groups.get(group) ?? []) parts.add(this.#views.at(number), number);
    }
    this.#parts.set(group, parts);
    const [oldest] = this.#parts.keys();
    if (this.#parts.size > OPEN_GROUPS && oldest !== undefined) this.#parts.delete(oldest);
    return parts;
  }

  #search(view: View, mirrored: boolean, found: Map<Item, Found<Item>>): void {
    const seen = new Set<number>();
    for (const waves of lookedUp(view)) {
      let energy = 0;
      for (const value of waves) energy += value * value;
      const least = WORTH_A_LOOK * Math.sqrt(energy);
      this.#table.search(waves, (entry) => {
        const at = Math.floor(entry / ENTRIES);
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

/** So many groups are ready to be searched for parts: more than the species that machines work on. */
const OPEN_GROUPS = 64;

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

  /** Adds a view: its number is how many were there before. */
  add(view: View): void {
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
    const waves = new Int8Array(WAVES);
    for (let wave = 0; wave < WAVES; wave++) {
      waves[wave] = VALUES[(this.#waves[first + (wave >> 1)] ?? 0) >> 4 * (wave & 1) & 15] ?? 0;
    }
    return {
      waves,
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
