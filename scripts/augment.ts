#!/usr/bin/env -S deno run -q --no-prompt -P=augment
/**
 * Exports the photos with varied copies for training: `export --augment` by another name, and with
 * it a look at what a recipe does. Reads and writes `data`; reaches nothing.
 *
 * @module
 */

import { defined } from "../lib/base/defined.ts";
import { formatAlbumentations, formatTorchvision } from "../lib/augment/python.ts";
import { preview } from "../lib/augment/preview.ts";
import {
  type FlagValues,
  oneOf,
  onOff,
  optionalText,
  optionalWhole,
  whole,
} from "../lib/cli/flags.ts";
import { DATA, JSON_OUT } from "../lib/cli/scrape_flags.ts";
import { runScript, type Script, type ScriptContext } from "../lib/cli/script.ts";
import { chooseRecipe, runExport } from "./export.ts";

const FLAGS = {
  data: DATA,
  out: optionalText("DIR", "where to, instead of DATA/export/imagefolder"),
  to: whole(1000, 1, 1_000_000, "images for training per species, copies included"),
  strength: oneOf(["light", "medium", "strong"], "medium", "how much is varied"),
  recipe: optionalText("FILE", "a recipe of your own, instead of --strength"),
  "max-copies": optionalWhole(0, 100_000, "copies of one photo at the most"),
  seed: whole(1, 0, 2 ** 31, "decides what is done to which copy"),
  jobs: optionalWhole(1, 64, "workers (one a processor)"),
  preview: optionalText("NAME", "only write a sheet: photos of a species and their copies"),
  "show-recipe": onOff("only print the recipe"),
  "show-python": onOff("only print the recipe as Python code for use while loading"),
  json: JSON_OUT,
};

/** The script. */
export const script: Script<typeof FLAGS> = {
  name: "augment",
  summary: "Exports with varied copies for training: turned, mirrored, cropped, noisy.",
  flags: FLAGS,
  examples: ["augment", 'augment --strength light --preview "Betta splendens"'],
  run,
};

async function run(flags: FlagValues<typeof FLAGS>, context: ScriptContext): Promise<0> {
  const { data, to, seed, jobs } = flags;
  const recipe = await chooseRecipe(flags, context);
  if (flags["show-recipe"]) {
    context.print(JSON.stringify(recipe, null, 2));
    return 0;
  }
  if (flags["show-python"]) {
    context.print(
      ["# Albumentations", ...formatAlbumentations(recipe), "", "# torchvision"]
        .concat(formatTorchvision(recipe)).join("\n"),
    );
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
    context.result(
      sheet,
      () => `${sheet.file} shows ${sheet.parents.length} photos, each with ${sheet.copies} copies.`,
    );
    return 0;
  }
  const maxCopies = flags["max-copies"];
  return await runExport(flags, context, {
    format: "imagefolder",
    license: "all",
    allowSynthetic: false,
    photosOnly: false,
    link: "hard",
    type: "as-is",
    shardSize: 256e6,
    validationName: "validation",
    copies: { recipe, to, seed, ...defined({ maxCopies }) },
    ...defined({ workers: jobs }),
  });
}

if (import.meta.main) await runScript(script);
