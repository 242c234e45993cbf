import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { createClient } from "../../lib/web/create_client.ts";
import { fetchJson, readJson } from "../../lib/web/json.ts";
import { QuickClock } from "../base/clock.ts";

const { signal } = new AbortController();
const API = { url: "https://api.example/v1/", terms: "https://api.example/docs", interval: 1000 };

interface Scene {
  readonly clock: QuickClock;
  readonly asked: string[];
  fetch(url: string): ReturnType<typeof fetchJson>;
}

/** An API whose robots.txt forbids everything, and whose answers come from a list. */
function scene(answers: readonly (() => Response)[], strictRobots = false): Scene {
  const [clock, asked] = [new QuickClock(), [] as string[]];
  const left = [...answers];
  const client = createClient({ strictRobots }, {
    clock,
    random: () => 0.5,
    lookup: () => Promise.resolve(["8.8.8.8"]),
    environment: () => undefined,
    transport: {
      send: (url) => {
        if (url.pathname === "/robots.txt") {
          return Promise.resolve(new Response("User-agent: *\nDisallow: /"));
        }
        asked.push(url.pathname);
        return Promise.resolve(left.length > 1 ? left.shift()?.() : left[0]?.())
          .then((response) => response ?? new Response(null, { status: 404 }));
      },
      close: () => {},
    },
  });
  return { clock, asked, fetch: (url) => fetchJson(client, API, url, { signal, clock }) };
}

const json = (): Response => new Response('{"fish": 1}');

Deno.test("fetchJson() calls documented endpoints under the API's terms, all else by robots.txt", async () => {
  const { fetch, asked } = scene([json]);
  const answer = await fetch("https://api.example/v1/fish");
  assertEquals(answer.ok && answer.value, { fish: 1 });
  for (const url of ["https://api.example/v2/fish", "https://api.example/v1/../secret"]) {
    const other = await fetch(url);
    assert(!other.ok && other.kind === "not-received");
    assertEquals(other.answer.outcome, "opted-out");
  }
  assertEquals(asked, ["/v1/fish"]);
});

Deno.test("fetchJson() obeys robots.txt everywhere where the client is strict", async () => {
  const { fetch, asked } = scene([json], true);
  const answer = await fetch("https://api.example/v1/fish");
  assert(!answer.ok && answer.kind === "not-received");
  assertEquals([answer.answer.outcome, asked], ["opted-out", []]);
});

Deno.test("fetchJson() makes one request at a time, as far apart as the API wants", async () => {
  const { fetch, clock } = scene([json]);
  const start = clock.now();
  await Promise.all([1, 2, 3, 4].map((n) => fetch(`https://api.example/v1/${n}`)));
  assertGreaterOrEqual(clock.now() - start, 3000);
});

Deno.test("fetchJson() waits as 429 and 503 ask for, and retries", async () => {
  const { fetch, clock } = scene([
    () => new Response(null, { status: 429, headers: { "retry-after": "20" } }),
    () => new Response("busy", { status: 503 }),
    json,
  ]);
  const start = clock.now();
  assert((await fetch("https://api.example/v1/fish")).ok);
  assertGreaterOrEqual(clock.now() - start, 20_000);
});

Deno.test("fetchJson() asks again for web pages and cut bodies, then says what came", async () => {
  const page = (): Response => new Response("<!doctype html><title>Busy</title>");
  const mended = scene([page, () => new Response('{"fish": '), json]);
  assert((await mended.fetch("https://api.example/v1/fish")).ok);
  const { fetch, asked } = scene([page]);
  const answer = await fetch("https://api.example/v1/fish");
  assert(!answer.ok && answer.kind !== "not-received");
  assertEquals(answer.detail, "api.example answered a web page, not JSON");
  assertEquals(asked.length, 3);
});

Deno.test("readJson() distinguishes a web page, a truncated body and other texts", () => {
  const kinds = ['{"a":1}', "[1,2", '{"a": "b', "", " <html>", "[1,,2]", "plain", "3"].map(
    (text) => {
      const bytes = new TextEncoder().encode(text);
      const headers = new Headers();
      const answer = readJson({ ok: true, url: API.url, status: 200, headers, bytes, notes: [] });
      return answer.ok ? "json" : answer.kind;
    },
  );
  assertEquals(kinds, ["json", "cut", "cut", "cut", "html", "not-json", "not-json", "json"]);
});

Deno.test("fetchJson() asks for a document that breaks off unpacked, and reads it whole", async () => {
  const encodings: (string | null)[] = [];
  const client = createClient({}, {
    clock: new QuickClock(),
    lookup: () => Promise.resolve(["8.8.8.8"]),
    environment: () => undefined,
    transport: {
      send: (_url, { headers }) => {
        const asked = new Headers(headers).get("accept-encoding");
        encodings.push(asked);
        // Deno unpacks the first member of a gzip body, and says nothing of the second.
        const packed = { headers: { "content-encoding": "gzip" } };
        const half = new Response('{"fish": [1,', packed);
        return Promise.resolve(asked === "identity" ? new Response('{"fish": [1, 2]}') : half);
      },
      close: () => {},
    },
  });
  const answer = await fetchJson(client, API, "https://api.example/v1/fish", {
    signal,
    clock: new QuickClock(),
  });
  assertEquals(answer.ok && answer.value, { fish: [1, 2] });
  assertEquals(encodings, ["gzip, br", "identity"]);
});
