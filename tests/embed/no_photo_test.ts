import { assertEquals, assertLess } from "@std/assert";
import { noPhotoJudge } from "../../lib/embed/no_photo.ts";

const USUAL = { model: "EfficientNet-Lite0", sha256: "0".repeat(64), dimensions: 1280 };

Deno.test("noPhotoJudge() knows the usual encoder's embeddings alone", () => {
  assertEquals(noPhotoJudge({ ...USUAL, model: "another" }), undefined);
  assertEquals(noPhotoJudge({ ...USUAL, dimensions: 96 }), undefined);
});

Deno.test("noPhotoJudge() gives a likelihood, and a vector's opposite the opposite leaning", () => {
  const judge = noPhotoJudge(USUAL);
  const plain = judge?.(new Float32Array(1280)) ?? 0;
  assertEquals(plain > 0 && plain < 0.5, true);
  const one = Float32Array.from({ length: 1280 }, (_, at) => Math.sin(at) / 25);
  const logit = (likely: number): number => Math.log(likely / (1 - likely));
  const [first, second] = [one, one.map((number) => -number)].map((it) => logit(judge?.(it) ?? 0));
  assertLess(Math.abs((first ?? 0) + (second ?? 0) - 2 * logit(plain)), 1e-6);
});
