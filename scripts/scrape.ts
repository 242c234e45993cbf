#!/usr/bin/env -S deno run -q --no-prompt -P=scrape
/**
 * The whole: the species list where there is none yet, then FishBase, then Google Images for what
 * is missing.
 *
 * @module
 */

import { fishbaseSource, googleSource, SOURCE_SITES } from "../lib/cli/build_sources.ts";
import { type FlagValues, optionalText } from "../lib/cli/flags.ts";
import { runScrape } from "../lib/cli/scrape_run.ts";
import {
  BROWSER_FLAGS,
  FISHBASE_FLAGS,
  GOOGLE_FLAGS,
  QUEUE_FLAGS,
  SCRAPE_FLAGS,
} from "../lib/cli/scrape_flags.ts";
import { runScript, type Script } from "../lib/cli/script.ts";
import { changesSentence, describeTaken } from "../lib/cli/species_report.ts";
import type { Notice } from "../lib/sources/source.ts";
import type { Species } from "../lib/species/species.ts";
import { readSpeciesList, updateSpeciesList } from "../lib/species/file.ts";
import { readSpeciesInput } from "../lib/species/input.ts";
import { DEFAULT_LIST_URL, fetchSpeciesList } from "../lib/species/wikipedia/fetch.ts";
import type { Client } from "../lib/web/client.ts";

const FLAGS = {
  ...SCRAPE_FLAGS,
  list: optionalText("URL", "fetch this list article first"),
  "species-file": optionalText("FILE", "your own list: JSON lines, CSV or names"),
  ...BROWSER_FLAGS,
  ...FISHBASE_FLAGS,
  ...GOOGLE_FLAGS,
  ...QUEUE_FLAGS,
};

/** `deno task scrape`. */
export const script: Script<typeof FLAGS> = {
  name: "scrape",
  summary: "Turns the species list into images: FishBase first, then Google Images.",
  flags: FLAGS,
  examples: ["scrape", 'scrape --only "Betta splendens" --images 50'],
  run: (flags, context) =>
    runScrape(
      {
        list: (client, notice, signal) => speciesList(flags, client, notice, signal),
        sites: SOURCE_SITES,
        sources: (parts) => [fishbaseSource(flags, parts), googleSource(flags, parts)],
      },
      flags,
      context,
      flags,
    ),
};

/** The list of the data folder; fetched first where there is none, or where another is named. */
async function speciesList(
  flags: FlagValues<typeof FLAGS>,
  client: Client,
  notice: Notice,
  signal: AbortSignal,
): Promise<readonly Species[]> {
  const file = flags["species-file"];
  const present = await readSpeciesList(flags.data);
  if (present !== undefined && file === undefined && flags.list === undefined) return present;
  const { species, unused, taken } = file === undefined
    ? await fetchedList(flags.list ?? DEFAULT_LIST_URL, client, notice, signal)
    : await readSpeciesInput(file, present);
  for (const line of describeTaken(taken)) notice(line);
  for (const { line, reason } of unused) {
    notice(`Line ${line} of ${file ?? "the list"} is left out: ${reason}.`);
  }
  const changed = changesSentence(await updateSpeciesList(flags.data, species));
  if (changed !== undefined) notice(changed);
  return species;
}

async function fetchedList(
  url: string,
  client: Client,
  notice: Notice,
  signal: AbortSignal,
): ReturnType<typeof readSpeciesInput> {
  notice(`Fetching the species list: ${url}`);
  const { species, rows } = await fetchSpeciesList(client, url, signal);
  notice(`The list has ${rows} rows with ${species.length} names.`);
  return { species, unused: [], taken: [] };
}

if (import.meta.main) await runScript(script);
