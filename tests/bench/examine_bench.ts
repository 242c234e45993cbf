/**
 * How many images a second are examined: read wholly, judged, hashed, fingerprinted, placed among
 * the others. JPEG of 800×600.
 *
 * `deno run -A tests/bench/examine_bench.ts [images, 400 unless given] [workers, one a processor]`
 *
 * @module
 */

import process from "node:process";
import { createExaminer } from "../../lib/image/create_examiner.ts";
import { NearIndex } from "../../lib/image/near_index.ts";
import { kept, picture } from "../image/pictures.ts";

const [count = 400, workers = navigator.hardwareConcurrency] = Deno.args.map(Number);
const files = Array.from({ length: 16 }, (_, at) => {
  using image = picture(at, 800, 600);
  return image.jpegsaveBuffer({ Q: 85 });
});
const bytes = files.reduce((sum, file) => sum + file.length, 0) / files.length;

const examiner = createExaminer({ workers });
const { signal } = new AbortController();
const index = new NearIndex<number>();

async function examineAll(images: number): Promise<void> {
  const numbers = Array.from({ length: images }, (_, number) => number).values();
  const run = async (): Promise<void> => {
    for (const number of numbers) {
      const file = new Uint8Array(files[number % files.length] ?? new Uint8Array());
      const { fingerprint: hex, mirrored } = kept(await examiner.examine(file, signal));
      index.find(hex, mirrored);
      if (number < files.length) index.add(hex, number);
    }
  };
  await Promise.all(Array.from({ length: workers * 2 }, run));
}

await examineAll(60);
const spentBefore = process.cpuUsage();
const begun = performance.now();
await examineAll(count);
const rate = count / (performance.now() - begun) * 1000;
const { user, system } = process.cpuUsage(spentBefore);
const spent = (user + system) / 1000 / count;
examiner.close();
console.log(
  `${count} images of 800×600 (${Math.round(bytes / 1000)} kB), ${workers} workers: ` +
    `${rate.toFixed(0)} a second, ${(rate / workers).toFixed(0)} a second and worker; ` +
    `${spent.toFixed(1)} ms of processor time each, that is ${
      (1000 / spent).toFixed(0)
    } a second and core`,
);
Deno.exit(0);
