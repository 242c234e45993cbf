#!/usr/bin/env -S deno run -q --no-prompt -P=fetch
/**
 * Rebuilds a dataset from a list of images that somebody has shared: fetches each image, politely,
 * and keeps it where it is the one that the list means.
 *
 * @module
 */

import { Failure } from "../lib/base/failure.ts";
import { plural } from "../lib/base/plural.ts";
import { datasetOptions, readGivenFile } from "../lib/cli/data_folder.ts";
import { withDisplay } from "../lib/cli/progress.ts";
import { DATA, JSON_OUT, SCRAPE_FLAGS } from "../lib/cli/scrape_flags.ts";
import { ScrapeProgress } from "../lib/cli/scrape_progress.ts";
import { defineScript, runScript } from "../lib/cli/script.ts";
import { firstOf, lines } from "../lib/cli/terminal_text.ts";
import { openDataset } from "../lib/dataset/dataset.ts";
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

const { jobs, retry, contact, "allow-private": allowPrivate } = SCRAPE_FLAGS;

export const script = defineScript({
  name: "fetch",
  summary: "Rebuilds a dataset from lists that `export --format list` has made.",
  flags: { data: DATA, jobs, retry, contact, "allow-private": allowPrivate, json: JSON_OUT },
  readsSettings: true,
  words: "LIST…",
  examples: ["fetch data/train.jsonl data/validation.jsonl data/test.jsonl"],
  async run({ data, jobs, retry, contact, "allow-private": allowPrivate }, context) {
    const images = await readLists(context.words);
    const species = speciesOf(images);
    const dataset = context.use(await openDataset(datasetOptions(data, context)));
    const client = context.use(createClient({ contact, allowPrivate, notice: context.say }));
    const examiner = context.use(createExaminer());
    await updateSpeciesList(data, species);
    await addSplits(data, images);
    const lost: ImageEvent[] = [];
    const { stops } = await withDisplay(context, (display) =>
      scrape(
        { species, wanted: Infinity, jobs, retry },
        {
          dataset,
          fetcher: fetchHere(client, examiner),
          sources: createListSources(images),
          progress: new ScrapeProgress(display, jobs, (event) => {
            if (event.outcome !== "kept") lost.push(event);
          }),
        },
        { stopStarting: context.signal, abort: context.signal },
      ));
    const kept = images.filter(({ species, url }) =>
      dataset.state.decided(species, url) === "kept"
    ).length;
    context.result(
      { listed: images.length, kept, lost, stops },
      () => describe(images.length, kept, lost),
    );
    return stops.length > 0 ? 75 : 0;
  },
});

async function readLists(paths: readonly string[]): Promise<ListedImage[]> {
  if (paths.length === 0) {
    throw new Failure(
      "fetch needs the lists: deno task fetch data/train.jsonl data/validation.jsonl data/test.jsonl",
      2,
    );
  }
  const images: ListedImage[] = [];
  for (const path of paths) images.push(...parseImageList(await readGivenFile("list", path), path));
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

const MAX_NAMED = 20;

function describe(listed: number, kept: number, lost: readonly ImageEvent[]): string {
  const each = lost.map(({ species, url, outcome, detail }) =>
    `${outcome}: ${species} ${url}${detail === undefined ? "" : ` (${detail})`}`
  );
  return lines(
    `${kept} of ${plural(listed, "listed image")} are there.`,
    firstOf(each, MAX_NAMED, "… and # more, in the log."),
  );
}

if (import.meta.main) await runScript(script);
