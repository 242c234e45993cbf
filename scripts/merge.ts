#!/usr/bin/env -S deno run -q --no-prompt -P=merge
/**
 * Merges data folders into one. Reads and writes the folders named on the command line; has no
 * network access.
 *
 * @module
 */

import { Failure } from "../lib/base/failure.ts";
import { openFolder } from "../lib/cli/data_folder.ts";
import { flag, text } from "../lib/cli/flags.ts";
import { JSON_OUT } from "../lib/cli/scrape_flags.ts";
import { defineScript, runScript } from "../lib/cli/script.ts";
import { lines } from "../lib/cli/terminal_text.ts";
import { mergeDatasets } from "../lib/dataset/merge.ts";
import { judgeMerged } from "../lib/scrape/judge_merged.ts";

export const script = defineScript({
  name: "merge",
  summary: "Merges data folders, such as those of several shards, into one.",
  flags: {
    into: flag(text("DIR"), "the folder that is to have all"),
    json: JSON_OUT,
  },
  words: "DIR…",
  examples: ["merge --into data/both data/one data/two"],
  async run({ into }, context) {
    const { counting, result, say: notice, signal, words: from } = context;
    if (into === undefined || from.length === 0) {
      const lacked = into === undefined
        ? "--into DIR, the folder that is to have all"
        : "the folders to merge, after the flags";
      throw new Failure(
        `merge needs ${lacked}: deno task merge --into ${into ?? "data/both"} data/one data/two`,
        2,
      );
    }
    const merge = await counting(
      "images",
      (progress) => mergeDatasets({ into, from, notice, progress, signal }),
    );
    const dataset = await openFolder(into, context);
    const judged = await judgeMerged(dataset, signal);
    const { images } = dataset.state.totals();
    const leftOut = Object.entries(judged).filter(([, count]) => count > 0)
      .map(([outcome, count]) => `${count} ${outcome}`);
    result({ ...merge, images, judged }, () =>
      lines(
        `${into} has ${images} images of ${merge.species} species ` +
          `(${merge.linked} linked, ${merge.copied} copied).`,
        leftOut.length > 0 && `Left out, seen across the folders: ${leftOut.join(", ")}.`,
        merge.lost > 0 &&
          `${merge.lost} images are in no folder any more. To fetch them again: ` +
            `deno task scrape --data ${into}`,
      ));
  },
});

if (import.meta.main) await runScript(script);
