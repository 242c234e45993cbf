/**
 * How well near-duplicates are found, and how quickly. Prints Markdown for the README.
 *
 * Every changed picture is looked up among all originals: it must find its own and no other. Among
 * the originals are the hardest to tell apart: fish of one shape, from the side, before white.
 *
 * `deno run -A tests/bench/near_duplicate_bench.ts [species, 12 unless given] [pictures of each, 4]
 * [fingerprints among which one is placed, 120,000]`
 *
 * @module
 */

import process from "node:process";
import { paint } from "../../lib/demo/paint.ts";
import type { CodecImage } from "../../lib/image/codec.ts";
import { type Fingerprint, fingerprint } from "../../lib/image/fingerprint.ts";
import { NearIndex } from "../../lib/image/near_index.ts";
import { sampleOf } from "../../lib/image/sample.ts";
import { CHANGES } from "../image/changes.ts";
import { fromPixels } from "../image/pictures.ts";
import { chanceOf, studio } from "../image/studio.ts";

const [species = 12, each = 4, size = 120_000] = Deno.args.map(Number);
const SIZES = [[640, 480], [480, 480], [600, 400], [400, 600]] as const;

function take(image: CodecImage): Fingerprint {
  using whole = image.copyMemory();
  return fingerprint(sampleOf(whole));
}

function original(number: number): CodecImage {
  const kind = Math.floor(number / each);
  const [width, height] = SIZES[(kind * 7 + number) % SIZES.length] ?? SIZES[0];
  // Every third species has its photographs taken before a white wall.
  if (kind % 3 === 2) return studio(number, width, height);
  return fromPixels(
    paint("bench", `species_${kind}`, number % each, width, height),
    width,
    height,
  );
}

const count = species * each;
const index = new NearIndex<number>();
const prints: Fingerprint[] = [];
for (let number = 0; number < count; number++) {
  using image = original(number);
  const print = take(image);
  prints.push(print);
  index.add(print.fingerprint, number);
}

let found = 0;
let wrong = 0;
let looked = 0;
console.log("| what was done | found | taken for another |\n| --- | ---: | ---: |");
for (const change of CHANGES) {
  let right = 0;
  let other = 0;
  for (let number = 0; number < count; number++) {
    using image = original(number);
    using changed = change.apply(image);
    const { fingerprint: hex, mirrored } = take(changed);
    const items = index.find(hex, mirrored).map(({ item }) => item);
    if (items.includes(number)) right++;
    other += items.filter((item) => item !== number).length;
  }
  console.log(`| ${change.name} | ${right} of ${count} | ${other} |`);
  found += right;
  wrong += other;
  looked += count;
}
const recall = (found / looked).toFixed(3);
const precision = (found / (found + wrong)).toFixed(3);
console.log(`\nRecall ${recall}, precision ${precision}, of ${looked} pictures.`);

const chance = chanceOf(7);
const many = new NearIndex<number>();
/** A fingerprint of no picture, with as much in common with a real one as two pictures have. */
function invented(): string {
  const like = prints[Math.floor(chance() * count)]?.fingerprint ?? "";
  const waves = Array.from(
    like.slice(0, 135),
    (digit) => chance() < 0.4 ? (parseInt(digit, 16) ^ 8).toString(16) : digit,
  );
  return waves.join("") + like.slice(135, 282);
}
const memoryBefore = Deno.memoryUsage().rss;
for (let number = 0; number < size; number++) many.add(invented(), number);
const queries = Array.from({ length: 2000 }, invented);
for (const query of queries.slice(0, 500)) many.find(query, query);
const memory = Deno.memoryUsage().rss - memoryBefore;
const before = process.cpuUsage();
queries.forEach((query, at) => {
  many.find(query, queries.at(at - 1) ?? query);
  many.add(query, size + at);
});
const { user, system } = process.cpuUsage(before);
const spent = (user + system) / 1000 / queries.length;
console.log(
  `Placing one among ${size}: ${spent.toFixed(2)} ms of processor time; ` +
    `the index takes ${Math.round(memory / 1e6)} MB.`,
);
Deno.exit(0);
