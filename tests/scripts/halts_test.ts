import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { checkDataset } from "../../lib/demo/check.ts";
import { startWorld } from "../../lib/demo/world.ts";
import { onSmallDisk } from "../dataset/small_disk.ts";
import { endedInManyWays, haltedFor } from "./halts.ts";
import { inWorld, QUICK_SCRAPE, QUICK_SOURCES, run, start, until } from "./in_world.ts";
import { assertVerified } from "./kills.ts";

Deno.test("a second scrape on a data folder ends at once, names the first and does it no harm", async () => {
  await inWorld({ species: 3, images: 8, slow: false, latency: 30 }, async (world, data) => {
    const flags = ["--images", "8", ...QUICK_SCRAPE];
    const first = start(world, "scrape", data, flags);
    await until("Google was searched", () => world.google.searches.length > 0, 120_000);
    for (const script of ["scrape", "google"]) {
      const second = await run(undefined, script, data, ["--images", "8"]);
      assertEquals([second.code, second.stdout], [1, ""]);
      assertMatch(second.stderr, /^error: .+$/);
      assertStringIncludes(second.stderr, `is being written by scrape (process ${first.pid}`);
    }
    const ended = await first.ended;
    assertEquals(ended.code, 0, ended.stderr);
    assertEquals((await checkDataset(world, data, QUICK_SOURCES)).differences, []);
    await assertVerified(data);
  });
});

Deno.test("scrape that is halted for a while goes on to the same result", () => haltedFor(3000));

Deno.test("scrape leaves neither a Chromium nor a profile folder, however it is ended", () =>
  endedInManyWays(4));

Deno.test("scrape on a full disk ends with a sentence, and goes on when there is room again", async () => {
  await onSmallDisk(async (dir) => {
    const world = await startWorld({ species: 2, images: 12, slow: false });
    try {
      const data = `${dir}/data`;
      const flags = ["--images", "12", ...QUICK_SCRAPE];
      await Deno.writeFile(`${dir}/filler`, new Uint8Array(4_400_000));
      const full = await run(world, "scrape", data, flags);
      assertEquals([full.code, full.stdout], [1, ""], full.stderr);
      const errors = full.stderr.split("\n").filter((line) => line.startsWith("error: "));
      assertEquals(errors.length, 1, full.stderr);
      assertMatch(errors[0] ?? "", /^error: Cannot .+: the disk is full\. .+ again\.$/);
      assert(!/^\s+at /m.test(full.stderr), full.stderr);
      await assertVerified(data);
      await Deno.remove(`${dir}/filler`);
      const rest = await run(world, "scrape", data, flags);
      assertEquals(rest.code, 0, rest.stderr);
      assertEquals((await checkDataset(world, data, QUICK_SOURCES)).differences, []);
      await assertVerified(data);
    } finally {
      await world.close();
    }
  });
});
