#!/usr/bin/env -S deno run -q --no-prompt -P=gbif
/**
 * Fetches photos from GBIF for the species of a list that is there.
 *
 * @module
 */

import { type ApiFlags, apiScript } from "../lib/cli/source_script.ts";
import { runScript, type Script } from "../lib/cli/script.ts";

/** `deno task gbif`. */
export const script: Script<ApiFlags> = apiScript(
  "gbif",
  "Fetches licensed photos of observations that GBIF lists, from many collections.",
);

if (import.meta.main) await runScript(script);
