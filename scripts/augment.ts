#!/usr/bin/env -S deno run -q --no-prompt -P=augment
/**
 * Exports the photos with varied copies for training: `export --augment` by another name, and with
 * it a look at what a recipe does. Reads and writes `data`; reaches nothing.
 *
 * @module
 */

import { formatAlbumentations, formatTorchvision } from "../lib/augment/python.ts";
import { preview } from "../lib/augment/preview.ts";
import { defined } from "../lib/base/defined.ts";
import { defaultsOf, flag, onOff, onPage, text, whole } from "../lib/cli/flags.ts";
import { DATA, JSON_OUT } from "../lib/cli/scrape_flags.ts";
import { defineScript, runScript } from "../lib/cli/script.ts";
import { chooseRecipe, COPY_FLAGS, exportWith, script as exportScript } from "./export.ts";

export const script = defineScript({
  name: "augment",
  summary: "Exports with varied copies for training: turned, mirrored, cropped, noisy.",
  flags: {
    data: DATA,
    out: flag(text("DIR"), "where to, instead of DATA/export/imagefolder"),
    to: flag(whole(1, 1_000_000), "images for training per species, copies included", 1000),
    ...COPY_FLAGS,
    ...onPage("copies", {
      seed: flag(whole(0, 2 ** 31), "decides what is done to which copy", 1),
      "show-recipe": onOff("only print the recipe"),
      "show-python": onOff("only print the recipe as Python code for use while loading"),
    }),
    ...onPage("machines", {
      jobs: flag(whole(1, 64), "workers (one a processor)"),
    }),
    preview: flag(text("NAME"), "only write a sheet: photos of a species and their copies"),
    json: JSON_OUT,
  },
  examples: ["augment", 'augment --strength light --preview "Betta splendens"'],
  async run(flags, context) {
    const { data, out, to, seed, jobs, preview: name } = flags;
    const recipe = await chooseRecipe(flags, context);
    if (flags["show-recipe"]) return context.print(JSON.stringify(recipe, null, 2));
    if (flags["show-python"]) {
      const [albumentations, torchvision] = [
        formatAlbumentations(recipe),
        formatTorchvision(recipe),
      ];
      return context.print(
        ["# Albumentations", ...albumentations, "", "# torchvision", ...torchvision].join("\n"),
      );
    }
    if (name !== undefined) {
      const sheet = await preview({ dir: data, name, recipe, seed, signal: context.signal });
      const { file, parents, copies } = sheet;
      return context.result(
        sheet,
        () => `${file} shows ${parents.length} photos, each with ${copies} copies.`,
      );
    }
    const copies = { recipe, to, seed, ...defined({ maxCopies: flags["max-copies"] }) };
    await exportWith({ ...defaultsOf(exportScript.flags), data, out, jobs }, copies, context);
  },
});

if (import.meta.main) await runScript(script);
