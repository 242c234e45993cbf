import { assert, assertEquals, assertGreater, assertLess, assertNotEquals } from "@std/assert";
import { paint } from "../../lib/demo/paint.ts";
import { photoSize } from "../../lib/demo/photo.ts";

/** A picture's brightness, as 8 × 8 fields. */
function fields(species: string, index: number): number[] {
  const [width, height] = [80, 64];
  const pixels = paint("seed", species, index, width, height);
  const sums = new Array<number>(64).fill(0);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const field = Math.floor(y / 8) * 8 + Math.floor(x / 10);
      sums[field] = (sums[field] ?? 0) + (pixels[(y * width + x) * 3 + 1] ?? 0);
    }
  }
  return sums.map((sum) => sum / 80);
}

/** How many of the 64 fields are on the other side of their picture's mean. */
function distance(a: readonly number[], b: readonly number[]): number {
  const mean = (list: readonly number[]): number =>
    list.reduce((sum, value) => sum + value, 0) / list.length;
  const [ofA, ofB] = [mean(a), mean(b)];
  return a.filter((value, index) => (value > ofA) !== ((b[index] ?? 0) > ofB)).length;
}

Deno.test("paint() gives the same picture for the same arguments, another for any other", () => {
  const one = paint("seed", "betta_splendens", 3, 96, 72);
  assertEquals(one, paint("seed", "betta_splendens", 3, 96, 72));
  assertNotEquals(one, paint("other", "betta_splendens", 3, 96, 72));
  assertNotEquals(one, paint("seed", "danio_rerio", 3, 96, 72));
  assertNotEquals(one, paint("seed", "betta_splendens", 4, 96, 72));
});

Deno.test("paint() makes no two pictures of a species alike", () => {
  const all = Array.from({ length: 60 }, (_, index) => fields("danio_rerio", index));
  let nearest = 64;
  let sum = 0;
  for (const [index, one] of all.entries()) {
    for (const other of all.slice(0, index)) {
      const far = distance(one, other);
      nearest = Math.min(nearest, far);
      sum += far;
    }
  }
  assertGreater(nearest, 2);
  assertGreater(sum / (60 * 59 / 2), 15);
});

Deno.test("paint() fills the whole picture with more than one shade", () => {
  for (const [width, height] of [[320, 200], [200, 320], [64, 64]] as const) {
    const pixels = paint("seed", "a_b", 1, width, height);
    assertEquals(pixels.length, width * height * 3);
    assertGreater(new Set(pixels).size, 60);
  }
});

Deno.test("photoSize() stays within what a photo host has", () => {
  for (let index = 0; index < 300; index++) {
    const photo = { species: "a_b", index, treatment: "plain", format: "jpeg" } as const;
    const { width, height } = photoSize({ seed: "seed", scale: 1 }, photo);
    assert(Math.max(width, height) >= 500 && Math.max(width, height) <= 900, `${width}×${height}`);
    assertLess(Math.max(width, height) / Math.min(width, height), 2);
  }
});
