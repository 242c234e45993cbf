/**
 * How doubtful images are, by their embeddings: 1 less the probability of their own species, as
 * a regression says that has not seen them, twice the distance to their species' centroid, half of
 * how likely they are to be flagged, as another regression says, which finds what looks like those
 * whose flags are measured; and, by the usual encoder, how likely they are drawings, dishes, slides.
 *
 * What is most doubtful after the first round teaches nothing in the second: wrong pictures make
 * others like them look right.
 *
 * @module
 */

import { readIfThere, replaceFile } from "../base/files.ts";
import { fileInside, writableInside } from "../base/inside.ts";
import { fnv1a } from "../base/seeded.ts";
import { looksBy } from "./looks.ts";
import { type Points, reduce, Regression } from "./regression.ts";
import { DOUBTS_NAME, type Embeddings } from "./store.ts";

/** An image whose doubt is asked for. */
export interface Asked {
  readonly sha256: string;
  readonly species: string;
  /** Whether its source names species for sure. */
  readonly vouched: boolean;
  /** Whether its flags say that it is hardly a photo of a fish. */
  readonly isNoPhoto: boolean;
}

/** This share of each species, the most doubtful, does not teach in the second round. */
const UNTAUGHT = 0.3;
/** How much it counts to look like no photo. */
const NO_PHOTO_WEIGHT = 0.5;

/** In how many parts the images are split: each is judged by what the others teach. */
const FOLDS = 3;
/** So many photos that are vouched for, or more, make the centroid alone. */
const ANCHORS = 8;
/** How much the distance counts. */
const DISTANCE_WEIGHT = 2;
/** Species of fewer images say nothing of what is usual. */
const FEWEST = 4;
/** How much it counts to look like what is flagged; fewer flagged images teach nothing. */
const FLAGGED_WEIGHT = 0.5;
const FEWEST_FLAGGED = 8;

/**
 * Works out the doubts of images; the same images always have the same.
 *
 * @returns The doubts, from 0 to 6, by hash. Images without embedding, and of species with fewer
 * than four, have none.
 */
export function doubtsOf(images: readonly Asked[], embeddings: Embeddings): Map<string, number> {
  const known = images.flatMap((image) => {
    const row = embeddings.rowOf(image.sha256);
    return row === undefined ? [] : [{ ...image, row }];
  });
  const groups = [...Map.groupBy(known, ({ species }) => species)]
    .filter(([, own]) => own.length >= FEWEST);
  const asked = groups.flatMap(([, own]) => own);
  const labels = groups.flatMap(([, own], label) => own.map(() => label));
  const points = reduce(embeddings, asked.map(({ row }) => row));
  const folds = asked.map(({ sha256 }) => (fnv1a(sha256) >>> 8) % FOLDS);
  const halves = asked.map(({ sha256 }) => (fnv1a(sha256) >>> 16) % 2);
  const isOfMany = groups.length > 1;
  // Halves are enough to see what is most doubtful, and take half the time.
  const first = isOfMany ? likelihoods(points, halves, labels, groups.length) : undefined;
  const teaches = mostlyRight(groups, first, embeddings);
  const likely = isOfMany
    ? likelihoods(points, folds, labels, groups.length, (at) => Number(teaches[at]))
    : undefined;
  const flagged = flaggedLikelihoods(points, folds, asked);
  const looksOf = looksBy(embeddings.source);
  const found = new Map<string, number>();
  let at = 0;
  for (const [, own] of groups) {
    const apart = distances(own, embeddings, teaches.slice(at, at + own.length));
    for (const [place, { sha256, row }] of own.entries()) {
      const unlikely = likely === undefined ? 0 : 1 - (likely[at] ?? 0);
      const distance = DISTANCE_WEIGHT * (apart[place] ?? 0);
      const looks = FLAGGED_WEIGHT * (flagged?.[at] ?? 0) +
        NO_PHOTO_WEIGHT * (looksOf?.noPhoto(embeddings.vector(row)) ?? 0);
      found.set(sha256, unlikely + distance + looks);
      at++;
    }
  }
  return found;
}

/** A species' images. */
type Own = readonly (Asked & { readonly row: number })[];

/** Which images are not among the most doubtful of their species, in the order of the groups. */
function mostlyRight(
  groups: readonly (readonly [string, Own])[],
  likely: Float32Array | undefined,
  embeddings: Embeddings,
): boolean[] {
  let at = 0;
  return groups.flatMap(([, own]) => {
    const doubts = distances(own, embeddings).map((apart) =>
      DISTANCE_WEIGHT * apart - (likely?.[at++] ?? 0)
    );
    const sorted = doubts.toSorted((one, other) => one - other);
    const limit = sorted[Math.floor((own.length - 1) * (1 - UNTAUGHT))] ?? 0;
    return doubts.map((doubt) => doubt <= limit);
  });
}

/** How likely each point's own label is, by a regression on the other folds' points. */
function likelihoods(
  points: Points,
  folds: readonly number[],
  labels: readonly number[],
  classes: number,
  times: (at: number) => number = () => 1,
): Float32Array {
  const found = new Float32Array(folds.length);
  for (const fold of new Set(folds)) {
    const examples = folds.flatMap((own, at) =>
      own === fold ? [] : new Array<number>(times(at)).fill(at)
    );
    if (examples.length === 0) continue;
    const regression = new Regression(points, labels, classes, examples);
    folds.forEach((own, at) => {
      if (own === fold) found[at] = regression.predict(points, at)[labels[at] ?? 0] ?? 0;
    });
  }
  return found;
}

/** How likely images are to be flagged; undefined where too few are, or all. */
function flaggedLikelihoods(
  points: Points,
  folds: readonly number[],
  asked: readonly Asked[],
): Float32Array | undefined {
  const labels = asked.map(({ isNoPhoto }) => Number(isNoPhoto));
  const flagged = labels.filter((label) => label === 1).length;
  if (flagged < FEWEST_FLAGGED || flagged === labels.length) return undefined;
  // They are few: each is an example as often as makes them as many as the others.
  const times = Math.max(1, Math.round((labels.length - flagged) / flagged));
  return likelihoods(points, folds, labels, 2, (at) => labels[at] === 1 ? times : 1)
    .map((likely, at) => labels[at] === 1 ? likely : 1 - likely);
}

/**
 * How far images of one species are from its centroid, each left out of it: 1 less the cosine.
 *
 * @param teaches Which of them make the centroid, where too few are vouched for; all if not given.
 */
function distances(
  own: Own,
  embeddings: Embeddings,
  teaches: readonly boolean[] = [],
): number[] {
  const vectors = own.map(({ row }) => embeddings.vector(row));
  const anchors = own.filter(({ vouched }) => vouched).length;
  const counts = (at: number): boolean =>
    anchors < ANCHORS ? teaches[at] !== false : own[at]?.vouched === true;
  const sum = new Float64Array(embeddings.source.dimensions);
  vectors.forEach((vector, at) => {
    if (counts(at)) vector.forEach((number, place) => sum[place] = (sum[place] ?? 0) + number);
  });
  return vectors.map((vector, at) => {
    const share = counts(at) ? 1 : 0;
    let [along, square] = [0, 0];
    for (let place = 0; place < vector.length; place++) {
      const number = vector[place] ?? 0;
      const centre = (sum[place] ?? 0) - share * number;
      along += number * centre;
      square += centre * centre;
    }
    return 1 - along / (Math.sqrt(square) || 1);
  });
}

const HEADER = /^doubts of (.+)\n/;
const LINE = /^([0-9a-f]{64}) (\d\.\d{4})$/;

/**
 * Writes doubts beside the embeddings.
 *
 * @throws {Failure} When the disk refuses.
 */
export async function writeDoubts(
  dir: string,
  model: string,
  doubts: ReadonlyMap<string, number>,
): Promise<void> {
  const lines = [...doubts].map(([hash, doubt]) => `${hash} ${Math.max(0, doubt).toFixed(4)}\n`);
  await replaceFile(
    await writableInside(dir, DOUBTS_NAME),
    `doubts of ${model.replaceAll("\n", " ")}\n${lines.join("")}`,
  );
}

/** The doubts of a data folder, as they were last worked out. */
export interface Doubts {
  /** The model's name. */
  readonly model: string;
  readonly byHash: ReadonlyMap<string, number>;
}

/**
 * Reads the doubts of a data folder; undefined where there are none.
 *
 * @throws {Failure} When the disk refuses.
 */
export async function readDoubts(dir: string): Promise<Doubts | undefined> {
  const path = await fileInside(dir, DOUBTS_NAME);
  const bytes = path === undefined ? undefined : await readIfThere(path);
  const text = new TextDecoder().decode(bytes);
  const model = HEADER.exec(text)?.[1];
  if (model === undefined) return undefined;
  const byHash = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [, hash, doubt] = LINE.exec(line) ?? [];
    if (hash !== undefined) byHash.set(hash, Number(doubt));
  }
  return { model, byHash };
}
