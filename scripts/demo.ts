#!/usr/bin/env -S deno run -q --allow-net=127.0.0.1 --allow-read --allow-write=data,.cache --allow-run=deno --allow-env=NO_COLOR
/**
 * The demo: a small internet of its own on this machine, scraped by the real scraper, and the
 * result held against what must come of it.
 *
 * @module
 */

import { bold, green, red } from "@std/fmt/colors";
import { exists } from "@std/fs";
import { join } from "@std/path";
import { onOff, text, whole } from "../lib/cli/flags.ts";
import { runScript, type Script } from "../lib/cli/script.ts";
import { lockHolder } from "../lib/dataset/lock.ts";
import { checkDataset, type Verdict } from "../lib/demo/check.ts";
import { runInWorld, worldEnvironment } from "../lib/demo/run.ts";
import { contactSheet } from "../lib/demo/sheet.ts";
import { startWorld, type World } from "../lib/demo/world.ts";
import { Failure } from "../lib/failure.ts";

const FLAGS = {
  species: whole(12, 1, 2000, "fish in the demo world"),
  images: whole(20, 1, 1000, "images wanted of each"),
  data: text("DIR", "data/demo", "the data folder, emptied first"),
  seed: text("TEXT", "aquaset", "another seed, another world"),
  resume: onOff("go on in the data folder as it is"),
  keep: onOff("only start the world and say how to reach it"),
};

/** A file that says: this folder is the demo's, it may be emptied. */
const MARK = ".aquaset-demo";
/** How many differences are told. */
const TOLD = 40;

/** `deno task demo`. */
export const script: Script<typeof FLAGS> = {
  name: "demo",
  summary: "Scrapes a demo world on this machine and checks the result. No internet is needed.",
  flags: FLAGS,
  examples: ["demo", "demo --species 40 --images 50"],
  async run(flags, context) {
    const { species, images, seed, data } = flags;
    const cache = ".cache/demo";
    await Deno.mkdir(cache, { recursive: true });
    const place = await Deno.makeTempDir({ dir: cache, prefix: "world-" });
    const world = await startWorld({ species, images, seed }, place);
    try {
      context.say(`The demo world is up: ${species} fish, ${images} images wanted of each.`);
      if (flags.keep) return await keepWorld(world, context.signal, context.print);
      await prepareFolder(data, flags.resume);
      const code = await runInWorld(world, {
        script: "scrape",
        flags: ["--images", String(images), "--fishbase-delay", "0.1", "--google-delay", "0.3"],
        data,
        signal: context.signal,
      });
      context.signal.throwIfAborted();
      if (code !== 0) {
        throw new Failure(`The scrape of the demo world ended with status ${code}, must be 0.`);
      }
      const verdict = await checkDataset(world, data);
      context.print(describeVerdict(verdict));
      const sheet = await saveSheet(data);
      context.print(
        `Look at ${join(data, "images")}${
          sheet === undefined ? "" : `, or all at once at ${sheet}`
        }.`,
      );
      return verdict.differences.length === 0 ? 0 : 1;
    } finally {
      await world.close();
      await Deno.remove(place, { recursive: true });
    }
  },
};

/** Empties the folder, if it is the demo's own; a folder of anyone else's is left alone. */
async function prepareFolder(folder: string, resume: boolean): Promise<void> {
  const mark = join(folder, MARK);
  const present = await exists(folder);
  if (present && !resume) {
    if (!await exists(mark) && !await isEmpty(folder)) {
      throw new Failure(
        `The folder ${folder} is not one of the demo's, so it is not emptied: name another with ` +
          "--data, or go on in it with --resume.",
        2,
      );
    }
    const holder = await lockHolder(folder);
    if (holder !== undefined) {
      throw new Failure(
        `The folder ${folder} is being written by ${holder.script} (process ${holder.pid}): wait ` +
          "for it to end, or name another with --data.",
      );
    }
    await Deno.remove(folder, { recursive: true });
  }
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(mark, "Made by `deno task demo`, which empties this folder.\n");
}

async function isEmpty(folder: string): Promise<boolean> {
  for await (const _ of Deno.readDir(folder)) return false;
  return true;
}

async function keepWorld(
  world: World,
  signal: AbortSignal,
  print: (text: string) => void,
): Promise<130> {
  const lines = Object.entries(worldEnvironment(world)).map(([name, value]) =>
    `export ${name}=${value.includes(".pem") ? Deno.realPathSync(value) : value}`
  );
  print([...lines, "# Ctrl-C ends the world."].join("\n"));
  if (!signal.aborted) {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  }
  return 130;
}

async function saveSheet(folder: string): Promise<string | undefined> {
  const sheet = await contactSheet(folder);
  if (sheet === undefined) return undefined;
  const path = join(folder, "contact-sheet.jpg");
  await Deno.writeFile(path, sheet);
  return path;
}

function describeVerdict({ differences, outcomes, kept, wanted, complete }: Verdict): string {
  const counts = [...outcomes].filter(([outcome]) => outcome !== "kept")
    .sort(([, a], [, b]) => b - a).map(([outcome, count]) => `${count} ${outcome}`);
  const told = differences.slice(0, TOLD).map((difference) => `  ${difference}`);
  const more = differences.length - told.length;
  return [
    "",
    bold("Held against the demo world's truth"),
    `kept ${kept} of ${wanted} wanted, ${complete} fish have all of theirs`,
    `left out: ${counts.join(", ") || "nothing"}`,
    differences.length === 0
      ? green("0 differences: every candidate, file and job is as it must be")
      : red(`${differences.length} differences:`),
    ...told,
    ...more > 0 ? [`  … and ${more} more`] : [],
  ].join("\n");
}

if (import.meta.main) await runScript(script);
