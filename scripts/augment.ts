#!/usr/bin/env -S deno run -q --no-prompt -P=augment
/**
 * Makes varied copies of the photos that a network is trained with, until each species has as many
 * as wanted. Reads the data folder, its own code for the workers and the recipe, wherever that is;
 * writes `data`; reaches nothing.
 *
 * @module
 */

import { format as formatBytes } from "@std/fmt/bytes";
import { augment, type AugmentReport, WORKER_MEMORY } from "../lib/augment/augment.ts";
import { preview } from "../lib/augment/preview.ts";
import { readRecipe, type Recipe, RECIPES } from "../lib/augment/recipe.ts";
import {
  type FlagValues,
  oneOf,
  onOff,
  optionalText,
  optionalWhole,
  whole,
} from "../lib/cli/flags.ts";
import { withDisplay } from "../lib/cli/progress.ts";
import { plural } from "../lib/cli/summary.ts";
import { runScript, type Script, type ScriptContext } from "../lib/cli/script.ts";
import { DATA, JSON_OUT } from "../lib/cli/scrape_flags.ts";
import { type ExitStatus, Failure } from "../lib/base/failure.ts";

const FLAGS = {
  data: DATA,
  to: whole(1000, 1, 1_000_000, "images for training per species, copies included"),
  strength: oneOf(["light", "medium", "strong"], "medium", "how much is changed"),
  recipe: optionalText("FILE", "a recipe of your own, in place of --strength"),
  "show-recipe": onOff("print the recipe and end"),
  "max-copies": optionalWhole(0, 100_000, "copies of one photo at the most"),
  seed: whole(1, 0, 2 ** 31, "decides what is done to which copy"),
  preview: optionalText("NAME", "only write a sheet: photos of a species and their copies"),
  jobs: optionalWhole(1, 64, "workers (one a processor)"),
  json: JSON_OUT,
};

/** The script. */
export const script: Script<typeof FLAGS> = {
  name: "augment",
  summary: "Makes varied copies of the photos for training: turned, mirrored, cropped, noisy.",
  flags: FLAGS,
  examples: ["augment", 'augment --strength light --preview "Betta splendens"'],
  run,
};

async function run(
  flags: FlagValues<typeof FLAGS>,
  context: ScriptContext,
): Promise<0 | ExitStatus> {
  const { data, to, seed, jobs } = flags;
  const recipe = await recipeOf(flags, context);
  if (flags["show-recipe"]) {
    context.print(JSON.stringify(recipe, null, 2));
    return 0;
  }
  if (flags.preview !== undefined) {
    const sheet = await preview({
      dir: data,
      name: flags.preview,
      recipe,
      seed,
      signal: context.signal,
    });
    context.print(
      flags.json
        ? JSON.stringify(sheet, null, 2)
        : `${sheet.file} shows ${sheet.parents.length} photos, each with ${sheet.copies} copies.`,
    );
    return 0;
  }
  const maxCopies = flags["max-copies"];
  const workers = jobs ?? navigator.hardwareConcurrency;
  context.say(
    `${workers} workers, each with at most ${
      formatBytes(WORKER_MEMORY, { binary: true })
    } for pictures.`,
  );
  const report = await withDisplay(context, (display) =>
    augment({
      dir: data,
      recipe,
      to,
      seed,
      workers,
      ...(maxCopies === undefined ? {} : { maxCopies }),
      signal: context.signal,
      notice: (text) => context.say(text),
      confirm: (surplus) =>
        context.confirm(`${plural(surplus, "copy", "copies")} too many: remove them?`),
      progress: display.count("augment", "copies"),
    }));
  context.print(flags.json ? JSON.stringify(report, null, 2) : tell(report));
  return 0;
}

async function recipeOf(
  { recipe, strength }: FlagValues<typeof FLAGS>,
  { given }: ScriptContext,
): Promise<Recipe> {
  if (recipe === undefined) return RECIPES[strength];
  if (given.strength !== undefined) {
    throw new Failure("--recipe says how much is changed: leave --strength out.", 2);
  }
  return await readRecipe(recipe);
}

/** How many photos that were no good are named. */
const MOST_LINES = 10;

function tell(
  { species, parents, copies, made, removed, bytes, bad, short }: AugmentReport,
): string {
  const lines = [
    `${copies} copies of ${parents} photos of ${species} species: ${made} made now (${
      formatBytes(bytes)
    }), ${removed} removed.`,
  ];
  if (short > 0) lines.push(`${short} images are missing to what was wanted.`);
  for (const { file, why } of bad.slice(0, MOST_LINES)) {
    lines.push(`No copies of ${file}: ${why}.`);
  }
  if (bad.length > 0) {
    lines.push(
      `${bad.length} photos are no good; mend them with: deno task verify --repair, then scrape.`,
    );
  }
  return lines.join("\n");
}

if (import.meta.main) await runScript(script);
