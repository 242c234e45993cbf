import { assertEquals } from "@std/assert";
import { optOut } from "../../lib/web/opt_out.ts";

/** Values of `X-Robots-Tag`, and whether they concern us. */
const TAGS: readonly (readonly [string, boolean])[] = [
  ["noai", true],
  ["NOAI", true],
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
