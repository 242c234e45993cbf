/** Keeper and workers in this process, on a real queue: what is hard to bring about from outside. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { deadline } from "@std/async";
import { queueStatus } from "../../lib/cli/queue_report.ts";
import { createAuthority } from "../../lib/demo/authority.ts";
import { startNats } from "../../lib/demo/server.ts";
import { openStore } from "../../lib/engine/store.ts";
import { Keeper, startKeeper } from "../../lib/engine/keeper.ts";
import { read } from "../../lib/engine/messages.ts";
import { openQueue, pack, partitionOf, type Queue, STREAM } from "../../lib/engine/queue.ts";
import { runWorker, type WorkerOptions } from "../../lib/engine/worker.ts";
import type { FetchResult } from "../../lib/scrape/fetch_candidate.ts";
import type { Candidate, ImageSource } from "../../lib/sources/source.ts";
import type { Species } from "../../lib/species/species.ts";
import { withFolder } from "../folder.ts";
import { until } from "../scripts/in_world.ts";
import { KEEPER, NATS, withAccounts, WORKER } from "./farm.ts";

const WITHIN = 120_000;
const GONE: FetchResult = { ok: false, answer: { outcome: "gone", detail: "HTTP 404" } };

const MOVED: FetchResult = {
  ok: false,
  answer: { outcome: "redirect-loop", detail: "", elsewhere: "https://far.example/7.jpg" },
};
const KEPT = {
  ok: true,
  notes: [],
  examination: {
    ok: true,
    bytes: { length: 1, stored: true },
    sha256: "0".repeat(64),
    type: "jpeg",
    width: 640,
    height: 480,
    fingerprint: "0",
    mirrored: "0",
  },
};

async function onQueue(test: (queue: Queue, dir: string) => Promise<void>): Promise<void> {
  await withFolder(async (dir) => {
    const nats = await startNats(NATS ?? "", dir);
    const queue = await openQueue(nats.url, {}, () => undefined);
    try {
      await test(queue, dir);
    } finally {
      await queue.close();
      await nats.kill();
    }
  });
}

async function keeping(
  queue: Queue,
  test: (keeper: Keeper) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const keeper = await startKeeper({
    queue,
    run: { version: "1.0.0", flags: [], sources: [] },
    sites: new Map(),
    decidedUrls: () => [],
    flush: () => Promise.resolve(),
    notice: () => undefined,
    signal: stop.signal,
  });
  try {
    await test(keeper);
  } finally {
    stop.abort();
    await keeper.close();
  }
}

function fetching(keeper: Keeper, url: string, signal: AbortSignal): Promise<FetchResult> {
  const candidate = { url, page: "https://photos.example/" };
  const order = { candidate, species: "a", source: "s", arrived: () => {} };
  const fetched = deadline(keeper.fetch(order, signal), WITHIN);
  // It may be left alone, or end before somebody looks.
  fetched.catch(() => undefined);
  return fetched;
}

/** A worker that fetches nothing, but says what a function says. */
function working(
  queue: Queue,
  dir: string,
  signal: AbortSignal,
  answer: (candidate: Candidate) => FetchResult,
): WorkerOptions {
  return {
    queue,
    store: openStore(`${dir}/store`, {}),
    version: "1.0.0",
    sites: new Map(),
    notice: () => undefined,
    signal,
    makeHands: () =>
      Promise.resolve({
        fetcher: { fetch: ({ candidate }) => Promise.resolve(answer(candidate)) },
        interval: 0,
        sources: new Map(),
        close: () => Promise.resolve(),
      }),
  };
}

/** How many messages a stream has. */
async function count(queue: Queue, stream: keyof typeof STREAM): Promise<number> {
  return (await queue.manager.streams.info(STREAM[stream])).state.messages;
}

const SPECIES: Species = {
  id: "betta_splendens",
  latin: "Betta splendens",
  rank: "species",
  common: [],
  group: [],
  verbatim: { common: "", latin: "Betta splendens" },
  page: "",
  search: "Betta splendens",
};
const url = (number: number) => `https://photos.example/${number}.jpg`;
const PARTITION = partitionOf(url(0), new Map());

/** Takes the next task as a worker does. */
async function take(queue: Queue) {
  const consumer = await queue.tasksOf(PARTITION);
  const end = Date.now() + WITHIN;
  while (Date.now() < end) {
    const message = await consumer.next({ expires: 2000 });
    if (message !== null) return message;
  }
  throw new Error("no task came");
}

Deno.test({
  name:
    "a queue: what is full waits, what nobody wants leaves it, and what kills workers is given up",
  ignore: NATS === undefined,
  async fn(t) {
    await onQueue(async (queue, dir) => {
      await keeping(queue, async (keeper) => {
        const { signal } = new AbortController();
        const tasks = () => count(queue, "fetch");

        await t.step("a fetch that is not wanted any more leaves the queue", async () => {
          const enough = new AbortController();
          const unwanted = fetching(keeper, url(1), enough.signal);
          await until("it is queued", async () => await tasks() === 1, WITHIN);
          enough.abort(new Error("enough"));
          await assertRejects(() => unwanted, Error, "enough");
          await until("it is not", async () => await tasks() === 0, WITHIN);
        });

        await t.step("what finds the queue full is queued later", async () => {
          const { streams } = queue.manager;
          await streams.update(STREAM.fetch, { max_msgs: 2 });
          const { stuck } = await queueStatus(queue);
          assertEquals(stuck, ["There is no worker: nothing is fetched."]);
          const all = [2, 3, 4].map((number) => fetching(keeper, url(number), signal));
          for (const _ of all) {
            assert(await tasks() <= 2);
            const message = await take(queue);
            await queue.report(
              read.task(message.data).key,
              pack({
                key: read.task(message.data).key,
                result: GONE,
              }),
            );
            message.ack();
          }
          assertEquals((await Promise.all(all)).map(({ ok }) => ok), [false, false, false]);
          await streams.update(STREAM.fetch, { max_msgs: 100 });
        });

        await t.step("a result that cannot be read is left out, and the keeper lives", async () => {
          const before = await count(queue, "examined");
          // The second is one that the log could not be read with.
          const examination = { ...KEPT.examination, width: 1.5 };
          for (const bad of [{ key: "x" }, { key: "y", result: { ...KEPT, examination } }, "z"]) {
            await queue.report("nobodys", pack(bad));
          }
          const later = fetching(keeper, url(9), signal);
          const message = await take(queue);
          await queue.report("k", pack({ key: read.task(message.data).key, result: GONE }));
          message.ack();
          assertEquals((await later).ok, false);
          // What came of it stays until it is in a log.
          const left = async () => await count(queue, "examined") - before;
          await until("they have left the queue", async () => await left() === 1, WITHIN);
          assertEquals(keeper.broken.aborted, false);
        });

        await t.step(
          "what kills workers is given up, what is redirected passed on, what cannot be read removed",
          async () => {
            const poison = fetching(keeper, url(5), signal);
            for (let deaths = 1; deaths <= 5; deaths++) {
              const message = await take(queue);
              const { key } = read.task(message.data);
              // As a worker does that was given it twice before.
              if (deaths > 2) await queue.report(key, pack({ key }));
              message.nak();
            }
            const given = await poison;
            assertStringIncludes(given.ok ? "" : given.answer.detail, "given up");
            assertEquals(keeper.poison, 1);
            const suspect = fetching(keeper, url(8), signal);
            for (let naks = 1; naks <= 5; naks++) (await take(queue)).nak();
            const innocent = fetching(keeper, url(6), signal);
            await until("it is queued", async () => await tasks() === 2, WITHIN);
            const garbage = new TextEncoder().encode("{");
            queue.connection.publish(`aquaset.fetch.${PARTITION}.bad`, garbage);
            queue.connection.publish("aquaset.examined.bad", garbage);
            await until("it is queued too", async () => await tasks() === 3, WITHIN);
            const stop = new AbortController();
            const asked: string[] = [];
            const worker = runWorker(working(queue, dir, stop.signal, (candidate) => {
              asked.push(candidate.url);
              return candidate.url === url(7) ? MOVED : GONE;
            }));
            worker.catch(() => undefined);
            for (const fetched of [suspect, innocent]) {
              const { ok, ...rest } = await fetched;
              assertStringIncludes(ok ? "" : JSON.stringify(rest), "HTTP 404");
            }
            assertEquals([asked.length, keeper.poison], [2, 1]);
            const moved = await fetching(keeper, url(7), signal);
            assertEquals(moved.ok ? "" : moved.answer.detail, "HTTP 404");
            assertEquals(asked.slice(2), [url(7), "https://far.example/7.jpg"]);
            await until("nothing is left", async () => await tasks() === 0, WITHIN);
            const { workers, stuck } = await queueStatus(queue);
            assertEquals([workers.length, stuck], [1, []]);
            stop.abort();
            await worker.catch(() => undefined);
          },
        );
      });
    });
  },
});

Deno.test({
  name: "a lease that was lost is not taken from whoever has it now when it is given back",
  ignore: NATS === undefined,
  async fn() {
    await onQueue(async (queue) => {
      await queue.makeStreams();
      const lost = await queue.take("p1");
      assert(lost !== undefined && await queue.take("p1") === undefined);
      // As it ends by itself when it is not renewed.
      await queue.manager.streams.purge(STREAM.lease);
      const now = await queue.take("p1");
      assertEquals([await lost.renew(), lost.signal.aborted], [false, true]);
      await lost.release();
      assert((await queue.leases()).names.has("p1"));
      await now?.release();
      assertEquals((await queue.leases()).names.has("p1"), false);
    });
  },
});

Deno.test({
  name: "a source's site is left alone for its interval when one worker takes it over from another",
  ignore: NATS === undefined,
  async fn() {
    const interval = 9000;
    await onQueue(async (queue, dir) => {
      await keeping(queue, async (keeper) => {
        const asked: number[] = [];
        const site: ImageSource = {
          name: "site",
          vouches: false,
          async *candidates(_, { missing }) {
            while (missing > 0) {
              asked.push(performance.now());
              yield await Promise.resolve({
                url: url(asked.length),
                page: "https://site.example/",
              });
            }
            return { why: "exhausted" };
          },
          close: () => Promise.resolve(),
        };
        const start = (stop: AbortController) => {
          const options = working(queue, dir, stop.signal, () => GONE);
          const makeHands = async (...run: Parameters<typeof options.makeHands>) => ({
            ...await options.makeHands(...run),
            ...{ interval, sources: new Map([["site", site]]) },
          });
          return runWorker({ ...options, makeHands }).catch(() => undefined);
        };
        const demand = { missing: 1, successRate: 1, known: () => false };
        const search = keeper.source("site", false)
          .candidates(SPECIES, demand, AbortSignal.timeout(WITHIN));
        const [first, second] = [new AbortController(), new AbortController()];
        const workers = [start(first)];
        assertEquals((await search.next()).done, false);
        workers.push(start(second));
        const both = async () =>
          [...(await queue.leases()).names].filter((name) => name[0] === "w");
        await until("both are there", async () => (await both()).length === 2, WITHIN);
        asked.push(performance.now());
        first.abort(new Error("over"));
        assertEquals((await search.next()).done, false);
        const between = Math.round((asked.at(-1) ?? 0) - (asked.at(-2) ?? 0));
        assert(between >= interval, `${between} ms after it was asked last`);
        await search.return({ why: "exhausted" });
        second.abort(new Error("over"));
        await Promise.all(workers);
      });
    });
  },
});

// Made for this test alone.
const NKEY = {
  seed: "SUABX2O34SKTC3FJNBCBLVWXLGF25KKLLJB235HYW5ELJZQ2DVIYKFHZYA",
  user: "UBGW5SQJOLCDC7NUUD2JGNPHLGJUFHK6WJTZJQXY6PGTDZOSCQJI3HUN",
};

Deno.test({
  name:
    "a queue over TLS with an nkey: who lacks the authority or the key is refused with a sentence",
  ignore: NATS === undefined,
  async fn() {
    await withFolder(async (dir) => {
      const authority = await createAuthority(["localhost"]);
      await Deno.writeTextFile(`${dir}/authority.pem`, authority.certificate);
      await Deno.writeTextFile(`${dir}/chain.pem`, authority.chain);
      await Deno.writeTextFile(`${dir}/key.pem`, authority.key);
      await Deno.writeTextFile(
        `${dir}/nats.conf`,
        `tls { cert_file: "${dir}/chain.pem", key_file: "${dir}/key.pem" }
         authorization { users = [ { nkey: ${NKEY.user} } ] }`,
      );
      const nats = await startNats(NATS ?? "", dir, ["-c", `${dir}/nats.conf`]);
      const name = nats.url.replace("nats://127.0.0.1", "tls://localhost");
      const status = async (environment: Record<string, string>) => {
        const args = ["run", "-q", "--no-prompt", "-P=queue", "scripts/status.ts"];
        const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
          args: [...args, "--queue", name],
          env: { NO_COLOR: "1", DENO_CERT: "", ...environment },
        }).output();
        return `${code} ${new TextDecoder().decode(stdout)}${new TextDecoder().decode(stderr)}`;
      };
      const trust = { DENO_CERT: `${dir}/authority.pem` };
      const key = { NATS_NKEY_SEED: NKEY.seed };
      try {
        const good = await status({ ...trust, ...key });
        const noKey = await status(trust);
        const noTrust = await status(key);
        assertStringIncludes(good, "Did a keeper use it before?");
        assertStringIncludes(noKey, "NATS_NKEY_SEED");
        assertStringIncludes(noTrust, "DENO_CERT");
      } finally {
        await nats.kill();
      }
    });
  },
});

Deno.test({
  name: "with the accounts of .github/engine/nats.conf, a worker works and may do nothing else",
  ignore: NATS === undefined,
  async fn() {
    await withFolder(async (dir) => {
      const nats = await startNats(NATS ?? "", dir, await withAccounts(dir));
      const keepers = await openQueue(nats.url, KEEPER, () => undefined);
      const workers = await openQueue(nats.url, WORKER, () => undefined);
      try {
        await keeping(keepers, async (keeper) => {
          const stop = new AbortController();
          const worker = runWorker(working(workers, dir, stop.signal, () => GONE));
          worker.catch(() => undefined);
          const { ok, ...rest } = await fetching(keeper, url(1), stop.signal);
          assertStringIncludes(ok ? "" : JSON.stringify(rest), "HTTP 404");
          const held = (await keepers.holder("keeper"))?.data;
          await assertRejects(() => workers.dropTasks());
          await assertRejects(() => workers.take("keeper"));
          assertEquals((await keepers.holder("keeper"))?.data, held);
          stop.abort();
          await worker.catch(() => undefined);
        });
      } finally {
        await keepers.close();
        await workers.close();
        await nats.kill();
      }
    });
  },
});
