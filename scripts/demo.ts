#!/usr/bin/env -S deno run -q --no-prompt -P=demo
/**
 * The demo: a small internet of its own on this machine, scraped by the real scraper, and the
 * result held against what must come of it.
 *
 * @module
 */

import { bold, green, red } from "@std/fmt/colors";
import { exists } from "@std/fs";
import { join } from "@std/path";
import { Failure } from "../lib/base/failure.ts";
import { flag, onOff, text, whole } from "../lib/cli/flags.ts";
import { defineScript, runScript, sameCommand, type ScriptContext } from "../lib/cli/script.ts";
import { firstOf, lines } from "../lib/cli/terminal_text.ts";
import { lockHolder } from "../lib/dataset/lock.ts";
import { checkDataset, describeManners, type Verdict } from "../lib/demo/check.ts";
import { checkTraining } from "../lib/demo/check_training.ts";
import { readDataFolder } from "../lib/demo/dataset_reader.ts";
import { MANY_SOURCES, runOnMany } from "../lib/demo/many.ts";
import { runInWorld, worldEnvironment } from "../lib/demo/run.ts";
import { DEFAULT_SOURCES } from "../lib/demo/truth.ts";
import { startWorld, type World } from "../lib/demo/world.ts";

/** A file that says: this folder is the demo's, it may be emptied. */
const MARK = ".aquaset-demo";
const SHOWN = 40;
const CACHE = ".cache/demo";

export const script = defineScript({
  name: "demo",
  summary: "Scrapes a demo world on this machine and checks the result. No internet is needed.",
  flags: {
    species: flag(whole(1, 2000), "fish in the demo world", 12),
    images: flag(whole(1, 1000), "images wanted of each", 20),
    data: flag(text("DIR"), "the data folder, emptied first", "data/demo"),
    seed: flag(text("TEXT"), "another seed, another world", "aquaset"),
    resume: onOff("go on in the data folder as it is"),
    all: onOff("then report, export and augment, checked too"),
    workers: flag(whole(1, 16), "with so many workers and a NATS server"),
    keep: onOff("only start the world and say how to reach it"),
  },
  examples: ["demo", "demo --species 40 --images 50", "demo --all", "demo --workers 3"],
  async run({ species, images, data, seed, resume, all, workers, keep }, context) {
    const { onStopping, print, say, signal, use } = context;
    await Deno.mkdir(CACHE, { recursive: true });
    const place = await Deno.makeTempDir({ dir: CACHE, prefix: "world-" });
    use({ close: () => Deno.remove(place, { recursive: true }) });
    const world = use(await startWorld({ species, images, seed }, place));
    say(`The demo world is up: ${species} fish, ${images} images wanted of each.`);
    onStopping(() => "");
    if (keep) return await keepWorld(world, signal, print);
    await prepareFolder(data, resume);
    const pace = ["--fishbase-delay", "0.1", "--google-delay", "0.3"];
    const run = { flags: ["--images", String(images), ...pace], data, signal };
    const code = workers === undefined
      ? await runInWorld(world, { script: "scrape", ...run })
      : await runOnMany(world, { ...run, workers, place, say });
    // The script has said what is kept, but this command would empty the folder.
    if (signal.aborted) {
      const again = sameCommand(context, ["resume"]);
      say(`For the demo that is the same with --resume: ${again} --resume`);
      return 130;
    }
    if (code !== 0) {
      throw new Failure(`The scrape of the demo world ended with status ${code}, must be 0.`);
    }
    const sources = workers === undefined ? DEFAULT_SOURCES : MANY_SOURCES;
    const verdict = await checkDataset(world, data, sources);
    print([describeVerdict(verdict), describeManners(world)].join("\n"));
    const training = all ? await goOn(world, data, images, context) : [];
    const sheet = await saveSheet(world, data);
    const atOnce = sheet === undefined ? "" : `, or all at once at ${sheet}`;
    print(`Look at ${join(data, "images")}${atOnce}.`);
    return verdict.differences.length + training.length === 0 ? 0 : 1;
  },
});

/** The rest of the way, from a data folder to what a network is trained with. */
async function goOn(
  world: World,
  data: string,
  images: number,
  { signal, print }: ScriptContext,
): Promise<readonly string[]> {
  const steps: readonly (readonly [script: string, flags: readonly string[]])[] = [
    ["report", []],
    ["export", []],
    ["augment", ["--to", String(images)]],
  ];
  for (const [script, flags] of steps) {
    const code = await runInWorld(world, { script, flags, data, signal });
    signal.throwIfAborted();
    if (code !== 0) throw new Failure(`The script ${script} ended with status ${code}, must be 0.`);
  }
  const differences = await checkTraining(data, images);
  print(lines(
    "",
    bold("Report, export and copies held against the truth"),
    describeDifferences(differences, "every image on one side, every copy of a training image"),
  ));
  return differences;
}

/** Empties the folder, if it is the demo's own; a folder of anyone else's is left alone. */
async function prepareFolder(folder: string, resume: boolean): Promise<void> {
  const mark = join(folder, MARK);
  const present = await exists(folder);
  if (present && !resume) {
    if (!await exists(mark) && (await Array.fromAsync(Deno.readDir(folder))).length > 0) {
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

async function keepWorld(
  world: World,
  signal: AbortSignal,
  print: (text: string) => void,
): Promise<130> {
  const variables = Object.entries(worldEnvironment(world)).map(([name, value]) =>
    `export ${name}=${value.includes(".pem") ? Deno.realPathSync(value) : value}`
  );
  print(lines(variables, "# Ctrl-C ends the world."));
  if (!signal.aborted) {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  }
  return 130;
}

/** Puts up to ten of the images of up to twelve species on one sheet. */
async function saveSheet(world: World, folder: string): Promise<string | undefined> {
  const { images } = await readDataFolder(folder);
  const kept = images.filter(({ outcome }) => outcome === "kept");
  const rows = [...Map.groupBy(kept, ({ species }) => species).values()]
    .sort((a, b) => b.length - a.length).slice(0, 12)
    .map((row) => row.slice(0, 10).map(({ file }) => Deno.readFile(join(folder, file))));
  if (rows.length === 0) return undefined;
  const path = join(folder, "contact-sheet.jpg");
  const files = await Promise.all(rows.map((row) => Promise.all(row)));
  await Deno.writeFile(path, await world.photos.sheet(files));
  return path;
}

function describeVerdict(verdict: Verdict): string {
  const { bySource, complete, differences, kept, outcomes, wanted } = verdict;
  const sources = [...bySource].map(([source, { kept, licensed }]) =>
    `${source} ${kept}${licensed === 0 ? "" : ` (${licensed} licensed)`}`
  );
  const counts = [...outcomes].filter(([outcome]) => outcome !== "kept")
    .sort(([, a], [, b]) => b - a).map(([outcome, count]) => `${count} ${outcome}`);
  return lines(
    "",
    bold("Held against the demo world's truth"),
    `kept ${kept} of ${wanted} wanted, ${complete} fish have all of theirs`,
    `by source: ${sources.join(", ")}`,
    `left out: ${counts.join(", ") || "nothing"}`,
    describeDifferences(differences, "every candidate, file and job is as it must be"),
  );
}

function describeDifferences(differences: readonly string[], praise: string): string[] {
  if (differences.length === 0) return [green(`0 differences: ${praise}`)];
  return [
    red(`${differences.length} differences:`),
    ...firstOf(differences, SHOWN, "… and # more").map((line) => `  ${line}`),
  ];
}

if (import.meta.main) await runScript(script);
