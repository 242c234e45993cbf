import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createGbif } from "../../lib/sources/gbif.ts";
import { FakeApi, parts, runJob } from "./fake_api.ts";

const BY = "http://creativecommons.org/licenses/by/4.0/";
const EXACT = { usageKey: 7, matchType: "EXACT", rank: "SPECIES", canonicalName: "Betta demo" };

const medium = (identifier: string, license: string | undefined = BY, more = {}) => ({
  type: "StillImage",
  format: "image/jpeg",
  identifier,
  license,
  creator: "Ann",
  ...more,
});
const record = (key: number, media: readonly unknown[], more = {}) => ({
  key,
  basisOfRecord: "HUMAN_OBSERVATION",
  taxonKey: 7,
  eventDate: "2024-05-11T14:02:00",
  license: BY,
  media,
  ...more,
});

/** An API with this match and these records. */
function api(match: unknown, records: readonly unknown[] = [], perPage = 300): FakeApi {
  return new FakeApi((url) => {
    if (url.pathname === "/v1/species/match") {
      return Array.isArray(match) ? match[url.searchParams.has("kingdom") ? 1 : 0] : match;
    }
    const offset = Number(url.searchParams.get("offset")) / 300 * perPage;
    const results = records.slice(offset, offset + perPage);
    return { endOfRecords: offset + perPage >= records.length, results };
  });
}

async function run(client: FakeApi, latin = "Betta demo"): ReturnType<typeof runJob> {
  return await runJob(createGbif(parts(client).options), latin);
}

Deno.test("createGbif() gives licensed photos, the first of every record before the second of any", async () => {
  const client = api(EXACT, [
    record(11, [medium("https://a.example/1.jpg"), medium("https://a.example/2.jpg")]),
    record(12, [
      medium("https://a.example/3.jpg", "http://creativecommons.org/licenses/by-nc/4.0/"),
    ]),
  ], 1);
  const { candidates, end } = await run(client);
  assertEquals(candidates.map(({ url, license }) => [url, license]), [
    ["https://a.example/1.jpg", "CC-BY-4.0"],
    ["https://a.example/3.jpg", "CC-BY-NC-4.0"],
    ["https://a.example/2.jpg", "CC-BY-4.0"],
  ]);
  assertEquals(candidates[0], {
    url: "https://a.example/1.jpg",
    page: "https://www.gbif.org/occurrence/11",
    observation: "gbif:11",
    basis: "HUMAN_OBSERVATION",
    observed: "2024-05-11",
    author: "Ann",
    license: "CC-BY-4.0",
    licenseText: BY,
    licenseUrl: BY,
  });
  assert(end.why === "exhausted");
  assertEquals(end.detail, {
    validName: "Betta demo",
    taxon: 7,
    asked: "Betta demo",
    on: "1970-01-01",
    records: 2,
    otherTaxon: 0,
    captive: 0,
    unlicensed: 0,
  });
  assertEquals(client.asked.length, 3);
});

Deno.test("createGbif() leaves out strangers, specimens, what has no licence and what is no picture", async () => {
  const good = medium("https://a.example/1.jpg");
  const { candidates, end } = await run(api(EXACT, [
    record(11, [good], { taxonKey: 8, speciesKey: 8, acceptedTaxonKey: 8 }),
    record(12, [good], { basisOfRecord: "PRESERVED_SPECIMEN" }),
    record(13, [
      medium("https://a.example/a.jpg", "All rights reserved"),
      medium("https://a.example/b.jpg", "Usage Conditions Apply"),
      { ...good, license: undefined },
      medium("https://a.example/c.jpg", "https://a.example/works-public-domain"),
    ]),
    record(14, [
      { type: "StillImage", license: BY },
      medium("javascript:alert(1)"),
      medium("https://a.example/d", BY, { format: "dzi" }),
      medium("https://a.example/e", BY, { type: "InteractiveResource" }),
      "text",
    ]),
    record(15, [], { media: null }),
    record(16, [medium("https://a.example/f.jpg")], { taxonKey: 70, speciesKey: 7 }),
  ]));
  assertEquals(candidates.map(({ url }) => url), ["https://a.example/f.jpg"]);
  assert(end.why === "exhausted");
  assertEquals([end.detail?.["otherTaxon"], end.detail?.["unlicensed"]], [2, 4]);
});

Deno.test("createGbif() gives iNaturalist's photos the address and observation they have there", async () => {
  const open = "https://inaturalist-open-data.s3.amazonaws.com/photos/101";
  const { candidates } = await run(api(EXACT, [
    record(11, [medium(`${open}/original.jpeg`)], {
      datasetKey: "50c9509d-22c7-4a22-a47d-8c48425ef4a7",
      catalogNumber: "57754375",
    }),
  ]));
  assertEquals(candidates.map(({ url, observation }) => [url, observation]), [
    [`${open}/large.jpeg`, "inaturalist:57754375"],
  ]);
});

Deno.test("createGbif() says how a name was found, and takes no genus and no other species", async () => {
  const found: [unknown, string | undefined, number][] = [
    [EXACT, undefined, 7],
    [{ ...EXACT, usageKey: "7" }, undefined, 7],
    [{ ...EXACT, acceptedUsageKey: 9, species: "Gadus verus" }, "synonym", 9],
    [{ ...EXACT, matchType: "FUZZY", canonicalName: "Beta demo" }, "spelling", 7],
    [[{ matchType: "NONE", note: "Multiple equal matches for Betta demo" }, EXACT], undefined, 7],
  ];
  for (const [match, how, key] of found) {
    const { end } = await run(api(match));
    assert(end.why === "exhausted", JSON.stringify(match));
    assertEquals(end.detail?.["taxon"], key);
    assertEquals(end.detail?.["resolved"] !== undefined, how !== undefined);
    if (how !== undefined) assertStringIncludes(JSON.stringify(end.detail), `"how":"${how}"`);
  }
  const none = [
    { matchType: "NONE", note: "No match because of too little confidence" },
    { ...EXACT, matchType: "HIGHERRANK", rank: "GENUS" },
    { ...EXACT, rank: "GENUS" },
    { ...EXACT, matchType: "FUZZY", canonicalName: "Betta splendens" },
    { matchType: "EXACT", rank: "SPECIES" },
  ];
  for (const match of none) {
    const client = api(match);
    const { end } = await run(client);
    assertEquals([end.why, client.asked.length], ["not-found", 1], JSON.stringify(match));
  }
});
