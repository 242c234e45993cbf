/** Many machines in the demo world, held against what one machine makes of the same world. */

import { assert, assertEquals } from "@std/assert";
import { checkManners } from "../../lib/demo/check.ts";
import { type Farm, type Part, startKeeper, startPull, startWorker } from "../../lib/demo/many.ts";
import { findServer, type Server, startNats } from "../../lib/demo/server.ts";
import { startWorld, type World, type WorldOptions } from "../../lib/demo/world.ts";
import { withFolder } from "../folder.ts";
import { QUICK, run, until } from "../scripts/in_world.ts";
import { assertVerified, keptUrls, resultOf } from "../scripts/kills.ts";

const WORLD = { species: 3, images: 6, slow: false } as const;
// The APIs are left out of a queue.
const FLAGS = ["--images", "6", "--sources", "fishbase,google", ...QUICK];

export const NATS = await findServer("nats-server");
export const S3 = await findServer("moto_server");
if (NATS === undefined || S3 === undefined) {
  console.log("Tests of many machines are left out: sh tests/engine/install.sh");
}

/** What one machine makes of the world, and in how many requests. */
let alone: Promise<{ settled: readonly string[]; requests: number }> | undefined;

function oneMachine(): Promise<{ settled: readonly string[]; requests: number }> {
  return alone ??= (async () => {
    const world = await startWorld(WORLD);
    try {
      let settled: readonly string[] = [];
      await withFolder(async (dir) => {
        const ended = await run(world, "scrape", `${dir}/data`, FLAGS);
        assertEquals(ended.code, 0, ended.stderr);
        ({ settled } = await resultOf(`${dir}/data`));
      });
      return { settled, requests: world.requests.length };
    } finally {
      await world.close();
    }
  })();
}

/** Arguments for a NATS server with the accounts of the example, and who may be the keeper, who a worker. */
export async function withAccounts(dir: string): Promise<readonly string[]> {
  const example = await Deno.readTextFile(".github/engine/nats.conf");
  const text = example.replace(/\$(KEEPER|WORKER)_PASSWORD/g, "secret").replace(
    /^jetstream.*$/m,
    "",
  );
  await Deno.writeTextFile(`${dir}/nats.conf`, text);
  return ["-c", `${dir}/nats.conf`];
}
export const KEEPER = { NATS_USER: "keeper", NATS_PASSWORD: "secret" };
export const WORKER = { NATS_USER: "worker", NATS_PASSWORD: "secret" };

/** A queue, a world, a folder as store and a data folder; all that was started ends with the test. */
export interface TestFarm extends Farm {
  readonly world: World;
  readonly nats: Server;
  readonly dir: string;
  readonly data: string;
  keeper(flags?: readonly string[]): Part;
  worker(name: string, change?: Partial<Farm>, flags?: readonly string[]): Part;
  /** Kills parts, and sees to the end that nothing is fetched again that was kept by then. */
  kill(...parts: readonly Part[]): Promise<void>;
  /** Waits until so many of a hundred requests of one machine's run were made. */
  untilPart(hundredths: number): Promise<void>;
  /** Waits for the keeper's end: the log settles what one machine's does, all images are whole. */
  assertSame(keeper: Part): Promise<void>;
}

export async function onFarm(
  test: (farm: TestFarm) => Promise<void>,
  more: (dir: string) => Promise<Partial<Farm> & { readonly close?: () => Promise<void> }> = () =>
    Promise.resolve({}),
  played: WorldOptions["others"] = {},
): Promise<void> {
  await withFolder(async (dir) => {
    await Deno.mkdir(`${dir}/store`);
    const nats = await startNats(NATS ?? "", dir, await withAccounts(dir));
    const { close, environment, ...others } = await more(dir);
    const world = await startWorld({ ...WORLD, others: played });
    const data = `${dir}/data`;
    const store = `${dir}/store`;
    const farm = {
      ...{ world, queue: nats.url, store, deno: Deno.execPath(), ...others },
      environment: { ...environment, ...KEEPER },
    };
    const parts: Part[] = [];
    const started = (part: Part) => {
      parts.push(part);
      return part;
    };
    const kept: { readonly from: number; readonly urls: ReadonlySet<string> }[] = [];
    const settleKept = async () =>
      kept.push({ from: world.requests.length, urls: await keptUrls(world, data) });
    try {
      await test({
        ...farm,
        ...{ world, nats, dir, data },
        keeper: (flags = []) => started(startKeeper(farm, data, [...FLAGS, ...flags])),
        worker: (name, change, flags) =>
          started(
            startWorker(
              { ...farm, environment: { ...environment, ...WORKER }, ...change },
              `${dir}/${name}`,
              flags,
            ),
          ),
        async kill(...killed) {
          for (const part of killed) part.kill("SIGKILL");
          for (const part of killed) await part.ended;
          await settleKept();
        },
        async untilPart(hundredths) {
          const enough = (await oneMachine()).requests * hundredths / 100;
          await until(`${enough} requests`, () => world.requests.length >= enough, 300_000);
        },
        async assertSame(keeper) {
          const { code, stderr } = await keeper.ended;
          assertEquals(code, 0, [stderr, ...parts.map((one) => one.said())].join("\n---\n"));
          assertEquals((await resultOf(data)).settled, (await oneMachine()).settled);
          for (const { from, urls } of kept) {
            for (const { host, path } of world.requests.slice(from)) {
              assert(!urls.has(`https://${host}${path}`), `kept, asked for again: ${host}${path}`);
            }
          }
          assertEquals(checkManners(world.requests, world.crawlDelay), []);
          const pulled = await startPull(farm, data).ended;
          assertEquals(pulled.code, 0, pulled.stderr);
          await assertVerified(data);
        },
      });
    } finally {
      for (const part of parts) part.kill("SIGKILL");
      for (const part of parts) await part.ended;
      await world.close();
      await nats.kill();
      await close?.();
    }
  });
}
