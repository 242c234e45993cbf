import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { checkDataset } from "../../lib/demo/check.ts";
import { browsersOf, inWorld, QUICK, run, start, tree, until } from "./in_world.ts";

Deno.test("scrape makes of the demo world what must come of it, and nothing more the second time", async () => {
  await inWorld({ species: 4, images: 8, slow: false }, async (world, data) => {
    const first = await run(world, "scrape", data, ["--images", "8", ...QUICK]);
    assertEquals(first.code, 0, first.stderr);
    assertEquals((await checkDataset(world, data)).differences, []);
    assertStringIncludes(first.stdout, "4 of ");
    const before = world.requests.length;
    const lines = (await Deno.readTextFile(`${data}/log.jsonl`)).split("\n").length;
    const second = await run(world, "scrape", data, ["--images", "8", ...QUICK, "--retry", "none"]);
    assertEquals(second.code, 0, second.stderr);
    assertEquals(world.requests.slice(before), []);
    assertEquals((await Deno.readTextFile(`${data}/log.jsonl`)).split("\n").length, lines + 1);
  });
});

Deno.test("species, fishbase and google, each alone, come to the same as scrape", async () => {
  await inWorld({ species: 3, images: 6, slow: false }, async (world, data) => {
    const species = await run(world, "species", data, []);
    assertEquals(species.code, 0, species.stderr);
    const fishbase = await run(world, "fishbase", data, ["--images", "6", "--fishbase-delay", "0"]);
    assertEquals(fishbase.code, 0, fishbase.stderr);
    const google = await run(world, "google", data, ["--images", "6", "--google-delay", "0"]);
    assertEquals(google.code, 0, google.stderr);
    assertEquals((await checkDataset(world, data)).differences, []);
  });
});

Deno.test("fishbase reads pages alone, and says so, where its published tables cannot be reached", async () => {
  const mirrorsDown = ["www.fishbase.org", "data.source.coop"];
  await inWorld({ species: 1, images: 4, faults: false, mirrorsDown }, async (world, data) => {
    assertEquals((await run(world, "species", data, [])).code, 0);
    const ended = await run(world, "fishbase", data, ["--images", "4", "--fishbase-delay", "0"]);
    assertEquals(ended.code, 0, ended.stderr);
    assertStringIncludes(ended.stderr, "its pages alone are read");
    const { fishbase } = world.plan.of(world.catalogue.fish[0] ?? never());
    const log = await Deno.readTextFile(`${data}/log.jsonl`);
    for (const { url } of fishbase.slice(0, 4)) assertStringIncludes(log, url);
  });
});

function never(): never {
  throw new Error("the world has a fish");
}

Deno.test("scrape --json prints one document and nothing else on standard output", async () => {
  await inWorld({ species: 2, images: 3, faults: false }, async (world, data) => {
    const ended = await run(world, "scrape", data, ["--images", "3", "--json", ...QUICK]);
    assertEquals(ended.code, 0, ended.stderr);
    const summary = JSON.parse(ended.stdout);
    assertEquals(summary.enough, 2);
    assertEquals(summary.kept, 6);
    assertEquals(summary.stops, []);
  });
});

Deno.test("scrape ends within two seconds of Ctrl-C with status 130, and goes on afterwards", async () => {
  await inWorld({ species: 4, images: 12, slow: false, latency: 30 }, async (world, data) => {
    const flags = ["--images", "12", ...QUICK];
    const running = start(world, "scrape", data, flags);
    await until("Google was searched", () => world.google.searches.length > 0, 60_000);
    const pressed = Date.now();
    running.kill("SIGINT");
    const ended = await running.ended;
    assert(Date.now() - pressed < 2500, `it took ${Date.now() - pressed} ms`);
    assertEquals(ended.code, 130, ended.stderr);
    assertStringIncludes(ended.stderr, "stopping");
    assertEquals(browsersOf(world), []);
    const again = await run(world, "scrape", data, flags);
    assertEquals(again.code, 0, again.stderr);
    assertEquals((await checkDataset(world, data)).differences, []);
    assert((await tree(data)).length >= 48);
  });
});
