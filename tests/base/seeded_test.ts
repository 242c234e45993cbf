import { assertEquals } from "@std/assert";
import { fnv1a, Seeded } from "../../lib/base/seeded.ts";

Deno.test("Seeded gives the numbers it always gave: old splits and copies depend on them", () => {
  const seeded = new Seeded("7/Betta splendens");
  assertEquals([1, 2, 3, 4].map(() => seeded.below(1_000_000)), [264467, 39492, 424083, 223119]);
  assertEquals(fnv1a("a") >>> 0, 0xe40c292c);
});
