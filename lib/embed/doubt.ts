/**
 * How doubtful images are, by their embeddings: 1 less the probability of their own species, as a
 * regression says that has not seen them, and twice the distance to their species' centroid.
 *
 * @module
 */

import { readIfThere, replaceFile } from "../base/files.ts";
import { fileInside, writableInside } from "../base/inside.ts";
import { fnv1a } from "../base/seeded.ts";
import { reduce, Regression } from "./regression.ts";
import { DOUBTS_NAME, type Embeddings } from "./store.ts";

/** An image whose doubt is asked for. */
export interface Asked {
  readonly sha256: string;
  readonly species: string;
  /** Whether its source names species for sure. */
  readonly vouched: boolean;
}

/** In how many parts the images are split: each is judged by what the others teach. */
const FOLDS = 3;
/** So many photos that are vouched for, or more, make the centroid alone. */
const ANCHORS = 8;
/** How much the distance counts. */
const DISTANCE_WEIGHT = 2;
/** Species of fewer images say nothing of what is usual. */
const FEWEST = 4;

/**
 * Works out the doubts of images; the same images always have the same.
 *
 * @returns The doubts, from 0 to 3, by hash. Images without embedding, and of species with fewer
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
  const unlikely = groups.length < 2 ? undefined : unlikeliness(
    embeddings,
    asked,
    labels,
    groups.length,
  );
  const found = new Map<string, number>();
  let at = 0;
  for (const [, own] of groups) {
    const apart = distances(own, embeddings);
    own.forEach(({ sha256 }, place) => {
      found.set(sha256, (unlikely?.[at++] ?? 0) + DISTANCE_WEIGHT * (apart[place] ?? 0));
    });
  }
  return found;
}

function unlikeliness(
  embeddings: Embeddings,
  asked: readonly (Asked & { readonly row: number })[],
  labels: readonly number[],
  classes: number,
): Float32Array {
  const points = reduce(embeddings, asked.map(({ row }) => row));
  const folds = asked.map(({ sha256 }) => (fnv1a(sha256) >>> 8) % FOLDS);
  const found = new Float32Array(asked.length);
  for (let fold = 0; fold < FOLDS; fold++) {
    const examples = folds.flatMap((own, at) => own === fold ? [] : [at]);
    if (examples.length === 0) continue;
    const regression = new Regression(points, labels, classes, examples);
    folds.forEach((own, at) => {
      if (own === fold) found[at] = 1 - (regression.predict(points, at)[labels[at] ?? 0] ?? 0);
    });
  }
  return found;
}

/** How far images of one species are from its centroid, each left out of it: 1 less the cosine. */
function distances(
  own: readonly (Asked & { readonly row: number })[],
  embeddings: Embeddings,
): number[] {
  const vectors = own.map(({ row }) => embeddings.vector(row));
  const anchors = own.filter(({ vouched }) => vouched).length;
  const counts = (at: number): boolean => anchors < ANCHORS || own[at]?.vouched === true;
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
