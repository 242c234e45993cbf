#!/usr/bin/env -S deno run -q --no-prompt -P=google
/**
 * Fetches images from Google Images for the species of a list that is there.
 *
 * @module
 */

import { sourceScript } from "../lib/cli/scrape_run.ts";
import { runScript, type Script } from "../lib/cli/script.ts";

export const script: Script = sourceScript(
  "google",
  "Fetches images from Google Images, searched by Latin name.",
);

if (import.meta.main) await runScript(script);
