#!/usr/bin/env -S deno run -q --no-prompt -P=verify
/**
 * Compares the image files of a data folder with its log, and repairs them with `--repair`; looks for
 * related pictures on two sides of the split with `--splits`. Reads and, for `--repair` alone, writes
 * `data`; has no network access.
 *
 * @module
 */

import { withDataset } from "../lib/cli/data_folder.ts";
import { type FlagValues, onOff, optionalText } from "../lib/cli/flags.ts";
import { withDisplay } from "../lib/cli/progress.ts";
import { runScript, type Script, type ScriptContext } from "../lib/cli/script.ts";
import { DATA, JSON_OUT } from "../lib/cli/scrape_flags.ts";
import { readDataset } from "../lib/dataset/dataset.ts";
import { lockHolder } from "../lib/dataset/lock.ts";
import { type Repair, repairFiles } from "../lib/dataset/repair.ts";
import { undoImages, type Undone } from "../lib/dataset/undo.ts";
import {
  describeFinding,
  type Finding,
  logFindings,
  type Verification,
  verifyFiles,
} from "../lib/dataset/verify.ts";
import type { DatasetState } from "../lib/dataset/state.ts";
import { checkSplit, describeLeak, joinSides, type SplitCheck } from "../lib/split/check_split.ts";
import { type ExitStatus, Failure } from "../lib/base/failure.ts";
import { plural } from "../lib/base/plural.ts";

const FLAGS = {
  data: DATA,
  repair: onOff("repair what is wrong; nothing is fetched"),
  prune: onOff("with --repair: also remove files that no line of the log speaks of"),
  "undo-run": optionalText("TIME", "take back all images of the run that began then"),
  "undo-query": optionalText("QUERY", "take back all images that this query found"),
  splits: onOff("look for related pictures on two sides of the split; --repair joins them"),
  json: JSON_OUT,
};

const MOST_LINES = 50;

/** The script. */
export const script: Script<typeof FLAGS> = {
  name: "verify",
  summary: "Checks that every kept image has its file and every file its line in the log.",
  flags: FLAGS,
  examples: [
    "verify",
    "verify --repair",
    "verify --splits",
    "verify --undo-run 2026-11-26T20:15",
    'verify --undo-query "{latin} fish"',
  ],
  run,
};

async function run(
  flags: FlagValues<typeof FLAGS>,
  context: ScriptContext,
): Promise<0 | ExitStatus> {
  if (flags.prune && !flags.repair) {
    throw new Failure(
      `--prune goes with --repair: deno task verify --data ${flags.data} --repair --prune`,
      2,
    );
  }
  const which = undone(flags);
  if (which !== undefined) return await undo(flags, which, context);
  const { prune } = flags;
  const { signal } = context;
  const repair = flags.repair
    ? await withDataset(flags.data, context, (dataset) => repairFiles(dataset, { prune, signal }))
    : undefined;
  const { state, log } = await readDataset(flags.data);
  const holder = await lockHolder(flags.data);
  if (holder !== undefined) {
    context.say(
      `${holder.script} (process ${holder.pid}) is writing ${flags.data}: what it does at the moment may look wrong.`,
    );
  }
  if (flags.splits) return await verifySplit(flags, state, context);
  const checked = await withDisplay(
    context,
    (display) => verifyFiles(flags.data, state, signal, display.count("verify", "images")),
  );

  const result = { ...checked, findings: [...logFindings(log), ...checked.findings] };
  context.result({ repair, ...result }, () => report(flags.data, result, repair));
  return result.findings.some(isWrong) ? 1 : 0;
}

/** A line that nobody can read does no harm: only what a repair would change makes a failure. */
function isWrong({ kind }: Finding): boolean {
  return kind !== "bad-line";
}

async function verifySplit(
  { data, repair }: FlagValues<typeof FLAGS>,
  state: DatasetState,
  context: ScriptContext,
): Promise<0 | ExitStatus> {
  const { signal } = context;
  const check = await withDisplay(
    context,
    (display) =>
      checkSplit({ dir: data, state, signal, progress: display.count("verify", "pictures") }),
  );
  if (check === undefined) {
    throw new Failure(
      `The images in ${data} are not split yet. Split them: deno task export --data ${data}`,
      2,
    );
  }
  const moved = repair && check.leaks.length > 0
    ? await withDataset(data, context, () => joinSides(data, check.leaks))
    : undefined;
  context.result({ ...check, moved }, () => reportSplit(data, check, moved));
  return check.leaks.length === 0 || moved !== undefined ? 0 : 1;
}

function reportSplit(data: string, check: SplitCheck, moved: number | undefined): string {
  const { images, unsplit, groups, leaks, unreadable } = check;
  const lines = leaks.slice(0, MOST_LINES).map(describeLeak);
  if (leaks.length > MOST_LINES) lines.push(`… and ${leaks.length - MOST_LINES} more.`);
  const byDetails = leaks.filter(({ why }) => why === "near-duplicate").length;
  const byLog = plural(leaks.length - byDetails, "pair");
  lines.push(
    `${images} images in ${groups} groups. ${byLog} on two sides by bytes, page, series, ` +
      `observation, day and group; ${plural(byDetails, "pair")} by the details of the pictures, ` +
      "each compared with those of its species on other sides, and with others of nearly its hash.",
  );
  if (unreadable.length > 0) {
    lines.push(
      `${plural(unreadable.length, "picture")} could not be read, such as ${unreadable[0]}. ` +
        `Run: deno task verify --data ${data} --repair`,
    );
  }
  if (unsplit > 0) {
    lines.push(`${unsplit} images have no side yet: the next export gives them one.`);
  }
  if (moved !== undefined) {
    lines.push(
      `Joined; ${plural(moved, "image")} changed sides. To export them so: ` +
        `deno task export --data ${data}`,
    );
  } else if (leaks.length > 0) {
    lines.push(
      "To bring each pair to one side, test before validation before train: " +
        `deno task verify --data ${data} --splits --repair`,
    );
  }
  return lines.join("\n");
}

function undone(flags: FlagValues<typeof FLAGS>): Undone | undefined {
  const { "undo-run": run, "undo-query": query } = flags;
  if (run !== undefined && query !== undefined) {
    throw new Failure("Give --undo-run or --undo-query, not both.", 2);
  }
  return run !== undefined ? { run } : query !== undefined ? { query } : undefined;
}

async function undo(
  { data }: FlagValues<typeof FLAGS>,
  which: Undone,
  context: ScriptContext,
): Promise<0> {
  const images = await withDataset(data, context, (dataset) => undoImages(dataset, which));
  context.result(
    { undone: images },
    () =>
      `${plural(images, "image")} taken back: rejected in the log, the files ` +
      `stay. For others: deno task scrape --data ${data}; to take a verdict back: deno task review --data ${data}`,
  );
  return 0;
}

function report(
  data: string,
  { images, findings }: Verification,
  repair: Repair | undefined,
): string {
  const lines = repair === undefined ? [] : [
    `Repaired: ${repair.moved} files brought to their place, ${repair.relinked} found again, ` +
    `${repair.lost} lost (the next scrape fetches them), ${repair.removed} removed` +
    `${repair.left === 0 ? "" : `, ${repair.left} left that the log does not know`}.`,
  ];
  lines.push(...findings.slice(0, MOST_LINES).map((each) => describeFinding(each, data)));
  if (findings.length > MOST_LINES) lines.push(`… and ${findings.length - MOST_LINES} more.`);
  const wrong = findings.filter(isWrong).length;
  const left = findings.length - wrong;
  lines.push(
    wrong > 0
      ? `${images} images, ${plural(wrong, "thing")} wrong${
        repair === undefined
          ? `. To repair what can be: deno task verify --data ${data} --repair`
          : " still."
      }`
      : `${images} images, all as the log says${
        left === 0 ? "" : `; ${left} of its lines cannot be understood and are left out`
      }.`,
  );
  return lines.join("\n");
}

if (import.meta.main) await runScript(script);
