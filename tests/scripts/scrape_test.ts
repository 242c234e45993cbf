import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { checkDataset } from "../../lib/demo/check.ts";
import {
  browsersOf,
  inWorld,
  QUICK,
  QUICK_SCRAPE,
  QUICK_SOURCES,
  run,
  start,
  tree,
  until,
} from "./in_world.ts";

Deno.test("scrape makes of the demo world what must come of it, and nothing more the second time", async () => {
  await inWorld({ species: 4, images: 8, slow: false }, async (world, data) => {
    const first = await run(world, "scrape", data, ["--images", "8", ...QUICK]);
    assertEquals(first.code, 0, first.stderr);
    assertEquals((await checkDataset(world, data)).differences, []);
    assertStringIncludes(first.stdout, "4 of ");
    const before = world.requests.length;
    const text = await Deno.readTextFile(`${data}/log.jsonl`);
    const lines = text.split("\n").length;
    // Nobody's and unknown are absent, not a word.
    assertEquals(text.match(/"(license|author)":"(unknown)?"/g), null);
    assertStringIncludes(text, '"source":"google"');
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
    assertEquals((await checkDataset(world, data, QUICK_SOURCES)).differences, []);
  });
});

Deno.test("each API's script, alone, fetches what the API has and nothing twice", async () => {
  const wanted = "100";
  const sources = ["inaturalist", "gbif", "commons", "openverse"] as const;
  await inWorld({ species: 2, images: 100, slow: false }, async (world, data) => {
    assertEquals((await run(world, "species", data, [])).code, 0);
    for (const source of sources) {
      const ended = await run(world, source, data, ["--images", wanted]);
      assertEquals(ended.code, 0, `${source}: ${ended.stderr}`);
      assertStringIncludes(ended.stdout, "of them licensed");
    }
    assertEquals((await checkDataset(world, data, sources)).differences, []);
    const photos = world.requests.map(({ host, path }) => host + path)
      .filter((path) => /\.jpe?g$/.test(path));
    assertEquals(new Set(photos).size, photos.length);
  });
});

Deno.test("scrape leaves out what the licence rule does not allow, and Google; APIs stay with the first shard", async () => {
  await inWorld({ species: 2, images: 6, faults: false }, async (world, data) => {
    const free = ["--license", "free", "--sources", "fishbase,commons,google", ...QUICK];
    const ended = await run(world, "scrape", data, ["--images", "6", ...free]);
    assertEquals(ended.code, 0, ended.stderr);
    assertStringIncludes(ended.stderr, "Google is not searched");
    assertEquals(world.google.searches, []);
    const log = (await Deno.readTextFile(`${data}/log.jsonl`)).trim().split("\n")
      .map((line): Record<string, unknown> => JSON.parse(line));
    const images = log.filter(({ event }) => event === "image");
    assert(images.some(({ outcome }) => outcome === "unlicensed"));
    for (const { license, outcome } of images) {
      const isFree = typeof license === "string" && /^CC(0|-BY(-SA)?-\d)/.test(license);
      assertEquals(outcome, isFree ? "kept" : "unlicensed", String(license));
    }
    const shard = ["--shard", "2/2", "--images", "1", ...QUICK];
    const other = await run(world, "scrape", `${data}-2`, shard);
    assertEquals(other.code, 0, other.stderr);
    assertStringIncludes(other.stderr, "inaturalist, gbif, commons are left to shard 1");
    const first = await run(world, "scrape", `${data}-1`, [
      ...["--shard", "1/2", "--images", "2", ...QUICK],
    ]);
    assertEquals(first.code, 0, first.stderr);
    assertStringIncludes(first.stderr, "are asked here for the species of all shards");
    const lines = (await Deno.readTextFile(`${data}-1/log.jsonl`)).trim().split("\n")
      .map((line): Record<string, unknown> => JSON.parse(line));
    const jobs = lines.filter(({ event }) => event === "done");
    const asked = (source: string) =>
      jobs.filter((job) => job.source === source).map(({ species }) => String(species)).sort();
    // Of the two fish, the second is of the other share.
    const [own, others] = [["betta_splendens"], ["corydoras_adolfoi"]];
    const plain = (ids: string[]) => ids.filter((id) => [...own, ...others].includes(id));
    assertEquals(plain(asked("inaturalist")), [...own, ...others]);
    assertEquals(plain(asked("fishbase")), own);
    assertStringIncludes(first.stderr, "of other shards");
  });
});

Deno.test("scrape --strict-robots asks no API that robots.txt closes, and says so", async () => {
  await inWorld({ species: 1, images: 4, faults: false }, async (world, data) => {
    const flags = ["--images", "4", "--strict-robots", "--sources", "inaturalist,gbif", ...QUICK];
    const ended = await run(world, "scrape", data, flags);
    // To run it again would not help.
    assertEquals(ended.code, 0, ended.stderr);
    assertStringIncludes(ended.stdout, "iNaturalist may not be asked");
    assert(!ended.stdout.includes("goes on from here"));
    const asked = world.requests.map(({ host, path }) => `${host}${path.split("?")[0]}`);
    assert(!asked.some((path) => path.startsWith("api.inaturalist.org/v1")));
    assert(asked.includes("api.gbif.org/v1/species/match"));
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
    const ended = await run(world, "scrape", data, ["--images", "3", "--json", ...QUICK_SCRAPE]);
    assertEquals(ended.code, 0, ended.stderr);
    const summary = JSON.parse(ended.stdout);
    assertEquals(summary.enough, 2);
    assertEquals(summary.kept, 6);
    assertEquals(summary.stops, []);
  });
});

Deno.test("scrape ends within two seconds of Ctrl-C with status 130, and goes on afterwards", async () => {
  await inWorld({ species: 4, images: 12, slow: false, latency: 30 }, async (world, data) => {
    const flags = ["--images", "12", ...QUICK_SCRAPE];
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
    assertEquals((await checkDataset(world, data, QUICK_SOURCES)).differences, []);
    assert((await tree(data)).length >= 48);
  });
});
