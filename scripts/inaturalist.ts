#!/usr/bin/env -S deno run -q --no-prompt -P=inaturalist
/**
 * Fetches photos from iNaturalist for the species of a list that is there.
 *
 * @module
 */

import { sourceScript } from "../lib/cli/scrape_run.ts";
import { runScript, type Script } from "../lib/cli/script.ts";

export const script: Script = sourceScript(
  "inaturalist",
  "Fetches licensed photos of observations from iNaturalist.",
);

if (import.meta.main) await runScript(script);
