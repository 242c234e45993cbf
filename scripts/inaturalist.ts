#!/usr/bin/env -S deno run -q --no-prompt -P=inaturalist
/**
 * Fetches photos from iNaturalist for the species of a list that is there.
 *
 * @module
 */

import { type ApiFlags, apiScript } from "../lib/cli/source_script.ts";
import { runScript, type Script } from "../lib/cli/script.ts";

/** `deno task inaturalist`. */
export const script: Script<ApiFlags> = apiScript(
  "inaturalist",
  "Fetches licensed photos of observations from iNaturalist.",
);

if (import.meta.main) await runScript(script);
