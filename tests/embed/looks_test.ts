import { assertEquals, assertLess } from "@std/assert";
import { looksBy } from "../../lib/embed/looks.ts";

const USUAL = { model: "EfficientNet-Lite0", dimensions: 1280 };

Deno.test("looksBy() knows the usual encoder's embeddings alone", () => {
  assertEquals(looksBy({ ...USUAL, model: "another" }), undefined);
  assertEquals(looksBy({ ...USUAL, dimensions: 96 }), undefined);
});

Deno.test("looksBy() gives a likelihood, and a vector's opposite the opposite leaning", () => {
  const looks = looksBy(USUAL);
  const plain = looks?.noPhoto(new Float32Array(1280)) ?? 0;
  assertEquals(plain > 0 && plain < 0.5, true);
  const one = Float32Array.from({ length: 1280 }, (_, at) => Math.sin(at) / 25);
  const opposite = one.map((number) => -number);
  const logit = (likely: number): number => Math.log(likely / (1 - likely));
  const [first, second] = [one, opposite].map((it) => logit(looks?.noPhoto(it) ?? 0));
  assertLess(Math.abs((first ?? 0) + (second ?? 0) - 2 * logit(plain)), 1e-6);
});

Deno.test("looksBy() calls a drawing what leans all the way, and neither nothing nor its opposite", () => {
  const looks = looksBy(USUAL);
  const nothing = new Float32Array(1280);
  assertEquals(looks?.isDrawing(nothing), false);
  // Two numbers of each vector lean enough one way or the other, a few both ways not at all.
  const leaning = [1, -1].map((sign) =>
    Array.from({ length: 1280 }, (_, at) => nothing.with(at, sign * 1000))
      .filter((vector) => looks?.isDrawing(vector) === true)
  );
  const [positive = [], negative = []] = leaning;
  assertLess(1200, positive.length + negative.length);
  for (const vector of positive) {
    assertEquals(looks?.isDrawing(vector.map((number) => -number)), false);
  }
});
