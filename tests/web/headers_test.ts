import { assertEquals } from "@std/assert";
import { optOut, readRetryAfter, referrer } from "../../lib/web/headers.ts";

/** Values of `X-Robots-Tag`, and whether they concern us. */
const TAGS: readonly (readonly [string, boolean])[] = [
  ["noai", true],
  ["NOAI", true],
  ["noml", true],
  ["noimageai", true],
  ["noindex", true],
  ["noimageindex", true],
  ["none", true],
  ["nofollow, noindex", true],
  ["aquaset: noindex", true],
  ["*: noai", true],
  ["googlebot: nofollow, aquaset: noai", true],
  ["unavailable_after: 25 Jun 2030 15:00:00 PST, noai", true],
  ["googlebot: noindex, noai", true],
  ["googlebot: noai", false],
  ["", false],
  ["all", false],
  ["nofollow", false],
  ["noarchive, nosnippet", false],
  ["max-image-preview: large", false],
  ["googlebot: noindex", false],
  ["googlebot: nofollow, noindex", false],
  ["noindexing", false],
  [`${"x,".repeat(100_000)}noai`, false],
];

for (const [value, concerns] of TAGS) {
  Deno.test(`optOut() X-Robots-Tag: ${value.slice(0, 60)}`, () => {
    assertEquals(optOut(new Headers({ "x-robots-tag": value })) !== undefined, concerns);
  });
}

Deno.test("optOut() TDM-Reservation speaks in one way only", () => {
  assertEquals(optOut(new Headers({ "tdm-reservation": " 1 " })), "TDM-Reservation: 1");
  assertEquals(optOut(new Headers({ "tdm-reservation": "0, 1" })), "TDM-Reservation: 1");
  assertEquals(optOut(new Headers({ "tdm-reservation": "0" })), undefined);
  assertEquals(optOut(new Headers({ "tdm-reservation": "11" })), undefined);
  assertEquals(optOut(new Headers()), undefined);
});

const CASES: readonly (readonly [string, string, string | undefined])[] = [
  ["https://a.example/p?q#f", "https://a.example/1.jpg", "https://a.example/p?q"],
  ["https://u:s@a.example/p", "https://a.example/1.jpg", "https://a.example/p"],
  ["https://a.example/p?q", "https://b.example/1.jpg", "https://a.example/"],
  ["https://u:s@a.example/p", "https://b.example/1.jpg", "https://a.example/"],
  ["https://a.example:8443/p", "https://a.example/1.jpg", "https://a.example:8443/"],
  ["http://a.example/p", "https://a.example/1.jpg", "http://a.example/"],
  ["https://a.example/p", "http://a.example/1.jpg", undefined],
  ["file:///home/me/p", "https://a.example/1.jpg", undefined],
  ["about:blank", "https://a.example/1.jpg", undefined],
  ["no page", "https://a.example/1.jpg", undefined],
];

for (const [page, image, expected] of CASES) {
  Deno.test(`referrer() from ${page} to ${image}`, () => {
    assertEquals(referrer(page, new URL(image)), expected);
  });
}

const TODAY = Date.UTC(2026, 10, 22, 12, 0, 0);

/** Spellings of `Retry-After`, and how many milliseconds each asks for. */
const SPELLINGS: readonly (readonly [string | null, number | undefined])[] = [
  [null, undefined],
  ["", undefined],
  ["0", 0],
  ["120", 120_000],
  [" 120 ", 120_000],
  ["000120", 120_000],
  ["99999999999999999999", 86_400_000],
  ["-5", undefined],
  ["1.5", 1500],
  ["1.5.5", undefined],
  ["1e3", undefined],
  ["0x10", undefined],
  ["120 seconds", undefined],
  ["120, 240", undefined],
  ["soon", undefined],
  ["2026", 2_026_000],
  ["2026-11-22T12:02:00Z", 120_000],
  ["2026-11-22", undefined],
  ["Sun, 22 Nov 2026 12:02:00 GMT", 120_000],
  ["Sunday, 22-Nov-26 12:02:00 GMT", 120_000],
  ["Sun Nov 22 12:02:00 2026", 120_000],
  ["Sun, 22 Nov 2026 11:00:00 GMT", 0],
  ["Sun, 22 Nov 2099 12:00:00 GMT", 86_400_000],
  ["Sun, 99 Nov 2026 12:02:00 GMT", undefined],
];

for (const [spelling, expected] of SPELLINGS) {
  Deno.test(`readRetryAfter() reads ${JSON.stringify(spelling)}`, () => {
    assertEquals(readRetryAfter(spelling, TODAY), expected);
  });
}
