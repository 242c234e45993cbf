/**
 * An independent look at a split: whether anything that belongs together stands on two sides.
 *
 * It shares nothing with what makes the split but the keys and the comparison of two fingerprints:
 * nothing is joined into groups, each reason to be together is looked at by itself.
 *
 * @module
 */

import { isSimilar } from "../image/similar.ts";
import { NearIndex } from "../image/near_index.ts";
import { collectFacts, type ImageFacts } from "./facts.ts";
import { mirrorFingerprint } from "../image/fingerprint.ts";
import { pageKey, seriesKey } from "./keys.ts";
import type { DatasetState } from "../dataset/state.ts";
import type { Side } from "./side.ts";
import { readSplits, type SplitLine } from "./split_file.ts";

/** One thing that stands on two sides. */
export interface Leak {
  /** Why the images belong together. */
  readonly why: "bytes" | "page" | "series" | "near-duplicate" | "group";
  /** Two of the images: paths within the data folder. */
  readonly files: readonly [string, string];
  /** Their sides. */
  readonly sides: readonly [Side, Side];
}

/** What looking came to. */
export interface SplitCheck {
  /** How many images have a side. */
  readonly images: number;
  /** How many kept images have none yet: the next export gives them one. */
  readonly unsplit: number;
  /** How many different groups the split tells of. */
  readonly groups: number;
  /** What stands on two sides. */
  readonly leaks: readonly Leak[];
}

interface Placed {
  readonly image: ImageFacts;
  readonly line: SplitLine;
}

/**
 * Looks at the split of a data folder.
 *
 * @param dir The data folder.
 * @param state What its log says.
 * @param signal Ends it.
 * @returns What was found; nothing where there is no split yet.
 * @throws {Failure} When the split cannot be read.
 */
export async function checkSplit(
  dir: string,
  state: DatasetState,
  signal: AbortSignal,
): Promise<SplitCheck | undefined> {
  const record = await readSplits(dir);
  if (record === undefined) return undefined;
  const lines = new Map(record.lines.map((line) => [`${line.species}/${line.sha256}`, line]));
  const facts = collectFacts(state);
  const placed = facts.flatMap((image): Placed[] => {
    const line = lines.get(`${image.species}/${image.sha256}`);
    return line === undefined ? [] : [{ image, line }];
  });
  return {
    images: placed.length,
    unsplit: facts.length - placed.length,
    groups: new Set(placed.map(({ line }) => line.group)).size,
    leaks: [
      ...sharing(placed, "bytes", ({ image }) => image.sha256),
      ...sharing(placed, "page", ({ image }) => pageKey(image.page)),
      ...sharing(placed, "series", ({ image }) => seriesKey(image.page, image.author)),
      ...sharing(placed, "group", ({ line }) => line.group),
      ...await alike(placed, signal),
    ],
  };
}

/**
 * A leak as a sentence.
 *
 * @param leak The leak.
 */
export function describeLeak({ why, files: [one, other], sides: [first, second] }: Leak): string {
  const reason = {
    bytes: "the same bytes",
    page: "the same page",
    series: "the same photographer's series",
    "near-duplicate": "the same picture",
    group: "the same group",
  }[why];
  return `${one} is for ${first} and ${other} for ${second}: ${reason}.`;
}

function sharing(
  placed: readonly Placed[],
  why: Leak["why"],
  keyOf: (placed: Placed) => string,
): Leak[] {
  const sorted = placed.map((each) => ({ each, key: keyOf(each) })).filter(({ key }) => key !== "")
    .sort((one, other) => one.key < other.key ? -1 : one.key > other.key ? 1 : 0);
  const leaks: Leak[] = [];
  for (let at = 1; at < sorted.length; at++) {
    const [one, other] = [sorted[at - 1], sorted[at]];
    if (one === undefined || other === undefined || one.key !== other.key) continue;
    if (one.each.line.side !== other.each.line.side) leaks.push(leak(why, one.each, other.each));
  }
  return leaks;
}

/** How many images of a species are compared each with each at the most. */
const MOST_EACH = 2_000;

/** Pictures of training among those held back: of a species each with each, else by the index. */
async function alike(placed: readonly Placed[], signal: AbortSignal): Promise<Leak[]> {
  const leaks: Leak[] = [];
  const held = new NearIndex<Placed>();
  const heldOf = new Map<string, Placed[]>();
  for (const each of placed) {
    if (each.line.side === "train") continue;
    held.add(fingerprintOf(each), each);
    const own = heldOf.get(each.image.species);
    if (own === undefined) heldOf.set(each.image.species, [each]);
    else own.push(each);
  }
  for (const [at, each] of placed.entries()) {
    if (at % 200 === 0) {
      await new Promise((resume) => setTimeout(resume, 0));
      signal.throwIfAborted();
    }
    const dhash = fingerprintOf(each);
    const mirrored = mirrorFingerprint(dhash);
    const found = new Set(held.find(dhash, mirrored).map(({ item }) => item));
    for (const other of heldOf.get(each.image.species)?.slice(0, MOST_EACH) ?? []) {
      const theirs = fingerprintOf(other);
      if (isSimilar(dhash, theirs) || isSimilar(mirrored, theirs)) found.add(other);
    }
    for (const other of found) {
      if (other.line.side !== each.line.side) leaks.push(leak("near-duplicate", each, other));
    }
  }
  return leaks;
}

function fingerprintOf({ image, line }: Placed): string {
  return image.dhash === "" ? line.dhash ?? "" : image.dhash;
}

function leak(why: Leak["why"], one: Placed, other: Placed): Leak {
  return {
    why,
    files: [one.image.file, other.image.file],
    sides: [one.line.side, other.line.side],
  };
}
