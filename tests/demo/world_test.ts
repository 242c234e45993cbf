// The world over real connections: proxy, TLS, Deno's fetch and Chromium.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { startBrowser, thisMachine } from "../../lib/browser/start.ts";
import { startPhotoMaker } from "../../lib/demo/photo_maker.ts";
import { worldEnvironment } from "../../lib/demo/run.ts";
import { startWorld, type World } from "../../lib/demo/world.ts";
import { testBrowser } from "../browser/test_browser.ts";

interface Got {
  readonly url: string;
  readonly status?: number;
  readonly bytes?: number;
  readonly error?: string;
}

async function get(world: World, urls: readonly string[], trust = true): Promise<Got[]> {
  const { DENO_CERT, ...rest } = worldEnvironment(world);
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--allow-net", "tests/demo/client.ts", ...urls],
    env: { ...rest, ...trust && DENO_CERT !== undefined ? { DENO_CERT } : {} },
  }).output();
  const text = new TextDecoder().decode(stdout).trim();
  assert(text !== "", new TextDecoder().decode(stderr));
  return text.split("\n").map((line): Got => JSON.parse(line));
}

Deno.test("startWorld() serves the real URLs over TLS through its proxy, and nothing else", async () => {
  const world = await startWorld({ species: 3, images: 5 });
  try {
    const [fish] = world.catalogue.fish;
    assert(fish !== undefined);
    const { fishbase, google } = world.plan.of(fish);
    const got = await get(world, [
      "https://en.wikipedia.org/wiki/List_of_freshwater_aquarium_fish_species",
      fishbase[0]?.url ?? "",
      google[0]?.url ?? "",
      "http://www.oldaquarist.example/robots.txt",
      "https://nobody.example/",
      "https://img.lapsedfish.example/x.jpg",
      "https://www.fishbase.org/",
    ]);
    assertEquals(got.map(({ status }) => status), [
      200,
      200,
      200,
      404,
      undefined,
      undefined,
      undefined,
    ]);
    assert((got[1]?.bytes ?? 0) > 10_000);
    assertMatch(got[5]?.error ?? "", /certificate/i);
    const asked = world.requests.map(({ method, host, status }) => `${method} ${host} ${status}`);
    assertEquals(asked[0], "GET en.wikipedia.org 200");
    assert(asked.includes("CONNECT nobody.example 502"));
    assert(asked.includes("CONNECT www.fishbase.org 502"));
  } finally {
    await world.close();
  }
});

Deno.test("startWorld() makes an authority of its own, that nobody trusts by themselves", async () => {
  const world = await startWorld({ species: 1 });
  try {
    const [got] = await get(world, ["https://www.fishbase.se/"], false);
    assertMatch(got?.error ?? "", /certificate|UnknownIssuer/i);
    assertStringIncludes(await Deno.readTextFile(world.certificate), "BEGIN CERTIFICATE");
    assert(!(await Deno.readTextFile(world.certificate)).includes("PRIVATE"));
  } finally {
    await world.close();
  }
});

Deno.test("a picture's file is the same in every world of one seed", async () => {
  const photo = {
    species: "betta_splendens",
    index: 0,
    treatment: "plain",
    format: "jpeg",
  } as const;
  const hashes: string[] = [];
  for (const seed of ["one", "one"]) {
    const photos = startPhotoMaker({ seed, scale: 1 });
    hashes.push(await photos.sha256(photo));
    photos.close();
  }
  assertEquals(hashes[0], hashes[1]);
});

Deno.test("Chromium finds its way into the world: consent, results, scrolling, panel", async () => {
  const world = await startWorld({ species: 3, images: 5, results: 150, faults: false });
  const signal = AbortSignal.timeout(60_000);
  const deadline = { within: 20_000, signal };
  const environment: Readonly<Record<string, string>> = worldEnvironment(world);
  const cache = await Deno.makeTempDir();
  const browser = await startBrowser({
    browser: await testBrowser(),
    hosts: ["www.google.com", "consent.google.com"],
    notice: () => {},
    cache,
    signal,
  }, { ...thisMachine(), variable: (name) => environment[name] ?? Deno.env.get(name) });
  try {
    const tab = await browser.open(deadline);
    const count = `() => document.querySelectorAll('[data-docid][data-lpage]').length`;
    const search = "https://www.google.com/search?q=%22Betta+splendens%22&udm=2";
    const arrival = await tab.goto(search, deadline);
    assertMatch(arrival.url, /^https:\/\/consent\.google\.com\//);
    await tab.click('form:has(input[name="set_eom"][value="true"]) button', 0, deadline);
    await tab.until(`() => location.pathname === "/search"`, null, deadline);
    await tab.until(`() => (${count})() === 100`, null, deadline);
    await tab.scrollToEnd(deadline);
    await tab.until(`() => (${count})() === 150`, null, deadline);
    await tab.click('[data-docid][data-lpage] [role="button"]', 0, deadline);
    await tab.until(
      `() => document.querySelector('img[jsname="kn3ccd"]') !== null`,
      null,
      deadline,
    );
    assertEquals(world.google.consents, ["refused"]);
    await tab.close();
  } finally {
    await browser.close();
    await world.close();
    await Deno.remove(cache, { recursive: true });
  }
});
