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
import type { FlagValues } from "../lib/cli/flags.ts";
import { optionalText } from "../lib/cli/flags.ts";
import { CONTACT, DATA, JSON_OUT } from "../lib/cli/scrape_flags.ts";
import { runScript } from "../lib/cli/script.ts";
import type { Script, ScriptContext } from "../lib/cli/script.ts";
import { describeSpecies, speciesJson } from "../lib/cli/species_report.ts";
import { diskFailure } from "../lib/base/disk_failure.ts";
import { takeLock } from "../lib/dataset/lock.ts";
import { Failure } from "../lib/base/failure.ts";
import { readSpeciesList, SPECIES_FILE, updateSpeciesList } from "../lib/species/file.ts";
import { readSpeciesInput } from "../lib/species/input.ts";
import type { SpeciesInput } from "../lib/species/input.ts";
import { DEFAULT_LIST_URL, fetchSpeciesList } from "../lib/species/wikipedia/fetch.ts";
import { createClient } from "../lib/web/create_client.ts";

const FLAGS = {
  data: DATA,
  list: optionalText("URL", "a Wikipedia list article (default: freshwater aquarium fish)"),
  "species-file": optionalText("FILE", "your own list instead: JSON lines, CSV or names"),
  contact: CONTACT,
  json: JSON_OUT,
};

/** `deno task species`. */
export const script: Script<typeof FLAGS> = {
  name: "species",
  summary: "Makes the species list, from a Wikipedia list article or from a file of yours.",
  flags: FLAGS,
  readsSettings: true,
  examples: ["species", "species --species-file data/my-fish.txt"],
  run,
};

async function run(flags: FlagValues<typeof FLAGS>, context: ScriptContext): Promise<0> {
  const file = flags["species-file"];
  if (file !== undefined && flags.list !== undefined) {
    throw new Failure("The flags --list and --species-file exclude each other: give one.", 2);
  }
  const url = flags.list ?? DEFAULT_LIST_URL;
  await makeFolder(flags.data);
  const input = file === undefined
    ? await fetched(url, flags.contact, context)
    : await readSpeciesInput(file, await readSpeciesList(flags.data));
  using _lock = await takeLock(flags.data, context.name);
  const outcome = {
    ...input,
    changes: await updateSpeciesList(flags.data, input.species),
    from: file ?? url,
    path: join(flags.data, SPECIES_FILE),
  };
  context.result(speciesJson(outcome), () => describeSpecies(outcome));
  return 0;
}

async function fetched(
  url: string,
  contact: string | undefined,
  context: ScriptContext,
): Promise<SpeciesInput> {
  const client = createClient({ contact, notice: context.say });
  try {
    context.say(`Fetching ${url}`);
    const { species } = await fetchSpeciesList(client, url, context.signal);
    return { species, unused: [], taken: [] };
  } finally {
    client.close();
  }
}

async function makeFolder(dir: string): Promise<void> {
  try {
    await Deno.mkdir(dir, { recursive: true });
  } catch (thrown) {
    throw diskFailure(`make the data folder ${dir}`, thrown);
  }
}

if (import.meta.main) await runScript(script);
