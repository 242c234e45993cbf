import { assertEquals } from "@std/assert";
import { isRedirect, readUrl } from "../../lib/web/url.ts";

const READ: readonly (readonly [string, string | undefined, string])[] = [
  ["https://a.example/1.jpg", undefined, "https://a.example/1.jpg"],
  ["https://u:p@a.example/1.jpg#x", undefined, "https://a.example/1.jpg"],
  [" https://a.example/a b\n", undefined, "https://a.example/a%20b"],
  ["//b.example/2.jpg", "https://a.example/1.jpg", "https://b.example/2.jpg"],
  ["../2.jpg?x#y", "https://a.example/d/e/1.jpg", "https://a.example/d/2.jpg?x"],
  ["?x", "https://a.example/1.jpg", "https://a.example/1.jpg?x"],
  ["", "https://a.example/1.jpg", "https://a.example/1.jpg"],
  ["HTTPS:\\\\a.example\\1.jpg", undefined, "https://a.example/1.jpg"],
  ["https://bücher.example/ü", undefined, "https://xn--bcher-kva.example/%C3%BC"],
  ["/1.jpg", undefined, "not a URL"],
  ["https://", undefined, "not a URL"],
  ["https://a.example:65536/", undefined, "not a URL"],
  ["https://a b.example/", undefined, "not a URL"],
  ["data:image/png;base64,AA", "https://a.example/", "data: cannot be fetched"],
  ["mailto:fish@a.example", undefined, "mailto: cannot be fetched"],
  [`https://a.example/${"x".repeat(20_000)}`, undefined, "a URL of 20018 letters"],
];

for (const [text, base, expected] of READ) {
  Deno.test(`readUrl() ${text.slice(0, 40).trim()}${base === undefined ? "" : ` at ${base}`}`, () => {
    const read = readUrl(text, base);
    assertEquals(typeof read === "string" ? read : read.href, expected);
  });
}

Deno.test("isRedirect() knows the five that lead somewhere", () => {
  const statuses = Array.from({ length: 1000 }, (_, status) => status).filter(isRedirect);
  assertEquals(statuses, [301, 302, 303, 307, 308]);
});
