import { assert, assertEquals } from "@std/assert";
import { createOpenverse } from "../../lib/sources/openverse.ts";
import { FakeApi, parts, runJob } from "./fake_api.ts";

const result = (id: number, more = {}) => ({
  url: `https://live.staticflickr.com/1/${id}_b.jpg`,
  foreign_landing_url: `https://www.flickr.com/photos/ann/${id}`,
  title: "Betta demo in my tank",
  creator: "ann",
  license: "by",
  license_version: "2.0",
  license_url: "https://creativecommons.org/licenses/by/2.0/",
  attribution: '"Betta demo" by ann is licensed under CC BY 2.0.',
  width: 1024,
  height: 716,
  tags: [{ name: "fish" }],
  ...more,
});

async function run(client: FakeApi, latin = "Betta demo"): ReturnType<typeof runJob> {
  return await runJob(createOpenverse(parts(client).options), latin);
}

Deno.test("createOpenverse() gives licensed photos that bear the whole name", async () => {
  const client = new FakeApi(() => ({
    page_count: 1,
    results: [
      result(1),
      result(2, { title: null, tags: [{ name: "bettademo" }] }),
      result(3, { title: "Betta", tags: null }),
      result(4, { title: "Demo of Betta", tags: [] }),
    ],
  }));
  const { candidates, end } = await run(client);
  assertEquals(candidates.length, 2);
  assertEquals(candidates[0], {
    url: "https://live.staticflickr.com/1/1_b.jpg",
    page: "https://www.flickr.com/photos/ann/1",
    license: "CC-BY-2.0",
    licenseText: '"Betta demo" by ann is licensed under CC BY 2.0.',
    licenseUrl: "https://creativecommons.org/licenses/by/2.0/",
    title: "Betta demo in my tank",
    author: "ann",
    width: 1024,
    height: 716,
  });
  assertEquals(end, { why: "exhausted", detail: { results: 4, otherName: 2, unlicensed: 0 } });
});

Deno.test("createOpenverse() asks for no more pages than there are, and 12 at most", async () => {
  for (const [pages, asked] of [[3, 3], [50, 12], [undefined, 12]] as const) {
    const client = new FakeApi((url) => ({
      page_count: pages,
      results: [result(Number(url.searchParams.get("page")))],
    }));
    assertEquals([(await run(client)).candidates.length, client.asked.length], [asked, asked]);
  }
  const empty = new FakeApi(() => ({ results: [] }));
  await run(empty);
  assertEquals(empty.asked.length, 1);
});

Deno.test("createOpenverse() takes no photo whose licence or address is none", async () => {
  const odd = [
    { license_url: "https://creativecommons.org/licenses/by-nd-nc/2.0/jp/" },
    { license_url: null, license: "sampling+" },
    { url: "javascript:alert(1)" },
    { foreign_landing_url: "javascript:alert(1)" },
  ];
  const fine = [
    { license_url: null, license: "by-sa", license_version: "2.0" },
    { license_url: null, license: "cc0", license_version: "1.0" },
  ];
  const client = new FakeApi(() => ({
    page_count: 1,
    results: [...odd, ...fine].map((more, id) => result(id, more)),
  }));
  const { candidates, end } = await run(client);
  assertEquals(candidates.map(({ license }) => license), ["CC-BY-SA-2.0", "CC0-1.0"]);
  assert(end.why === "exhausted");
  assertEquals(end.detail?.["unlicensed"], 4);
});
