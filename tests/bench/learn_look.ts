/**
 * Learns what `lib/embed/looks.ts` knows: `learn_look.ts LABELS FOLDER…`. In each folder are photos
 * in folders of their own, embeddings that `doubt_bench.ts` has left there, and, where some have the
 * look, a file of the name `LABELS`: their paths within the folder, or `["*"]` for all. Prints the
 * weights.
 *
 * @module
 */

import { walk } from "@std/fs";
import { relative } from "@std/path";
import { sha256Of } from "../../lib/base/files.ts";
import { readEmbeddings } from "../../lib/embed/store.ts";

/** How much weights cost, and how often they are bettered: chosen by leaving species out. */
const COST = 0.03;
const STEPS = 300;
/** Embeddings have length 1: their numbers are brought to about 1. */
const SCALE = 30;

/** Adds a vector, so many times, to the beginning of another. */
function add(to: Float64Array, vector: Float64Array, times: number): void {
  vector.forEach((number, at) => to[at] = (to[at] ?? 0) + number * times);
}

const vectors: Float64Array[] = [];
const labels: number[] = [];
const [file, ...folders] = Deno.args;
for (const folder of folders) {
  const embeddings = await readEmbeddings(folder);
  if (embeddings === undefined) throw new Error(`No embeddings in ${folder}`);
  const named = new Set<string>(
    JSON.parse(await Deno.readTextFile(`${folder}/${file}`).catch(() => "[]")),
  );
  for await (const { path } of walk(folder, { includeDirs: false })) {
    const row = embeddings.rowOf(await sha256Of(await Deno.readFile(path)));
    if (row === undefined) continue;
    vectors.push(Float64Array.from(embeddings.vector(row), (number) => number * SCALE));
    labels.push(named.has("*") || named.has(relative(folder, path)) ? 1 : 0);
  }
}
const count = vectors.length;
const dimensions = vectors[0]?.length ?? 0;
const mean = new Float64Array(dimensions);
for (const vector of vectors) add(mean, vector, 1 / count);
for (const vector of vectors) add(vector, mean, -1);
const having = labels.filter((label) => label === 1).length;
/** Both kinds count the same in all. */
const worth = labels.map((label) =>
  label === 1 ? count / having / 2 : count / (count - having) / 2
);

// Nesterov's accelerated gradient; the step is what the greatest curvature allows.
const [weights, ahead] = [new Float64Array(dimensions + 1), new Float64Array(dimensions + 1)];
const square = vectors.reduce((most, vector, at) => {
  const length = vector.reduce((sum, number) => sum + number * number, 1);
  return most + (worth[at] ?? 0) * length / count;
}, 0);
const step = 1 / (square / 4 + COST);
let momentum = 1;
for (let round = 0; round < STEPS; round++) {
  const gradient = ahead.map((weight, at) => at === dimensions ? 0 : weight * COST);
  vectors.forEach((vector, at) => {
    const sum = vector.reduce((sum, number, place) => sum + number * (ahead[place] ?? 0), 0);
    const likely = 1 / (1 + Math.exp(-sum - (ahead[dimensions] ?? 0)));
    const error = (worth[at] ?? 0) * (likely - (labels[at] ?? 0)) / count;
    add(gradient, vector, error);
    gradient[dimensions] = (gradient[dimensions] ?? 0) + error;
  });
  const next = (1 + Math.sqrt(1 + 4 * momentum ** 2)) / 2;
  for (let at = 0; at <= dimensions; at++) {
    const moved = (ahead[at] ?? 0) - step * (gradient[at] ?? 0);
    ahead[at] = moved + (momentum - 1) / next * (moved - (weights[at] ?? 0));
    weights[at] = moved;
  }
  momentum = next;
}
const own = weights.subarray(0, dimensions);
const constant = (weights[dimensions] ?? 0) -
  own.reduce((sum, weight, at) => sum + weight * (mean[at] ?? 0), 0);
const most = own.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
const bytes = Uint8Array.from(own, (weight) => Math.round(weight / most * 127) & 255);
console.error(`${count} photos, ${having} of them in ${file}`);
console.log(`const CONSTANT = ${constant.toFixed(4)};`);
console.log(`const UNIT = ${(most * SCALE / 127).toExponential(4)};`);
console.log(`const WEIGHTS = [`);
for (const line of bytes.toBase64().match(/.{1,92}/g) ?? []) console.log(`  "${line}",`);
console.log(`].join("");`);
