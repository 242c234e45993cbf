/**
 * An independent check of a split: does anything that belongs together stand on two sides?
 *
 * It shares only the keys and the comparison of two fingerprints with what makes the split. Nothing
 * is put into groups: each reason to belong together is checked by itself.
 *
 * @module
 */

import type { DatasetState } from "../dataset/state.ts";
import { mirrorFingerprint } from "../image/fingerprint.ts";
import { NearIndex } from "../image/near_index.ts";
import { isSimilar } from "../image/similar.ts";
import { collectFacts, type ImageFacts } from "./facts.ts";
import { pageKey, seriesKey } from "./groups.ts";
import type { Side } from "./side.ts";
import { readSplits, type SplitLine } from "./split_file.ts";

/** Two images on two sides that belong together. */
export interface Leak {
  readonly why: "bytes" | "page" | "series" | "observation" | "near-duplicate" | "group";
  /** Paths within the data folder. */
  readonly files: readonly [string, string];
  readonly sides: readonly [Side, Side];
}

/** The result of a check. */
export interface SplitCheck {
  /** How many images have a side. */
  readonly images: number;
  /** How many kept images have none yet: the next export gives them one. */
  readonly unsplit: number;
  readonly groups: number;
  readonly leaks: readonly Leak[];
}

interface Placed {
  readonly image: ImageFacts;
  readonly line: SplitLine;
}

/**
 * Checks the split of a data folder.
 *
 * @returns Undefined where there is no split yet.
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
      ...findShared(placed, "bytes", ({ image }) => image.sha256),
      ...findShared(placed, "page", ({ image }) => pageKey(image.page)),
      ...findShared(placed, "series", ({ image }) => seriesKey(image.page, image.author)),
      ...findShared(placed, "observation", ({ image }) => image.observation),
      ...findShared(placed, "group", ({ line }) => line.group),
      ...await findSimilar(placed, signal),
    ],
  };
}

/** A leak as a sentence. */
export function describeLeak({ why, files: [one, other], sides: [first, second] }: Leak): string {
  const reason = {
    bytes: "the same bytes",
    page: "the same page",
    series: "the same photographer's series",
    observation: "the same observation",
    "near-duplicate": "the same picture",
    group: "the same group",
  }[why];
  return `${one} is for ${first} and ${other} for ${second}: ${reason}.`;
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

/** How many images of one species are compared each with each. */
const MAX_PAIRWISE = 2_000;

/** Images similar to one held back: of the same species each with each, of others by the index. */
async function findSimilar(placed: readonly Placed[], signal: AbortSignal): Promise<Leak[]> {
  const leaks: Leak[] = [];
  const heldBack = placed.filter(({ line }) => line.side !== "train");
  const bySpecies = Map.groupBy(heldBack, ({ image }) => image.species);
  const index = new NearIndex<Placed>();
  for (const each of heldBack) index.add(fingerprintOf(each), each);
  for (const [at, each] of placed.entries()) {
    if (at % 200 === 0) {
      await new Promise((resume) => setTimeout(resume, 0));
      signal.throwIfAborted();
    }
    const fingerprint = fingerprintOf(each);
    const mirrored = mirrorFingerprint(fingerprint);
    const similar = new Set(index.find(fingerprint, mirrored).map(({ item }) => item));
    for (const other of bySpecies.get(each.image.species)?.slice(0, MAX_PAIRWISE) ?? []) {
      const theirs = fingerprintOf(other);
      if (isSimilar(fingerprint, theirs) || isSimilar(mirrored, theirs)) similar.add(other);
    }
    for (const other of similar) {
      if (other.line.side !== each.line.side) leaks.push(leak("near-duplicate", each, other));
    }
  }
  return leaks;
}

function fingerprintOf({ image, line }: Placed): string {
  return image.fingerprint === "" ? line.dhash ?? "" : image.fingerprint;
}

function leak(why: Leak["why"], one: Placed, other: Placed): Leak {
  return {
    why,
    files: [one.image.file, other.image.file],
    sides: [one.line.side, other.line.side],
  };
}
