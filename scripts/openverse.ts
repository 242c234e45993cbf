#!/usr/bin/env -S deno run -q --no-prompt -P=openverse
/**
 * Fetches photos from Openverse for the species of a list that is there.
 *
 * @module
 */

import { sourceScript } from "../lib/cli/scrape_run.ts";
import { runScript, type Script } from "../lib/cli/script.ts";

export const script: Script = sourceScript(
  "openverse",
  "Fetches freely licensed photos of Flickr that Openverse finds by name.",
);

if (import.meta.main) await runScript(script);
