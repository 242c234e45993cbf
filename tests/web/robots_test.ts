import { assert, assertEquals, assertLess } from "@std/assert";
import type { Answer } from "../../lib/web/client.ts";
import { parseRobots, RobotsCache } from "../../lib/web/robots.ts";
import { QuickClock } from "../base/clock.ts";

/** A robots.txt, a path, the rule that forbids it or nothing. */
const CASES: readonly (readonly [string, string, string, string | undefined])[] = [
  ["an empty file", "", "/a", undefined],
  ["no rule for anybody", "User-agent: *\n", "/a", undefined],
  ["an empty rule", "User-agent: *\nDisallow:", "/a", undefined],
  ["everything", "User-agent: *\nDisallow: /", "/a", "Disallow: /"],
  ["robots.txt itself", "User-agent: *\nDisallow: /", "/robots.txt", undefined],
  ["a rule before any robot", "Disallow: /\nUser-agent: x\nDisallow: /", "/a", undefined],
  ["another robot", "User-agent: googlebot\nDisallow: /", "/a", undefined],
  [
    "own group, others forbidden",
    "User-agent: *\nDisallow: /\n\nUser-agent: aquaset\nDisallow:",
    "/a",
    undefined,
  ],
  [
    "own group forbids, others allowed",
    "User-agent: Aquaset\nDisallow: /\nUser-agent: *\nAllow: /",
    "/a",
    "Disallow: /",
  ],
  ["own name with a version", "User-agent: AQUASET/9.9\nDisallow: /", "/a", "Disallow: /"],
  ["a longer name that begins alike", "User-agent: AquasetX\nDisallow: /", "/a", undefined],
  [
    "two groups for us are one",
    "User-agent: aquaset\nDisallow: /a\nUser-agent: x\nDisallow: /\nUser-agent: aquaset\nDisallow: /b",
    "/b",
    "Disallow: /b",
  ],
  ["a group for several", "User-agent: x\nUser-agent: aquaset\nDisallow: /a", "/a", "Disallow: /a"],
  [
    "other lines between the names",
    "User-agent: aquaset\nSitemap: http://x/\nCrawl-delay: 1\n\nUser-agent: x\nDisallow: /a",
    "/a",
    "Disallow: /a",
  ],
  ["the longest wins: allow", "User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", undefined],
  [
    "the longest wins: disallow",
    "User-agent: *\nAllow: /a\nDisallow: /a/b",
    "/a/b/c",
    "Disallow: /a/b",
  ],
  ["of the same length, allow wins", "User-agent: *\nDisallow: /a\nAllow: /a", "/a", undefined],
  ["the order says nothing", "User-agent: *\nAllow: /a/b\nDisallow: /", "/a/b", undefined],
  ["paths have cases", "User-agent: *\nDisallow: /A", "/a", undefined],
  ["a beginning is enough", "User-agent: *\nDisallow: /fish", "/fisher.html", "Disallow: /fish"],
  ["an asterisk", "User-agent: *\nDisallow: /*.jpg", "/a/b.jpg?c", "Disallow: /*.jpg"],
  ["an asterisk and the end", "User-agent: *\nDisallow: /*.jpg$", "/a.jpg?c", undefined],
  [
    "an asterisk and the end, met",
    "User-agent: *\nDisallow: /*.jpg$",
    "/a.jpg",
    "Disallow: /*.jpg$",
  ],
  ["the end alone", "User-agent: *\nDisallow: /$", "/", "Disallow: /$"],
  ["the end alone, missed", "User-agent: *\nDisallow: /$", "/a", undefined],
  ["the end comes twice", "User-agent: *\nDisallow: /*a$", "/aba", "Disallow: /*a$"],
  ["a piece may not be used twice", "User-agent: *\nDisallow: /ab*ba$", "/aba", undefined],
  ["the query counts", "User-agent: *\nDisallow: /*?size=", "/a?size=1", "Disallow: /*?size="],
  [
    "escapes that make no difference",
    "User-agent: *\nDisallow: /%66ish",
    "/fish",
    "Disallow: /%66ish",
  ],
  ["escapes in the path", "User-agent: *\nDisallow: /fish", "/%66ish", "Disallow: /fish"],
  ["escapes that do make one", "User-agent: *\nDisallow: /a%2Fb", "/a/b", undefined],
  ["escapes in either case", "User-agent: *\nDisallow: /a%2fb", "/a%2Fb", "Disallow: /a%2fb"],
  ["letters beyond ASCII", "User-agent: *\nDisallow: /ツ", "/%E3%83%84", "Disallow: /ツ"],
  ["a comment", "User-agent: * # all\nDisallow: /a # and b", "/a", "Disallow: /a"],
  ["a byte order mark", "\ufeffUser-agent: *\nDisallow: /", "/a", "Disallow: /"],
  ["carriage returns alone", "User-agent: *\rDisallow: /", "/a", "Disallow: /"],
  ["spaces before the colon", "  USER-AGENT :*\n\tDISALLOW\t: /a", "/a", "Disallow: /a"],
  ["no slash at the start", "User-agent: *\nDisallow: fish", "/fish", "Disallow: fish"],
  [
    "a page instead of a file",
    "<html><body>User-agent: * Disallow: /</body></html>",
    "/a",
    undefined,
  ],
  ["a comment that looks like a rule", "User-agent: *\n# Disallow: /", "/a", undefined],
  ["a line of 20,000 letters", `User-agent: *\nDisallow: /${"*".repeat(20_000)}`, "/a", undefined],
  ["half a surrogate", "User-agent: *\nDisallow: /\ud800", "/a", undefined],
];

for (const [name, text, path, rule] of CASES) {
  Deno.test(`parseRobots() ${name}`, () => {
    assertEquals(parseRobots(text, "Aquaset").forbids(new URL(path, "https://a.example")), rule);
  });
}

Deno.test("parseRobots() reads the delay of the group that counts", () => {
  const text =
    "User-agent: *\nCrawl-delay: 30\n\nUser-agent: aquaset\nCrawl-delay: 2.5\nDisallow: /x";
  assertEquals(parseRobots(text, "Aquaset").crawlDelay, 2500);
  assertEquals(parseRobots("User-agent: *\nCrawl-delay: soon", "Aquaset").crawlDelay, undefined);
});

Deno.test("parseRobots() a rule made to be slow is not", () => {
  const rule = `${"*a".repeat(7000)}*b$`;
  const robots = parseRobots(`User-agent: *\nDisallow: /${rule}`, "Aquaset");
  const start = performance.now();
  assertEquals(robots.forbids(new URL(`https://a.example/${"a".repeat(10_000)}`)), undefined);
  // Takes a few milliseconds; the bound tells it from what takes minutes.
  assertLess(performance.now() - start, 20_000);
});

Deno.test("parseRobots() 500 KiB of rules are read and judged in a moment", () => {
  const robots = parseRobots(`User-agent: *\n${"Disallow: /a*b*c\n".repeat(30_000)}`, "Aquaset");
  const start = performance.now();
  assert(robots.forbids(new URL("https://a.example/a/b/c")) !== undefined);
  assertLess(performance.now() - start, 20_000);
});

const never = new AbortController().signal;
const URL_ = new URL("https://a.example/1.jpg");

function rules(text: string): Answer {
  const bytes = new TextEncoder().encode(text);
  return { ok: true, url: "", status: 200, headers: new Headers(), bytes, notes: [] };
}

Deno.test("get() waits as long as it is given, and the request goes on", async () => {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const asked: AbortSignal[] = [];
  const ask = (_url: string, signal: AbortSignal): Promise<Answer> => {
    asked.push(signal);
    return promise;
  };
  const cache = new RobotsCache(ask, new QuickClock());
  const first = await cache.get(URL_, never, 20);
  assertEquals(first.ok || [first.failure.outcome, first.failure.detail], [
    "timeout",
    "host set aside: no robots.txt for 20 ms so far",
  ]);
  const patient = cache.get(URL_, never);
  assert(!(await cache.get(URL_, never, 20)).ok);
  resolve(rules("User-agent: *\nDisallow: /1"));
  for (const known of [await patient, await cache.get(URL_, never)]) {
    assert(known.ok && known.robots.forbids(URL_) !== undefined);
  }
  assertEquals(asked.map(({ aborted }) => aborted), [false]);
});

Deno.test("close() aborts the requests that are under way", async () => {
  const asked: AbortSignal[] = [];
  const cache = new RobotsCache(
    (_url, signal) => {
      asked.push(signal);
      return new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason), { once: true })
      );
    },
    new QuickClock(),
  );
  assert(!(await cache.get(URL_, never, 20)).ok);
  assert(cache.isAsking(URL_));
  cache.close();
  assert(asked.every(({ aborted }) => aborted));
});

Deno.test("get() keeps what it knows for a day, and failures not at all", async () => {
  const clock = new QuickClock();
  let asked = 0;
  const cache = new RobotsCache(() => {
    asked++;
    return Promise.resolve<Answer>(
      asked === 1
        ? { ok: false, outcome: "server-error", detail: "", url: "", status: 503 }
        : rules(""),
    );
  }, clock);
  assert(!(await cache.get(URL_, never)).ok);
  assert((await cache.get(URL_, never)).ok);
  await clock.sleep(86_000_000, never);
  assert((await cache.get(URL_, never)).ok);
  assertEquals(asked, 2);
  await clock.sleep(1_000_000, never);
  assert((await cache.get(URL_, never)).ok);
  assertEquals(asked, 3);
});

Deno.test("get() remembers two thousand sites and no more", async () => {
  const asked: string[] = [];
  const cache = new RobotsCache((url) => {
    asked.push(url);
    return Promise.resolve(rules(""));
  }, new QuickClock());
  for (let site = 0; site <= 2000; site++) {
    await cache.get(new URL(`https://${site}.example`), never);
  }
  await cache.get(new URL("https://2000.example"), never);
  assertEquals(asked.length, 2001);
  await cache.get(new URL("https://0.example"), never);
  assertEquals(asked.length, 2002);
});
