#!/usr/bin/env -S deno run -q --no-prompt -P=worker
/**
 * A worker: searches and fetches for a keeper (`scrape --queue`) on any machine. Reaches the queue,
 * the store and the internet; writes caches into `data` and, where the store is a folder, images there.
 *
 * @module
 */

import { Failure } from "../lib/base/failure.ts";
import { VERSION } from "../lib/base/version.ts";
import { fishbaseSource, googleSource, SOURCE_SITES } from "../lib/cli/build_sources.ts";
import { readCredentials } from "../lib/cli/credentials.ts";
import { type FlagValues, oneOf, parseFlags } from "../lib/cli/flags.ts";
import {
  BROWSER_FLAGS,
  DATA,
  FISHBASE_FLAGS,
  GOOGLE_FLAGS,
  QUEUE_FLAGS,
  SCRAPE_FLAGS,
} from "../lib/cli/scrape_flags.ts";
import { runScript, type Script, type ScriptContext } from "../lib/cli/script.ts";
import { savePage } from "../lib/dataset/pages.ts";
import { openStore } from "../lib/engine/store.ts";
import type { RunMessage } from "../lib/engine/messages.ts";
import { openQueue } from "../lib/engine/queue.ts";
import { type Hands, runWorker } from "../lib/engine/worker.ts";
import { createExaminer } from "../lib/image/create_examiner.ts";
import { DEFAULT_LIMITS } from "../lib/image/examine.ts";
import { fetchHere } from "../lib/scrape/fetch_candidate.ts";
import { createClient } from "../lib/web/create_client.ts";

const FLAGS = {
  ...QUEUE_FLAGS,
  only: oneOf(["both", "search", "fetch"], "both", "what it does"),
  data: DATA,
  "allow-private": SCRAPE_FLAGS["allow-private"],
  ...BROWSER_FLAGS,
};
/** What a keeper says of how to search and fetch. */
const KEEPERS_FLAGS = { ...SCRAPE_FLAGS, ...FISHBASE_FLAGS, ...GOOGLE_FLAGS };

/** `deno task worker`. */
export const script: Script<typeof FLAGS> = {
  name: "worker",
  summary: "Searches and fetches for a keeper, which is scrape --queue.",
  flags: FLAGS,
  examples: ["worker --queue nats://10.0.0.5:4222 --store s3://fish/images"],
  async run(flags, context) {
    if (flags.queue === undefined || flags.store === undefined) {
      throw new Failure(
        "A worker needs --queue nats://host:4222 and --store s3://bucket/prefix or a folder, as its keeper has them.",
        2,
      );
    }
    const credentials = await readCredentials(flags.credentials);
    const store = openStore(flags.store, credentials);
    await Deno.mkdir(flags.data, { recursive: true });
    const queue = await openQueue(flags.queue, credentials, context.say);
    try {
      await runWorker({
        queue,
        store,
        only: flags.only === "both" ? undefined : flags.only,
        version: VERSION,
        makeHands: (run, owns) => Promise.resolve(makeHands(run, flags, owns, context)),
        sites: SOURCE_SITES,
        notice: context.say,
        signal: context.signal,
      });
      return 0;
    } finally {
      await queue.close();
    }
  },
};

/** Client, examiner and sources as the keeper wants them. */
function makeHands(
  run: RunMessage,
  own: FlagValues<typeof FLAGS>,
  owns: (url: string) => boolean,
  context: ScriptContext,
): Hands {
  const { flags: theirs } = parseFlags(run.flags, KEEPERS_FLAGS, false);
  const flags = { ...theirs, ...own, only: theirs.only };
  const client = createClient({
    contact: flags.contact,
    maxBytes: flags["max-bytes"],
    allowPrivate: flags["allow-private"],
    ignoreOptOuts: flags["ignore-opt-outs"],
    strictRobots: flags["strict-robots"],
    owns,
    notice: context.say,
  });
  const examiner = createExaminer({
    limits: {
      ...DEFAULT_LIMITS,
      minWidth: flags["min-size"].width,
      minHeight: flags["min-size"].height,
      maxAspect: flags["max-aspect"],
    },
  });
  const dataset = {
    saveReportPage: (name: string, bytes: Uint8Array) => savePage(flags.data, name, bytes),
  };
  const parts = { client, dataset, notice: context.say };
  const sources = own.only === "fetch"
    ? []
    : [fishbaseSource(flags, parts), googleSource(flags, parts)]
      .filter(({ name }) => run.sources.includes(name));
  return {
    fetcher: fetchHere(client, examiner, flags["check-pages"]),
    sources: new Map(sources.map((source) => [source.name, source])),
    // Google's searches are a quarter more or less apart.
    interval: Math.max(flags["fishbase-delay"], flags["google-delay"] * 1.25),
    async close() {
      await Promise.all(sources.map((source) => source.close()));
      examiner.close();
      client.close();
    },
  };
}

if (import.meta.main) await runScript(script);
