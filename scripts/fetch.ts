#!/usr/bin/env -S deno run -q --no-prompt -P=fetch
/**
 * Rebuilds a dataset from a list of images that somebody has shared: fetches each image, politely,
 * and keeps it where it is the one that the list means.
 *
 * @module
 */

import { type ExitStatus, Failure, reason } from "../lib/base/failure.ts";
import { plural } from "../lib/base/plural.ts";
import { datasetOptions } from "../lib/cli/data_folder.ts";
import { type FlagValues, whole } from "../lib/cli/flags.ts";
import { withDisplay } from "../lib/cli/progress.ts";
import { CONTACT, DATA, JSON_OUT, SCRAPE_FLAGS } from "../lib/cli/scrape_flags.ts";
import { ScrapeProgress } from "../lib/cli/scrape_progress.ts";
import { runScript, type Script, type ScriptContext } from "../lib/cli/script.ts";
import { type Dataset, openDataset } from "../lib/dataset/dataset.ts";
import type { ImageEvent } from "../lib/dataset/event.ts";
import { createExaminer } from "../lib/image/create_examiner.ts";
import { fetchHere } from "../lib/scrape/fetch_candidate.ts";
import { scrape } from "../lib/scrape/scrape.ts";
import {
  createListSources,
  type ListedImage,
  parseImageList,
  speciesOf,
} from "../lib/sources/list.ts";
import { updateSpeciesList } from "../lib/species/file.ts";
import { DEFAULT_SHARES } from "../lib/split/side.ts";
import { readSplits, writeSplits } from "../lib/split/split_file.ts";
import { createClient } from "../lib/web/create_client.ts";

const FLAGS = {
  data: DATA,
  jobs: whole(8, 1, 64, "species at a time"),
  retry: SCRAPE_FLAGS.retry,
  contact: CONTACT,
  "allow-private": SCRAPE_FLAGS["allow-private"],
  json: JSON_OUT,
};

/** The script. */
export const script: Script<typeof FLAGS> = {
  name: "fetch",
  summary: "Rebuilds a dataset from lists that `export --format list` has made.",
  flags: FLAGS,
  readsSettings: true,
  words: "LIST…",
  examples: ["fetch data/train.jsonl data/validation.jsonl data/test.jsonl"],
  run,
};

async function run(
  flags: FlagValues<typeof FLAGS>,
  context: ScriptContext,
): Promise<0 | ExitStatus> {
  const images = await readLists(context.words);
  const dataset = await openDataset(datasetOptions(flags.data, context));
  const client = createClient({
    contact: flags.contact,
    allowPrivate: flags["allow-private"],
    notice: context.say,
  });
  const examiner = createExaminer();
  const lost: ImageEvent[] = [];
  try {
    await updateSpeciesList(flags.data, speciesOf(images));
    await addSplits(flags.data, images);
    const { stops } = await withDisplay(context, (display) =>
      scrape(
        { species: speciesOf(images), wanted: Infinity, jobs: flags.jobs, retry: flags.retry },
        {
          dataset,
          fetcher: fetchHere(client, examiner),
          sources: createListSources(images),
          progress: new ScrapeProgress(display, flags.jobs, (event) => {
            if (event.outcome !== "kept") lost.push(event);
          }),
        },
        { stopStarting: context.signal, abort: context.signal },
      ));
    const kept = countKept(dataset, images);
    context.result(
      { listed: images.length, kept, lost, stops },
      () => describe(images.length, kept, lost),
    );
    return stops.length > 0 ? 75 : 0;
  } finally {
    examiner.close();
    client.close();
    await dataset.close();
  }
}

async function readLists(paths: readonly string[]): Promise<ListedImage[]> {
  if (paths.length === 0) {
    throw new Failure(
      "fetch needs the lists: deno task fetch data/train.jsonl data/validation.jsonl data/test.jsonl",
      2,
    );
  }
  const images: ListedImage[] = [];
  for (const path of paths) {
    let text: string;
    try {
      text = await Deno.readTextFile(path);
    } catch (thrown) {
      if (thrown instanceof Deno.errors.NotCapable) throw thrown;
      throw new Failure(`Cannot read the list ${path}: ${reason(thrown)}.`, 2);
    }
    images.push(...parseImageList(text, path));
  }
  return images;
}

/** The sides of the list become those of the data folder; images that have a side there keep it. */
async function addSplits(dir: string, images: readonly ListedImage[]): Promise<void> {
  const before = await readSplits(dir) ?? { shares: DEFAULT_SHARES, seed: 1, lines: [] };
  const lines = new Map(before.lines.map((line) => [`${line.species} ${line.sha256}`, line]));
  for (const { species, sha256, split, split_group: group } of images) {
    const key = `${species} ${sha256}`;
    if (!lines.has(key)) lines.set(key, { species, sha256, side: split, group });
  }
  await writeSplits(dir, { ...before, lines: [...lines.values()] });
}

function countKept({ state }: Dataset, images: readonly ListedImage[]): number {
  return images.filter(({ species, url }) => state.decided(species, url) === "kept").length;
}

/** How many lost images are named. */
const MAX_NAMED = 20;

function describe(listed: number, kept: number, lost: readonly ImageEvent[]): string {
  const lines = [`${kept} of ${plural(listed, "listed image")} are there.`];
  for (const { species, url, outcome, detail } of lost.slice(0, MAX_NAMED)) {
    lines.push(`${outcome}: ${species} ${url}${detail === undefined ? "" : ` (${detail})`}`);
  }
  if (lost.length > MAX_NAMED) lines.push(`… and ${lost.length - MAX_NAMED} more, in the log.`);
  return lines.join("\n");
}

if (import.meta.main) await runScript(script);
