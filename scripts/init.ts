#!/usr/bin/env -S deno run -q --no-prompt -P=init
/**
 * Writes `aquaset.jsonc` into the data folder: the settings that the scripts that fetch read there.
 *
 * @module
 */

import { join } from "@std/path";
import { diskFailure } from "../lib/base/disk_failure.ts";
import { Failure } from "../lib/base/failure.ts";
import { DATA } from "../lib/cli/scrape_flags.ts";
import { defineScript, runScript } from "../lib/cli/script.ts";
import { SETTINGS, SETTINGS_FILE, settingsTemplate } from "../lib/cli/settings.ts";

export const script = defineScript({
  name: "init",
  summary: "Writes the data folder's settings file, aquaset.jsonc; flags given are set in it.",
  flags: { data: DATA, ...SETTINGS },
  examples: ["init", "init --contact mailto:you@example.org --images 50"],
  async run({ data }, { given, print }) {
    const path = join(data, SETTINGS_FILE);
    try {
      await Deno.mkdir(data, { recursive: true });
      await Deno.writeTextFile(path, settingsTemplate(given), { createNew: true });
    } catch (thrown) {
      if (thrown instanceof Deno.errors.AlreadyExists) {
        throw new Failure(`There is ${path} already: edit it, or delete it and run this again.`);
      }
      throw diskFailure(`write ${path}`, thrown);
    }
    print(`Wrote ${path}. The scripts that fetch images read it; a flag wins over it.`);
  },
});

if (import.meta.main) await runScript(script);
