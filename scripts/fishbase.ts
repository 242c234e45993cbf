#!/usr/bin/env -S deno run -q --no-prompt -P=fishbase
/**
 * Fetches photos from FishBase for the species of a list that is there.
 *
 * @module
 */

import { fishbaseSource } from "../lib/cli/build_sources.ts";
import { BROWSER_FLAGS, FISHBASE_FLAGS, SCRAPE_FLAGS } from "../lib/cli/scrape_flags.ts";
import { runScript, type Script } from "../lib/cli/script.ts";
import { runOneSource } from "../lib/cli/source_script.ts";

const FLAGS = { ...SCRAPE_FLAGS, ...BROWSER_FLAGS, ...FISHBASE_FLAGS };

/** `deno task fishbase`. */
export const script: Script<typeof FLAGS> = {
  name: "fishbase",
  summary: "Fetches photos from FishBase, by Latin name: few, but surely the right fish.",
  flags: FLAGS,
  readsSettings: true,
  run: (flags, context) => runOneSource((parts) => fishbaseSource(flags, parts), flags, context),
};

if (import.meta.main) await runScript(script);
