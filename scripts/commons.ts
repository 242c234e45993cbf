#!/usr/bin/env -S deno run -q --no-prompt -P=commons
/**
 * Fetches photos from Wikimedia Commons for the species of a list that is there.
 *
 * @module
 */

import { sourceScript } from "../lib/cli/scrape_run.ts";
import { runScript, type Script } from "../lib/cli/script.ts";

export const script: Script = sourceScript(
  "commons",
  "Fetches the photos in the species' categories on Wikimedia Commons.",
);

if (import.meta.main) await runScript(script);
