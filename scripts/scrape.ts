#!/usr/bin/env -S deno run -q --no-prompt -P=scrape
/**
 * The whole: the species list where there is none yet, then the sources in their order, each for
 * what is missing: FishBase, licensed photos, Google Images.
 *
 * @module
 */

import { buildSource, isApiSource, SOURCE_SITES } from "../lib/cli/build_sources.ts";
import { type FlagValues, optionalText } from "../lib/cli/flags.ts";
import { runScrape } from "../lib/cli/scrape_run.ts";
import {
  API_FLAGS,
  BROWSER_FLAGS,
  FISHBASE_FLAGS,
  GOOGLE_FLAGS,
  QUEUE_FLAGS,
  SCRAPE_FLAGS,
  type SourceName,
  SOURCES_FLAG,
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
  sources: SOURCES_FLAG,
  list: optionalText("URL", "fetch this list article first"),
  "species-file": optionalText("FILE", "your own list: JSON lines, CSV or names"),
  ...BROWSER_FLAGS,
  ...FISHBASE_FLAGS,
  ...API_FLAGS,
  ...GOOGLE_FLAGS,
  ...QUEUE_FLAGS,
};

/** `deno task scrape`. */
export const script: Script<typeof FLAGS> = {
  name: "scrape",
  summary: "Turns the species list into images: licensed photos first, then Google Images.",
  flags: FLAGS,
  readsSettings: true,
  examples: ["scrape", 'scrape --only "Betta splendens" --images 50'],
  run: (flags, context) => {
    const isGiven = "sources" in context.given;
    return runScrape(
      {
        list: (client, notice, signal) => speciesList(flags, client, notice, signal),
        sites: SOURCE_SITES,
        sources: (parts) =>
          chooseSources(flags, isGiven, parts.notice)
            .map((name) => buildSource(name, flags, parts)),
        forAllShards: new Set(
          isForAllShards(flags, isGiven) ? flags.sources.filter(isApiSource) : [],
        ),
      },
      flags,
      context,
      flags,
    );
  },
};

/** Whether the APIs are asked here for the species of all shards, since no other shard asks them. */
function isForAllShards(
  { queue, shard }: Pick<FlagValues<typeof FLAGS>, "queue" | "shard">,
  isGiven: boolean,
): boolean {
  return shard !== undefined && shard.index === 1 && shard.of > 1 && queue === undefined &&
    !isGiven;
}

/**
 * The sources of this run: without Google where a licence is asked for, and without the APIs, whose
 * limits hold for one address, where several machines work.
 */
function chooseSources(
  { license, queue, shard, sources }: FlagValues<typeof FLAGS>,
  isGiven: boolean,
  notice: Notice,
): readonly SourceName[] {
  const apis = sources.filter(isApiSource);
  const limits = "their limits hold for one network address";
  if (apis.length > 0 && isForAllShards({ queue, shard }, isGiven)) {
    notice(
      `${apis.join(", ")} are asked here for the species of all shards: ${limits}. To ask them ` +
        "from each shard for its own, name them with --sources.",
    );
  }
  const isOtherShard = shard !== undefined && shard.index > 1 && !isGiven;
  const isWithoutApis = apis.length > 0 && (isOtherShard || queue !== undefined);
  if (isWithoutApis) {
    notice(
      isOtherShard
        ? `${
          apis.join(", ")
        } are left to shard 1, which asks them for the species of all shards: ` +
          `${limits}. To ask them from here too, name them with --sources.`
        : `${apis.join(", ")} are left out of the queue: ${limits}. Run deno task ${apis[0]} ` +
          "and so on before.",
    );
  }
  const isGoogleOut = license !== "any" && sources.includes("google");
  if (isGoogleOut) notice("Google is not searched: it says nothing of licences.");
  return sources.filter((name) =>
    !(isWithoutApis && isApiSource(name)) && !(isGoogleOut && name === "google")
  );
}

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
