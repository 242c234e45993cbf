import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as v from "valibot";
import { ID, recordsOf } from "../../lib/sources/api_access.ts";
import {
  type ApiOptions,
  type ApiRequests,
  type ApiSearch,
  createApiSource,
  type Found,
  knownNameOf,
  type Taxon,
} from "../../lib/sources/api.ts";
import { readLicense } from "../../lib/sources/license.ts";
import {
  type Candidate,
  type ImageSource,
  licenseFields,
  StageStop,
} from "../../lib/sources/source.ts";
import type { Species } from "../../lib/species/species.ts";
import { fish } from "./fishbase/fake_site.ts";
import { FakeApi, LIMITED, MISSING, parts, Raw, REFUSED, runJob } from "./fake_api.ts";

// A whole source, as a newcomer would write it: an API of an aquarium with pages of photos.

const AQUARIUM = {
  url: "https://api.aquarium.test/",
  terms: "https://aquarium.test/api",
  interval: 0,
};
const PHOTO = v.object({ id: ID, file: v.string(), license: v.nullish(v.string()) });
const PHOTOS = v.object({ photos: recordsOf(PHOTO), next: v.nullish(v.number()) });

async function* searchAquarium({ words, get }: ApiSearch): Found {
  for (let page: number | null | undefined = 1; page;) {
    const url: URL = new URL(`photos?name=${words.join("+")}&page=${page}`, AQUARIUM.url);
    const { photos, next } = await get(url, PHOTOS);
    for (const { id, file, license } of photos.records) {
      yield {
        url: `https://photos.aquarium.test/${encodeURIComponent(file)}`,
        page: `https://aquarium.test/photos/${id}`,
        ...licenseFields(readLicense(license ?? "")),
      };
    }
    page = next;
  }
  return { why: "exhausted" };
}

function createAquarium(options: ApiOptions): ImageSource {
  const about = { name: "aquarium", title: "The Aquarium", vouches: true };
  return createApiSource({ ...about, api: AQUARIUM, search: searchAquarium }, options);
}

const photo = (id: unknown, file: unknown, license?: unknown) => ({ id, file, license });

Deno.test("a source behind an API is one generator", async () => {
  const client = new FakeApi((url) =>
    url.searchParams.get("page") === "1"
      ? { photos: [photo(1, "a.jpg", "CC BY 4.0"), photo("2", "b.jpg")], next: 2, more: "fields" }
      : { photos: [photo(3, "c d.jpg", null)] }
  );
  const { candidates, end } = await runJob(createAquarium(parts(client).options), "Betta demo");
  assertEquals(end, { why: "exhausted" });
  assertEquals(candidates, [
    {
      url: "https://photos.aquarium.test/a.jpg",
      page: "https://aquarium.test/photos/1",
      license: "CC-BY-4.0",
      licenseText: "CC BY 4.0",
    },
    { url: "https://photos.aquarium.test/b.jpg", page: "https://aquarium.test/photos/2" },
    { url: "https://photos.aquarium.test/c%20d.jpg", page: "https://aquarium.test/photos/3" },
  ]);
  assertEquals(client.asked, ["/photos?name=Betta+demo&page=1", "/photos?name=Betta+demo&page=2"]);
});

Deno.test("recordsOf() leaves out records that are not as they should be", async () => {
  const strange = [null, 7, [], photo(-1, "x.jpg"), photo("x", "x.jpg"), photo(1.5, "x.jpg"), {}];
  const client = new FakeApi(() => ({ photos: [...strange, photo(9, "good.jpg")] }));
  const { candidates } = await runJob(createAquarium(parts(client).options), "Betta demo");
  assertEquals(candidates.map(({ url }) => url), ["https://photos.aquarium.test/good.jpg"]);
  const none = new FakeApi(() => ({ photos: strange }));
  const { end } = await runJob(createAquarium(parts(none).options), "Betta demo");
  assertEquals(end.why, "not-recognised");
  const empty = new FakeApi(() => ({ photos: [] }));
  const nothing = await runJob(createAquarium(parts(empty).options), "Betta demo");
  assertEquals(nothing.end.why, "exhausted");
});

Deno.test("an answer that is not as it should be ends the species and is kept", async () => {
  const answers = [
    new Raw("<html>Bad gateway</html>"),
    new Raw('{"photos": [{"id": 1,'),
    new Raw("hello"),
    { pictures: [] },
    { photos: "none" },
    [],
    null,
  ];
  for (const answer of answers) {
    const { options, kept, notices } = parts(new FakeApi(() => answer));
    const source = createAquarium(options);
    const { end } = await runJob(source, "Betta demo");
    assert(end.why === "not-recognised", JSON.stringify(answer));
    assertEquals(end.savedPage, "pages/aquarium_betta_demo.json");
    for (let time = 0; time < 9; time++) await runJob(source, "Betta demo");
    assertEquals(kept.length, 5, "a few are enough");
    await source.close();
    await source.close();
    assertEquals(notices.length, 1);
    assertStringIncludes(notices[0] ?? "", "10 answers of The Aquarium were not recognised");
  }
});

Deno.test("an API that does not answer fails the species, and the stage after three in a row", async () => {
  let calls = 0;
  const flaky = new FakeApi(() => ++calls % 3 === 0 ? { photos: [] } : REFUSED);
  const source = createAquarium(parts(flaky).options);
  const ends = [];
  for (let time = 0; time < 6; time++) ends.push((await runJob(source, "Betta demo")).end.why);
  assertEquals(ends, ["failed", "failed", "exhausted", "failed", "failed", "exhausted"]);
  const down = createAquarium(parts(new FakeApi(() => MISSING)).options);
  await runJob(down, "Betta demo");
  await runJob(down, "Betta demo");
  const stop = await assertRejects(() => runJob(down, "Betta demo"), StageStop);
  assertEquals(stop.why, "unreachable");
  assertStringIncludes(stop.message, "HTTP 404");
});

Deno.test("an API that wants no more requests, or may not be asked, stops the stage at once", async () => {
  const optedOut = new Raw({ outcome: "opted-out", detail: "robots.txt: Disallow: /" });
  for (const [answer, why] of [[LIMITED, "rate-limited"], [optedOut, "opted-out"]] as const) {
    const source = createAquarium(parts(new FakeApi(() => answer)).options);
    const stop = await assertRejects(() => runJob(source, "Betta demo"), StageStop);
    assertEquals(stop.why, why);
  }
});

Deno.test("no API is asked for a fish without a name", async () => {
  const client = new FakeApi(() => ({ photos: [] }));
  const { end } = await runJob(createAquarium(parts(client).options), "Betta");
  assertEquals([end.why, client.asked], ["not-found", []]);
});

const FISH: Species = { ...fish("Betta demo", "species"), also: ["Antebetta demo"] };
const ANN = { author: "Ann" };

/** A source whose candidates are written down by name, and which names it was asked for. */
function written(
  table: Readonly<Record<string, readonly { readonly author?: string }[]>>,
  options: Partial<ApiOptions>,
  taxa?: Readonly<Record<string, Taxon>>,
): { readonly source: ImageSource; readonly asked: string[] } {
  const asked: string[] = [];
  const about = { name: "aquarium", title: "The Aquarium", vouches: true, api: AQUARIUM };
  async function* search({ words }: ApiSearch): Found {
    const name = words.join(" ");
    asked.push(`photos of ${name}`);
    await Promise.resolve();
    const found = table[name];
    if (found === undefined) return { why: "not-found", reason: `no ${name}` };
    for (const [id, more] of found.entries()) {
      const url = `https://photos.aquarium.test/${name.replaceAll(" ", "-")}/${id}.jpg`;
      yield { url, page: url, ...more };
    }
    return { why: "exhausted", detail: { files: found.length } };
  }
  const all = { ...parts(new FakeApi(() => ({}))).options, ...options };
  if (taxa === undefined) return { asked, source: createApiSource({ ...about, search }, all) };
  const resolve = ({ words }: ApiRequests) => {
    const name = words.join(" ");
    asked.push(`name ${name}`);
    return Promise.resolve(taxa[name] ?? { reason: `no ${name}` });
  };
  return { asked, source: createApiSource({ ...about, resolve, search }, all) };
}

async function search(source: ImageSource, known: (url: string) => boolean = () => false) {
  const candidates: Candidate[] = [];
  const demand = { missing: 200, successRate: 1, known };
  const found = source.candidates(FISH, demand, new AbortController().signal);
  for (;;) {
    const next = await found.next();
    if (next.done) return { candidates, end: next.value };
    candidates.push(next.value);
  }
}

Deno.test("a source takes only so many photos of one author, those of other sources counted", async () => {
  const photos = [ANN, { author: " ann " }, { author: "Bob" }, ANN, {}, {}, { author: "Bob" }];
  const keptBy = () => new Map([["ann", 1]]);
  const { source } = written({ "Betta demo": photos }, { mostPerAuthor: 2, keptBy });
  const { candidates, end } = await search(source);
  assertEquals(candidates.map(({ author }) => author), ["Ann", "Bob", undefined, undefined, "Bob"]);
  assertEquals(end, { why: "exhausted", detail: { files: 7, overShare: 2 } });
  // What was tried before is counted where it was kept, not once more.
  const again = await search(source, (url) => url.endsWith("/0.jpg"));
  assertEquals(again.candidates.filter(({ author }) => /ann/i.test(author ?? "")).length, 2);
});

Deno.test("a source without taxa is searched by every name of a species, by the list's others at last", async () => {
  const otherNames = () => ["Betta demo", "Neobetta demo", "Neobetta demo", "Neobetta"];
  const both = { "Betta demo": [ANN], "Neobetta demo": [ANN] };
  const cases: [
    Parameters<typeof written>[0],
    number,
    readonly string[],
    Record<string, unknown>,
  ][] = [
    [both, 2, ["Betta demo", "Neobetta demo"], {
      names: ["Betta demo", "Neobetta demo"],
      files: 2,
    }],
    [{ "Neobetta demo": [ANN] }, 1, ["Betta demo", "Neobetta demo"], {
      resolved: { from: "Betta demo", to: "Neobetta demo", how: "name of another source" },
      files: 1,
    }],
    [{ "Antebetta demo": [ANN] }, 1, ["Betta demo", "Neobetta demo", "Antebetta demo"], {
      resolved: { from: "Betta demo", to: "Antebetta demo", how: "further name of the list" },
      files: 1,
    }],
  ];
  for (const [table, count, names, detail] of cases) {
    const { asked, source } = written(table, { otherNames });
    const { candidates, end } = await search(source);
    assertEquals(asked, names.map((name) => `photos of ${name}`));
    assertEquals(candidates.length, count);
    assertEquals(end, { why: "exhausted", detail });
  }
  assertEquals((await search(written({}, { otherNames }).source)).end.why, "not-found");
});

Deno.test("a name is looked up once, and what it means is told even if the search does not end", async () => {
  const taxa = { "Neobetta demo": { id: 7, name: "Neobetta demo" } };
  const photos = { "Betta demo": [ANN], "Neobetta demo": [ANN] };
  const otherNames = () => ["Neobetta demo"];
  const first = written(photos, { otherNames }, taxa);
  const { value } = await first.source.candidates(FISH, {
    ...{ missing: 1, successRate: 1 },
    known: () => false,
  }, new AbortController().signal).next();
  assert(value !== undefined && "url" in value);
  const found = first.source.found?.(FISH);
  assertEquals(found, {
    validName: "Neobetta demo",
    taxon: 7,
    asked: "Betta demo",
    on: "1970-01-01",
    resolved: { from: "Betta demo", to: "Neobetta demo", how: "name of another source" },
  });
  assertEquals(first.asked, ["name Betta demo", "name Neobetta demo", "photos of Neobetta demo"]);
  const before = knownNameOf(JSON.parse(JSON.stringify(found)));
  assert(before !== undefined);
  const second = written(photos, { otherNames, knownName: () => before }, taxa);
  const { end } = await search(second.source);
  assertEquals(second.asked, ["photos of Betta demo"], "the taxon is known, no name is asked for");
  assertEquals(end, { why: "exhausted", detail: { ...found, files: 1 } });
  // Another name on the list, or an answer of long ago, is asked for anew.
  for (const change of [{ asked: "Betta altera" }, { on: "1969-01-01" }, { on: "soon" }]) {
    const stale = written(photos, { knownName: () => ({ ...before, ...change }) }, taxa);
    await search(stale.source);
    assertEquals(stale.asked[0], "name Betta demo");
  }
});
