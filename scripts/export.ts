#!/usr/bin/env -S deno run -q --no-prompt -P=export
/**
 * Makes of a data folder what training code reads: split without leakage, in the usual forms, with
 * a card. Reads and writes `data`, reads its own code for the workers; reaches nothing.
 *
 * @module
 */

import { format as formatBytes } from "@std/fmt/bytes";
import {
  bytes,
  custom,
  type FlagValues,
  oneOf,
  onOff,
  optionalText,
  optionalWhole,
} from "../lib/cli/flags.ts";
import { withDisplay } from "../lib/cli/progress.ts";
import { runScript, type Script, type ScriptContext } from "../lib/cli/script.ts";
import { DATA, JSON_OUT } from "../lib/cli/scrape_flags.ts";
import { describeUnlicensed } from "../lib/export/card.ts";
import { exportDataset, type ExportReport } from "../lib/export/export.ts";
import { exportFolder } from "../lib/export/forms.ts";
import { type LicenseChoice, parseLicenseChoice } from "../lib/export/licences.ts";
import { parseShares, type Shares, SIDES } from "../lib/split/side.ts";
import { type ExitStatus, Failure } from "../lib/base/failure.ts";

const FLAGS = {
  data: DATA,
  format: oneOf(["imagefolder", "webdataset", "csv", "jsonl"], "imagefolder", "the form"),
  out: optionalText("DIR", "where to, in place of DATA/export/FORMAT"),
  split: custom<Shares | undefined>(
    "A/B/C",
    "80/10/10",
    "shares of train, validation, test",
    (value) => value === undefined ? undefined : parseShares(value),
  ),
  seed: optionalWhole(0, 2 ** 31, "decides who goes where (1)"),
  resplit: onOff("forget earlier splits; test images may change sides"),
  license: custom<LicenseChoice>("IDS", "all", "all, cc, or SPDX ids", parseLicenseChoice),
  size: optionalWhole(8, 8192, "pixels a side; as they are unless given"),
  fit: oneOf(["crop", "pad", "keep-ratio"], "crop", "how --size is reached"),
  link: oneOf(["hard", "copy"], "hard", "second names for the files, or copies"),
  "shard-size": bytes("256M", "10k", "100G", "largest shard of webdataset"),
  json: JSON_OUT,
};

/** The script. */
export const script: Script<typeof FLAGS> = {
  name: "export",
  summary:
    "Makes splits without leakage and the folders, shards and lists that training code reads.",
  flags: FLAGS,
  examples: ["export", "export --format webdataset --size 256 --license cc"],
  run,
};

async function run(
  flags: FlagValues<typeof FLAGS>,
  context: ScriptContext,
): Promise<0 | ExitStatus> {
  const { data, format, license, link, size, fit, split, seed } = flags;
  if (context.given.fit !== undefined && size === undefined) {
    throw new Failure("--fit says how --size is reached: give --size too.", 2);
  }
  const report = await withDisplay(context, (display) =>
    exportDataset({
      dir: data,
      out: flags.out ?? exportFolder(data, format),
      format,
      license,
      link,
      anew: flags.resplit,
      shardSize: flags["shard-size"],
      signal: context.signal,
      ...(size === undefined ? {} : { resizing: { size, fit } }),
      ...(split === undefined ? {} : { shares: split }),
      ...(seed === undefined ? {} : { seed }),
      notice: (text) => context.say(text),
      progress: display.count("export", "files"),
    }));
  context.print(flags.json ? JSON.stringify(report, null, 2) : tell(report));
  return 0;
}

/** How many files that were left out are named. */
const MOST_LINES = 10;

function tell({ out, figures, unlicensed, leftOut, changes, groups }: ExportReport): string {
  const { made, taken, removed } = changes;
  const sides = SIDES.map((side) => `${figures.sides[side]} ${side}`).join(", ");
  const lines = [
    `${out} has ${figures.images} images of ${figures.species.length} species (${
      formatBytes(figures.bytes)
    }): ${sides}; ${groups} groups, none on two sides.`,
    made === 0 && removed === 0
      ? "Nothing had changed."
      : `${made} files made, ${taken} as they were, ${removed} removed.`,
  ];
  if (unlicensed.leftOut > 0) {
    lines.push(`The licence left out ${describeUnlicensed(unlicensed)}.`);
  }
  for (const { file, why } of leftOut.slice(0, MOST_LINES)) {
    lines.push(`${file} is left out: ${why}.`);
  }
  if (leftOut.length > 0) {
    lines.push(
      `${leftOut.length} images are left out; mend them with: deno task verify --repair, then scrape.`,
    );
  }
  return lines.join("\n");
}

if (import.meta.main) await runScript(script);
