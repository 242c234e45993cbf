import { assertEquals } from "@std/assert";
import { startWorld, type World } from "../../lib/demo/world.ts";
import { withFolder } from "../folder.ts";
import {
  type BrowserSeen,
  browsersOf,
  inWorld,
  QUICK_SCRAPE,
  run,
  start,
  until,
} from "./in_world.ts";
import {
  assertNoBrowserLeft,
  assertVerified,
  resultOf,
  sweepProfiles,
  withoutAskingAgain,
} from "./kills.ts";

const WORLD = { species: 3, images: 6, slow: false } as const;
const FLAGS = ["--images", "6", ...QUICK_SCRAPE];
/** How often the run is killed. */
const KILLS = 10;

async function undisturbed(data: string): Promise<{ requests: number }> {
  const world = await startWorld(WORLD);
  try {
    const ended = await run(world, "scrape", data, FLAGS);
    assertEquals(ended.code, 0, ended.stderr);
    return { requests: world.requests.length };
  } finally {
    await world.close();
  }
}

Deno.test("scrape killed at ten moments and called again comes to the same as an undisturbed run", async () => {
  await withFolder(async (dir) => {
    const { requests } = await undisturbed(`${dir}/calm`);
    await inWorld(WORLD, async (world, data) => {
      await killAgainAndAgain(world, data, requests);
      assertEquals(await resultOf(data), await resultOf(`${dir}/calm`));
      await assertVerified(data);
    });
  });
});

async function killAgainAndAgain(world: World, data: string, requests: number): Promise<void> {
  const browsers: BrowserSeen[] = [];
  for (let kill = 1; kill <= KILLS; kill++) {
    await withoutAskingAgain(world, data, async () => {
      const from = world.requests.length;
      const running = start(world, "scrape", data, FLAGS);
      let over = false;
      const ended = running.ended.finally(() => over = true);
      // Each time a bit further on, in requests and not in seconds.
      const moment = from + Math.ceil(requests * kill / (KILLS * 3));
      await until("it came that far", () => over || world.requests.length >= moment, 120_000);
      browsers.push(...browsersOf(world));
      if (!over) running.kill("SIGKILL");
      await ended;
    });
  }
  const last = await withoutAskingAgain(
    world,
    data,
    () => run(world, "scrape", data, FLAGS),
  );
  assertEquals(last.code, 0, last.stderr);
  await sweepProfiles(world, browsers);
  await assertNoBrowserLeft(world, browsers);
}
