import { assert, assertEquals, assertLess } from "@std/assert";
import { parseRobots } from "../../lib/web/robots.ts";

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
