import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startWorld, type World } from "../../lib/demo/world.ts";
import { pack } from "../../lib/engine/queue.ts";
import { openQueue } from "../../lib/engine/queue.ts";
import { inFolder, QUICK, run, until } from "../scripts/in_world.ts";
import { assertVerified, keptUrls, resultOf } from "../scripts/kills.ts";
import { type Engine, type Part, startKeeper, startPull, startWorker } from "./many.ts";
import { installed, type Server, startNats, startS3 } from "./servers.ts";

const WORLD = { species: 3, images: 6, slow: false } as const;
// The APIs are left out of a queue.
const FLAGS = ["--images", "6", "--sources", "fishbase,google"];
const NATS = await installed("nats-server");
const S3 = await installed("moto_server");

/** What one machine makes of the world, and in how many requests. */
let alone: Promise<{ settled: readonly string[]; requests: number }> | undefined;

function oneMachine(): Promise<{ settled: readonly string[]; requests: number }> {
  return alone ??= (async () => {
    const world = await startWorld(WORLD);
    const dir = await Deno.makeTempDir({ prefix: "aquaset-test-" });
    try {
      const ended = await run(world, "scrape", `${dir}/data`, [...FLAGS, ...QUICK]);
      assertEquals(ended.code, 0, ended.stderr);
      const { settled } = await resultOf(`${dir}/data`);
      return { settled, requests: world.requests.length };
    } finally {
      await world.close();
      await Deno.remove(dir, { recursive: true });
    }
  })();
}

/** A queue, a world and a folder as store; all that was started ends with the test. */
interface Farm extends Engine {
  readonly nats: Server;
  readonly dir: string;
  readonly data: string;
  worker(name: string): Part;
  keeper(): Part;
}

async function onFarm(
  test: (farm: Farm) => Promise<void>,
  more: (dir: string) => Promise<Partial<Engine> & { readonly close?: () => Promise<void> }> = () =>
    Promise.resolve({}),
): Promise<void> {
  await inFolder(async (dir) => {
    await Deno.mkdir(`${dir}/store`);
    const nats = await startNats(NATS ?? "", dir);
    const { close, ...others } = await more(dir);
    const world = await startWorld(WORLD);
    const engine: Engine = { world, queue: nats.url, store: `${dir}/store`, ...others };
    const parts: Part[] = [];
    const started = (part: Part) => {
      parts.push(part);
      return part;
    };
    try {
      await test({
        ...engine,
        nats,
        dir,
        data: `${dir}/data`,
        worker: (name) => started(startWorker(engine, `${dir}/${name}`)),
        keeper: () => started(startKeeper(engine, `${dir}/data`, FLAGS)),
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

/** The log settles what one machine's does, and all kept images can be brought and are whole. */
async function assertSame(farm: Farm): Promise<void> {
  await Deno.mkdir(`${farm.data}/images`, { recursive: true });
  assertEquals((await resultOf(farm.data)).settled, (await oneMachine()).settled);
  const pulled = await startPull(farm, farm.data).ended;
  assertEquals(pulled.code, 0, pulled.stderr);
  await assertVerified(farm.data);
}

async function assertEnded(part: Part, ...others: readonly Part[]): Promise<void> {
  const { code, stderr } = await part.ended;
  assertEquals(code, 0, [stderr, ...others.map((one) => one.said())].join("\n---\n"));
}

/** What `status --queue` says. */
async function statusOf({ queue }: Engine): Promise<string> {
  const args = ["run", "-q", "--no-prompt", "-P=queue", "scripts/status.ts", "--queue", queue];
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

/** Waits until so many of hundred requests of one machine's run were made. */
async function untilPart(world: World, hundredths: number): Promise<void> {
  const { requests } = await oneMachine();
  const enough = requests * hundredths / 100;
  await until(`${enough} requests`, () => world.requests.length >= enough, 120_000);
}

const ignore = NATS === undefined;

Deno.test({
  name:
    "a keeper with two workers and an S3 decides the same as one machine; a second keeper is refused",
  ignore: ignore || S3 === undefined,
  async fn() {
    await onFarm(async (farm) => {
      const workers = [farm.worker("w1"), farm.worker("w2")];
      const keeper = farm.keeper();
      await untilPart(farm.world, 5);
      const second = await startKeeper(farm, `${farm.dir}/other`, FLAGS).ended;
      assertEquals(second.code, 2, second.stderr);
      assertStringIncludes(second.stderr, "it can have one only");
      assertStringIncludes(await statusOf(farm), "2 workers have");
      await assertEnded(keeper, ...workers);
      await assertSame(farm);
    }, async (dir) => {
      const s3 = await startS3(S3 ?? "", dir);
      const made = await fetch(`${s3.url}/fish`, {
        method: "PUT",
        headers: {
          authorization: "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/s3/aws4_request",
        },
      });
      const why = await made.text();
      assert(made.ok, why);
      const environment = {
        AWS_ACCESS_KEY_ID: "key",
        AWS_SECRET_ACCESS_KEY: "secret",
        AWS_ENDPOINT_URL: s3.url,
      };
      return { store: "s3://fish/images", environment, close: () => s3.kill() };
    });
  },
});

Deno.test({
  name:
    "two of three workers and the keeper killed: the same as one machine, nothing kept asked for again",
  ignore,
  async fn() {
    await onFarm(async (farm) => {
      const workers = ["w1", "w2", "w3"].map(farm.worker);
      const first = farm.keeper();
      await untilPart(farm.world, 30);
      workers[0]?.kill("SIGKILL");
      await untilPart(farm.world, 45);
      workers[1]?.kill("SIGKILL");
      first.kill("SIGKILL");
      await first.ended;
      const kept = await keptUrls(farm.data);
      const from = farm.world.requests.length;
      await assertEnded(farm.keeper(), ...workers);
      for (const { host, path } of farm.world.requests.slice(from)) {
        assert(!kept.has(`https://${host}${path}`), `kept and asked for again: ${host}${path}`);
      }
      await assertSame(farm);
    });
  },
});

Deno.test({
  name: "the server killed for two seconds, then its disk wiped: the same as one machine",
  ignore,
  async fn() {
    await onFarm(async (farm) => {
      const workers = [farm.worker("w1"), farm.worker("w2")];
      const keeper = farm.keeper();
      await untilPart(farm.world, 25);
      await farm.nats.kill();
      await new Promise((resolve) => setTimeout(resolve, 2000));
      await farm.nats.start();
      await untilPart(farm.world, 50);
      await farm.nats.wipe();
      await farm.nats.start();
      await assertEnded(keeper, ...workers);
      await assertSame(farm);
    });
  },
});

Deno.test({
  name: "the store away: workers wait for it, say so, and nothing is lost",
  ignore,
  async fn() {
    await onFarm(async (farm) => {
      const workers = [farm.worker("w1"), farm.worker("w2")];
      const keeper = farm.keeper();
      await untilPart(farm.world, 30);
      await Deno.rename(farm.store, `${farm.store}-away`);
      await until(
        "a worker said that the store is away",
        () => workers.some((one) => one.said().includes("trying again until it works")),
        120_000,
      );
      await Deno.rename(`${farm.store}-away`, farm.store);
      await assertEnded(keeper, ...workers);
      await assertSame(farm);
    });
  },
});

Deno.test({
  name: "a worker of another version than its keeper's refuses to work with a sentence",
  ignore,
  async fn() {
    await onFarm(async (farm) => {
      const queue = await openQueue(farm.queue, {}, () => undefined);
      try {
        await queue.makeStreams();
        const run = { version: "99.0.0", flags: [], sources: [], host: "far", since: "now" };
        assert(await queue.take("keeper", pack(run)) !== undefined);
        const { code, stderr } = await farm.worker("w1").ended;
        assertEquals(code, 2, stderr);
        assertStringIncludes(stderr, "both must be the same");
      } finally {
        await queue.close();
      }
    });
  },
});
