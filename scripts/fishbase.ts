#!/usr/bin/env -S deno run -q --no-prompt -P=fishbase
/**
 * Fetches photos from FishBase for the species of a list that is there.
 *
 * @module
 */

import { sourceScript } from "../lib/cli/scrape_run.ts";
import { runScript, type Script } from "../lib/cli/script.ts";

export const script: Script = sourceScript(
  "fishbase",
  "Fetches photos from FishBase, by Latin name: few, but surely the right fish.",
);

if (import.meta.main) await runScript(script);
