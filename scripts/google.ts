#!/usr/bin/env -S deno run -q --no-prompt -P=google
/**
 * Fetches images from Google Images for the species of a list that is there.
 *
 * @module
 */

import { googleSource, presentList } from "../lib/cli/build_sources.ts";
import { runScrape } from "../lib/cli/scrape_run.ts";
import { BROWSER_FLAGS, GOOGLE_FLAGS, SCRAPE_FLAGS } from "../lib/cli/scrape_flags.ts";
import { runScript, type Script } from "../lib/cli/script.ts";

const FLAGS = { ...SCRAPE_FLAGS, ...BROWSER_FLAGS, ...GOOGLE_FLAGS };

/** The script. */
export const script: Script<typeof FLAGS> = {
  name: "google",
  summary: "Fetches images from Google Images, searched by Latin name.",
  flags: FLAGS,
  readsSettings: true,
  async run(flags, context) {
    const list = await presentList(flags.data);
    return await runScrape(
      {
        list: () => Promise.resolve(list),
        sources: (parts) => [googleSource(flags, parts)],
      },
      flags,
      context,
    );
  },
};

if (import.meta.main) await runScript(script);
