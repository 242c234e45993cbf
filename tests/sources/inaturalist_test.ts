import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createINaturalist } from "../../lib/sources/inaturalist.ts";
import { FakeApi, parts, runJob } from "./fake_api.ts";

const OPEN_DATA = "https://inaturalist-open-data.s3.amazonaws.com/photos";

const taxon = (id: number, name: string, more = {}) => ({
  id,
  name,
  rank: "species",
  is_active: true,
  ...more,
});
const photo = (id: number, code: string | null = "cc-by-nc", more = {}) => ({
  id,
  license_code: code,
  url: `${OPEN_DATA}/${id}/square.jpg`,
  attribution: "(c) Ann, some rights reserved (CC BY-NC)",
  original_dimensions: { width: 2048, height: 1536 },
  ...more,
});
const observation = (id: number, photos: readonly unknown[], of = 7) => ({
  id,
  uri: "javascript:alert(1)",
  captive: true,
  quality_grade: "casual",
  observed_on: "2024-05-11",
  taxon: { id: of, name: "Betta demo" },
  user: { login: "ann", name: "" },
  photos,
});

/** An API with these taxa and, for taxon 7, these observations. */
function api(
  taxa: readonly unknown[],
  observations: readonly { readonly id: number }[] = [],
  perPage = 200,
): FakeApi {
  return new FakeApi((url) => {
    if (url.pathname === "/v1/taxa") return { total_results: taxa.length, results: taxa };
    if (/^\/v1\/taxa\/\d+$/.test(url.pathname)) {
      return { results: [taxon(7, "Betta demo")] };
    }
    const above = Number(url.searchParams.get("id_above"));
    const left = observations.filter(({ id }) => id > above);
    return { total_results: left.length, results: left.slice(0, perPage) };
  });
}

async function run(client: FakeApi, latin = "Betta demo"): ReturnType<typeof runJob> {
  return await runJob(createINaturalist(parts(client).options), latin);
}

Deno.test("createINaturalist() gives licensed photos in their large form", async () => {
  const client = api([taxon(7, "Betta demo")], [observation(11, [photo(101)])]);
  const { candidates, end } = await run(client);
  assertEquals(candidates, [{
    url: `${OPEN_DATA}/101/large.jpg`,
    page: "https://www.inaturalist.org/observations/11",
    observation: "inaturalist:11",
    captive: true,
    quality: "casual",
    observed: "2024-05-11",
    license: "CC-BY-NC-4.0",
    licenseText: "(c) Ann, some rights reserved (CC BY-NC)",
    licenseUrl: "https://creativecommons.org/licenses/by-nc/4.0/",
    title: "Betta demo",
    author: "ann",
    width: 1024,
    height: 768,
  }]);
  assert(end.why === "exhausted");
  assertEquals(end.detail, {
    validName: "Betta demo",
    taxon: 7,
    asked: "Betta demo",
    on: "1970-01-01",
    observations: 1,
    otherTaxon: 0,
    captive: 0,
    unlicensed: 0,
  });
  assertEquals(client.asked.length, 2);
  assertStringIncludes(client.asked[1] ?? "", "photo_license=cc0%2Ccc-by%2Ccc-by-sa");
});

Deno.test("createINaturalist() gives the first photo of every observation before the second of any", async () => {
  const client = api([taxon(7, "Betta demo")], [
    observation(11, [photo(101), photo(102), photo(103)]),
    observation(12, [photo(201, null), photo(202), photo(101)]),
    observation(13, [photo(301)]),
  ], 1);
  const { candidates } = await run(client);
  const ids = candidates.map(({ url }) => url.split("/").at(-2));
  assertEquals(ids, ["101", "202", "301", "102", "103"]);
  assertEquals(client.asked.length, 4, "pages go on from the greatest id");
});

Deno.test("createINaturalist() gives no photo without a licence, of a stranger or from elsewhere", async () => {
  const evil = "https://evil.example/photos/1/square.jpg";
  const client = api([taxon(7, "Betta demo")], [
    observation(11, [photo(101, null), photo(102, "pd"), photo(103, "cc-by", { url: evil })]),
    observation(12, [photo(201, "cc-by", { url: `${OPEN_DATA}/201/medium` })]),
    observation(13, [photo(301)], 8),
    observation(14, [photo(401, "cc0", { url: `${OPEN_DATA}/401/square.jpeg?1598551272` })]),
  ]);
  const { candidates, end } = await run(client);
  assertEquals(candidates.map(({ url, license }) => [url, license]), [
    [`${OPEN_DATA}/401/large.jpeg`, "CC0-1.0"],
  ]);
  assert(end.why === "exhausted");
  assertEquals([end.detail?.["otherTaxon"], end.detail?.["unlicensed"]], [1, 4]);
});

Deno.test("createINaturalist() finds a name by itself, by its successor and by a synonym", async () => {
  const inactive = { is_active: false, current_synonymous_taxon_ids: [7] };
  const cases: [string, readonly unknown[], string | undefined][] = [
    ["Betta demo", [taxon(8, "Betta demoides"), taxon(7, "Betta demo")], undefined],
    ["Micracanthus demo", [taxon(6, "Micracanthus demo", inactive)], "synonym"],
    ["Betta altera", [taxon(7, "Betta demo", { matched_term: "Betta altera" })], "synonym"],
  ];
  for (const [name, taxa, how] of cases) {
    const { end } = await run(api(taxa), name);
    assert(end.why === "exhausted", `${name}: ${JSON.stringify(end)}`);
    const resolved = how === undefined ? undefined : { from: name, to: "Betta demo", how };
    assertEquals(end.detail?.["resolved"], resolved);
  }
});

Deno.test("createINaturalist() guesses no name", async () => {
  const cases: [string, readonly unknown[]][] = [
    ["does not know", []],
    ["does not know", [taxon(8, "Betta demoides", { matched_term: "Betta demo x" })]],
    ["does not know", [taxon(6, "Betta demo", { is_active: false })]],
    ["none is guessed", [taxon(7, "Betta demo"), taxon(9, "Betta demo")]],
  ];
  for (const [said, taxa] of cases) {
    const client = api(taxa);
    const { end } = await run(client);
    assert(end.why === "not-found");
    assertStringIncludes(end.reason, said);
    assertEquals(client.asked.length, 1);
  }
});

Deno.test("createINaturalist() ends where pages do not go on, or say nothing of how many there are", async () => {
  const page = [observation(11, [photo(101)])];
  const endless = new FakeApi((url) =>
    url.pathname === "/v1/taxa"
      ? { results: [taxon(7, "Betta demo")] }
      : { total_results: 99, results: page }
  );
  assertEquals((await run(endless)).candidates.length, 1);
  assertEquals(endless.asked.length, 3);
  const silent = new FakeApi((url) =>
    url.pathname === "/v1/taxa" ? { results: [taxon(7, "Betta demo")] } : { results: page }
  );
  assertEquals((await run(silent)).candidates.length, 1);
});

Deno.test("createINaturalist() leaves captive animals out and fetches originals where it is told to", async () => {
  const client = api([taxon(7, "Betta demo")], [
    observation(11, [photo(101)]),
    { ...observation(12, [photo(102)]), captive: false },
  ]);
  const { options } = parts(client);
  const source = createINaturalist({ ...options, wildOnly: true, fullSize: true });
  const { candidates, end } = await runJob(source, "Betta demo");
  assertEquals(candidates.map(({ url, width }) => [url, width]), [
    [`${OPEN_DATA}/102/original.jpg`, 2048],
  ]);
  assert(end.why === "exhausted");
  assertEquals(end.detail?.captive, 1);
});
