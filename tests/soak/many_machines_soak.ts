/**
 * Many machines against all that may happen to them, with a real NATS server: `deno task soak`, or
 * alone, from one of the ten moments to another, as
 * `deno test -A tests/soak/many_machines_soak.ts -- 1 10`.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startStatus } from "../../lib/demo/many.ts";
import { NATS, onFarm } from "../engine/farm.ts";
import { browsersOf } from "../scripts/in_world.ts";
import { logLines } from "../scripts/kills.ts";

const [FROM = 1, TO = 10] = Deno.args.map(Number);
const ignore = NATS === undefined;

/** The hundredths of a run at which a worker, another one and the keeper are killed. */
const MOMENTS: readonly (readonly [number, number, number])[] = [
  ...[[2, 4, 6], [5, 50, 20], [10, 10, 10], [20, 60, 40], [30, 33, 36]],
  ...[[40, 80, 10], [50, 50, 90], [60, 30, 60], [75, 85, 95], [90, 92, 94]],
].map(([one = 0, two = 0, three = 0]) => [one, two, three]);

for (const [index, [one, two, keeper]] of MOMENTS.entries()) {
  Deno.test({
    name: `moment ${
      index + 1
    }: two of three workers killed at ${one} and ${two} hundredths, the keeper at ${keeper}`,
    ignore: ignore || index + 1 < FROM || index + 1 > TO,
    async fn() {
      await onFarm(async (farm) => {
        const workers = ["w1", "w2", "w3"].map((name) => farm.worker(name));
        let current = farm.keeper();
        const kills = [
          { at: one, what: () => workers[0] },
          { at: two, what: () => workers[1] },
          { at: keeper, what: () => current },
        ].sort((a, b) => a.at - b.at);
        for (const { at, what } of kills) {
          await Promise.race([farm.untilPart(at), current.ended]);
          const part = what();
          assert(part !== undefined);
          await farm.kill(part);
          if (part === current) current = farm.keeper();
        }
        await farm.assertSame(current);
      });
    },
  });
}

Deno.test({
  name: "the server killed for a minute: the same as one machine",
  ignore,
  async fn() {
    await onFarm(async (farm) => {
      farm.worker("w1");
      farm.worker("w2");
      const keeper = farm.keeper();
      await farm.untilPart(30);
      await farm.nats.kill();
      await new Promise((resolve) => setTimeout(resolve, 60_000));
      await farm.nats.start();
      await farm.assertSame(keeper);
    });
  },
});

Deno.test({
  name:
    "real browsers in two workers at once, FishBase's pages through one, Google through the other",
  ignore,
  async fn() {
    await onFarm(async (farm) => {
      const workers = [farm.worker("w1"), farm.worker("w2")];
      const keeper = farm.keeper(["--render"]);
      let [together, isOver] = [false, false];
      keeper.ended.then(() => isOver = true);
      while (!isOver) {
        const now = browsersOf(farm.world).map(({ pid }) => parentOf(pid));
        together ||= workers.every(({ pid }) => now.includes(pid));
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await farm.assertSame(keeper);
      assert(together, "at no time had both workers a browser");
    });
  },
});

function parentOf(pid: number): number {
  try {
    return Number(Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]?.split(" ")[1]);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

Deno.test({
  name: "a picture that kills whoever fetches it is given up in the end, and the others are kept",
  ignore,
  async fn() {
    const deadly = "www.scalewiki.example";
    let kill = () => {};
    let deaths = 0;
    await onFarm(
      async (farm) => {
        farm.worker("search", {}, ["--only", "search"]);
        let fetcher = farm.worker("fetch", {}, ["--only", "fetch"]);
        kill = () => {
          deaths++;
          fetcher.kill("SIGKILL");
          fetcher = farm.worker("fetch", {}, ["--only", "fetch"]);
        };
        const { code, stdout, stderr } = await farm.keeper().ended;
        console.log(stdout, stderr);
        assertEquals(code, 0, stderr);
        assertStringIncludes(stdout + stderr, "given up");
        assert(deaths >= 5, `${deaths} deaths`);
        const lines = await logLines(farm.data);
        const given = lines.filter(({ detail }) => String(detail).startsWith("given up"));
        const innocent = given.filter(({ url }) => !String(url).includes(deadly));
        console.log(
          `${deaths} deaths, ${given.length} given up, ${innocent.length} of them innocent`,
        );
        assertEquals(innocent, []);
        console.log((await startStatus(farm).ended).stdout);
      },
      undefined,
      {
        [deadly]: ({ url }) => {
          if (url.pathname === "/robots.txt") return { status: 404 };
          kill();
          return { fault: { kind: "silent" } };
        },
      },
    );
  },
});
