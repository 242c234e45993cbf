import { assert, assertEquals } from "@std/assert";
import { worthOf } from "../../lib/scrape/better.ts";

const clean = { width: 600, height: 400 };

Deno.test("worthOf() counts what is within borders, and half of it above a caption", () => {
  assert(worthOf({ width: 900, height: 600, inner: 0.4 }) < worthOf(clean));
  assert(worthOf({ width: 800, height: 500, inner: 0.85, flagged: ["strip"] }) < worthOf(clean));
  assert(worthOf({ width: 900, height: 600, inner: 0.8 }) > worthOf(clean));
});

Deno.test("worthOf() makes no difference of a row at the edge, which one copy has and another not", () => {
  assertEquals(worthOf({ ...clean, inner: 0.969 }), worthOf(clean));
});
