#!/usr/bin/env -S deno run -q --no-prompt -P=gbif
/**
 * Fetches photos from GBIF for the species of a list that is there.
 *
 * @module
 */

import { apiSource, presentList } from "../lib/cli/build_sources.ts";
import { runScrape } from "../lib/cli/scrape_run.ts";
import { API_FLAGS, SCRAPE_FLAGS } from "../lib/cli/scrape_flags.ts";
import { runScript, type Script } from "../lib/cli/script.ts";

const FLAGS = { ...SCRAPE_FLAGS, ...API_FLAGS };

/** `deno task gbif`. */
export const script: Script<typeof FLAGS> = {
  name: "gbif",
  summary: "Fetches licensed photos of observations that GBIF lists, from many collections.",
  flags: FLAGS,
  readsSettings: true,
  async run(flags, context) {
    const list = await presentList(flags.data);
    return await runScrape(
      {
        list: () => Promise.resolve(list),
        sources: (parts) => [apiSource("gbif", flags, parts)],
      },
      flags,
      context,
    );
  },
};

if (import.meta.main) await runScript(script);
