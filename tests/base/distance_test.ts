import { assertEquals } from "@std/assert";
import { distance } from "../../lib/base/distance.ts";

Deno.test("distance() counts changed, missing, added and swapped letters up to a limit", () => {
  const cases: [one: string, other: string, most: number, counted: number][] = [
    ["", "abc", 5, 3],
    ["splendens", "splendens", 2, 0],
    ["lima", "lmia", 2, 1],
    ["Sorubium", "Sorubim", 2, 1],
    ["altispinosa", "altispinosus", 2, 2],
    ["altispinosa", "altispinosus", 1, 2],
    ["abcdef", "uvwxyz", 2, 3],
    ["ab", "abcdef", 2, 3],
  ];
  for (const [one, other, most, counted] of cases) {
    assertEquals(distance(one, other, most), counted, `${one} ${other}`);
    assertEquals(distance(other, one, most), counted, `${other} ${one}`);
  }
});
