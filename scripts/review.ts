#!/usr/bin/env -S deno run -q --no-prompt -P=review
/**
 * Serves a page on this machine on which a person looks through the pictures and says which are
 * wrong. Reads `data` and the image decoder, writes `data`, listens on 127.0.0.1.
 *
 * @module
 */

import { basename } from "@std/path";
import { withDataset } from "../lib/cli/data_folder.ts";
import { whole } from "../lib/cli/flags.ts";
import { runScript, type Script, type ScriptContext } from "../lib/cli/script.ts";
import { DATA } from "../lib/cli/scrape_flags.ts";
import type { Dataset } from "../lib/dataset/dataset.ts";
import { readDoubts } from "../lib/embed/doubt.ts";
import { createThumbnailer } from "../lib/image/create_renderer.ts";
import { serveReview } from "../lib/review/serve_review.ts";

const FLAGS = {
  data: DATA,
  port: whole(0, 0, 65_535, "the port on 127.0.0.1; 0 for any that is free"),
};

/** The script. */
export const script: Script<typeof FLAGS> = {
  name: "review",
  summary: "Shows the pictures in a browser, to judge, relabel and audit them by key or click.",
  flags: FLAGS,
  examples: ["review", "review --port 8080"],
  run: (flags, context) =>
    withDataset(flags.data, context, (dataset) => review(dataset, flags.port, context)),
};

async function review(
  dataset: Dataset,
  port: number,
  context: ScriptContext,
): Promise<130> {
  const thumbnailer = createThumbnailer();
  try {
    context.onStopping(() => "Ending the review: every verdict is saved.");
    const served = await serveReview({ dataset, thumbnailer, port, signal: context.signal });
    context.print(`Open ${served.address}`);
    const doubts = await readDoubts(dataset.dir);
    context.say(
      doubts === undefined
        ? "What is doubtful comes first, by flags, size and fingerprint alone. To have a network " +
          "look too: deno task model, then deno task embed"
        : `What is doubtful comes first: flags, then the order by ${doubts.model}.`,
    );
    context.say(
      `No other script can write ${basename(dataset.dir)} meanwhile. Ctrl-C ends the review.`,
    );
    await served.ended;
    return 130;
  } finally {
    thumbnailer.close();
  }
}

if (import.meta.main) await runScript(script);
