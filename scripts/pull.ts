#!/usr/bin/env -S deno run -q --no-prompt -P=pull
/**
 * Brings the images that workers have put into a store into the keeper's data folder. Reaches the
 * store, writes `data`.
 *
 * @module
 */

import { Failure } from "../lib/base/failure.ts";
import { readCredentials } from "../lib/cli/credentials.ts";
import { datasetOptions } from "../lib/cli/data_folder.ts";
import { DATA, JSON_OUT, QUEUE_FLAGS } from "../lib/cli/scrape_flags.ts";
import { defineScript, runScript } from "../lib/cli/script.ts";
import { checkDataFolder, openDataset } from "../lib/dataset/dataset.ts";
import { pullImages, storeOf } from "../lib/dataset/image_store.ts";
import { openStore } from "../lib/engine/store.ts";

const { store, credentials } = QUEUE_FLAGS;

export const script = defineScript({
  name: "pull",
  summary: "Brings the images of a store into the data folder; goes on where it was ended.",
  flags: { data: DATA, store, credentials, json: JSON_OUT },
  examples: ["pull", "pull --store /mnt/share"],
  async run({ data, store: named, credentials }, context) {
    await checkDataFolder(data);
    const known = await storeOf(data);
    if (known === undefined) {
      throw new Failure(`The images of ${data} are in no store, but in the folder itself.`, 2);
    }
    // The same store may have another name here: a share, say, that is mounted elsewhere.
    const store = openStore(named ?? known, await readCredentials(credentials));
    const dataset = context.use(
      await openDataset({ ...datasetOptions(data, context), store: known }),
    );
    const pulled = await context.counting(
      "images",
      (progress) => pullImages(dataset, store, progress, context.signal),
    );
    const { brought, present, lost } = pulled;
    context.result(
      pulled,
      () => `${brought} images came from ${store.name}, ${present} were there before.`,
    );
    if (lost[0] === undefined) return;
    throw new Failure(
      `${lost.length} kept images are not in ${store.name}, such as ${lost[0]}. ` +
        "Is it the right store?",
    );
  },
});

if (import.meta.main) await runScript(script);
