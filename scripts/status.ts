#!/usr/bin/env -S deno run -q --no-prompt -P=status
/**
 * What a data folder has, as its log says it, also while a run goes on. Reads `data`, writes
 * nothing, has no network access.
 *
 * @module
 */

import { runScript, type Script } from "../lib/cli/script.ts";
import { DATA, JSON_OUT } from "../lib/cli/scrape_flags.ts";
import { statusReport } from "../lib/cli/status_report.ts";
import { datasetStatus } from "../lib/dataset/status.ts";

const FLAGS = { data: DATA, json: JSON_OUT };

/** The script. */
export const script: Script<typeof FLAGS> = {
  name: "status",
  summary: "Says what a data folder has, also while a run goes on.",
  flags: FLAGS,
  examples: ["status", "status --json"],
  async run(flags, context) {
    const status = await datasetStatus(flags.data);
    context.print(flags.json ? JSON.stringify(status, null, 2) : statusReport(status));
    return 0;
  },
};

if (import.meta.main) await runScript(script);
