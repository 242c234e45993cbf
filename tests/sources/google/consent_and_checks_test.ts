// What stands before the results, or comes in their place, in other ways than the demo world's.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { StageStop } from "../../../lib/sources/source.ts";
import type { Reply, Request } from "../../../lib/demo/http.ts";
import { fish, take, testSource } from "./run_google.ts";
import { photosFor, startSmallGoogle } from "./small_google.ts";

const BETTA = fish("Betta splendens");
const QUERY = '"Betta splendens"';
const SEARCH = `https://www.google.com/search?q=${encodeURIComponent(QUERY)}&udm=2`;

const html = (
  body: string,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Reply => ({
  status,
  headers: { "content-type": "text/html; charset=utf-8", ...headers },
  body,
});

/** A page that asks for consent, with a button to accept and one to refuse. */
const page = `<!doctype html><title>…</title>${
  [["Alle akzeptieren", false], ["Alle ablehnen", true]].map(([label, refuses]) =>
    `<form action="https://consent.google.com/save" method="POST"><button aria-label="${label}">` +
    `<span>${label}</span></button><input type="hidden" name="continue" ` +
    `value="${SEARCH.replaceAll("&", "&amp;")}">` +
    `<input type="hidden" name="set_eom" value="${refuses}"></form>`
  ).join("")
}`;

Deno.test("candidates() refuses consent on a page in any language", async () => {
  const answers: string[] = [];
  await using _google = await startSmallGoogle(
    ({ request }) =>
      answers.length > 0 ? { first: photosFor(QUERY, 3) } : html("", 302, {
        location: `https://consent.google.com/ml?continue=${encodeURIComponent(request.url.href)}`,
      }),
    ({ url, method, body }: Request) => {
      if (url.hostname !== "consent.google.com") return { status: 404 };
      if (method !== "POST") return html(page);
      answers.push(body);
      return html("", 303, { location: SEARCH });
    },
  );
  await using test = testSource();
  assertEquals((await take(test.source, BETTA)).candidates.length, 3);
  assertEquals(answers.length, 1);
  assert(/set_eom=true/.test(answers[0] ?? ""), answers[0]);
});

Deno.test("candidates() gives up soon where consent is asked again after every refusal", async () => {
  const here = page.replaceAll("https://consent.google.com", "");
  await using google = await startSmallGoogle(
    () => html(here),
    () => html("", 303, { location: SEARCH }),
  );
  await using test = testSource();
  const begun = performance.now();
  assertEquals((await take(test.source, BETTA)).end?.why, "failed");
  assert(performance.now() - begun < 25_000);
  assert(google.searches.length > 3);
});

const scrolling = (script: string): string =>
  `<script>addEventListener("scroll", async () => { ${script} }, { once: true });</script>`;

for (
  const [how, script] of Object.entries({
    "its script": `await fetch("/more")`,
    "the tab": `location.href = "/sorry/index?continue=x"`,
  })
) {
  Deno.test(`candidates() stops at a robot check that ${how} is sent to while scrolling`, async () => {
    const first = photosFor(QUERY, 3);
    await using _google = await startSmallGoogle(
      () => ({ first, below: scrolling(script) }),
      ({ url }) =>
        url.pathname === "/more"
          ? html("", 302, { location: "https://www.google.com/sorry/index?continue=x" })
          : html("<p>no form that we know</p>", 429),
    );
    await using test = testSource();
    const stop = await assertRejects(() => take(test.source, BETTA), StageStop);
    assertEquals(stop.why, "robot-check");
  });
}

Deno.test("candidates() follows the link to more results of its own search alone", async () => {
  const link = (query: string, start: number): string =>
    `<a jsname="oHxHid" aria-label="More results" href="/search?q=${
      encodeURIComponent(query)
    }&amp;udm=2&amp;start=${start}">More results</a>`;
  for (const [query, count] of [[QUERY, 6], ["goldfish", 3]] as const) {
    await using google = await startSmallGoogle(({ request }) =>
      request.url.searchParams.has("start")
        ? { first: photosFor(query, 3, 3) }
        : { first: photosFor(QUERY, 3), below: link(query, 3) }
    );
    await using test = testSource();
    const { candidates, end } = await take(test.source, BETTA);
    assertEquals([candidates.length, end?.why], [count, "exhausted"]);
    assertEquals(google.searches.length, count / 3);
  }
});

Deno.test("candidates() reads a page that waits for scripts and frames which never come", async () => {
  const first = photosFor(QUERY, 20);
  const never = '<iframe src="/never"></iframe><script async src="/never.js"></script>' +
    '<script src="/never.js"></script>';
  await using google = await startSmallGoogle(
    () => ({ first, below: never }),
    () => ({ fault: { kind: "silent" } }),
  );
  await using test = testSource();
  const begun = performance.now();
  const { candidates, end } = await take(test.source, BETTA);
  assertEquals([candidates.length, end?.why], [20, "exhausted"]);
  assertEquals(google.searches.length, 1);
  assert(performance.now() - begun < 25_000);
});

Deno.test("candidates() reads data whose scripts have taken themselves away", async () => {
  const first = photosFor(QUERY, 20);
  const away = '<script>addEventListener("DOMContentLoaded", () =>' +
    ' document.querySelectorAll("script").forEach((one) => one.remove()))</script>';
  await using _google = await startSmallGoogle(() => ({ first, above: away }));
  await using test = testSource();
  const { candidates, end } = await take(test.source, BETTA);
  assertEquals([candidates.length, end?.why], [20, "exhausted"]);
  assertEquals([...new Set(candidates.map(({ road }) => road))], ["embedded"]);
});
