#!/usr/bin/env -S deno run -q --no-prompt -P=scrape
/**
 * The whole: the species list where there is none yet, then the sources in their order, each for
 * what is missing: FishBase, licensed photos, Google Images.
 *
 * @module
 */

import type { Notice } from "../lib/base/failure.ts";
import { flag, type FlagValues, text } from "../lib/cli/flags.ts";
import { QUEUE_FLAGS, SOURCE_FLAGS, SOURCES_FLAG } from "../lib/cli/scrape_flags.ts";
import { runScrape, type ScrapeRun } from "../lib/cli/scrape_run.ts";
import { runScript, type Script, type ScriptContext } from "../lib/cli/script.ts";
import { isApiSource } from "../lib/cli/sources.ts";
import { readNewList, refuseTwoLists } from "../lib/cli/species_list.ts";
import { describeChanges, describeTaken } from "../lib/cli/species_report.ts";
import { readSpeciesList, updateSpeciesList } from "../lib/species/file.ts";
import type { Species } from "../lib/species/species.ts";
import type { Client } from "../lib/web/client.ts";

const FLAGS = {
  ...SOURCE_FLAGS,
  sources: SOURCES_FLAG,
  list: flag(text("URL"), "fetch this list article first"),
  "species-file": flag(text("FILE"), "your own list: JSON lines, CSV or names"),
  ...QUEUE_FLAGS,
};

export const script: Script<typeof FLAGS> = {
  name: "scrape",
  summary: "Turns the species list into images: licensed photos first, then Google Images.",
  flags: FLAGS,
  readsSettings: true,
  examples: ["scrape", 'scrape --only "Betta splendens" --images 50'],
  run(flags, context) {
    refuseTwoLists(flags);
    return runScrape(
      {
        list: (client) => speciesList(flags, client, context),
        ...chooseSources(flags, "sources" in context.given, context.say),
      },
      flags,
      context,
    );
  },
};

/**
 * The sources of this run: without Google where a licence is asked for. The limits of APIs hold for
 * one address, so where several machines work one of them asks the APIs.
 */
function chooseSources(
  { license, queue, shard, sources }: FlagValues<typeof FLAGS>,
  isGiven: boolean,
  say: Notice,
): Pick<ScrapeRun, "sources" | "forAllShards"> {
  const apis = sources.filter(isApiSource);
  const limits = "their limits hold for one network address";
  const part = apis.length === 0
    ? "none"
    : queue !== undefined
    ? "queue"
    : shard === undefined || shard.of === 1 || isGiven
    ? "alone"
    : shard.index === 1
    ? "first"
    : "later";
  const said: Readonly<Record<string, string>> = {
    first: `are asked here for the species of all shards: ${limits}. To ask them from each shard ` +
      "for its own, name them with --sources.",
    later:
      `are left to shard 1, which asks them for the species of all shards: ${limits}. To ask ` +
      "them from here too, name them with --sources.",
    queue: `are left out of the queue: ${limits}. Run deno task ${apis[0]} and so on before.`,
  };
  if (part in said) say(`${apis.join(", ")} ${said[part]}`);
  const isGoogleOut = license !== "any" && sources.includes("google");
  if (isGoogleOut) say("Google is not searched: it says nothing of licences.");
  const isLeft = part === "queue" || part === "later";
  return {
    sources: sources.filter((name) =>
      !(isLeft && isApiSource(name)) && !(isGoogleOut && name === "google")
    ),
    forAllShards: new Set(part === "first" ? apis : []),
  };
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
