#!/usr/bin/env -S deno run -q --no-prompt -P=openverse
/**
 * Fetches photos from Openverse for the species of a list that is there.
 *
 * @module
 */

import { type ApiFlags, apiScript } from "../lib/cli/source_script.ts";
import { runScript, type Script } from "../lib/cli/script.ts";

/** `deno task openverse`. */
export const script: Script<ApiFlags> = apiScript(
  "openverse",
  "Fetches freely licensed photos of Flickr that Openverse finds by name.",
);

if (import.meta.main) await runScript(script);
