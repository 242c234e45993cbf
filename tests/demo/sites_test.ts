// The sites' pages have the shapes that were seen, or are told of.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Reply, Request } from "../../lib/demo/http.ts";
import type { PhotoMaker } from "../../lib/demo/photo_maker.ts";
import { parquetReadObjects } from "hyparquet";
import { fishbase } from "../../lib/demo/sites/fishbase.ts";
import { fishbaseTables } from "../../lib/demo/sites/fishbase_tables.ts";
import { google } from "../../lib/demo/sites/google.ts";
import { type GoogleOptions, PLAIN_GOOGLE } from "../../lib/demo/sites/google_page.ts";
import { photoHosts } from "../../lib/demo/sites/photo_hosts.ts";
import { wikipedia } from "../../lib/demo/sites/wikipedia.ts";
import { parseHtml } from "../../lib/web/html.ts";
import { createPlan, fileOf } from "./fake_world.ts";

const never = new AbortController().signal;
const photos: PhotoMaker = {
  make: (photo) => Promise.resolve(fileOf(photo)),
  sha256: () => Promise.resolve(""),
  sheet: () => Promise.resolve(new Uint8Array()),
  close: () => {},
};
const BROWSER = { "user-agent": "Mozilla/5.0", "sec-fetch-dest": "document", cookie: "SOCS=x" };

function ask(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  body?: string,
): Request {
  return {
    method: body === undefined ? "GET" : "POST",
    url: new URL(url),
    headers: new Headers(headers),
    body: body ?? "",
  };
}

function textOf({ body }: Reply): string {
  return typeof body === "string" ? body : new TextDecoder().decode(body);
}

const LIST = "https://en.wikipedia.org/wiki/List_of_freshwater_aquarium_fish_species";
const CONTACT = { "user-agent": "Aquaset/0.1 (https://aquaset.example/)" };

Deno.test("wikipedia() turns away who does not say how to be reached", () => {
  const site = wikipedia(createPlan().catalogue, { headings: "2025", column: "Scientific name" });
  assertEquals(site(ask(LIST)).status, 403);
  assertEquals(site(ask(LIST, { "user-agent": "Deno/2.9" })).status, 403);
  assertEquals(site(ask(LIST, CONTACT)).status ?? 200, 200);
});

Deno.test("wikipedia() has every fish in a table, not all of them wikitables", () => {
  const { catalogue } = createPlan(48);
  for (const headings of ["2024", "2025"] as const) {
    const site = wikipedia(catalogue, { headings, column: "Taxonomy" });
    const page = parseHtml(textOf(site(ask(LIST, CONTACT))));
    const rows = [...page.querySelectorAll("table.sortable tr")].filter((row) =>
      [...row.querySelectorAll("td")].length > 1
    );
    assertEquals(rows.length, catalogue.fish.length + catalogue.extra.length);
    const outside = rows.filter((row) => row.closest("table.wikitable") === null);
    assert(outside.length > 0 && outside.length < rows.length);
    assertEquals(page.querySelector("span.mw-headline") !== null, headings === "2024");
    assertEquals(page.querySelector("div.mw-heading") !== null, headings === "2025");
    const names = rows.map((row) => [...row.querySelectorAll("td")][1]?.textContent ?? "");
    for (const odd of [/\[\d+\]$/, /sp\. "Hongi"/, /cf\./, /×/, /^hybrid$/]) {
      assert(names.some((name) => odd.test(name.trim())), String(odd));
    }
    const widths = new Set(rows.map((row) => [...row.querySelectorAll("td")].length));
    assert(widths.has(7) && widths.has(8) && widths.has(9), [...widths].join());
    assert(page.querySelector('a[title$="(page does not exist)"]') !== null);
  }
});

const FISHBASE = "https://www.fishbase.se";

Deno.test("fishbase() knows names, synonyms and numbers, and says what it does not know", async () => {
  const plan = createPlan();
  const site = fishbase(plan.catalogue, plan, photos, { crawlDelay: 3, overload: 0 });
  const unknown = await site(ask(`${FISHBASE}/summary/Symphysodon-discus.html`));
  assertEquals(unknown.status ?? 200, 200);
  assertStringIncludes(textOf(unknown), "Species name is not in the public version of FishBase");
  const synonym = parseHtml(textOf(await site(ask(`${FISHBASE}/summary/Danio-rerio`))));
  const names = [...synonym.querySelectorAll("#ss-sciname span.sciname")];
  assertEquals(names.map((name) => name.textContent ?? "").join(" "), "Neodanio rerio");
  assertStringIncludes(
    textOf(await site(ask(`${FISHBASE}/summary/SpeciesSummary.php?ID=1000`))),
    "SpeciesSummary.php?id=1000",
  );
  assertStringIncludes(textOf(await site(ask(`${FISHBASE}/robots.txt`))), "Crawl-delay: 3");
  assertEquals((await site(ask("https://fishbase.se/summary/1"))).status, 301);
});

Deno.test("fishbase() shows two images for each registered photo, and uploads with licences", async () => {
  const plan = createPlan();
  const site = fishbase(plan.catalogue, plan, photos, { crawlDelay: 0, overload: 0 });
  const address = `${FISHBASE}/photos/ThumbnailsSummary.php?Genus=Neodanio&Species=rerio`;
  const page = parseHtml(textOf(await site(ask(address))));
  const sources = [...page.querySelectorAll("td img")].map((image) => image.getAttribute("src"));
  const [fish] = plan.catalogue.fish.filter(({ latin }) => latin === "Danio rerio");
  assert(fish !== undefined);
  const { fishbase: found } = plan.of(fish);
  const registered = found.filter(({ url }) => url.includes("/images/species/"));
  const thumbnails = sources.filter((source) => source?.includes("/tn_"));
  const uploads = sources.filter((source) => source?.startsWith("workimagethumb.php?s=http"));
  assertEquals(thumbnails.length, registered.length);
  assertEquals(uploads.length, found.length - registered.length);
  assert(uploads.length > 0 && thumbnails.length > 0);
  assert(page.querySelector('a[href*="creativecommons.org"]') !== null);
  for (const { url } of found) {
    const reply = await site(ask(url));
    assertMatch(reply.headers?.["Content-Type"] ?? "", /^image\//, url);
  }
  // A photo that the tables do not have yet has its licence from its own page.
  const own = (row: number) =>
    `${FISHBASE}/photos/PicturesSummary.php?StartRow=${row}&ID=${fish.code}&what=species`;
  assertStringIncludes(textOf(await site(ask(own(0)))), "This picture is licensed under CC-BY-NC");
  assert(!textOf(await site(ask(own(99)))).includes("/images/species/"));
});

Deno.test("fishbase() gives an upload under one of its two addresses", async () => {
  const plan = createPlan();
  const site = fishbase(plan.catalogue, plan, photos, { crawlDelay: 0, overload: 0 });
  const uploads = plan.catalogue.fish.flatMap((fish) => plan.of(fish).fishbase)
    .filter(({ url }) => url.includes("/uploads/"));
  assert(uploads.some(({ byScript }) => byScript));
  for (const { url, byScript = false } of uploads) {
    const name = url.slice(url.lastIndexOf("/") + 1);
    const script = `${FISHBASE}/tools/display_image.php?fw=n&imgName=${name}`;
    const statuses = await Promise.all(
      [url, script].map(async (one) => (await site(ask(one))).status ?? 200),
    );
    assertEquals(statuses, byScript ? [404, 200] : [200, 404]);
  }
});

Deno.test("fishbaseTables() has all but the newest, and says which names are synonyms", async () => {
  const plan = createPlan();
  const site = fishbaseTables(plan.catalogue, plan);
  const at = "https://data.source.coop/cboettig/fishbase/fb/v25.04/parquet";
  const rows = async (table: string) => {
    const { body } = site(ask(`${at}/${table}.parquet`));
    assert(body instanceof Uint8Array);
    return await parquetReadObjects({ file: body.slice().buffer });
  };
  const files = new Set((await rows("picturesmain")).map((row) => row["PicName"]));
  for (const { url, newer } of plan.catalogue.fish.flatMap((fish) => plan.of(fish).fishbase)) {
    if (!url.includes("/images/species/")) continue;
    assertEquals(files.has(url.slice(url.lastIndexOf("/") + 1)), !newer, url);
  }
  const statuses = (await rows("synonyms")).map((row) => row["Status"]);
  assertEquals([...new Set(statuses)].sort(), ["accepted name", "misapplied name", "synonym"]);
  assertEquals(site(ask(`${at}/comnames.parquet`)).status, 404);
});

Deno.test("fishbase() is overloaded for a while, in both of its ways, and comes back", async () => {
  const plan = createPlan();
  const site = fishbase(plan.catalogue, plan, photos, { crawlDelay: 0, overload: 2 });
  const replies: Reply[] = [];
  for (let turn = 0; turn < 7; turn++) replies.push(await site(ask(`${FISHBASE}/summary/1000`)));
  const overloaded = replies.filter((reply) =>
    reply.status === 503 || textOf(reply).includes("Too many connections")
  );
  assertEquals(overloaded.length, 2);
  assertStringIncludes(textOf(replies[6] ?? {}), "Betta");
});

function searchSite(
  options: Partial<GoogleOptions> = {},
  results = 230,
): ReturnType<typeof google> {
  const plan = createPlan(12, { results });
  return google(plan, photos, { ...PLAIN_GOOGLE, ...options }, never);
}

const SEARCH = "https://www.google.com/search?q=%22Betta+splendens%22&udm=2";

Deno.test("google() gives a client without scripts the shell, and asks for consent first", async () => {
  const site = searchSite();
  const shell = textOf(await site.answer(ask(SEARCH)));
  assertStringIncludes(shell, "/httpservice/retry/enablejs");
  assert(!shell.includes("data-docid"));
  const asked = await site.answer(ask(SEARCH, { "sec-fetch-dest": "document" }));
  assertMatch(asked.headers?.Location ?? "", /^https:\/\/consent\.google\.com\/ml\?continue=/);
  const page = parseHtml(textOf(await site.answer(ask(asked.headers?.Location ?? ""))));
  assertEquals(
    [...page.querySelectorAll('form[action="https://consent.google.com/save"]')].length,
    4,
  );
  assertEquals([...page.querySelectorAll('input[name="set_eom"][value="true"]')].length, 2);
  const saved = await site.answer(
    ask(
      "https://consent.google.com/save",
      {},
      `set_eom=true&continue=${encodeURIComponent(SEARCH)}`,
    ),
  );
  assertEquals(saved.headers?.Location, SEARCH);
  assertEquals(site.truth.consents, ["refused"]);
});

Deno.test("google() has a hundred cards, and the data twice in 2026, once in 2024", async () => {
  for (const [shape, times] of [["2026", 2], ["2024", 1]] as const) {
    const text = textOf(await searchSite({ shape }).answer(ask(SEARCH, BROWSER)));
    const page = parseHtml(text);
    const cards = [...page.querySelectorAll(
      '[jsname="dTDiAc"][data-attrid="images universal"][data-docid][data-lpage]',
    )];
    assertEquals(cards.length, 100);
    for (const card of cards.slice(0, 5)) {
      const docid = card.getAttribute("data-docid") ?? "";
      const shown = new RegExp(
        `\\[0,"${docid}",\\["https://encrypted-tbn0\\.gstatic\\.com/images\\?q\\\\u003dtbn:[^"]+",\\d+,\\d+\\],` +
          `\\["https?://[^"]+",(\\d+),(\\d+)\\],.*?"2000":\\[null,"[^"]+","\\d+KB"\\].*?"2003":\\[null,"[\\w-]+","https?://`,
        "g",
      );
      assertEquals([...text.matchAll(shown)].length, times, docid);
    }
    assertStringIncludes(text, "\\u0026");
    assert(page.querySelector('a[jsname="oHxHid"][aria-label="More results"]') !== null);
  }
});

Deno.test("google() gives the next hundred to scrolling, and the rest after", async () => {
  const site = searchSite();
  const counts: number[] = [];
  for (const from of [100, 200, 300]) {
    const part = textOf(await site.answer(ask(`${SEARCH}&async=x&start=${from}`, BROWSER)));
    counts.push(part.match(/jsname="dTDiAc"/g)?.length ?? 0);
    assertEquals(part.includes('"2003":'), from < 300 || counts.at(-1) !== 0);
  }
  assertEquals(counts, [100, 30, 0]);
});

Deno.test("google() closes each way to a result by itself", async () => {
  const first = async (options: Partial<GoogleOptions>): Promise<string> =>
    textOf(await searchSite(options).answer(ask(SEARCH, BROWSER)));
  assert(!(await first({ ways: ["scroll", "panel"] })).includes('"2003":'));
  const changed = await first({ changed: true });
  assert(
    changed.includes("data-docid") && !changed.includes('"2003":') &&
      !changed.includes("photo.jpg"),
  );
  const scroll = textOf(
    await searchSite({ ways: ["embedded"] }).answer(ask(`${SEARCH}&async=x&start=100`, BROWSER)),
  );
  assert(scroll.includes("data-docid") && !scroll.includes('"2003":'));
  const site = searchSite({ ways: ["panel"] });
  const docid = /data-docid="([\w-]+)"/.exec(textOf(await site.answer(ask(SEARCH, BROWSER))))?.[1];
  const panel = await site.answer(ask(`https://www.google.com/async/imgv?docid=${docid}`, BROWSER));
  const told = new TextDecoder().decode(Uint8Array.fromBase64(textOf(panel)));
  assertStringIncludes(told, "kn3ccd");
  assertStringIncludes(told, "data-v=");
  assertStringIncludes(told, "/imgres?q=x&imgurl=https");
});

Deno.test("google() asks for the robot check from the given search on, with 302 and 429", async () => {
  const site = searchSite({ robotCheckAt: 2 });
  assertEquals((await site.answer(ask(SEARCH, BROWSER))).status ?? 200, 200);
  const second = await site.answer(ask(SEARCH, BROWSER));
  assertEquals(second.status, 302);
  const check = await site.answer(ask(second.headers?.Location ?? "", BROWSER));
  assertEquals(check.status, 429);
  assertStringIncludes(textOf(check), '<form id="captcha-form"');
  assertEquals(site.truth.robotChecks, 1);
});

Deno.test("google() says when nothing matches, and when it searched for something else", async () => {
  const none = textOf(
    await searchSite().answer(ask("https://www.google.com/search?q=nonsense&udm=2", BROWSER)),
  );
  assertStringIncludes(none, "did not match any image results");
  assert(!none.includes("data-docid"));
  const site = searchSite({ correctedAt: 1 });
  const corrected = textOf(await site.answer(ask(SEARCH, BROWSER)));
  assertStringIncludes(corrected, "Showing results for");
  assert(!corrected.includes("/betta_splendens/"));
  assertStringIncludes(
    textOf(await site.answer(ask(`${SEARCH}&nfpr=1`, BROWSER))),
    "betta_splendens",
  );
});

Deno.test("google() fails scrolling as often as asked, then goes on", async () => {
  const site = searchSite({ scrollFailures: 1 });
  const address = `${SEARCH}&async=x&start=100`;
  assertEquals((await site.answer(ask(address, BROWSER))).status, 503);
  assertEquals((await site.answer(ask(address, BROWSER))).status ?? 200, 200);
});

Deno.test("photoHosts() does for each kind what the kind says", async () => {
  const plan = createPlan(12, { results: 200 });
  const site = photoHosts(plan, photos);
  const seen = new Map<string, Reply>();
  for (const fish of plan.catalogue.fish) {
    for (const finding of plan.of(fish).google) {
      if (seen.has(finding.kind.name)) continue;
      seen.set(finding.kind.name, await site(ask(finding.url)));
    }
  }
  const status = (kind: string): number => seen.get(kind)?.status ?? 200;
  assertEquals(
    ["missing", "removed", "forbidden", "login", "broken-server", "too-many", "teapot"].map(status),
    [404, 410, 403, 401, 500, 429, 418],
  );
  assertEquals(["hotlink", "recovers", "circle", "moved"].map(status), [403, 503, 302, 302]);
  assertEquals(seen.get("short-transfer")?.fault?.kind, "cut");
  assertEquals(seen.get("silent")?.fault?.kind, "silent");
  assertEquals(seen.get("drip")?.fault?.kind, "drip");
  assertMatch(textOf(seen.get("page-called-jpg") ?? {}), /^<!doctype html>/);
  assertEquals(seen.get("no-ai")?.headers?.["X-Robots-Tag"], "noai, noimageai");
  assertMatch(seen.get("private-address")?.headers?.Location ?? "", /^http:\/\/192\.168\./);
});

Deno.test("photoHosts() sends a hotlinked picture to those who come from its page", async () => {
  const plan = createPlan(12, { results: 200 });
  const site = photoHosts(plan, photos);
  const [fish] = plan.catalogue.fish;
  const found = fish === undefined ? [] : plan.of(fish).google;
  const hotlink = found.find(({ kind }) => kind.name === "hotlink");
  assert(hotlink !== undefined);
  assertEquals((await site(ask(hotlink.url))).status, 403);
  assertEquals((await site(ask(hotlink.url, { referer: hotlink.page }))).status ?? 200, 200);
  const moved = found.find(({ kind }) => kind.name === "moved");
  assert(moved !== undefined);
  let url = moved.url;
  const hosts = new Set<string>();
  for (let hop = 0; hop < 4; hop++) {
    const reply = await site(ask(url));
    hosts.add(new URL(url).hostname);
    if (reply.status === undefined) break;
    url = reply.headers?.Location ?? "";
  }
  assert(hosts.size >= 3, [...hosts].join());
  assertEquals((await site(ask(url))).status ?? 200, 200);
});
