/**
 * How much memory a scrape needs, and whether it grows with the run:
 * `deno run -A tests/bench/memory_bench.ts [SPECIES] [IMAGES] [SCALE] [MADE-UP]`, 12 × 20 unless
 * given, SCALE being how large the pictures are. The size that counts is 600 200; pictures of 0.4,
 * that is 200 to 310 pixels, spare the world most of its painting and change nothing of what is
 * counted, but for the decoding workers. That takes 80 minutes; MADE-UP species are there already
 * when the run begins, so that 600 200 0.4 500 shows the end of it in a quarter of an hour.
 * Linux alone.
 *
 * Deno's workers are threads, so that the codecs' memory counts into the process. Told apart are the
 * main isolate (its heap and its buffers; wanted: under 300 MB), the whole process with the workers
 * and the runtime itself, and the browser (its processes' proportional shares).
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import type { World } from "../../lib/demo/world.ts";
import { readProcess } from "../processes.ts";
import { makeUpDataset } from "./made_up.ts";
import {
  browsersOf,
  inWorld,
  processesWith,
  QUICK_SCRAPE,
  start,
  tree,
} from "../scripts/in_world.ts";

/** What was measured at one moment, in bytes. */
interface Sample {
  readonly process: number;
  readonly browser: number;
}

const MOST = 300e6;
/** From so many images on a run is long: of a shorter one the first half is only its warming up. */
const LONG = 2000;
/** How much more the second half may usually need than the first. */
const TOLERANCE = 1.25;
const PROBE = fromFileUrl(new URL("./memory_probe.ts", import.meta.url));

const [species = 12, images = 20, scale = 1, madeUp = 0] = Deno.args.map(Number);
await inWorld(
  { species, images, scale, slow: false, fishbase: { crawlDelay: 0 } },
  async (world, data) => {
    const ids = world.catalogue.fish.slice(0, madeUp).map(({ key }) => key);
    if (madeUp > 0) await makeUpDataset(data, ids, images);
    const began = performance.now();
    const running = start(
      world,
      "scrape",
      data,
      ["--images", String(images), ...QUICK_SCRAPE],
      ([run = "run", ...rest]) => [run, "--v8-flags=--expose-gc", `--preload=${PROBE}`, ...rest],
    );
    const samples: Sample[] = [];
    let peak = 0;
    const measuring = setInterval(() => {
      const process = processMemory(running.pid);
      if (process === undefined) return;
      peak = Math.max(peak, process.peak);
      samples.push({ process: process.now, browser: browserMemory(world) });
      if (samples.length % 300 === 0) tellProgress(data, samples);
    }, 1000);
    const { code, stderr } = await running.ended;
    clearInterval(measuring);
    const seconds = (performance.now() - began) / 1000;
    if (code !== 0) throw new Error(`The scrape ended with ${code}: ${stderr}`);
    const isolate = numbers(stderr, /^memory (\d+)$/gm);
    const inUse = numbers(stderr, /^in use (\d+)$/gm);
    const kept = (await tree(data)).length - madeUp * images;
    console.log(
      `${species} species × ${images} images, ${madeUp} species of them made up: ` +
        `${kept} kept in ${seconds.toFixed(0)} s, ` +
        `${(kept / seconds).toFixed(1)} a second`,
    );
    console.log("MB             first half          second half");
    console.log("               usual      most     usual      most");
    const [first, second] = line("main isolate", isolate);
    line("  in use", inUse);
    line("whole process", samples.map(({ process }) => process));
    line("browser", samples.map(({ browser }) => browser));
    console.log(`The whole process had ${megabytes(peak)} MB at most (VmHWM).`);
    const grown = kept >= LONG && second.usual > first.usual * TOLERANCE;
    if (second.most > MOST || grown) Deno.exitCode = 1;
  },
);
Deno.exit();

/** A long run is not silent. */
function tellProgress(data: string, samples: readonly Sample[]): void {
  const begun = [...Deno.readDirSync(`${data}/images`)].length;
  const { process, browser } = samples.at(-1) ?? { process: 0, browser: 0 };
  console.error(
    `${samples.length} s: ${begun} species begun, process ${megabytes(process)} MB, ` +
      `browser ${megabytes(browser)} MB`,
  );
}

/** What one half of a run needed, in bytes. */
interface Need {
  /** The median: what the garbage of a moment does not change. */
  readonly usual: number;
  readonly most: number;
}

function numbers(text: string, pattern: RegExp): number[] {
  return [...text.matchAll(pattern)].map(([, digits]) => Number(digits));
}

/** Prints and gives what each half of a run needed. */
function line(name: string, values: readonly number[]): readonly [first: Need, second: Need] {
  const middle = Math.ceil(values.length / 2);
  const halves = [needOf(values.slice(0, middle)), needOf(values.slice(middle))] as const;
  const columns = halves.flatMap(({ usual, most }) => [usual, most]);
  console.log(name.padEnd(15) + columns.map((bytes) => megabytes(bytes).padEnd(10)).join(""));
  return halves;
}

function needOf(values: readonly number[]): Need {
  const sorted = values.toSorted((a, b) => a - b);
  return { usual: sorted[Math.floor(sorted.length / 2)] ?? 0, most: sorted.at(-1) ?? 0 };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

/** What a process has in memory, now and at most; nothing once it is gone. */
function processMemory(pid: number): { now: number; peak: number } | undefined {
  const text = readProcess(pid, "status");
  const now = kilobytes(text, "VmRSS");
  return now === 0 ? undefined : { now, peak: kilobytes(text, "VmHWM") };
}

/** What all processes of a world's browsers have; shared memory counts for each in part. */
function browserMemory(world: World): number {
  let sum = 0;
  for (const { profile } of browsersOf(world)) {
    for (const process of processesWith(profile)) {
      sum += kilobytes(readProcess(Number.parseInt(process), "smaps_rollup"), "Pss");
    }
  }
  return sum;
}

function kilobytes(text: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s*(\\d+) kB`, "m").exec(text)?.[1] ?? 0) * 1024;
}
