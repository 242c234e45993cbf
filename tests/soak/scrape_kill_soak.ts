/**
 * The whole scrape, killed at 200 random moments against a world with all its faults, slow hosts
 * included: `deno task soak`, or alone with another number of kills as
 * `deno test -A tests/soak/scrape_kill_soak.ts -- 40`.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { checkDataset } from "../../lib/demo/check.ts";
import type { World } from "../../lib/demo/world.ts";
import {
  type BrowserSeen,
  browsersOf,
  inWorld,
  QUICK,
  run,
  start,
  type Started,
} from "../scripts/in_world.ts";
import {
  assertNoBrowserLeft,
  assertVerified,
  type Result,
  resultOf,
  sweepProfiles,
  withoutAskingAgain,
} from "../scripts/kills.ts";

const WORLD = { species: 4, images: 20 } as const;
const FLAGS = ["--images", "20", ...QUICK];
/** How often runs are killed, over all data folders. */
const KILLS = Number(Deno.args[0] ?? 200);
/**
 * How often the run on one data folder is killed at most: then it may end. A later kill would only
 * meet the second tries of slow hosts.
 */
const KILLS_EACH = 20;

Deno.test(`scrape killed at ${KILLS} random moments comes to the same as an undisturbed run`, async () => {
  const calm = await undisturbed();
  let kills = 0;
  for (let round = 1; kills < KILLS; round++) {
    await inWorld(WORLD, async (world, data) => {
      const most = Math.min(KILLS_EACH, KILLS - kills);
      const killed = await killedUntilDone(world, data, calm.milliseconds, most);
      kills += killed;
      assertEquals(await resultOf(data), calm.result, `round ${round}`);
      assertEquals((await checkDataset(world, data)).differences, []);
      await assertVerified(data);
      console.log(`round ${round}: killed ${killed} times, ${kills} of ${KILLS} in all`);
    });
  }
});

async function undisturbed(): Promise<{ result: Result; milliseconds: number }> {
  let result: Result = { tree: [], settled: [] };
  let milliseconds = 0;
  await inWorld(WORLD, async (world, data) => {
    const began = performance.now();
    const ended = await run(world, "scrape", data, FLAGS);
    milliseconds = performance.now() - began;
    assertEquals(ended.code, 0, ended.stderr);
    assertEquals((await checkDataset(world, data)).differences, []);
    result = await resultOf(data);
    console.log(`undisturbed: ${result.tree.length} images, ${Math.round(milliseconds)} ms`);
  });
  return { result, milliseconds };
}

/** Starts and kills until so many kills are done or a run came to its end; gives the kills. */
async function killedUntilDone(
  world: World,
  data: string,
  calm: number,
  most: number,
): Promise<number> {
  const browsers: BrowserSeen[] = [];
  let kills = 0;
  let over = false;
  while (!over) {
    over = await withoutAskingAgain(world, data, async () => {
      const running = await start(world, "scrape", data, FLAGS);
      const alive = kills < most && await aliveAfter(running, randomMoment(calm));
      browsers.push(...browsersOf(world));
      if (alive) running.kill("SIGKILL");
      const { code, stderr } = await running.ended;
      if (alive) return kills++ < 0;
      assertEquals(code, 0, stderr);
      return true;
    });
  }
  assert(kills > 0, "no run was killed");
  await sweepProfiles(world, browsers);
  await assertNoBrowserLeft(world, browsers);
  return kills;
}

/**
 * A moment in milliseconds after the start: any may come, early ones come more often, since what is
 * left for a run to do becomes less with every kill and much of the end is waiting for slow hosts.
 */
function randomMoment(calm: number): number {
  return -Math.log(1 - Math.random()) * calm / 16;
}

/** Whether a run still goes on after so many milliseconds. */
async function aliveAfter(running: Started, milliseconds: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const passed = new Promise<true>((resolve) => {
    timer = setTimeout(() => resolve(true), milliseconds);
  });
  try {
    return await Promise.race([passed, running.ended.then(() => false)]);
  } finally {
    clearTimeout(timer);
  }
}
