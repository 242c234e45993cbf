#!/usr/bin/env -S deno run -q --no-prompt -P=google
/**
 * Fetches images from Google Images for the species of a list that is there.
 *
 * @module
 */

import { googleSource } from "../lib/cli/build_sources.ts";
import { BROWSER_FLAGS, GOOGLE_FLAGS, SCRAPE_FLAGS } from "../lib/cli/scrape_flags.ts";
import { runScript, type Script } from "../lib/cli/script.ts";
import { runOneSource } from "../lib/cli/source_script.ts";

const FLAGS = { ...SCRAPE_FLAGS, ...BROWSER_FLAGS, ...GOOGLE_FLAGS };

/** `deno task google`. */
export const script: Script<typeof FLAGS> = {
  name: "google",
  summary: "Fetches images from Google Images, searched by Latin name.",
  flags: FLAGS,
  readsSettings: true,
  run: (flags, context) => runOneSource((parts) => googleSource(flags, parts), flags, context),
};

if (import.meta.main) await runScript(script);
