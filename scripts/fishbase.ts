#!/usr/bin/env -S deno run -q --no-prompt -P=fishbase
/**
 * Fetches photos from FishBase for the species of a list that is there.
 *
 * @module
 */

import { fishbaseSource, presentList } from "../lib/cli/build_sources.ts";
import { runScrape } from "../lib/cli/scrape_run.ts";
import { BROWSER_FLAGS, FISHBASE_FLAGS, SCRAPE_FLAGS } from "../lib/cli/scrape_flags.ts";
import { runScript, type Script } from "../lib/cli/script.ts";

const FLAGS = { ...SCRAPE_FLAGS, ...BROWSER_FLAGS, ...FISHBASE_FLAGS };

/** `deno task fishbase`. */
export const script: Script<typeof FLAGS> = {
  name: "fishbase",
  summary: "Fetches photos from FishBase, by Latin name: few, but surely the right fish.",
  flags: FLAGS,
  readsSettings: true,
  async run(flags, context) {
    const list = await presentList(flags.data);
    return await runScrape(
      {
        list: () => Promise.resolve(list),
        sources: (parts) => [fishbaseSource(flags, parts)],
      },
      flags,
      context,
    );
  },
};

if (import.meta.main) await runScript(script);
