/**
 * The split of a data folder, brought up to date with its log.
 *
 * @module
 */

import { plural } from "../base/plural.ts";
import { Failure } from "../base/failure.ts";
import { readDataset } from "../dataset/dataset.ts";
import { readEmbeddings } from "../embed/store.ts";
import { readSpeciesList } from "../species/file.ts";
import type { Species } from "../species/species.ts";
import { readTaxonomy } from "../species/taxonomy.ts";
import { addFingerprints, collectFacts, type ImageFacts } from "./facts.ts";
import { findGroups } from "./groups.ts";
import { type Label, makeLabels, readStableIds, writeStableIds } from "./labels.ts";
import { DEFAULT_SHARES, formatShares, type Shares, type Side } from "./side.ts";
import { makeSplit, type Split } from "./split.ts";
import { readSplits, type SplitLine, type SplitRecord, writeSplits } from "./split_file.ts";

/** How a data folder is split. */
export interface SplitOptions {
  /** The data folder; this process has its lock. */
  readonly dir: string;
  /** Those of the last time, or 80/10/10, where not given. */
  readonly shares?: Shares;
  /** That of the last time, or 1, where not given. */
  readonly seed?: number;
  /** Whether to forget where the images stood before. */
  readonly resplit?: boolean;
  /** Ends it: what was there before stays. */
  readonly signal: AbortSignal;
  /** Called with sentences for the user. */
  notice(text: string): void;
}

/** One image and where it stands. */
export interface SplitImage extends Omit<ImageFacts, "fingerprint" | "mirrored"> {
  readonly side: Side;
  /** The group's smallest hash. */
  readonly group: string;
  /** What it shows, where `species` is a class of several. */
  readonly of?: Label;
}

/** A data folder that is split. */
export interface SplitDataset {
  /** The images that are kept and not rejected, by species and hash. */
  readonly images: readonly SplitImage[];
  readonly labels: readonly Label[];
  readonly list: readonly Species[];
  readonly shares: Shares;
  readonly seed: number;
  readonly doubts: Pick<Split, "small" | "lacking" | "moved">;
  readonly groups: { readonly count: number; readonly largest: number };
  /** Files without a fingerprint: near-duplicates of them may be on another side. */
  readonly unreadable: readonly string[];
  /** Whether it is as the last time: what was said is so at the next time too. */
  readonly isSettled: boolean;
  /** When the log was last written, ISO 8601. */
  readonly time: string;
}

/**
 * Splits a data folder and remembers it there, in `splits.jsonl` and `labels.json`.
 *
 * @throws {Failure} When there is no data folder, it has no images, or other shares or another seed
 * are asked for than it was split with.
 */
export async function splitDataset(options: SplitOptions): Promise<SplitDataset> {
  const { dir, signal, notice } = options;
  using state = (await readDataset(dir)).state;
  const known = collectFacts(state);
  if (known.length === 0) {
    throw new Failure(`The data folder ${dir} has no images yet. Run: deno task scrape`);
  }
  const record = options.resplit === true ? undefined : await readSplits(dir);
  const { shares, seed } = chooseSettings(options, record);
  const before = new Map(record?.lines.map((line) => [keyOf(line), line]));
  const { facts, computed, unreadable } = await addFingerprints(
    dir,
    known,
    before.values(),
    signal,
  );
  if (unreadable.length > 0) {
    notice(
      `${plural(unreadable.length, "image")} cannot be read, such as ${unreadable[0]}. ` +
        "Run: deno task verify --repair, then: deno task scrape",
    );
  }
  const groups = groupsBefore(facts, before) ??
    await findGroups(facts, signal, await embeddedIn(dir));
  const split = makeSplit({
    facts,
    groups,
    shares,
    seed,
    sideBefore: (image) => before.get(keyOf(image))?.side,
  });
  // All images there are now and all there were.
  const lines = new Map(before);
  // Fingerprints are most of an image's facts, and nobody needs them any more.
  const images = facts.map(({ fingerprint, mirrored: _, ...image }, at): SplitImage => {
    const { species, sha256 } = image;
    const side = split.sides[at] ?? "train";
    const group = split.groupIds[at] ?? sha256;
    const isMissing = known[at]?.fingerprint === "" && fingerprint !== "";
    const dhash = isMissing ? { dhash: fingerprint } : {};
    lines.set(keyOf(image), { species, sha256, side, group, ...dhash });
    return { ...image, side, group };
  });
  await writeSplits(dir, { shares, seed, lines: [...lines.values()] });
  const list = await readSpeciesList(dir) ?? [];
  const wanted = new Set(images.map((image) => image.species));
  const taxonomy = await readTaxonomy(dir);
  const { labels, stableIds } = makeLabels(await readStableIds(dir), wanted, list, taxonomy);
  await writeStableIds(dir, stableIds, list);
  if (computed > 0) notice(`Computed the fingerprints of ${plural(computed, "image")} anew.`);
  report(split, notice);
  const { small, lacking, moved } = split;
  return {
    images,
    labels,
    list,
    shares,
    seed,
    doubts: { small, lacking, moved },
    groups: {
      count: groups.length,
      largest: groups.reduce((most, group) => Math.max(most, group.length), 0),
    },
    unreadable,
    isSettled: computed === 0 && moved === 0,
    time: state.lastTime ?? "",
  };
}

/** The shares and the seed of the last time; others would train with images that were tested with. */
function chooseSettings(
  { dir, shares, seed }: SplitOptions,
  record: SplitRecord | undefined,
): { shares: Shares; seed: number } {
  if (record === undefined) return { shares: shares ?? DEFAULT_SHARES, seed: seed ?? 1 };
  const isOther = seed !== undefined && seed !== record.seed ||
    shares !== undefined && formatShares(shares) !== formatShares(record.shares);
  if (!isOther) return { shares: record.shares, seed: record.seed };
  throw new Failure(
    `The images in ${dir} were split with --split ${
      formatShares(record.shares)
    } --seed ${record.seed}. Other values would train a network with images it was tested with: ` +
      "leave both flags out, or add --resplit to assign all images anew.",
    2,
  );
}

/** The embeddings of a data folder, where there are any. */
async function embeddedIn(dir: string): Promise<(sha256: string) => Float32Array | undefined> {
  const embeddings = await readEmbeddings(dir);
  return (sha256) => {
    const row = embeddings?.rowOf(sha256);
    return row === undefined ? undefined : embeddings?.vector(row);
  };
}

/** The groups as they were stored, where no image is new: finding them anew takes minutes. */
function groupsBefore(
  facts: readonly ImageFacts[],
  before: ReadonlyMap<string, SplitLine>,
): number[][] | undefined {
  const groups = facts.map((image) => before.get(keyOf(image))?.group);
  if (groups.includes(undefined)) return undefined;
  return [...Map.groupBy(groups.keys(), (at) => groups[at]).values()];
}

function keyOf({ species, sha256 }: { species: string; sha256: string }): string {
  return `${species} ${sha256}`;
}

function report({ small, lacking, moved }: Split, notice: (text: string) => void): void {
  if (small.length > 0) {
    notice(
      `${plural(small.length, "species", "species")} with fewer than three groups of unrelated ` +
        `images, used for training alone: ${nameSome(small)}.`,
    );
  }
  if (lacking.length > 0) {
    notice(
      `No images for ${nameSome(lacking.map((gap) => `${gap.species} (${gap.side})`))}.`,
    );
  }
  if (moved > 0) {
    notice(
      `${
        plural(moved, "image")
      } changed sides: new images showed that they belong together with images for testing.`,
    );
  }
}

const MAX_NAMES = 5;

function nameSome(all: readonly string[]): string {
  const more = all.length - MAX_NAMES;
  return all.slice(0, MAX_NAMES).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
