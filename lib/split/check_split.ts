/**
 * A check of a split by another method than made it: does anything that belongs together stand on
 * two sides?
 *
 * What the log says is compared by the keys that make the groups, each by itself. Pictures are read
 * anew and compared by their details (`patches.ts`), never by their fingerprints or embeddings.
 *
 * @module
 */

import { pooled } from "../base/pooled.ts";
import type { DatasetState } from "../dataset/state.ts";
import { createRenderer, type Renderer } from "../image/create_renderer.ts";
import { onesOf } from "../image/similar.ts";
import { collectFacts, type ImageFacts, readKept } from "./facts.ts";
import { dayKey, pageKey, seriesKey } from "./groups.ts";
import {
  detailsInCommon,
  hashOf,
  type Look,
  LOOK_SIDE,
  lookAt,
  mirroredHashOf,
  SAME_DETAILS,
} from "./patches.ts";
import { PRECEDENCE, type Side } from "./side.ts";
import { readSplits, type SplitLine, writeSplits } from "./split_file.ts";

/** Two images on two sides that belong together. */
export interface Leak {
  readonly why: "bytes" | "page" | "series" | "observation" | "day" | "near-duplicate" | "group";
  /** Paths within the data folder. */
  readonly files: readonly [string, string];
  readonly sides: readonly [Side, Side];
  /** The groups they are in. */
  readonly groups: readonly [string, string];
  /** Of near-duplicates: how well their details agree, at most 1. */
  readonly alike?: number;
}

/** The result of a check. */
export interface SplitCheck {
  /** How many images have a side. */
  readonly images: number;
  /** How many kept images have none yet: the next export gives them one. */
  readonly unsplit: number;
  readonly groups: number;
  readonly leaks: readonly Leak[];
  /** Files that are missing or do not decode: they were not compared. */
  readonly unreadable: readonly string[];
}

interface Placed {
  readonly image: ImageFacts;
  readonly line: SplitLine;
}

/** How a split is checked. */
export interface CheckOptions {
  readonly dir: string;
  readonly state: DatasetState;
  readonly signal: AbortSignal;
  /** Called with how many pictures are compared, of how many. */
  progress(done: number, total: number): void;
}

/**
 * Checks the split of a data folder.
 *
 * @returns Undefined where there is no split yet.
 * @throws {Failure} When the split cannot be read, or the disk refuses.
 */
export async function checkSplit(options: CheckOptions): Promise<SplitCheck | undefined> {
  const record = await readSplits(options.dir);
  if (record === undefined) return undefined;
  const lines = new Map(record.lines.map((line) => [`${line.species}/${line.sha256}`, line]));
  const facts = collectFacts(options.state);
  const placed = facts.flatMap((image): Placed[] => {
    const line = lines.get(`${image.species}/${image.sha256}`);
    return line === undefined ? [] : [{ image, line }];
  });
  using pictures = new Pictures(options, placed.length);
  return {
    images: placed.length,
    unsplit: facts.length - placed.length,
    groups: new Set(placed.map(({ line }) => line.group)).size,
    leaks: [
      ...findShared(placed, "bytes", ({ image }) => image.sha256),
      ...findShared(placed, "page", ({ image }) => pageKey(image.page)),
      ...findShared(placed, "series", ({ image }) => seriesKey(image.page, image.author)),
      ...findShared(placed, "observation", ({ image }) => image.observation),
      ...findShared(placed, "day", ({ image }) => dayKey(image)),
      ...findShared(placed, "group", ({ line }) => line.group),
      ...await findSimilar(placed, pictures, options.signal),
    ],
    unreadable: [...pictures.unreadable].sort(),
  };
}

/** A leak as a sentence. */
export function describeLeak({ why, files: [one, other], sides, alike }: Leak): string {
  const [first, second] = sides;
  const reason = {
    bytes: "the same bytes",
    page: "the same page",
    series: "the same photographer's series",
    observation: "the same observation",
    day: "the same photographer, species and day",
    "near-duplicate": `the same picture or series, details alike by ${alike?.toFixed(2)}`,
    group: "the same group",
  }[why];
  return `${one} is for ${first} and ${other} for ${second}: ${reason}.`;
}

/**
 * Joins the groups of what belongs together, and brings each to one side: test before validation
 * before train.
 *
 * @returns How many images changed sides.
 * @throws {Failure} When the split cannot be read or written.
 */
export async function joinSides(dir: string, leaks: readonly Leak[]): Promise<number> {
  const record = await readSplits(dir);
  if (record === undefined) return 0;
  const joined = new Map<string, string>();
  const rootOf = (group: string): string => {
    const next = joined.get(group);
    return next === undefined ? group : rootOf(next);
  };
  for (const { groups } of leaks) {
    const [first = "", second = ""] = groups.map(rootOf).sort();
    if (first !== second) joined.set(second, first);
  }
  const sides = new Map<string, Side>();
  const touched = new Set(leaks.flatMap(({ groups }) => groups.map(rootOf)));
  for (const { group, side } of record.lines) {
    const root = rootOf(group);
    const before = sides.get(root) ?? side;
    sides.set(root, PRECEDENCE.find((one) => one === side || one === before) ?? side);
  }
  let moved = 0;
  const lines = record.lines.map((line) => {
    const group = rootOf(line.group);
    const side = touched.has(group) ? sides.get(group) ?? line.side : line.side;
    if (side !== line.side) moved++;
    return { ...line, group, side };
  });
  await writeSplits(dir, { ...record, lines });
  return moved;
}

/** One leak for each two neighbours that have a key in common and not the side. */
function findShared(
  placed: readonly Placed[],
  why: Leak["why"],
  keyOf: (placed: Placed) => string,
): Leak[] {
  const byKey = Map.groupBy(placed, keyOf);
  byKey.delete("");
  return [...byKey.values()].flatMap((images) =>
    images.flatMap((image, at) => {
      const before = images[at - 1];
      return before === undefined || before.line.side === image.line.side
        ? []
        : [leak(why, before, image)];
    })
  );
}

/** How many pictures are read at a time. */
const AT_ONCE = 8;
/** Pictures of different species are compared where their hashes differ in at most so many bits. */
const CLOSE = 6;

/** Reads pictures, and tells how many there are still to be read. */
class Pictures {
  readonly unreadable = new Set<string>();
  readonly #renderer: Renderer = createRenderer();
  readonly #options: CheckOptions;
  #total: number;
  #done = 0;

  constructor(options: CheckOptions, total: number) {
    this.#options = options;
    this.#total = total;
  }

  /** So many have to be read once more. */
  expect(more: number): void {
    this.#total += more;
  }

  /** Looks at a picture. Returns nothing where the file is missing or does not decode. */
  async look({ image: { file } }: Placed): Promise<Look | undefined> {
    const { dir, signal } = this.#options;
    signal.throwIfAborted();
    const bytes = await readKept(dir, file);
    const square = { kind: "square", size: LOOK_SIDE } as const;
    const seen = bytes && await this.#renderer.render(square, [bytes], signal);
    const pixels = seen?.ok ? seen.pictures[0]?.bytes : undefined;
    if (pixels === undefined) this.unreadable.add(file);
    this.#options.progress(++this.#done, this.#total);
    return pixels && lookAt(pixels);
  }

  [Symbol.dispose](): void {
    this.#renderer.close();
  }
}

/** Compares each with those of its species on other sides, and with others of nearly its hash. */
async function findSimilar(
  placed: readonly Placed[],
  pictures: Pictures,
  signal: AbortSignal,
): Promise<Leak[]> {
  const leaks: Leak[] = [];
  const hashes = new Hashes(placed);
  let from = 0;
  for (const own of Map.groupBy(placed, ({ image }) => image.species).values()) {
    const looks: (Look | undefined)[] = [];
    for await (const look of pooled(AT_ONCE, own, (each) => pictures.look(each))) looks.push(look);
    for (const [at, look] of looks.entries()) {
      if (look === undefined) continue;
      hashes.set(from + at, look);
      await pause(signal);
      for (let other = 0; other < at; other++) {
        const [one, beside, theirs] = [own[at], own[other], looks[other]];
        if (one === undefined || beside === undefined || theirs === undefined) continue;
        if (one.line.side !== beside.line.side) leaks.push(...compare(one, look, beside, theirs));
      }
    }
    from += own.length;
  }
  const close = await hashes.close(signal);
  pictures.expect([...close.values()].reduce((sum, others) => sum + 1 + others.length, 0));
  for (const [one, others] of close) {
    const look = await pictures.look(one);
    for (const other of others) {
      const theirs = await pictures.look(other);
      if (look && theirs) leaks.push(...compare(one, look, other, theirs));
    }
  }
  return leaks;
}

function compare(one: Placed, look: Look, other: Placed, theirs: Look): Leak[] {
  const alike = detailsInCommon(look, theirs);
  return alike < SAME_DETAILS ? [] : [{ ...leak("near-duplicate", one, other), alike }];
}

/** Gives other tasks their turn, so that Ctrl-C is noticed. */
async function pause(signal: AbortSignal): Promise<void> {
  await new Promise((resume) => setTimeout(resume, 0));
  signal.throwIfAborted();
}

/** The hashes of all pictures: a few bytes each. */
class Hashes {
  readonly #placed: readonly Placed[];
  /** Four numbers each: the hash and that of the mirrored picture. */
  readonly #numbers: Int32Array;
  readonly #known: Uint8Array;

  constructor(placed: readonly Placed[]) {
    this.#placed = placed;
    this.#numbers = new Int32Array(placed.length * 4);
    this.#known = new Uint8Array(placed.length);
  }

  set(at: number, look: Look): void {
    this.#numbers.set([...hashOf(look), ...mirroredHashOf(look)], at * 4);
    this.#known[at] = 1;
  }

  /** For those held back: which of other species and sides have nearly the same hash. */
  async close(signal: AbortSignal): Promise<Map<Placed, Placed[]>> {
    const found = new Map<Placed, Placed[]>();
    for (const [at, one] of this.#placed.entries()) {
      if (one.line.side === "train" || this.#known[at] === 0) continue;
      await pause(signal);
      const others: Placed[] = [];
      for (let place = 0; place < this.#placed.length; place++) {
        if (!this.#isClose(at, place) || this.#known[place] === 0) continue;
        const other = this.#placed[place];
        if (other === undefined || other.image.species === one.image.species) continue;
        if (other.line.side === one.line.side) continue;
        if (other.line.side === "train" || place > at) others.push(other);
      }
      if (others.length > 0) found.set(one, others);
    }
    return found;
  }

  #isClose(at: number, place: number): boolean {
    const numbers = this.#numbers;
    const first = numbers[place * 4] ?? 0;
    const second = numbers[place * 4 + 1] ?? 0;
    for (let own = at * 4; own < at * 4 + 4; own += 2) {
      const apart = onesOf((numbers[own] ?? 0) ^ first);
      if (apart <= CLOSE && apart + onesOf((numbers[own + 1] ?? 0) ^ second) <= CLOSE) return true;
    }
    return false;
  }
}

function leak(why: Leak["why"], one: Placed, other: Placed): Leak {
  return {
    why,
    files: [one.image.file, other.image.file],
    sides: [one.line.side, other.line.side],
    groups: [one.line.group, other.line.group],
  };
}
