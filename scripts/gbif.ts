#!/usr/bin/env -S deno run -q --no-prompt -P=gbif
/**
 * Fetches photos from GBIF for the species of a list that is there.
 *
 * @module
 */

import { sourceScript } from "../lib/cli/scrape_run.ts";
import { runScript, type Script } from "../lib/cli/script.ts";

export const script: Script = sourceScript(
  "gbif",
  "Fetches licensed photos of observations that GBIF lists, from many collections.",
);

if (import.meta.main) await runScript(script);
