/** Whole runs on a machine whose clock is wrong. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { createAuthority } from "../../lib/demo/authority.ts";
import { inWorld, QUICK, run } from "./in_world.ts";

/** A duration or rate below zero, as people read it. */
const NEGATIVE = /(?:^|[\s(])[-−]\d/m;
const CLOCK_BACK = fromFileUrl(new URL("clock_back.ts", import.meta.url));

Deno.test("scrape with a clock that is behind says so, ends with 75 and gives no picture up", async () => {
  await inWorld(
    { species: 3, images: 4, faults: false, clockBehind: 3 },
    async (world, data) => {
      const flags = ["--images", "4", "--sources", "google", ...QUICK];
      const ended = await run(world, "scrape", data, flags);
      assertEquals(ended.code, 75, ended.stderr);
      const { stderr, stdout } = ended;
      for (const said of [stderr, stdout]) {
        assertMatch(said, /Cannot open a secure connection to \d+ of \d+ hosts .*not valid yet/);
        assertMatch(said, /Check the clock of this machine, which says .* GMT; then run the same/);
        assert(!NEGATIVE.test(said), said);
      }
      const log = (await Deno.readTextFile(`${data}/log.jsonl`)).trim().split("\n")
        .map((line): Record<string, unknown> => JSON.parse(line));
      const outcomes = log.filter(({ event }) => event === "image").map(({ outcome }) => outcome);
      assertEquals(new Set(outcomes), new Set(["tls-error"]));
      assertEquals(log.filter(({ event }) => event === "done").map(({ why }) => why), [
        "no-latin-name",
      ]);
    },
  );
});

Deno.test("scrape without the authority of its proxy says which variable must name it, and ends with 75", async () => {
  await inWorld({ species: 3, images: 2, faults: false }, async (world, data) => {
    assertEquals((await run(world, "species", data, [])).code, 0);
    const certificate = `${data}/other.pem`;
    await Deno.writeTextFile(certificate, (await createAuthority([])).certificate);
    const other = { ...world, certificate };
    const sources = "inaturalist,gbif,commons";
    const ended = await run(other, "scrape", data, ["--images", "2", "--sources", sources]);
    assertEquals(ended.code, 75, ended.stderr);
    assertMatch(ended.stdout, /an authority that is not known here: name yours in DENO_CERT/);
  });
});

Deno.test("scrape while the clock is set back again and again counts time that only goes forward", async () => {
  await inWorld({ species: 2, images: 6, faults: false }, async (world, data) => {
    const change = (command: string[]) => [...command, `--preload=${CLOCK_BACK}`];
    const flags = ["--images", "6", "--sources", "fishbase,google", ...QUICK];
    const ended = await run(world, "scrape", data, flags, change);
    assertEquals(ended.code, 0, ended.stderr);
    const log = (await Deno.readTextFile(`${data}/log.jsonl`)).trim().split("\n")
      .map((line): { time: string } => JSON.parse(line));
    const times = log.map(({ time }) => Date.parse(time));
    assert((times[0] ?? 0) > (times.at(-1) ?? 0), "the clock did not go back");
    assertMatch(ended.stdout, /\bin \d+(?:\.\d+)? s\b/);
    const said = `${ended.stdout}\n${ended.stderr}`;
    assert(!NEGATIVE.test(said), said);
  });
});
