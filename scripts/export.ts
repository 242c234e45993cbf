#!/usr/bin/env -S deno run -q --no-prompt -P=export
/**
 * Makes of a data folder what training code reads: split by groups of what is related, in the usual
 * formats, with varied copies where wanted, and with a card. Reads and writes `data`; reaches nothing.
 *
 * @module
 */

import { format as formatBytes } from "@std/fmt/bytes";
import { join } from "@std/path";
import type { CopyOptions } from "../lib/augment/copies.ts";
import { readRecipe, type Recipe, RECIPES } from "../lib/augment/recipe.ts";
import { defined } from "../lib/base/defined.ts";
import { Failure } from "../lib/base/failure.ts";
import { plural } from "../lib/base/plural.ts";
import {
  bytes,
  flag,
  type FlagValues,
  oneOf,
  onOff,
  onPage,
  text,
  whole,
} from "../lib/cli/flags.ts";
import { DATA, JSON_OUT } from "../lib/cli/scrape_flags.ts";
import { runScript, type Script, type ScriptContext } from "../lib/cli/script.ts";
import { lines } from "../lib/cli/terminal_text.ts";
import { exportDataset, type ExportReport } from "../lib/export/export.ts";
import { describeUnlicensed, parseLicenseChoice } from "../lib/export/figures.ts";
import type { MadeBy } from "../lib/export/manifest.ts";
import { FORMATS } from "../lib/export/options.ts";
import { parseShares, SIDES } from "../lib/split/side.ts";

export const COPY_FLAGS = onPage("copies", {
  strength: flag(oneOf(["light", "medium", "strong"]), "how much copies are varied", "medium"),
  recipe: flag(text("FILE"), "a recipe of your own, instead of --strength"),
  "max-copies": flag(whole(0, 100_000), "copies of one photo at the most"),
});

/** Without it, the shares are those of the last export, or these. */
const SPLIT = {
  ...flag({ takes: "A/B/C", read: parseShares }, "shares of train, validation, test"),
  shown: "80/10/10",
};

const FLAGS = {
  data: DATA,
  format: flag(oneOf([...FORMATS]), "the format", "imagefolder"),
  out: flag(text("DIR"), "where to, instead of DATA/export/FORMAT"),
  split: SPLIT,
  license: flag(
    { takes: "IDS", read: parseLicenseChoice },
    "all, cc, nc, free, or SPDX ids",
    "all",
  ),
  augment: flag(whole(1, 1_000_000), "images for training per species, with copies"),
  size: flag(whole(8, 8192), "pixels a side; as they are where not given"),
  ...onPage("pictures", {
    "allow-synthetic": onOff("export pictures too that their files call made by a program"),
    "photos-only": onOff("leave out drawings, dishes, strips … : all images with a flag"),
  }),
  ...COPY_FLAGS,
  ...onPage("copies", {
    seed: flag(whole(0, 2 ** 31), "decides which image goes where (1)"),
  }),
  ...onPage("classes", {
    "min-images": flag(whole(1, 1_000_000), "leave out species with fewer images"),
    unknown: onOff("of these, relatives of others are one class"),
  }),
  ...onPage("files", {
    resplit: onOff("forget earlier splits; test images may change sides"),
    fit: flag(oneOf(["crop", "pad", "keep-ratio"]), "how --size is reached", "crop"),
    type: flag(
      oneOf(["auto", "jpeg", "as-is"]),
      "convert all to JPEG; auto does so for webdataset and parquet",
      "auto",
    ),
    valid: onOff("call the side for validation `valid`, as fastai does"),
    link: flag(oneOf(["hard", "copy"]), "second names for the files, or copies", "hard"),
    "shard-size": flag(bytes("10k", "100G"), "greatest size of a shard", "256M"),
  }),
  json: JSON_OUT,
};

type ExportFlags = FlagValues<typeof FLAGS>;

export const script: Script<typeof FLAGS> = {
  name: "export",
  summary: "Makes splits by what is related, and the folders, shards and lists for training code.",
  flags: FLAGS,
  examples: [
    "export",
    "export --augment 1000",
    "export --format webdataset --size 256 --license cc",
  ],
  async run(flags, context) {
    if (context.given.fit !== undefined && flags.size === undefined) {
      throw new Failure("--fit says how --size is reached: give --size too.", 2);
    }
    if (flags.unknown && flags["min-images"] === undefined) {
      throw new Failure("--unknown is about species below --min-images: give that too.", 2);
    }
    const { augment: to, seed = 1, "max-copies": maxCopies } = flags;
    const needless = Object.keys(COPY_FLAGS).find((flag) => context.given[flag] !== undefined);
    if (to === undefined && needless !== undefined) {
      throw new Failure(`--${needless} says how copies are varied: give --augment too.`, 2);
    }
    const recipe = await chooseRecipe(flags, context);
    const copies = to === undefined ? undefined : { to, recipe, seed, ...defined({ maxCopies }) };
    await exportWith(flags, copies, context);
  },
};

/** Exports, shows how far it is, asks before copies are removed, and says what it came to. */
export async function exportWith(
  flags: ExportFlags & { readonly jobs?: number | undefined },
  copies: CopyOptions | undefined,
  context: ScriptContext,
): Promise<void> {
  const { data, format, license, link, resplit, size, fit, split, seed, type, unknown } = flags;
  const minImages = flags["min-images"];
  const isSharded = format === "webdataset" || format === "parquet";
  const report = await context.counting("files", (progress) =>
    exportDataset({
      dir: data,
      out: flags.out ?? join(data, "export", format),
      format,
      license,
      allowSynthetic: flags["allow-synthetic"],
      photosOnly: flags["photos-only"],
      link,
      resplit,
      shardSize: flags["shard-size"],
      type: type === "auto" ? (isSharded ? "jpeg" : "as-is") : type,
      validationName: flags.valid ? "valid" : "validation",
      ...defined({
        resize: size === undefined ? undefined : { size, fit },
        copies,
        classes: minImages === undefined ? undefined : { minImages, unknown },
        shares: split,
        seed,
        workers: flags.jobs,
      }),
      madeBy: madeBy(context),
      signal: context.signal,
      notice: context.say,
      confirm: (surplus) =>
        context.confirm(
          `${plural(surplus, "varied copy", "varied copies")} too many: remove them?`,
        ),
      progress,
    }));
  context.result(report, () => describe(data, report));
}

export async function chooseRecipe(
  { recipe, strength }: FlagValues<Pick<typeof FLAGS, "recipe" | "strength">>,
  { given }: ScriptContext,
): Promise<Recipe> {
  if (recipe === undefined) return RECIPES[strength];
  if (given.strength !== undefined) {
    throw new Failure("--recipe says how much is varied: leave --strength out.", 2);
  }
  return await readRecipe(recipe);
}

/** Flags that say nothing of what is exported. */
const PASSING = ["data", "out", "resplit", "json", "quiet", "debug"];

/** How an export was made, as its manifest remembers it. */
function madeBy({ given, name }: ScriptContext): MadeBy {
  const flags = Object.entries(given).flatMap(([flag, value]) =>
    PASSING.includes(flag) || value === false ? [] : [[flag, value] as const]
  );
  return { script: name === "augment" ? name : "export", flags: Object.fromEntries(flags) };
}

const MAX_NAMED = 10;

function describe(data: string, report: ExportReport): string {
  const { out, figures, unlicensed, leftOut, changes, groups, short, synthetic, flagged } = report;
  const { made, reused, removed } = changes;
  const sides = SIDES.map((side) => `${figures.sides[side]} ${side}`).join(", ");
  const species = plural(figures.species.length, "species", "species");
  const few = (names: readonly string[]): string =>
    `${plural(names.length, "species", "species")} with too few images`;
  return lines(
    `${out} has ${plural(figures.images, "image")} of ${species} (${
      formatBytes(figures.bytes)
    }): ` +
      `${sides}. ${plural(groups, "group")} of images related by page, series, observation, day, ` +
      "bytes, fingerprint or embedding, each on one side. To look for more by another method: " +
      `deno task verify --data ${data} --splits`,
    made === 0 && removed === 0
      ? "Nothing had changed."
      : `${plural(made, "file")} made, ${reused} as before, ${removed} removed.`,
    figures.copies > 0 &&
      `${plural(figures.copies, "varied copy", "varied copies")} for training.`,
    report.fewImages.length > 0 && `${few(report.fewImages)} left out: --min-images.`,
    report.unknown.length > 0 && `${few(report.unknown)} are the class unknown.`,
    short > 0 &&
      `${plural(short, "image")} fewer than --augment asked for: --max-copies limits them.`,
    synthetic > 0 &&
      `${plural(synthetic, "picture")} left out as made by a program: --allow-synthetic.`,
    flagged > 0 && `${plural(flagged, "flagged picture")} left out by --photos-only.`,
    unlicensed.leftOut > 0 && `The licence left out ${describeUnlicensed(unlicensed)}.`,
    leftOut.slice(0, MAX_NAMED).map(({ file, why }) => `${file} is left out: ${why}.`),
    leftOut.length > 0 && `${plural(leftOut.length, "image")} left out. To repair them: ` +
        "deno task verify --repair, then: deno task scrape",
  );
}

if (import.meta.main) await runScript(script);
