import { assert, assertEquals } from "@std/assert";
import { startWorld } from "../../lib/demo/world.ts";
import { inFolder, QUICK, run } from "../scripts/in_world.ts";
import { logLines, resultOf } from "../scripts/kills.ts";
import { type Engine, type Part, startKeeper, startWorker } from "./many.ts";
import { installed, startNats } from "./servers.ts";

const WORLD = { species: 3, images: 6, slow: false } as const;
const FLAGS = ["--images", "6"];
const NATS = await installed("nats-server");

async function settledAlone(data: string): Promise<readonly string[]> {
  const world = await startWorld(WORLD);
  try {
    const ended = await run(world, "scrape", data, [...FLAGS, ...QUICK]);
    assertEquals(ended.code, 0, ended.stderr);
    return (await resultOf(data)).settled;
  } finally {
    await world.close();
  }
}

async function end(...workers: readonly Part[]): Promise<void> {
  for (const worker of workers) worker.kill("SIGINT");
  for (const worker of workers) await worker.ended;
}

Deno.test({
  name:
    "a keeper with two workers decides the same as one machine, and no kept image lacks its bytes",
  ignore: NATS === undefined,
  async fn() {
    await inFolder(async (dir) => {
      const alone = await settledAlone(`${dir}/alone`);
      const nats = await startNats(NATS ?? "", dir);
      const world = await startWorld(WORLD);
      const engine: Engine = { world, queue: nats.url, store: `${dir}/store` };
      await Deno.mkdir(engine.store);
      const workers = [startWorker(engine, `${dir}/w1`), startWorker(engine, `${dir}/w2`)];
      try {
        const ended = await startKeeper(engine, `${dir}/data`, FLAGS).ended;
        assertEquals(ended.code, 0, ended.stderr + workers.map((one) => one.said()).join("\n"));
        await Deno.mkdir(`${dir}/data/images`, { recursive: true });
        assertEquals((await resultOf(`${dir}/data`)).settled, alone);
        const kept = (await logLines(`${dir}/data`)).filter(({ outcome }) => outcome === "kept");
        assert(kept.length > 0);
        for (const { sha256, file } of kept) {
          const hash = String(sha256);
          const ext = String(file).split(".").at(-1);
          await Deno.stat(`${engine.store}/blobs/${hash.slice(0, 2)}/${hash}.${ext}`);
        }
      } finally {
        await end(...workers);
        await world.close();
        await nats.kill();
      }
    });
  },
});
