/** What an API may answer that it should not: whoever breaks into one must not get into the data. */

import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import type { ApiOptions } from "../../lib/sources/api.ts";
import { Budget } from "../../lib/sources/budget.ts";
import { INATURALIST_API } from "../../lib/sources/apis.ts";
import { createCommons } from "../../lib/sources/commons.ts";
import { createGbif } from "../../lib/sources/gbif.ts";
import { createINaturalist } from "../../lib/sources/inaturalist.ts";
import { createOpenverse } from "../../lib/sources/openverse.ts";
import { parseImageList } from "../../lib/sources/list.ts";
import type { ImageSource } from "../../lib/sources/source.ts";
import { createClient } from "../../lib/web/create_client.ts";
import { FakeApi, parts, runJob } from "./fake_api.ts";

const HUGE = "x".repeat(3_000_000);
const SOURCES: Readonly<Record<string, (options: ApiOptions) => ImageSource>> = {
  createINaturalist,
  createGbif,
  createCommons,
  createOpenverse,
};

for (const [name, create] of Object.entries(SOURCES)) {
  Deno.test(`${name}() survives answers of another shape, and says little of huge ones`, async () => {
    const answers: readonly unknown[] = [
      null,
      [],
      7,
      HUGE,
      { results: HUGE },
      { results: { length: 1e9 } },
      { results: [HUGE, null, [], { id: -1 }, { id: 1e300 }] },
      { error: { code: HUGE, info: HUGE } },
      { query: { pages: HUGE }, continue: { x: HUGE } },
      { matchType: HUGE, usageKey: HUGE, note: HUGE },
    ];
    for (const answer of answers) {
      const { options } = parts(new FakeApi(() => answer));
      const { candidates, end } = await runJob(create(options), "Betta demo");
      assertEquals(candidates, []);
      if ("reason" in end) assertLess(end.reason.length, 10_000, `${name}: ${end.why}`);
    }
  });
}

const UPLOAD = "https://upload.wikimedia.org/wikipedia/commons/a/ab/1.jpg";
const file = (pageid: number, title: string, url = UPLOAD) => ({
  pageid,
  title,
  imageinfo: [{ url, mime: "image/jpeg", extmetadata: {} }],
});

Deno.test("createCommons() takes half a letter in a title, and no file that lies elsewhere", async () => {
  const pages = [
    file(1, "File:Half \ud800.jpg"),
    file(2, "File:Elsewhere.jpg", "http://127.0.0.1:8080/1.jpg"),
    file(3, "File:Also.jpg", "https://upload.wikimedia.org.evil.example/1.jpg"),
  ];
  const { options } = parts(new FakeApi(() => ({ query: { pages } })));
  const { candidates } = await runJob(createCommons(options), "Betta demo");
  assertEquals(candidates.map(({ url }) => url), [UPLOAD]);
  assertMatch(
    candidates[0]?.page ?? "",
    /^https:\/\/commons\.wikimedia\.org\/wiki\/File:Half_%EF/,
  );
});

Deno.test("createCommons() ends where an answer always leads on and nothing new comes", async () => {
  let asked = 0;
  const api = new FakeApi(() => ({ continue: { gcmcontinue: String(asked++) }, query: {} }));
  await runJob(createCommons(parts(api).options), "Betta demo");
  assertLess(asked, 50);
});

Deno.test("createGbif() gives addresses as they are, and the client goes to none in a private network", async () => {
  const addresses = [
    "http://127.0.0.1/1.jpg",
    "http://2130706433/1.jpg",
    "http://[::ffff:10.0.0.1]/1.jpg",
    "http://169.254.169.254/latest/meta-data/",
    "http://user:secret@192.168.0.1/1.jpg",
    "http://localhost:4222/",
    "http://nats.internal/",
  ];
  const media = addresses.map((identifier) => ({
    identifier,
    type: "StillImage",
    license: "http://creativecommons.org/licenses/by/4.0/",
  }));
  const match = { usageKey: 7, matchType: "EXACT", rank: "SPECIES" };
  const record = { key: 1, taxonKey: 7, basisOfRecord: "HUMAN_OBSERVATION", media };
  const api = new FakeApi(({ pathname }) =>
    pathname.endsWith("match") ? match : { endOfRecords: true, results: [record] }
  );
  const { candidates } = await runJob(createGbif(parts(api).options), "Betta demo");
  assertEquals(candidates.length, addresses.length);
  const client = createClient({}, {
    transport: { send: () => Promise.reject(new Error("sent")), close: () => {} },
    lookup: () => Promise.reject(new Error("looked up")),
    environment: () => undefined,
  });
  for (const { url } of candidates) {
    const answer = await client.download(url, { signal: new AbortController().signal });
    assertEquals(answer.ok || answer.outcome, "forbidden-address", url);
  }
  client.close();
});

Deno.test("parseImageList() refuses ids and names that are none, and reads no path from a list", () => {
  const line = {
    species: "betta_splendens",
    latin: "Betta splendens",
    split: "train",
    split_group: "0".repeat(64),
    source: "gbif",
    url: "https://a.example/1.jpg",
    sha256: "0".repeat(64),
  };
  const parse = (more: Record<string, unknown>) =>
    parseImageList(JSON.stringify({ ...line, ...more }), "list");
  assertEquals(Object.keys(parse({ file: "../../x", file_name: "/etc/passwd" })[0] ?? {}).sort(), [
    ..."author common_names latin license license_text page sha256 source species".split(" "),
    ..."split split_group title url".split(" "),
  ]);
  const bad: readonly Record<string, unknown>[] = [
    { species: "../x" },
    { species: "con" },
    { species: "x".repeat(81) },
    { source: "../google" },
    { split: "../train" },
    { split_group: "../x" },
    { sha256: "../../x" },
    { url: "not a url" },
    { latin: HUGE },
    { common_names: HUGE },
    { latin: { toString: 1 } },
  ];
  for (const more of bad) {
    let said = "";
    try {
      parse(more);
    } catch (thrown) {
      said = String(thrown);
    }
    assertMatch(said, /line 1 is not a line of/, JSON.stringify(more).slice(0, 80));
    assert(said.length < 1000);
  }
});

Deno.test("Budget is not used up until a day far off, because a clock was ahead once", async () => {
  const dir = await Deno.makeTempDir({ prefix: "aquaset-test-" });
  try {
    const now = Date.parse("2026-11-27T12:00:00Z");
    const ahead = await Budget.open(dir, () => now + 365 * 86_400_000);
    for (let n = 0; n < 10_000; n++) ahead.countRequest(INATURALIST_API);
    assert(ahead.spent(INATURALIST_API, "requests") !== undefined);
    await ahead.flush();
    const right = await Budget.open(dir, () => now);
    assertEquals(right.spent(INATURALIST_API, "requests"), undefined);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
