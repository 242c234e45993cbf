#!/usr/bin/env -S deno run -q --no-prompt -P=worker
/**
 * A worker: searches and fetches for a keeper (`scrape --queue`) on any machine. Reaches the queue,
 * the store and the internet; writes caches into `data` and, where the store is a folder, images there.
 *
 * @module
 */

import { Failure } from "../lib/base/failure.ts";
import { VERSION } from "../lib/base/version.ts";
import { readCredentials } from "../lib/cli/credentials.ts";
import { defaultsOf, flag, oneOf, parseFlags } from "../lib/cli/flags.ts";
import {
  BROWSER_FLAGS,
  DATA,
  QUEUE_FLAGS,
  SCRAPE_FLAGS,
  SOURCE_FLAGS,
  WORKERS_OBEY,
} from "../lib/cli/scrape_flags.ts";
import { defineScript, runScript } from "../lib/cli/script.ts";
import { clientFor, openSources, SOURCE_SITES } from "../lib/cli/sources.ts";
import { openQueue } from "../lib/engine/queue.ts";
import { openStore } from "../lib/engine/store.ts";
import { runWorker } from "../lib/engine/worker.ts";

export const script = defineScript({
  name: "worker",
  summary: "Searches and fetches for a keeper, which is scrape --queue.",
  flags: {
    ...QUEUE_FLAGS,
    only: flag(oneOf(["both", "search", "fetch"]), "what it does", "both"),
    data: DATA,
    "allow-private": SCRAPE_FLAGS["allow-private"],
    ...BROWSER_FLAGS,
  },
  examples: ["worker --queue nats://10.0.0.5:4222 --store s3://fish/images"],
  async run({ queue: address, store: place, only, ...own }, { say: notice, signal, use }) {
    if (address === undefined || place === undefined) {
      throw new Failure(
        "A worker needs --queue nats://host:4222 and --store s3://bucket/prefix or a folder, as its keeper has them.",
        2,
      );
    }
    const credentials = await readCredentials(own.credentials);
    const store = openStore(place, credentials);
    await Deno.mkdir(own.data, { recursive: true });
    const queue = use(await openQueue(address, credentials, notice));
    await runWorker({
      queue,
      store,
      only: only === "both" ? undefined : only,
      version: VERSION,
      sites: SOURCE_SITES,
      notice,
      signal,
      makeHands(run, owns) {
        const { flags: theirs } = parseFlags(run.flags, WORKERS_OBEY, false);
        const flags = { ...defaultsOf(SOURCE_FLAGS), ...theirs, ...own };
        const client = clientFor(flags, notice, owns);
        const searched = only === "fetch" ? [] : ["fishbase", "google"] as const;
        const names = searched.filter((name) => run.sources.includes(name));
        const { close, fetcher, sources } = openSources(names, flags, { client, notice }, false);
        return Promise.resolve({
          fetcher,
          sources: new Map(sources.map((source) => [source.name, source])),
          // Google's searches are a quarter more or less apart.
          interval: Math.max(flags["fishbase-delay"], flags["google-delay"] * 1.25),
          async close() {
            await close();
            client.close();
          },
        });
      },
    });
  },
});

if (import.meta.main) await runScript(script);
