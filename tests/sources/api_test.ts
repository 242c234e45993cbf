import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as v from "valibot";
import {
  type ApiOptions,
  type ApiSearch,
  createApiSource,
  ID,
  recordsOf,
} from "../../lib/sources/api.ts";
import { readLicense } from "../../lib/sources/license.ts";
import {
  type Candidate,
  type ImageSource,
  licenseFields,
  type SourceEnd,
  StageStop,
} from "../../lib/sources/source.ts";
import { FakeApi, LIMITED, MISSING, parts, Raw, REFUSED, runJob } from "./fake_api.ts";

// A whole source, as a newcomer would write it: an API of an aquarium with pages of photos.

const AQUARIUM = {
  url: "https://api.aquarium.test/",
  terms: "https://aquarium.test/api",
  interval: 0,
};
const PHOTO = v.object({ id: ID, file: v.string(), license: v.nullish(v.string()) });
const PHOTOS = v.object({ photos: recordsOf(PHOTO), next: v.nullish(v.number()) });

async function* search({ words, get }: ApiSearch): AsyncGenerator<Candidate, SourceEnd, void> {
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
  return createApiSource({ ...about, api: AQUARIUM, search }, options);
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

Deno.test("a source takes only so many photos of one author, and asks for the names that others found", async () => {
  async function* byAuthor(
    { words }: ApiSearch,
  ): AsyncGenerator<Candidate, SourceEnd, void> {
    const name = words.join(" ");
    await Promise.resolve();
    if (name === "Betta demo") return { why: "not-found", reason: "no such name" };
    for (const [id, author] of ["Ann", "Ann", "Bob", "Ann", undefined, undefined].entries()) {
      const url = `https://photos.aquarium.test/${id}.jpg`;
      yield { url, page: url, ...(author !== undefined && { author }) };
    }
    return { why: "exhausted", detail: { validName: name } };
  }
  const source = createApiSource(
    { name: "aquarium", title: "The Aquarium", vouches: true, api: AQUARIUM, search: byAuthor },
    {
      ...parts(new FakeApi(() => ({}))).options,
      mostPerAuthor: 2,
      otherNames: () => ["Betta demo", "Neobetta demo"],
    },
  );
  const { candidates, end } = await runJob(source, "Betta demo");
  assertEquals(candidates.map(({ author }) => author), ["Ann", "Ann", "Bob", undefined, undefined]);
  assertEquals(end, {
    why: "exhausted",
    detail: {
      resolved: { from: "Betta demo", to: "Neobetta demo", how: "name of another source" },
      validName: "Neobetta demo",
      overShare: 1,
    },
  });
});
