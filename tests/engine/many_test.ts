import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startKeeper, startStatus } from "../../lib/demo/many.ts";
import { checkManners } from "../../lib/demo/check.ts";
import { startServer } from "../../lib/demo/server.ts";
import { openQueue, pack } from "../../lib/engine/queue.ts";
import { until } from "../scripts/in_world.ts";
import { KEEPER, NATS, onFarm, S3 } from "./farm.ts";

const ignore = NATS === undefined;

Deno.test({
  name:
    "a keeper with an S3 and two workers whose clocks are two hours apart decides the same as one machine; a second keeper is refused",
  ignore: ignore || S3 === undefined,
  async fn() {
    await onFarm(async (farm) => {
      const clock = (hours: number) => ({ args: [`--preload=${farm.dir}/clock${hours}.js`] });
      for (const hours of [-1, 1]) {
        await Deno.writeTextFile(
          `${farm.dir}/clock${hours}.js`,
          `const now = Date.now; Date.now = () => now() + ${hours} * 3_600_000;`,
        );
      }
      farm.worker("w1", clock(-1));
      farm.worker("w2", clock(1));
      const keeper = farm.keeper();
      await farm.untilPart(5);
      const second = await startKeeper(farm, `${farm.dir}/other`, []).ended;
      assertEquals(second.code, 2, second.stderr);
      assertStringIncludes(second.stderr, "it can have one only");
      assertStringIncludes((await startStatus(farm).ended).stdout, "2 workers have");
      await farm.assertSame(keeper);
    }, async () => {
      const s3 = await startServer("http", S3 ?? "", (port) => ["-H", "127.0.0.1", "-p", port]);
      const authorization = "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/s3/aws4_request";
      const made = await fetch(`${s3.url}/fish`, { method: "PUT", headers: { authorization } });
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
      const [one, two] = ["w1", "w2", "w3"].map((name) => farm.worker(name));
      const first = farm.keeper();
      assert(one !== undefined && two !== undefined);
      await farm.untilPart(30);
      await farm.kill(one);
      await farm.untilPart(45);
      await farm.kill(two, first);
      await farm.assertSame(farm.keeper());
    });
  },
});

Deno.test({
  name:
    "the server killed for two seconds, its disk wiped, the store away: the same as one machine",
  ignore,
  async fn() {
    await onFarm(async (farm) => {
      const workers = [farm.worker("w1"), farm.worker("w2")];
      const keeper = farm.keeper();
      await farm.untilPart(15);
      await farm.nats.kill();
      await new Promise((resolve) => setTimeout(resolve, 2000));
      await farm.nats.start();
      await farm.untilPart(30);
      await farm.nats.kill();
      await Deno.remove(`${farm.dir}/nats`, { recursive: true });
      await farm.nats.start();
      await farm.untilPart(45);
      await Deno.rename(farm.store, `${farm.store}-away`);
      await until(
        "a worker said that the store is away",
        () => workers.some((one) => one.said().includes("trying again until it works")),
        300_000,
      );
      await Deno.rename(`${farm.store}-away`, farm.store);
      await farm.assertSame(keeper);
    });
  },
});

Deno.test({
  name: "two workers together do not search Google more often than its interval says",
  ignore,
  async fn() {
    // In seconds: searches begin a quarter more or less than that apart.
    const delay = 8;
    // How many gaps in a row are looked at, and how late the first may come: its browser just starts.
    const [inARow, late] = [2, 5];
    await onFarm(async (farm) => {
      farm.worker("w1");
      farm.worker("w2");
      const { code, stderr } = await startKeeper(farm, farm.data, [
        ...["--images", "100", "--sources", "google", "--google-delay", String(delay)],
      ]).ended;
      assertEquals(code, 0, stderr);
      const times = farm.world.google.times.map((time) => Math.round(time / 100) / 10);
      assert(times.length > inARow, `searches at ${times} s`);
      for (const [index, last] of times.slice(inARow).entries()) {
        const least = (times[index] ?? 0) + inARow * 0.75 * delay - late;
        assert(last >= least, `searches at ${times} s`);
      }
      assertEquals(checkManners(farm.world.requests, farm.world.crawlDelay), []);
    });
  },
});

Deno.test({
  name: "a worker of another version than its keeper's refuses to work with a sentence",
  ignore,
  async fn() {
    await onFarm(async (farm) => {
      const queue = await openQueue(farm.queue, KEEPER, () => undefined);
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
