/**
 * Multinomial logistic regression on embeddings, quick enough for a hundred thousand of them: they
 * are brought to 64 dimensions first, and learnt from one by one (stochastic gradient descent).
 *
 * @module
 */

import { Seeded } from "../base/seeded.ts";
import type { Embeddings } from "./store.ts";

/** Embeddings are brought to so many dimensions; more told species apart no better. */
const DIMENSIONS = 64;
/** The dimensions are chosen by so many embeddings at the most. */
const SAMPLED = 2000;
const ROUNDS = 5;
/**
 * How many examples are learnt from in all, by repeating few; at least each once, at most so often.
 * With more, and with a higher rate, it learns the wrong ones by heart (seen on photos of 23 kinds of
 * sea animals, by which both were chosen).
 */
const EXAMPLES = 20_000;
const MOST_EPOCHS = 40;
/** How far each example moves the weights at first; less and less later. */
const RATE = 0.3;

/** Points, one a row. */
export interface Points {
  readonly count: number;
  readonly dimensions: number;
  readonly numbers: Float32Array;
}

/**
 * Brings embeddings to few dimensions: those in which they differ most (principal components), in
 * such a scale that a point's mean square length is 1.
 *
 * @param by The rows that choose dimensions and scale, where not all do.
 */
export function reduce(
  embeddings: Embeddings,
  rows: readonly number[],
  by: readonly number[] = rows,
): Points {
  const { dimensions } = embeddings.source;
  const random = new Seeded(`principal ${by.length}`);
  const mean = new Float64Array(dimensions);
  const step = Math.max(1, by.length / SAMPLED);
  const sample: Float32Array[] = [];
  for (let at = 0; Math.floor(at) < by.length; at += step) {
    const vector = embeddings.vector(by[Math.floor(at)] ?? 0);
    sample.push(vector);
    for (let column = 0; column < dimensions; column++) {
      mean[column] = (mean[column] ?? 0) + (vector[column] ?? 0);
    }
  }
  for (let column = 0; column < dimensions; column++) {
    mean[column] = (mean[column] ?? 0) / Math.max(1, sample.length);
  }
  for (const vector of sample) {
    for (let at = 0; at < dimensions; at++) vector[at] = (vector[at] ?? 0) - (mean[at] ?? 0);
  }
  const size = Math.min(DIMENSIONS, dimensions);
  let axes = Array.from(
    { length: size },
    () => Float32Array.from({ length: dimensions }, () => random.next() - 0.5),
  );
  for (let round = 0; round < ROUNDS; round++) {
    axes = orthonormal(axes);
    const next = axes.map(() => new Float32Array(dimensions));
    for (const vector of sample) {
      for (let axis = 0; axis < size; axis++) {
        const [from, to] = [axes[axis], next[axis]];
        if (from === undefined || to === undefined) continue;
        const along = dot(vector, from);
        for (let at = 0; at < dimensions; at++) to[at] = (to[at] ?? 0) + along * (vector[at] ?? 0);
      }
    }
    axes = next;
  }
  axes = orthonormal(axes);
  const shift = axes.map((axis) => dot(Float32Array.from(mean), axis));
  const squares = sample.flatMap((vector) => axes.map((axis) => dot(vector, axis) ** 2))
    .reduce((sum, square) => sum + square, 0);
  const scale = 1 / Math.sqrt(squares / Math.max(1, sample.length) || 1);
  const numbers = new Float32Array(rows.length * size);
  rows.forEach((row, at) => {
    const vector = embeddings.vector(row);
    axes.forEach((axis, place) => {
      numbers[at * size + place] = (dot(vector, axis) - (shift[place] ?? 0)) * scale;
    });
  });
  return { count: rows.length, dimensions: size, numbers };
}

/** Makes vectors of length 1 at right angles (Gram–Schmidt). */
function orthonormal(vectors: readonly Float32Array[]): Float32Array<ArrayBuffer>[] {
  const made: Float32Array<ArrayBuffer>[] = [];
  for (const vector of vectors) {
    const rest = Float32Array.from(vector);
    // Twice, since the first time leaves rounding errors.
    for (const other of [...made, ...made]) {
      const along = dot(rest, other);
      for (let at = 0; at < rest.length; at++) {
        rest[at] = (rest[at] ?? 0) - along * (other[at] ?? 0);
      }
    }
    const length = Math.sqrt(dot(rest, rest));
    made.push(length < 1e-12 ? rest.fill(0) : rest.map((number) => number / length));
  }
  return made;
}

function dot(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += (one[at] ?? 0) * (other[at] ?? 0);
  return sum;
}

/** A model that says how likely each class is. */
export class Regression {
  readonly #classes: number;
  readonly #dimensions: number;
  /** A row a class: the weights, then the constant. */
  readonly #weights: Float32Array;
  readonly #likely: Float64Array;

  /**
   * Learns from examples.
   *
   * @param points All points.
   * @param labels The class of each, from 0.
   * @param examples Which points are learnt from.
   */
  constructor(
    points: Points,
    labels: readonly number[],
    classes: number,
    examples: readonly number[],
  ) {
    this.#classes = classes;
    this.#dimensions = points.dimensions;
    this.#weights = new Float32Array(classes * (points.dimensions + 1));
    this.#likely = new Float64Array(classes);
    const epochs = Math.max(1, Math.min(MOST_EPOCHS, Math.round(EXAMPLES / examples.length)));
    const random = new Seeded(`regression ${examples.length}`);
    const order = Uint32Array.from(examples);
    const steps = epochs * order.length;
    for (let step = 0; step < steps; step++) {
      const place = step % order.length;
      if (place === 0) shuffle(order, random);
      const point = order[place] ?? 0;
      this.#learn(points, point, labels[point] ?? 0, RATE * (1 - step / steps));
    }
  }

  /** The probabilities of the classes for a point; they are overwritten by the next call. */
  predict({ numbers, dimensions }: Points, point: number): Float64Array {
    const [weights, likely] = [this.#weights, this.#likely];
    const width = dimensions + 1;
    const from = point * dimensions;
    let highest = -Infinity;
    for (let each = 0; each < this.#classes; each++) {
      const row = each * width;
      let sum = weights[row + dimensions] ?? 0;
      for (let at = 0; at < dimensions; at++) {
        sum += (weights[row + at] ?? 0) * (numbers[from + at] ?? 0);
      }
      likely[each] = sum;
      if (sum > highest) highest = sum;
    }
    let all = 0;
    for (let each = 0; each < this.#classes; each++) {
      const value = Math.exp((likely[each] ?? 0) - highest);
      likely[each] = value;
      all += value;
    }
    for (let each = 0; each < this.#classes; each++) likely[each] = (likely[each] ?? 0) / all;
    return likely;
  }

  #learn(points: Points, point: number, label: number, rate: number): void {
    const likely = this.predict(points, point);
    const { numbers, dimensions } = points;
    const from = point * dimensions;
    for (let each = 0; each < this.#classes; each++) {
      const error = (likely[each] ?? 0) - (each === label ? 1 : 0);
      // Most classes are ruled out after a while: they cost nothing.
      if (Math.abs(error) < 0.001) continue;
      const row = each * (dimensions + 1);
      const move = rate * error;
      for (let at = 0; at < dimensions; at++) {
        this.#weights[row + at] = (this.#weights[row + at] ?? 0) - move * (numbers[from + at] ?? 0);
      }
      this.#weights[row + dimensions] = (this.#weights[row + dimensions] ?? 0) - move;
    }
  }
}

function shuffle(order: Uint32Array, random: Seeded): void {
  for (let last = order.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    const kept = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = kept;
  }
}
