import { assertEquals } from "@std/assert";
import { referrer } from "../../lib/web/referrer.ts";

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
