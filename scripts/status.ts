#!/usr/bin/env -S deno run -q --no-prompt -P=status
/**
 * What a data folder has, as its log says it, also while a run goes on. Reads `data`, writes
 * nothing, has no network access.
 *
 * @module
 */

import { flag, text } from "../lib/cli/flags.ts";
import { DATA, JSON_OUT, QUEUE_FLAGS } from "../lib/cli/scrape_flags.ts";
import { defineScript, runScript } from "../lib/cli/script.ts";
import { readSettings } from "../lib/cli/settings.ts";
import { statusReport } from "../lib/cli/status_report.ts";
import { readDataset } from "../lib/dataset/dataset.ts";
import { datasetStatus } from "../lib/dataset/status.ts";
import { countEmbeddings } from "../lib/embed/store.ts";

export const script = defineScript({
  name: "status",
  summary: "Says what a data folder has, also while a run goes on.",
  flags: {
    data: DATA,
    queue: flag(text("URL"), "instead: what goes on at a queue, from anywhere"),
    credentials: QUEUE_FLAGS.credentials,
    json: JSON_OUT,
  },
  examples: ["status", "status --json"],
  async run(flags, { print, result, say, use }) {
    if (flags.queue !== undefined) {
      const { describeQueue } = await import("../lib/cli/queue_report.ts");
      return print(await describeQueue(flags.queue, flags, say));
    }
    const reading = await readDataset(flags.data);
    const state = use(reading.state);
    const status = await datasetStatus(flags.data, reading);
    const settings = await readSettings(flags.data);
    const embedded = await countEmbeddings(flags.data, state.keptImages());
    result(
      { ...status, settings, ...(embedded && { embedded }) },
      () => statusReport(status, settings, embedded),
    );
  },
});

if (import.meta.main) await runScript(script);
