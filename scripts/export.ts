#!/usr/bin/env -S deno run -q --no-prompt -P=export
/**
 * Makes of a data folder what training code reads: split by groups of what is related, in the usual
 * formats, with varied copies where wanted, and with a card. Reads and writes `data`; reaches nothing.
 *
 * @module
 */

import { defined } from "../lib/base/defined.ts";
import { plural } from "../lib/base/plural.ts";
import { format as formatBytes } from "@std/fmt/bytes";
import type { CopyOptions } from "../lib/augment/copies.ts";
import { join } from "@std/path";
import { readRecipe, type Recipe, RECIPES, type Strength } from "../lib/augment/recipe.ts";
import { type ExitStatus, Failure } from "../lib/base/failure.ts";
import {
  custom,
  type FlagValues,
  oneOf,
  onOff,
  optionalText,
  optionalWhole,
} from "../lib/cli/flags.ts";
import { withDisplay } from "../lib/cli/progress.ts";
import { DATA, JSON_OUT } from "../lib/cli/scrape_flags.ts";
import { runScript, type Script, type ScriptContext } from "../lib/cli/script.ts";
import { exportDataset, type ExportReport } from "../lib/export/export.ts";
import { describeUnlicensed, parseLicenseChoice } from "../lib/export/figures.ts";
import type { MadeBy } from "../lib/export/manifest.ts";
import { type ExportOptions, FORMATS, type LicenseChoice } from "../lib/export/options.ts";
import { parseShares, type Shares, SIDES } from "../lib/split/side.ts";

const FLAGS = {
  data: DATA,
  format: oneOf([...FORMATS], "imagefolder", "the format"),
  out: optionalText("DIR", "where to, instead of DATA/export/FORMAT"),
  split: custom<Shares | undefined>(
    "A/B/C",
    "80/10/10",
    "shares of train, validation, test",
    (value) => value === undefined ? undefined : parseShares(value),
  ),
  seed: optionalWhole(0, 2 ** 31, "decides which image goes where (1)"),
  resplit: onOff("forget earlier splits; test images may change sides"),
  license: custom<LicenseChoice>(
    "IDS",
    "all",
    "all, cc, nc, free, or SPDX ids",
    parseLicenseChoice,
  ),
  "allow-synthetic": onOff("export pictures too that their files call made by a program"),
  "min-images": optionalWhole(1, 1_000_000, "leave out species with fewer images"),
  unknown: onOff("of these, relatives of others are one class"),
  "photos-only": onOff("leave out drawings, dishes, strips … : all images with a flag"),
  augment: optionalWhole(1, 1_000_000, "images for training per species, with copies"),
  strength: oneOf(["light", "medium", "strong"], "medium", "how much copies are varied"),
  recipe: optionalText("FILE", "a recipe of your own, instead of --strength"),
  "max-copies": optionalWhole(0, 100_000, "copies of one photo at the most"),
  size: optionalWhole(8, 8192, "pixels a side; as they are where not given"),
  fit: oneOf(["crop", "pad", "keep-ratio"], "crop", "how --size is reached"),
  type: oneOf(
    ["auto", "jpeg", "as-is"],
    "auto",
    "convert all to JPEG; auto does so for webdataset and parquet",
  ),
  valid: onOff("call the side for validation `valid`, as fastai does"),
  link: oneOf(["hard", "copy"], "hard", "second names for the files, or copies"),
  "shard-size": custom<number>("BYTES", "256M", "greatest size of a shard", parseShardSize),
  json: JSON_OUT,
};

/** The script. */
export const script: Script<typeof FLAGS> = {
  name: "export",
  summary: "Makes splits by what is related, and the folders, shards and lists for training code.",
  flags: FLAGS,
  examples: [
    "export",
    "export --augment 1000",
    "export --format webdataset --size 256 --license cc",
  ],
  run,
};

async function run(
  flags: FlagValues<typeof FLAGS>,
  context: ScriptContext,
): Promise<0 | ExitStatus> {
  const { format, license, link, size, fit, split, seed, type } = flags;
  if (context.given.fit !== undefined && size === undefined) {
    throw new Failure("--fit says how --size is reached: give --size too.", 2);
  }
  const minImages = flags["min-images"];
  if (flags.unknown && minImages === undefined) {
    throw new Failure("--unknown is about species below --min-images: give that too.", 2);
  }
  const copies = await readCopyOptions(flags, context);
  const isSharded = format === "webdataset" || format === "parquet";
  return await runExport(flags, context, {
    format,
    license,
    allowSynthetic: flags["allow-synthetic"],
    photosOnly: flags["photos-only"],
    link,
    resplit: flags.resplit,
    shardSize: flags["shard-size"],
    type: type === "auto" ? (isSharded ? "jpeg" : "as-is") : type,
    validationName: flags.valid ? "valid" : "validation",
    ...defined({
      resize: size === undefined ? undefined : { size, fit },
      copies,
      classes: minImages === undefined ? undefined : { minImages, unknown: flags.unknown },
      shares: split,
      seed,
    }),
  });
}

/** Exports, shows how far it is, asks before copies are removed, and says what it came to. */
export async function runExport(
  { data, out }: { readonly data: string; readonly out: string | undefined },
  context: ScriptContext,
  options: Omit<
    ExportOptions,
    "dir" | "out" | "madeBy" | "signal" | "notice" | "confirm" | "progress"
  >,
): Promise<0> {
  const { confirm, name, result, say: notice, signal } = context;
  const report = await withDisplay(context, (display) =>
    exportDataset({
      ...options,
      dir: data,
      out: out ?? join(data, "export", options.format),
      madeBy: madeBy(context),
      signal,
      notice,
      confirm: (surplus) =>
        confirm(`${plural(surplus, "varied copy", "varied copies")} too many: remove them?`),
      progress: display.count(name, "files"),
    }));
  result(report, () => describe(data, report));
  return 0;
}

async function readCopyOptions(
  flags: FlagValues<typeof FLAGS>,
  context: ScriptContext,
): Promise<CopyOptions | undefined> {
  const { augment, seed } = flags;
  const { given } = context;
  const maxCopies = flags["max-copies"];
  if (augment === undefined) {
    const needless = ["strength", "recipe", "max-copies"].find((flag) => given[flag] !== undefined);
    if (needless === undefined) return undefined;
    throw new Failure(`--${needless} says how copies are varied: give --augment too.`, 2);
  }
  return {
    to: augment,
    recipe: await chooseRecipe(flags, context),
    seed: seed ?? 1,
    ...defined({ maxCopies }),
  };
}

/** The recipe that the flags name. */
export async function chooseRecipe(
  { recipe, strength }: { readonly recipe: string | undefined; readonly strength: Strength },
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
  const flags = Object.entries(given).filter(([flag]) => !PASSING.includes(flag));
  return { script: name === "augment" ? name : "export", flags: Object.fromEntries(flags) };
}

/** How many images that were left out are named. */
const MAX_NAMED = 10;

/** The report of an export as sentences. */
function describe(data: string, report: ExportReport): string {
  const { out, figures, unlicensed, leftOut, changes, groups, short, synthetic, flagged } = report;
  const { made, reused, removed } = changes;
  const sides = SIDES.map((side) => `${figures.sides[side]} ${side}`).join(", ");
  const lines = [
    `${out} has ${plural(figures.images, "image")} of ${
      plural(figures.species.length, "species", "species")
    } (${formatBytes(figures.bytes)}): ${sides}. ${
      plural(groups, "group")
    } of images related by page, series, observation, day, bytes, fingerprint or embedding, each on ` +
    `one side. To look for more by another method: deno task verify --data ${data} --splits`,
    made === 0 && removed === 0
      ? "Nothing had changed."
      : `${plural(made, "file")} made, ${reused} as before, ${removed} removed.`,
  ];
  if (figures.copies > 0) {
    lines.push(`${plural(figures.copies, "varied copy", "varied copies")} for training.`);
  }
  const few = (names: readonly string[]): string =>
    `${plural(names.length, "species", "species")} with too few images`;
  if (report.fewImages.length > 0) lines.push(`${few(report.fewImages)} left out: --min-images.`);
  if (report.unknown.length > 0) lines.push(`${few(report.unknown)} are the class unknown.`);
  if (short > 0) {
    lines.push(
      `${plural(short, "image")} fewer than --augment asked for: --max-copies limits them.`,
    );
  }
  if (synthetic > 0) {
    lines.push(`${plural(synthetic, "picture")} left out as made by a program: --allow-synthetic.`);
  }
  if (flagged > 0) lines.push(`${plural(flagged, "flagged picture")} left out by --photos-only.`);
  if (unlicensed.leftOut > 0) lines.push(`The licence left out ${describeUnlicensed(unlicensed)}.`);
  for (const { file, why } of leftOut.slice(0, MAX_NAMED)) {
    lines.push(`${file} is left out: ${why}.`);
  }
  if (leftOut.length > 0) {
    lines.push(
      `${
        plural(leftOut.length, "image")
      } left out. To repair them: deno task verify --repair, then: deno task scrape`,
    );
  }
  return lines.join("\n");
}

function parseShardSize(value: string | undefined): number {
  const match = /^(\d+(?:\.\d+)?)([kMG]?)B?$/i.exec(value ?? "256M");
  const unit = { "": 1, k: 1e3, m: 1e6, g: 1e9 }[match?.[2]?.toLowerCase() ?? ""] ?? 1;
  const bytes = Math.round(Number(match?.[1]) * unit);
  if (!(bytes >= 10_000 && bytes <= 100e9)) {
    throw new TypeError("takes a size from 10k to 100G, such as 256M");
  }
  return bytes;
}

if (import.meta.main) await runScript(script);
