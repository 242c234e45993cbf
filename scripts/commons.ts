#!/usr/bin/env -S deno run -q --no-prompt -P=commons
/**
 * Fetches photos from Wikimedia Commons for the species of a list that is there.
 *
 * @module
 */

import { apiSource, presentList } from "../lib/cli/build_sources.ts";
import { runScrape } from "../lib/cli/scrape_run.ts";
import { API_FLAGS, SCRAPE_FLAGS } from "../lib/cli/scrape_flags.ts";
import { runScript, type Script } from "../lib/cli/script.ts";

const FLAGS = { ...SCRAPE_FLAGS, ...API_FLAGS };

/** `deno task commons`. */
export const script: Script<typeof FLAGS> = {
  name: "commons",
  summary: "Fetches the photos in the species' categories on Wikimedia Commons.",
  flags: FLAGS,
  readsSettings: true,
  async run(flags, context) {
    const list = await presentList(flags.data);
    return await runScrape(
      {
        list: () => Promise.resolve(list),
        sources: (parts) => [apiSource("commons", flags, parts)],
      },
      flags,
      context,
    );
  },
};

if (import.meta.main) await runScript(script);
