#!/usr/bin/env -S deno run -q --no-prompt -P=review
/**
 * Serves a page on this machine on which a person looks through the pictures and says which are
 * wrong. Reads `data` and the image decoder, writes `data`, listens on 127.0.0.1.
 *
 * @module
 */

import { basename } from "@std/path";
import { openFolder } from "../lib/cli/data_folder.ts";
import { flag, whole } from "../lib/cli/flags.ts";
import { DATA } from "../lib/cli/scrape_flags.ts";
import { defineScript, runScript } from "../lib/cli/script.ts";
import { readDoubts } from "../lib/embed/doubt.ts";
import { createThumbnailer } from "../lib/image/create_renderer.ts";
import { serveReview } from "../lib/review/serve_review.ts";

export const script = defineScript({
  name: "review",
  summary: "Shows the pictures in a browser, to judge, relabel and audit them by key or click.",
  flags: {
    data: DATA,
    port: flag(whole(0, 65_535), "the port on 127.0.0.1; 0 for any that is free", 0),
  },
  examples: ["review", "review --port 8080"],
  async run({ data, port }, context) {
    const { onStopping, print, say, signal, use } = context;
    const dataset = await openFolder(data, context);
    const thumbnailer = use(createThumbnailer());
    onStopping(() => "Ending the review: every verdict is saved.");
    const served = await serveReview({ dataset, thumbnailer, port, signal });
    print(`Open ${served.address}`);
    const doubts = await readDoubts(dataset.dir);
    say(
      doubts === undefined
        ? "What is doubtful comes first, by flags, size and fingerprint alone. To have a network " +
          "look too: deno task model, then deno task embed"
        : `What is doubtful comes first: flags, then the order by ${doubts.model}.`,
    );
    say(`No other script can write ${basename(dataset.dir)} meanwhile. Ctrl-C ends the review.`);
    await served.ended;
    return 130;
  },
});

if (import.meta.main) await runScript(script);
