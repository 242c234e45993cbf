#!/usr/bin/env -S deno run -q --no-prompt -P=scrape
/**
 * The whole: the species list where there is none yet, then the sources in their order, each for
 * what is missing: FishBase, licensed photos, Google Images.
 *
 * @module
 */

import type { Notice } from "../lib/base/failure.ts";
import { type FlagValues, optionalText } from "../lib/cli/flags.ts";
import {
  QUEUE_FLAGS,
  SOURCE_FLAGS,
  type SourceName,
  SOURCES_FLAG,
} from "../lib/cli/scrape_flags.ts";
import { runScrape } from "../lib/cli/scrape_run.ts";
import { runScript, type Script, type ScriptContext } from "../lib/cli/script.ts";
import { isApiSource } from "../lib/cli/sources.ts";
import { readNewList } from "../lib/cli/species_list.ts";
import { describeChanges, describeTaken } from "../lib/cli/species_report.ts";
import { readSpeciesList, updateSpeciesList } from "../lib/species/file.ts";
import type { Species } from "../lib/species/species.ts";
import type { Client } from "../lib/web/client.ts";

const FLAGS = {
  ...SOURCE_FLAGS,
  sources: SOURCES_FLAG,
  list: optionalText("URL", "fetch this list article first"),
  "species-file": optionalText("FILE", "your own list: JSON lines, CSV or names"),
  ...QUEUE_FLAGS,
};

/** `deno task scrape`. */
export const script: Script<typeof FLAGS> = {
  name: "scrape",
  summary: "Turns the species list into images: licensed photos first, then Google Images.",
  flags: FLAGS,
  readsSettings: true,
  examples: ["scrape", 'scrape --only "Betta splendens" --images 50'],
  async run(flags, context) {
    const isGiven = "sources" in context.given;
    const apis = isForAllShards(flags, isGiven) ? flags.sources.filter(isApiSource) : [];
    return await runScrape(
      {
        list: (client) => speciesList(flags, client, context),
        sources: chooseSources(flags, isGiven, context.say),
        forAllShards: new Set(apis),
      },
      flags,
      context,
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
  context: ScriptContext,
): Promise<readonly Species[]> {
  const file = flags["species-file"];
  const present = await readSpeciesList(flags.data);
  if (present !== undefined && file === undefined && flags.list === undefined) return present;
  const { species, unused, taken } = await readNewList(flags, present, client, context);
  for (const line of describeTaken(taken)) context.say(line);
  for (const { line, reason } of unused) {
    context.say(`Line ${line} of ${file ?? "the list"} is left out: ${reason}.`);
  }
  const changes = describeChanges(await updateSpeciesList(flags.data, species));
  if (changes.length > 0) ["The species list has changed:", ...changes].forEach(context.say);
  return species;
}

if (import.meta.main) await runScript(script);
