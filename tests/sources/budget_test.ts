import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type ApiTerms, INATURALIST_API } from "../../lib/sources/apis.ts";
import { Budget, BUDGET_FILE, countingClient } from "../../lib/sources/budget.ts";
import { createGbif } from "../../lib/sources/gbif.ts";
import { createOpenverse } from "../../lib/sources/openverse.ts";
import type { Client } from "../../lib/web/client.ts";
import { StageStop } from "../../lib/sources/source.ts";
import { FakeApi, parts, runJob } from "./fake_api.ts";
import { withFolder } from "../folder.ts";

const API: ApiTerms = {
  url: "https://api.example/v1/",
  terms: "https://api.example/terms",
  interval: 1000,
  limits: { requestsPerHour: 3, requestsPerDay: 5, bytesPerHour: 1000 },
  photoHosts: ["photos.example"],
};
const START = Date.UTC(2026, 10, 26, 12);
const MINUTE = 60_000;

Deno.test("Budget is kept across runs, and has room again after the hour and the day", async () => {
  await withFolder(async (dir) => {
    let now = START;
    const first = await Budget.open(dir, () => now);
    for (let count = 0; count < 3; count++) {
      assertEquals(first.spent(API, "requests"), undefined);
      first.countRequest(API);
    }
    await first.flush();
    const second = await Budget.open(dir, () => now);
    const spent = second.spent(API, "requests");
    assertEquals(spent?.limit, "3 requests an hour");
    now = spent?.until ?? now;
    assert(now > START && now <= START + 65 * MINUTE);
    assertEquals(second.spent(API, "requests"), undefined);
    second.countRequest(API);
    second.countRequest(API);
    assertEquals(second.spent(API, "requests")?.limit, "5 requests a day");
    now = second.spent(API, "requests")?.until ?? now;
    assert(now >= START + 24 * 60 * MINUTE);
    assertEquals(second.spent(API, "requests"), undefined);
    await second.flush();
  });
});

Deno.test("Budget counts the bytes of an API's photo hosts, and takes a damaged file for none", async () => {
  await withFolder(async (dir) => {
    await Deno.writeTextFile(`${dir}/${BUDGET_FILE}`, '{"https://api.example/v1/":[{"from":');
    const budget = await Budget.open(dir, () => START);
    const plain: Client = {
      page: () => Promise.reject(new Error("no pages")),
      download: (url) =>
        Promise.resolve({
          ok: true,
          url,
          status: 200,
          headers: new Headers(),
          bytes: new Uint8Array(600),
          notes: [],
        }),
      robots: () => Promise.resolve({ allowed: true }),
      pace: () => {},
      close: () => {},
    };
    const client = countingClient(
      plain,
      budget,
      (url) => url.includes("photos.example") ? API : undefined,
    );
    const { signal } = new AbortController();
    await client.download("https://photos.example/1.jpg", { signal });
    await client.download("https://elsewhere.example/1.jpg", { signal });
    assertEquals(budget.spent(API, "bytes"), undefined);
    await client.download("https://photos.example/2.jpg", { signal });
    assertEquals(budget.spent(API, "bytes")?.limit, "1,000 bytes of photos an hour");
    await budget.flush();
  });
});

Deno.test("countingClient() fetches no photo beyond the limit, whichever source lists it", async () => {
  await withFolder(async (dir) => {
    const budget = await Budget.open(dir, () => START);
    budget.countBytes(INATURALIST_API, 5_000_000_000);
    let fetched = 0;
    const gone: Client["download"] = (url) => {
      fetched++;
      return Promise.resolve({ ok: false, outcome: "gone", detail: "HTTP 404", url });
    };
    const plain = new FakeApi(() => ({}));
    plain.download = gone;
    const client = countingClient(plain, budget);
    const { signal } = new AbortController();
    const url = "https://inaturalist-open-data.s3.amazonaws.com/photos/1/large.jpg";
    const answer = await client.download(url, { signal });
    assert(!answer.ok);
    assertEquals([answer.outcome, fetched], ["rate-limited", 0]);
    await client.download("https://elsewhere.example/1.jpg", { signal });
    assertEquals(fetched, 1);
    await budget.flush();
  });
});

Deno.test("a source stops at another API's limit too, where that API's host has the photo", async () => {
  await withFolder(async (dir) => {
    const budget = await Budget.open(dir, () => START);
    budget.countBytes(INATURALIST_API, 5_000_000_000);
    const client = new FakeApi(({ pathname }) =>
      pathname.endsWith("match") ? { matchType: "EXACT", usageKey: 7, rank: "SPECIES" } : {
        endOfRecords: true,
        results: [{
          key: 1,
          taxonKey: 7,
          basisOfRecord: "HUMAN_OBSERVATION",
          media: [{
            identifier: "https://inaturalist-open-data.s3.amazonaws.com/photos/1/original.jpg",
            license: "http://creativecommons.org/licenses/by/4.0/",
          }],
        }],
      }
    );
    const source = createGbif({ ...parts(client).options, budget });
    const stop = await assertRejects(() => runJob(source, "Betta demo"), StageStop);
    assertEquals(stop.why, "budget");
    assertStringIncludes(stop.message, "api.inaturalist.org allows 5,000,000,000 bytes");
    await source.close();
  });
});

Deno.test("a source stops its stage at the budget, and says when to go on", async () => {
  await withFolder(async (dir) => {
    const budget = await Budget.open(dir, () => START);
    const client = new FakeApi(() => ({ results: [], page_count: 0 }));
    const source = createOpenverse({ ...parts(client).options, budget });
    let stop: unknown;
    for (let species = 0; species < 300 && stop === undefined; species++) {
      await runJob(source, "Betta demo").catch((thrown) => stop = thrown);
    }
    assertEquals(client.asked.length, 200);
    assert(stop instanceof StageStop);
    assertEquals(stop.why, "budget");
    assertStringIncludes(stop.message, "200 requests a day");
    assertStringIncludes(stop.message, "run again after 2026-11-27T12:05:00.000Z");
    await source.close();
  });
});
