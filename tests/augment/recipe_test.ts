import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { drawVariations, spareOf } from "../../lib/augment/copies.ts";
import { planSpecies } from "../../lib/augment/copies.ts";
import { parseRecipe, RECIPES } from "../../lib/augment/recipe.ts";

const PARENT = "ab".repeat(32);

Deno.test("parseRecipe() refuses what no fish survives, and names the field", () => {
  const turn = { chance: 1, degrees: [-5, 5] };
  const cases: readonly (readonly [unknown, string])[] = [
    [[], "the recipe takes an object"],
    [{ size: 100, turn }, '"name" is missing'],
    [{ name: " ", size: 100, turn }, '"name" takes a text'],
    [{ name: "x", size: 100.5, turn }, '"size" takes'],
    [{ name: "x", size: 9999, turn }, '"size" takes'],
    [{ name: "x", size: 100, turn, flip: {} }, '"flip" is unknown'],
    [{ name: "x", size: 100, turn: { chance: 1, degrees: [-180, 180] } }, '"turn.degrees" takes'],
    [{ name: "x", size: 100, turn: { chance: 1, degrees: [5, -5] } }, '"turn.degrees" takes'],
    [{ name: "x", size: 100, turn: { chance: 1, degrees: 5 } }, '"turn.degrees" takes'],
    [{ name: "x", size: 100, turn: { chance: 2, degrees: [0, 1] } }, '"turn.chance" takes'],
    [{ name: "x", size: 100, turn: { ...turn, speed: 1 } }, '"turn.speed" is unknown'],
    [
      { name: "x", size: 100, turn, colour: { chance: 1, hue: [0, 120], saturation: [1, 1] } },
      '"colour.hue"',
    ],
    [{ name: "x", size: 100, turn: null }, '"turn" takes an object'],
    [{ name: "x", size: 100 }, "at least one of"],
    [{ name: "x", size: 100, mirror: { chance: 1 } }, "at least one of"],
  ];
  for (const [value, words] of cases) {
    assertThrows(() => parseRecipe(JSON.stringify(value)), TypeError, words);
  }
  assertThrows(() => parseRecipe("{"), TypeError, "not JSON");
});

Deno.test("parseRecipe() reads what --show-recipe prints", () => {
  for (const recipe of Object.values(RECIPES)) {
    assertEquals(parseRecipe(JSON.stringify(recipe)), recipe);
  }
});

Deno.test("drawVariations() is the same for the same copy, another for others, and never nothing", () => {
  for (const recipe of Object.values(RECIPES)) {
    const seen = new Set<string>();
    for (let number = 1; number <= 500; number++) {
      const drawn = drawVariations(recipe, { seed: 1, parent: PARENT, number });
      assertEquals(drawn, drawVariations(recipe, { seed: 1, parent: PARENT, number }));
      assert(drawn.length > 0);
      seen.add(JSON.stringify(drawn));
      for (const each of drawn) {
        if (each.do === "turn") assert(Math.abs(each.degrees) <= (recipe.turn?.degrees[1] ?? 0));
        if (each.do === "crop") assert(each.left + each.share <= 1.0001 && each.top >= 0);
      }
    }
    assertEquals(seen.size, 500);
  }
  const other = drawVariations(RECIPES.medium, { seed: 2, parent: PARENT, number: 1 });
  assertNotEquals(other, drawVariations(RECIPES.medium, { seed: 1, parent: PARENT, number: 1 }));
});

Deno.test("drawVariations() leaves a long fish its head and tail, and mirrors no text", () => {
  assertEquals(spareOf({ width: 318, height: 93 }), { length: true, text: false });
  assertEquals(spareOf({ width: 93, height: 318 }).length, true);
  assertEquals(spareOf({ width: 640, height: 480, flags: ["text"] }), {
    length: false,
    text: true,
  });
  assertEquals(spareOf({ width: 0, height: 0 }), { length: false, text: false });
  const spare = { length: true, text: true };
  for (const recipe of Object.values(RECIPES)) {
    for (let number = 1; number <= 200; number++) {
      const usual = drawVariations(recipe, { seed: 1, parent: PARENT, number });
      const drawn = drawVariations(recipe, { seed: 1, parent: PARENT, number, spare });
      assertEquals(
        drawn.map((each) => each.do),
        usual.flatMap(({ do: what }) => what === "mirror" ? [] : what),
      );
      for (const each of drawn) {
        if (each.do !== "crop") continue;
        assert(each.share >= 0.95, `${each.share}`);
        assert(each.left + each.share <= 1.0001 && each.top + each.share <= 1.0001);
      }
    }
  }
});

Deno.test("planSpecies() spreads evenly, keeps to the limit, and never asks for less than nothing", () => {
  const photos = Array.from({ length: 7 }, (_, at) => String(at).repeat(64));
  const plan = planSpecies(photos, { to: 30, seed: 1 });
  assertEquals(plan.counts.reduce((sum, count) => sum + count, 0), 23);
  assertEquals([Math.min(...plan.counts), plan.most, plan.short], [3, 4, 0]);
  assertEquals(planSpecies(photos, { to: 30, maxCopies: 2, seed: 1 }), {
    counts: new Array(7).fill(2),
    most: 2,
    short: 9,
  });
  assertEquals(planSpecies(photos, { to: 3, seed: 1 }).counts, new Array(7).fill(0));
  assertEquals(planSpecies([], { to: 30, seed: 1 }).short, 30);
  assertEquals(planSpecies(photos.slice(0, 1), { to: 1000, seed: 1 }).most, 999);
});
