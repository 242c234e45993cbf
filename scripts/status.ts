#!/usr/bin/env -S deno run -q --no-prompt -P=status
/**
 * What a data folder has, as its log says it, also while a run goes on. Reads `data`, writes
 * nothing, has no network access.
 *
 * @module
 */

import { optionalText } from "../lib/cli/flags.ts";
import { runScript, type Script } from "../lib/cli/script.ts";
import { DATA, JSON_OUT, QUEUE_FLAGS } from "../lib/cli/scrape_flags.ts";
import { readSettings } from "../lib/cli/settings.ts";
import { statusReport } from "../lib/cli/status_report.ts";
import { readDataset } from "../lib/dataset/dataset.ts";
import { datasetStatus } from "../lib/dataset/status.ts";
import { countEmbeddings } from "../lib/embed/store.ts";

const FLAGS = {
  data: DATA,
  queue: optionalText("URL", "instead: what goes on at a queue, from anywhere"),
  credentials: QUEUE_FLAGS.credentials,
  json: JSON_OUT,
};

/** The script. */
export const script: Script<typeof FLAGS> = {
  name: "status",
  summary: "Says what a data folder has, also while a run goes on.",
  flags: FLAGS,
  examples: ["status", "status --json"],
  async run(flags, context) {
    if (flags.queue !== undefined) {
      const { describeQueue } = await import("../lib/cli/queue_report.ts");
      context.print(await describeQueue(flags.queue, flags, context.say));
      return 0;
    }
    const reading = await readDataset(flags.data);
    using state = reading.state;
    const status = await datasetStatus(flags.data, reading);
    const settings = await readSettings(flags.data);
    const embedded = await countEmbeddings(flags.data, state.keptImages());
    context.result(
      { ...status, settings, ...(embedded && { embedded }) },
      () => statusReport(status, settings, embedded),
    );
    return 0;
  },
};

if (import.meta.main) await runScript(script);
