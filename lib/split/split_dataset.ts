/**
 * The split of a data folder, brought up to date with its log.
 *
 * @module
 */

import { readDataset } from "../dataset/dataset.ts";
import { Failure } from "../base/failure.ts";
import { createExaminer } from "../image/create_examiner.ts";
import { readSpeciesList } from "../species/file.ts";
import type { Species } from "../species/species.ts";
import { collectFacts, type ImageFacts, takeFingerprints } from "./facts.ts";
import { findGroups } from "./groups.ts";
import { type Label, makeLabels, readLabelIds, writeLabels } from "./labels.ts";
import { DEFAULT_SHARES, formatShares, type Shares, type Side } from "./side.ts";
import { makeSplit, type Split } from "./split.ts";
import { readSplits, type SplitLine, type SplitRecord, writeSplits } from "./split_file.ts";

/** How a data folder is split. */
export interface SplitOptions {
  /** The data folder; this process has its lock. */
  readonly dir: string;
  /** The shares; those of the last time, or 80/10/10, unless given. */
  readonly shares?: Shares;
  /** What decides the dealing; that of the last time, or 1, unless given. */
  readonly seed?: number;
  /** Whether to forget where the images stood before. */
  readonly anew?: boolean;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Hears what is doubtful. */
  notice(text: string): void;
}

/** One image and where it stands. */
export interface SplitImage extends ImageFacts {
  /** Its side. */
  readonly side: Side;
  /** Its group: the least hash in it. */
  readonly group: string;
}

/** A data folder that is split. */
export interface SplitDataset {
  /** The images that are kept and not rejected, by species and hash. */
  readonly images: readonly SplitImage[];
  /** The labels. */
  readonly labels: readonly Label[];
  /** The species list. */
  readonly list: readonly Species[];
  /** The shares. */
  readonly shares: Shares;
  /** The seed. */
  readonly seed: number;
  /** Species too small for three sides, and sides that species have nothing on. */
  readonly doubts: Pick<Split, "small" | "lacking" | "moved">;
  /** How many groups there are, and how many images the largest has. */
  readonly groups: { readonly count: number; readonly largest: number };
  /** Files without a fingerprint: they may be near-duplicates of others. */
  readonly blind: readonly string[];
  /** When the log was last written, ISO 8601. */
  readonly time: string;
}

/**
 * Splits a data folder and remembers it there, in `splits.jsonl` and `labels.json`.
 *
 * @param options How.
 * @throws {Failure} When there is no data folder, it has no images, or it was split otherwise.
 */
export async function splitDataset(options: SplitOptions): Promise<SplitDataset> {
  const { dir, signal, notice } = options;
  using state = (await readDataset(dir)).state;
  const known = collectFacts(state);
  if (known.length === 0) {
    throw new Failure(`The data folder ${dir} has no images yet: run scrape first.`);
  }
  const record = options.anew === true ? undefined : await readSplits(dir);
  const { shares, seed } = settings(options, record);
  const before = new Map(record?.lines.map((line) => [keyOf(line), line]));
  const { facts, taken, blind } = await fingerprinted(dir, known, before, options);
  if (blind.length > 0) {
    notice(
      `${blind.length} images have no fingerprint and are not there or do not decode, such as ${
        blind[0]
      }: run verify --repair and scrape.`,
    );
  }
  const groups = await findGroups(facts, signal);
  const split = makeSplit({
    facts,
    groups,
    shares,
    seed,
    before: (image) => before.get(keyOf(image))?.side,
  });
  const images = facts.map((image, at): SplitImage => ({
    ...image,
    side: split.sides[at] ?? "train",
    group: split.groupIds[at] ?? image.sha256,
  }));
  const recorded = new Set(known.filter(({ dhash }) => dhash !== "").map(keyOf));
  await writeSplits(dir, { shares, seed, lines: linesOf(images, recorded, before) });
  const list = await readSpeciesList(dir) ?? [];
  const wanted = new Set(images.map((image) => image.species));
  const labels = makeLabels(await readLabelIds(dir), wanted, list);
  await writeLabels(dir, labels);
  if (taken > 0) notice(`Took the fingerprints of ${taken} images anew.`);
  tell(split, notice);
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
    blind,
    time: state.lastTime ?? "",
  };
}

/** The shares and the seed; those asked for must be those that the images were dealt out by. */
function settings(
  { dir, shares, seed }: SplitOptions,
  record: SplitRecord | undefined,
): { shares: Shares; seed: number } {
  if (record === undefined) return { shares: shares ?? DEFAULT_SHARES, seed: seed ?? 1 };
  const was = `--split ${formatShares(record.shares)} --seed ${record.seed}`;
  const isOther = seed !== undefined && seed !== record.seed ||
    shares !== undefined && formatShares(shares) !== formatShares(record.shares);
  if (isOther) {
    throw new Failure(
      `The images in ${dir} were dealt out with ${was}; with other values, images that a network was tested on would be trained on. Leave --split and --seed out, or add --resplit to deal all out anew.`,
      2,
    );
  }
  return { shares: record.shares, seed: record.seed };
}

async function fingerprinted(
  dir: string,
  known: readonly ImageFacts[],
  before: ReadonlyMap<string, SplitLine>,
  { signal }: SplitOptions,
): ReturnType<typeof takeFingerprints> {
  if (known.every((image) => image.dhash !== "")) return { facts: known, taken: 0, blind: [] };
  const remembered = new Map(
    [...before.values()].flatMap(({ sha256, dhash }) =>
      dhash === undefined ? [] : [[sha256, dhash] as const]
    ),
  );
  const examiner = createExaminer();
  try {
    return await takeFingerprints(dir, known, remembered, examiner, signal);
  } finally {
    examiner.close();
  }
}

/** What to remember: all images there are now and all there were. */
function linesOf(
  images: readonly SplitImage[],
  recorded: ReadonlySet<string>,
  before: ReadonlyMap<string, SplitLine>,
): SplitLine[] {
  const lines = new Map(before);
  for (const image of images) {
    const { species, sha256, side, group, dhash } = image;
    const own = recorded.has(keyOf(image)) || dhash === "" ? {} : { dhash };
    lines.set(keyOf(image), { species, sha256, side, group, ...own });
  }
  return [...lines.values()];
}

function keyOf({ species, sha256 }: { species: string; sha256: string }): string {
  return `${species} ${sha256}`;
}

/** How many names a notice has. */
const MOST_NAMES = 5;

function tell({ small, lacking, moved }: Split, notice: (text: string) => void): void {
  if (small.length > 0) {
    notice(
      `${small.length} species have too few unrelated images for three sides and are for training alone: ${
        names(small)
      }.`,
    );
  }
  if (lacking.length > 0) {
    notice(
      `Nothing could be found for ${names(lacking.map((gap) => `${gap.species} (${gap.side})`))}.`,
    );
  }
  if (moved > 0) {
    notice(
      `${moved} images changed sides: new images showed that they belong together with images for testing.`,
    );
  }
}

function names(all: readonly string[]): string {
  const more = all.length - MOST_NAMES;
  return all.slice(0, MOST_NAMES).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
