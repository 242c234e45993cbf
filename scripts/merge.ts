#!/usr/bin/env -S deno run -q --no-prompt -P=merge
/**
 * Merges data folders into one. Reads and writes the folders named on the command line; has no
 * network access.
 *
 * @module
 */

import { withDataset } from "../lib/cli/data_folder.ts";
import { optionalText } from "../lib/cli/flags.ts";
import { withDisplay } from "../lib/cli/progress.ts";
import { runScript, type Script } from "../lib/cli/script.ts";
import { JSON_OUT } from "../lib/cli/scrape_flags.ts";
import { mergeDatasets } from "../lib/dataset/merge.ts";
import { Failure } from "../lib/base/failure.ts";
import { judgeMerged } from "../lib/scrape/judge_merged.ts";

const FLAGS = {
  into: optionalText("DIR", "the folder that is to have all"),
  json: JSON_OUT,
};

/** The script. */
export const script: Script<typeof FLAGS> = {
  name: "merge",
  summary: "Merges data folders, such as those of several shards, into one.",
  flags: FLAGS,
  words: "DIR…",
  examples: ["merge --into data/both data/one data/two"],
  async run({ into }, context) {
    if (into === undefined) {
      throw new Failure(
        "merge needs --into DIR, the folder that is to have all: deno task merge --into data/both data/one data/two",
        2,
      );
    }
    if (context.words.length === 0) {
      throw new Failure(
        `merge needs the folders to merge, after the flags: deno task merge --into ${into} data/one data/two`,
        2,
      );
    }
    const merge = await withDisplay(context, (display) =>
      mergeDatasets({
        into,
        from: context.words,
        notice: (text) => context.say(text),
        progress: display.count("merge", "images"),
        signal: context.signal,
      }));
    const { verdicts, images } = await withDataset(into, context, async (dataset) => {
      const verdicts = await judgeMerged(dataset, context.signal);
      return { verdicts, images: dataset.state.totals().images };
    });
    context.result({ ...merge, images, judged: verdicts }, () => {
      const lines = [
        `${into} has ${images} images of ${merge.species} species ` +
        `(${merge.linked} linked, ${merge.copied} copied).`,
      ];
      const judged = Object.entries(verdicts).filter(([, count]) => count > 0)
        .map(([outcome, count]) => `${count} ${outcome}`);
      if (judged.length > 0) lines.push(`Left out, seen across the folders: ${judged.join(", ")}.`);
      if (merge.lost > 0) {
        lines.push(
          `${merge.lost} images are in no folder any more. To fetch them again: deno task scrape --data ${into}`,
        );
      }
      return lines.join("\n");
    });
    return 0;
  },
};

if (import.meta.main) await runScript(script);
