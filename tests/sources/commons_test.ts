import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { createCommons } from "../../lib/sources/commons.ts";
import { StageStop } from "../../lib/sources/source.ts";
import { FakeApi, parts, runJob } from "./fake_api.ts";

const UPLOAD = "https://upload.wikimedia.org/wikipedia/commons";

const field = (value: unknown) => ({ value, source: "commons-desc-page" });
const image = (name: string, meta: Record<string, unknown> = {}, more = {}) => ({
  url: `${UPLOAD}/a/ab/${name}`,
  thumburl: `${UPLOAD}/thumb/a/ab/${name}/1280px-${name}`,
  thumbwidth: 1280,
  thumbheight: 960,
  mime: "image/jpeg",
  extmetadata: {
    Artist: field("Ann"),
    License: field("cc-by-sa-4.0"),
    LicenseShortName: field("CC BY-SA 4.0"),
    LicenseUrl: field("https://creativecommons.org/licenses/by-sa/4.0"),
    ...meta,
  },
  ...more,
});
const page = (pageid: number, imageinfo?: unknown) => ({
  pageid,
  ns: 6,
  title: `File:Betta ${pageid}.jpg`,
  ...(imageinfo !== undefined && { imageinfo: [imageinfo] }),
});

async function run(client: FakeApi): ReturnType<typeof runJob> {
  return await runJob(createCommons(parts(client).options), "Betta demo");
}

/** Answers one after another. */
const answers = (...list: readonly unknown[]) => {
  let at = 0;
  return new FakeApi(() => list[Math.min(at++, list.length - 1)]);
};

Deno.test("createCommons() gives a category's files in their 1,280-pixel rendering", async () => {
  const client = answers({ batchcomplete: true, query: { pages: [page(1, image("1.jpg"))] } });
  const { candidates, end } = await run(client);
  assertEquals(candidates, [{
    url: `${UPLOAD}/thumb/a/ab/1.jpg/1280px-1.jpg`,
    page: "https://commons.wikimedia.org/wiki/File:Betta_1.jpg",
    title: "Betta 1.jpg",
    license: "CC-BY-SA-4.0",
    licenseText: "CC BY-SA 4.0",
    licenseUrl: "https://creativecommons.org/licenses/by-sa/4.0",
    author: "Ann",
    width: 1280,
    height: 960,
  }]);
  assertEquals(end, { why: "exhausted", detail: { category: "Category:Betta demo", files: 1 } });
  assertStringIncludes(client.asked[0] ?? "", "gcmtitle=Category%3ABetta+demo");
});

Deno.test("createCommons() puts an answer together that comes in parts", async () => {
  const client = answers(
    {
      continue: { iicontinue: "2", continue: "||" },
      query: { pages: [page(1), page(2, image("2.jpg"))] },
    },
    {
      continue: { gcmcontinue: "x", continue: "gcmcontinue||" },
      query: { pages: [page(1, image("1.jpg")), page(2)] },
    },
    { batchcomplete: true, query: { pages: [page(3, image("3.jpg"))] } },
  );
  const { candidates } = await run(client);
  assertEquals(candidates.map(({ title }) => title), ["Betta 2.jpg", "Betta 1.jpg", "Betta 3.jpg"]);
  assertStringIncludes(client.asked[1] ?? "", "iicontinue=2");
  assertStringIncludes(client.asked[2] ?? "", "gcmcontinue=x");
});

Deno.test("createCommons() ends where an answer leads back to itself, and where there is nothing", async () => {
  const same = { continue: { continue: "||" }, query: { pages: [page(1, image("1.jpg"))] } };
  const circle = answers(same);
  assertEquals((await run(circle)).candidates.length, 1);
  assertEquals(circle.asked.length, 2);
  assertEquals((await run(answers({ batchcomplete: true }))).end.why, "not-found");
});

Deno.test("createCommons() waits while the servers lag behind, and not for ever", async () => {
  const lag = { error: { code: "maxlag", info: "Waiting for a server: 6 seconds lagged." } };
  const full = { batchcomplete: true, query: { pages: [page(1, image("1.jpg"))] } };
  assertEquals((await run(answers(lag, lag, full))).candidates.length, 1);
  const stop = await assertRejects(() => run(answers(lag)), StageStop);
  assertEquals(stop.why, "unreachable");
  assertStringIncludes(stop.message, "maxlag");
});

Deno.test("createCommons() leaves out what is no photo file, and files of other hosts", async () => {
  const pages = [
    page(1, image("1.svg", {}, { mime: "image/svg+xml" })),
    page(2, image("2.ogv", {}, { mime: "video/ogg" })),
    page(3, image("3.jpg", {}, { thumburl: "https://evil.example/3.jpg" })),
    page(4, image("4.jpg", {}, { thumburl: null })),
    page(5, { mime: "image/jpeg" }),
    { title: "File:No number.jpg" },
    7,
  ];
  const { candidates } = await run(answers({ query: { pages } }));
  assertEquals(candidates.map(({ url }) => url), [`${UPLOAD}/a/ab/4.jpg`]);
});

Deno.test("createCommons() reads licences and authors in all their forms", async () => {
  const cases: [Record<string, unknown>, Record<string, unknown>][] = [
    [{ License: field("cc0"), LicenseUrl: undefined }, { license: "CC0-1.0" }],
    [{ License: field("cc-by-sa-3.0-de") }, { license: "CC-BY-SA-3.0-DE" }],
    [
      { License: field("pd"), LicenseShortName: field("Public domain"), LicenseUrl: undefined },
      { license: undefined, licenseText: "Public domain", licenseUrl: undefined },
    ],
    [{ License: undefined }, { license: "CC-BY-SA-4.0" }],
    [{ LicenseUrl: field("javascript:alert(1)") }, { licenseUrl: undefined }],
    [{ Artist: field('<a href="//x">Ann &amp; Bo</a> from\nEastbourne') }, {
      author: "Ann & Bo from Eastbourne",
    }],
    [{ Artist: field("<div class='fn value'>\nJona</div>") }, { author: "Jona" }],
    [{ Artist: field(7) }, { author: undefined }],
    [{ Artist: null }, { author: undefined }],
  ];
  for (const [meta, expected] of cases) {
    const { candidates: [candidate] } = await run(
      answers({ query: { pages: [page(1, image("1.jpg", meta))] } }),
    );
    const found: Record<string, unknown> = { ...candidate };
    for (const [name, value] of Object.entries(expected)) {
      assertEquals(found[name], value, `${name} of ${JSON.stringify(meta)}`);
    }
  }
});
