/** Runs that are halted or ended in many ways: a few in `deno task test`, many in `deno task soak`. */

import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async";
import { checkDataset } from "../../lib/demo/check.ts";
import type { World } from "../../lib/demo/world.ts";
import { readProcess } from "../processes.ts";
import { withFolder } from "../folder.ts";
import {
  type BrowserSeen,
  browsersOf,
  inWorld,
  QUICK_SCRAPE,
  QUICK_SOURCES,
  start,
  until,
} from "./in_world.ts";
import { assertNoBrowserLeft, assertVerified } from "./kills.ts";

/** How a run ends. */
type End = "killed" | "Ctrl-C" | "Ctrl-C twice" | "done";

/** Whatever a run leaves behind, one that ends well takes away. */
const ENDS: readonly End[] = ["killed", "Ctrl-C", "Ctrl-C twice", "done"];

/**
 * Halts a scrape in the middle, as a laptop does that is closed, lets it go on, and sees that
 * everything comes out as it must.
 *
 * @param milliseconds How long it is halted.
 */
export async function haltedFor(milliseconds: number): Promise<void> {
  const images = 12;
  await inWorld({ species: 3, images, slow: false, latency: 30 }, async (world, data) => {
    const running = start(world, "scrape", data, ["--images", String(images), ...QUICK_SCRAPE]);
    await until("Google was searched", () => world.google.searches.length > 0, 120_000);
    running.kill("SIGSTOP");
    await until("it stood still", () => stateOf(running.pid) === "T", 5000);
    const before = world.requests.length;
    await delay(milliseconds);
    // The browser is not halted and may load what it had begun; nothing else is asked for.
    const meanwhile = world.requests.slice(before).filter(({ host }) =>
      !/\.google\.com$/.test(host)
    );
    running.kill("SIGCONT");
    const ended = await running.ended;
    assertEquals(ended.code, 0, ended.stderr);
    assert(meanwhile.length <= images, `${meanwhile.length} requests of a run that stood still`);
    assertEquals((await checkDataset(world, data, QUICK_SOURCES)).differences, []);
    await assertVerified(data);
  });
}

/** The state of a process as Linux names it: `T` is stopped. */
function stateOf(pid: number): string | undefined {
  return /^State:\s+(\w)/m.exec(readProcess(pid, "status"))?.[1];
}

/**
 * Runs a scrape again and again, ends it in one way after the other, and sees that neither a
 * Chromium nor a profile folder is left.
 *
 * @param runs How often; every fourth run goes on to its end.
 */
export async function endedInManyWays(runs: number): Promise<void> {
  // More than FishBase has, so that each run needs its browser.
  await inWorld({ species: 1, images: 8, faults: false, latency: 20 }, async (world) => {
    const seen: BrowserSeen[] = [];
    for (let index = 0; index < runs; index++) {
      const end = ENDS[index % ENDS.length] ?? "done";
      await withFolder(async (dir) => {
        seen.push(...await runUntil(end, world, `${dir}/data`));
      });
      // Who is not given the time to tidy up leaves it to the next run.
      if (end === "Ctrl-C" || end === "done") await assertNoBrowserLeft(world, seen);
    }
    assert(seen.length >= runs, `${seen.length} browsers in ${runs} runs`);
  });
}

/** Runs a scrape to its end, or ends it while its browser is busy; gives the browsers it had. */
async function runUntil(end: End, world: World, data: string): Promise<BrowserSeen[]> {
  const before = world.google.searches.length;
  const running = start(world, "scrape", data, ["--images", "8", ...QUICK_SCRAPE]);
  await until("Google was searched", () => world.google.searches.length > before, 120_000);
  const browsers = browsersOf(world);
  if (end === "killed") running.kill("SIGKILL");
  if (end === "Ctrl-C" || end === "Ctrl-C twice") running.kill("SIGINT");
  if (end === "Ctrl-C twice") running.kill("SIGINT");
  const { code, stderr } = await running.ended;
  assertEquals(code, end === "done" ? 0 : end === "killed" ? 137 : 130, stderr);
  return browsers;
}
