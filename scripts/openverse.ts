#!/usr/bin/env -S deno run -q --no-prompt -P=openverse
/**
 * Fetches photos from Openverse for the species of a list that is there.
 *
 * @module
 */

import { apiSource, presentList } from "../lib/cli/build_sources.ts";
import { runScrape } from "../lib/cli/scrape_run.ts";
import { API_FLAGS, SCRAPE_FLAGS } from "../lib/cli/scrape_flags.ts";
import { runScript, type Script } from "../lib/cli/script.ts";

const FLAGS = { ...SCRAPE_FLAGS, ...API_FLAGS };

/** `deno task openverse`. */
export const script: Script<typeof FLAGS> = {
  name: "openverse",
  summary: "Fetches freely licensed photos of Flickr that Openverse finds by name.",
  flags: FLAGS,
  readsSettings: true,
  async run(flags, context) {
    const list = await presentList(flags.data);
    return await runScrape(
      {
        list: () => Promise.resolve(list),
        sources: (parts) => [apiSource("openverse", flags, parts)],
      },
      flags,
      context,
    );
  },
};

if (import.meta.main) await runScript(script);
