import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Failure } from "../../../lib/base/failure.ts";
import { DEFAULT_LIST_URL, fetchSpeciesList } from "../../../lib/species/wikipedia/fetch.ts";
import type { NotReceived } from "../../../lib/web/client.ts";
import { answeringClient, received } from "./page_client.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const signal = () => AbortSignal.timeout(30_000);

for (
  const [outcome, status, detail, exit] of [
    ["timeout", undefined, "no byte for 15 s", 75],
    ["refused", undefined, "connection refused", 75],
    ["gone", undefined, "no such host", 75],
    ["gone", 404, "HTTP 404", 1],
    ["rate-limited", 429, "HTTP 429", 75],
    ["server-error", 503, "HTTP 503", 75],
    ["truncated", 200, "4 of 9 bytes", 75],
    ["forbidden", 403, "HTTP 403", 1],
    ["opted-out", 200, "robots.txt", 1],
    ["too-large", 200, "31 MB", 1],
    ["redirect-loop", 301, "circle", 1],
  ] as const
) {
  Deno.test(`fetchSpeciesList() ends with ${exit} for ${outcome}: ${detail}`, async () => {
    const answer: NotReceived = {
      ok: false,
      outcome,
      detail,
      url: DEFAULT_LIST_URL,
      ...(status === undefined ? {} : { status }),
    };
    const failure = await assertRejects(
      () => fetchSpeciesList(answeringClient(answer), DEFAULT_LIST_URL, signal()),
      Failure,
      detail,
    );
    assertEquals(failure.status, exit);
    assertStringIncludes(failure.message, DEFAULT_LIST_URL);
    assertEquals(failure.message.includes("--contact"), outcome === "forbidden");
  });
}

Deno.test("fetchSpeciesList() says which flag lets another site in", async () => {
  const answer: NotReceived = {
    ok: false,
    outcome: "forbidden-address",
    detail: 'this process has no permission to reach "de.wikipedia.org:443"',
    url: "https://de.wikipedia.org/wiki/Fische",
  };
  const ask = () => fetchSpeciesList(answeringClient(answer), answer.url, signal());
  await assertRejects(ask, Failure, "de.wikipedia.org added to --allow-net");
});

Deno.test("fetchSpeciesList() makes no half list of a page that comes in part", async () => {
  const table = "<table><tr><th>Latin name</th></tr><tr><td>Betta splendens</td></tr>";
  const page = `<!DOCTYPE html><html><body><div class="mw-parser-output">${table}`;
  const read = (html: string) =>
    fetchSpeciesList(answeringClient(received(encode(html))), DEFAULT_LIST_URL, signal());
  const failure = await assertRejects(() => read(page), Failure, "ends before its </html>");
  assertEquals(failure.status, 75);
  assertEquals((await read(`${page}</table></body></html>`)).rows, 1);
  // A page that MediaWiki did not make may end without its end tags.
  assertEquals((await read(`<html><body>${table}`)).rows, 1);
});

Deno.test("fetchSpeciesList() refuses what is not an address before any request", async () => {
  for (const url of ["", "List of fish", "file:///etc/passwd", "javascript:1", "https://"]) {
    const client = answeringClient();
    const failure = await assertRejects(() => fetchSpeciesList(client, url, signal()), Failure);
    assertEquals([failure.status, client.asked], [2, []]);
    assertStringIncludes(failure.message, "--list");
  }
});

Deno.test("fetchSpeciesList() does not parse pages with too many rows or nested too deep", async () => {
  const item = "<li><i>Betta splendens</i></li>";
  for (
    const [html, sentence] of [
      [item.repeat(8_001), "more than 8000 rows and list items"],
      ["<table><tr><td>".repeat(2000), "nested more than 60 deep"],
      ["<ul><li>".repeat(2000), "nested more than 60 deep"],
    ] as const
  ) {
    const client = answeringClient(received(encode(html)));
    const read = () => fetchSpeciesList(client, DEFAULT_LIST_URL, signal());
    await assertRejects(read, Failure, sentence);
  }
});
