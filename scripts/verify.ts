#!/usr/bin/env -S deno run -q --no-prompt -P=verify
/**
 * Compares the image files of a data folder with its log, and repairs them with `--repair`; looks for
 * related pictures on two sides of the split with `--splits`. Reads and, for `--repair` alone, writes
 * `data`; has no network access.
 *
 * @module
 */

import { type ExitStatus, Failure } from "../lib/base/failure.ts";
import { plural } from "../lib/base/plural.ts";
import { openFolder } from "../lib/cli/data_folder.ts";
import { flag, onOff, text } from "../lib/cli/flags.ts";
import { DATA, JSON_OUT } from "../lib/cli/scrape_flags.ts";
import { defineScript, runScript, type ScriptContext } from "../lib/cli/script.ts";
import { firstOf, lines } from "../lib/cli/terminal_text.ts";
import { readDataset } from "../lib/dataset/dataset.ts";
import { lockHolder, takeLock } from "../lib/dataset/lock.ts";
import { type Repair, repairFiles } from "../lib/dataset/repair.ts";
import type { DatasetState } from "../lib/dataset/state.ts";
import { undoImages } from "../lib/dataset/undo.ts";
import {
  describeFinding,
  type Finding,
  logFindings,
  type Verification,
  verifyFiles,
} from "../lib/dataset/verify.ts";
import { checkSplit, describeLeak, joinSides, type SplitCheck } from "../lib/split/check_split.ts";

const MOST_LINES = 50;

export const script = defineScript({
  name: "verify",
  summary: "Checks that every kept image has its file and every file its line in the log.",
  flags: {
    data: DATA,
    repair: onOff("repair what is wrong; nothing is fetched"),
    prune: onOff("with --repair: also remove files that no line of the log speaks of"),
    "undo-run": flag(text("TIME"), "take back all images of the run that began then"),
    "undo-query": flag(text("QUERY"), "take back all images that this query found"),
    splits: onOff("look for related pictures on two sides of the split; --repair joins them"),
    json: JSON_OUT,
  },
  examples: [
    "verify",
    "verify --repair",
    "verify --splits",
    "verify --undo-run 2026-11-26T20:15",
    'verify --undo-query "{latin} fish"',
  ],
  async run({ data, repair, prune, splits, "undo-run": run, "undo-query": query }, context) {
    const { counting, result, say, signal } = context;
    if (prune && !repair) {
      throw new Failure(
        `--prune goes with --repair: deno task verify --data ${data} --repair --prune`,
        2,
      );
    }
    if (run !== undefined && query !== undefined) {
      throw new Failure("Give --undo-run or --undo-query, not both.", 2);
    }
    const which = run !== undefined ? { run } : query !== undefined ? { query } : undefined;
    if (which !== undefined) {
      const undone = await undoImages(await openFolder(data, context), which);
      return result(
        { undone },
        () =>
          `${plural(undone, "image")} taken back: rejected in the log, the files ` +
          `stay. For others: deno task scrape --data ${data}; to take a verdict back: deno task review --data ${data}`,
      );
    }
    let repaired: Repair | undefined;
    if (repair) {
      const dataset = await openFolder(data, context);
      repaired = await repairFiles(dataset, { prune, signal });
      await dataset.close();
    }
    const { state, log } = await readDataset(data);
    const holder = await lockHolder(data);
    if (holder !== undefined) {
      say(
        `${holder.script} (process ${holder.pid}) is writing ${data}: what it does at the moment may look wrong.`,
      );
    }
    if (splits) return await verifySplit(data, repair, state, context);
    const { images, findings } = await counting(
      "images",
      (progress) => verifyFiles(data, state, signal, progress),
    );
    const checked = { images, findings: [...logFindings(log), ...findings] };
    result({ repair: repaired, ...checked }, () => report(data, checked, repaired));
    return checked.findings.some(isWrong) ? 1 : 0;
  },
});

/** A line that nobody can read does no harm: only what a repair would change makes a failure. */
function isWrong({ kind }: Finding): boolean {
  return kind !== "bad-line";
}

async function verifySplit(
  data: string,
  repair: boolean,
  state: DatasetState,
  context: ScriptContext,
): Promise<0 | ExitStatus> {
  const { signal } = context;
  const check = await context.counting(
    "pictures",
    (progress) => checkSplit({ dir: data, state, signal, progress }),
  );
  if (check === undefined) {
    throw new Failure(
      `The images in ${data} are not split yet. Split them: deno task export --data ${data}`,
      2,
    );
  }
  let moved: number | undefined;
  if (repair && check.leaks.length > 0) {
    using _lock = await takeLock(data, context.name);
    moved = await joinSides(data, check.leaks);
  }
  context.result({ ...check, moved }, () => reportSplit(data, check, moved));
  return check.leaks.length === 0 || moved !== undefined ? 0 : 1;
}

function reportSplit(data: string, check: SplitCheck, moved: number | undefined): string {
  const { images, unsplit, groups, leaks, unreadable } = check;
  const byDetails = leaks.filter(({ why }) => why === "near-duplicate").length;
  return lines(
    firstOf(leaks.map(describeLeak), MOST_LINES),
    `${images} images in ${groups} groups. ${plural(leaks.length - byDetails, "pair")} on two ` +
      "sides by bytes, page, series, observation, day and group; " +
      `${plural(byDetails, "pair")} by the details of the pictures, ` +
      "each compared with those of its species on other sides, and with others of nearly its hash.",
    unreadable.length > 0 &&
      `${plural(unreadable.length, "picture")} could not be read, such as ${unreadable[0]}. ` +
        `Run: deno task verify --data ${data} --repair`,
    unsplit > 0 && `${unsplit} images have no side yet: the next export gives them one.`,
    moved !== undefined
      ? `Joined; ${plural(moved, "image")} changed sides. To export them so: ` +
        `deno task export --data ${data}`
      : leaks.length > 0 &&
        "To bring each pair to one side, test before validation before train: " +
          `deno task verify --data ${data} --splits --repair`,
  );
}

function report(
  data: string,
  { images, findings }: Verification,
  repair: Repair | undefined,
): string {
  const wrong = findings.filter(isWrong).length;
  const left = findings.length - wrong;
  const command = `deno task verify --data ${data} --repair`;
  return lines(
    repair && `Repaired: ${repair.moved} files brought to their place, ` +
        `${repair.relinked} found again, ${repair.lost} lost (the next scrape fetches them), ` +
        `${repair.removed} removed` +
        `${repair.left === 0 ? "" : `, ${repair.left} left that the log does not know`}.`,
    firstOf(findings.map((each) => describeFinding(each, data)), MOST_LINES),
    wrong > 0
      ? `${images} images, ${plural(wrong, "thing")} wrong` +
        `${repair === undefined ? `. To repair what can be: ${command}` : " still."}`
      : `${images} images, all as the log says` +
        `${left === 0 ? "" : `; ${left} of its lines cannot be understood and are left out`}.`,
  );
}

if (import.meta.main) await runScript(script);
