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
import { withDisplay } from "../lib/cli/progress.ts";
import { DATA, JSON_OUT, QUEUE_FLAGS } from "../lib/cli/scrape_flags.ts";
import { runScript, type Script } from "../lib/cli/script.ts";
import { checkDataFolder, openDataset, storeOf } from "../lib/dataset/dataset.ts";
import { type Pulled, pullImages } from "../lib/dataset/pull.ts";
import { openStore } from "../lib/engine/store.ts";

const FLAGS = {
  data: DATA,
  store: QUEUE_FLAGS.store,
  credentials: QUEUE_FLAGS.credentials,
  json: JSON_OUT,
};

/** `deno task pull`. */
export const script: Script<typeof FLAGS> = {
  name: "pull",
  summary: "Brings the images of a store into the data folder; goes on where it was ended.",
  flags: FLAGS,
  examples: ["pull", "pull --store /mnt/share"],
  async run(flags, context) {
    await checkDataFolder(flags.data);
    const known = await storeOf(flags.data);
    if (known === undefined) {
      throw new Failure(
        `The images of ${flags.data} are in no store, but in the folder itself.`,
        2,
      );
    }
    // The same store may have another name here: a share, say, that is mounted elsewhere.
    const store = openStore(flags.store ?? known, await readCredentials(flags.credentials));
    const dataset = await openDataset({ ...datasetOptions(flags.data, context), store: known });
    let pulled: Pulled;
    try {
      pulled = await withDisplay(
        context,
        (display) => pullImages(dataset, store, display.count("pull", "images"), context.signal),
      );
    } finally {
      await dataset.close();
    }
    const { brought, present, lost } = pulled;
    context.result(
      pulled,
      () => `${brought} images came from ${store.name}, ${present} were there before.`,
    );
    if (lost.length === 0) return 0;
    throw new Failure(
      `${lost.length} kept images are not in ${store.name}, such as ${
        lost[0]
      }. Is it the right store?`,
    );
  },
};

if (import.meta.main) await runScript(script);
