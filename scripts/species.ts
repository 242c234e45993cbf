#!/usr/bin/env -S deno run -q --no-prompt -P=species
/**
 * The list of species: from Wikipedia's list article, or a person's own, into the data folder.
 *
 * Reaches `en.wikipedia.org`, writes `data`. Another folder, site or file wants its own
 * `--allow-…`; the message says which.
 *
 * @module
 */

import { join } from "@std/path";
import { flag, text } from "../lib/cli/flags.ts";
import { CONTACT, DATA, JSON_OUT } from "../lib/cli/scrape_flags.ts";
import { defineScript, runScript } from "../lib/cli/script.ts";
import { readNewList, refuseTwoLists } from "../lib/cli/species_list.ts";
import { describeSpecies, speciesJson } from "../lib/cli/species_report.ts";
import { makeDataFolder } from "../lib/dataset/dataset.ts";
import { takeLock } from "../lib/dataset/lock.ts";
import { readSpeciesList, SPECIES_FILE, updateSpeciesList } from "../lib/species/file.ts";
import { createClient } from "../lib/web/create_client.ts";

export const script = defineScript({
  name: "species",
  summary: "Makes the species list, from a Wikipedia list article or from a file of yours.",
  flags: {
    data: DATA,
    list: flag(text("URL"), "a Wikipedia list article (default: freshwater aquarium fish)"),
    "species-file": flag(text("FILE"), "your own list instead: JSON lines, CSV or names"),
    contact: CONTACT,
    json: JSON_OUT,
  },
  readsSettings: true,
  examples: ["species", "species --species-file data/my-fish.txt"],
  async run(flags, context) {
    const { data, contact } = flags;
    refuseTwoLists(flags);
    await makeDataFolder(data);
    const client = context.use(createClient({ contact, notice: context.say }));
    const list = await readNewList(flags, await readSpeciesList(data), client, context);
    using _lock = await takeLock(data, context.name);
    const changes = await updateSpeciesList(data, list.species);
    const outcome = { ...list, changes, path: join(data, SPECIES_FILE) };
    context.result(speciesJson(outcome), () => describeSpecies(outcome));
  },
});

if (import.meta.main) await runScript(script);
