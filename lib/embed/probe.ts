/**
 * A linear probe: how well a regression on the embeddings of the training side recognises the
 * species of the test side. It says in a minute whether a set is worth training on.
 *
 * @module
 */

import { reduce, Regression } from "./regression.ts";
import type { Embeddings } from "./store.ts";

/** An image of a split dataset. */
export interface ProbedImage {
  readonly sha256: string;
  readonly species: string;
  readonly side: "train" | "validation" | "test";
}

/** How images of a species on the test side were taken. */
export interface SpeciesAccuracy {
  readonly species: string;
  readonly tested: number;
  readonly right: number;
}

/** What a probe found. */
export interface Probe {
  readonly model: string;
  readonly trained: number;
  readonly tested: number;
  readonly right: number;
  /** The least accurate first. */
  readonly bySpecies: readonly SpeciesAccuracy[];
  /** Which species were most often taken for which: the ten worst. */
  readonly confusions: readonly {
    readonly species: string;
    readonly takenFor: string;
    readonly count: number;
  }[];
}

const WORST = 10;

/** Probes a split; undefined where either side has no embeddings, or there is one species. */
export function probe(images: readonly ProbedImage[], embeddings: Embeddings): Probe | undefined {
  const known = images.flatMap((image) => {
    const row = embeddings.rowOf(image.sha256);
    return row === undefined || image.side === "validation" ? [] : [{ ...image, row }];
  });
  const train = known.flatMap(({ side }, at) => side === "train" ? [at] : []);
  const names = [...new Set(train.map((at) => known[at]?.species ?? ""))].sort();
  const numbers = new Map(names.map((name, number) => [name, number]));
  const labels = known.map(({ species }) => numbers.get(species) ?? -1);
  const test = known.flatMap(({ side }, at) =>
    side === "test" && (labels[at] ?? -1) >= 0 ? [at] : []
  );
  if (test.length === 0 || names.length < 2) return undefined;
  const rows = known.map(({ row }) => row);
  // Nothing of the test side, not even its spread, may help to learn.
  const points = reduce(embeddings, rows, train.map((at) => rows[at] ?? 0));
  const regression = new Regression(points, labels, names.length, train);
  const found = new Map<string, { tested: number; right: number }>();
  const confused = new Map<string, number>();
  let right = 0;
  for (const at of test) {
    const likely = regression.predict(points, at);
    const taken = names[likely.indexOf(Math.max(...likely))] ?? "";
    const species = known[at]?.species ?? "";
    const own = found.get(species) ?? { tested: 0, right: 0 };
    own.tested++;
    if (taken === species) {
      own.right++;
      right++;
    } else confused.set(`${species} ${taken}`, (confused.get(`${species} ${taken}`) ?? 0) + 1);
    found.set(species, own);
  }
  return {
    model: embeddings.source.model,
    trained: train.length,
    tested: test.length,
    right,
    bySpecies: [...found].map(([species, counts]) => ({ species, ...counts }))
      .sort((one, other) =>
        one.right / one.tested - other.right / other.tested ||
        (one.species < other.species ? -1 : 1)
      ),
    confusions: [...confused].sort(([name, one], [other, count]) =>
      count - one || (name < other ? -1 : 1)
    ).slice(0, WORST).map(([pair, count]) => {
      const [species = "", takenFor = ""] = pair.split(" ");
      return { species, takenFor, count };
    }),
  };
}
