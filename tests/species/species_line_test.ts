import { assertEquals, assertThrows } from "@std/assert";
import { formatSpeciesLine, parseSpeciesLine } from "../../lib/species/species_line.ts";

for (
  const [line, reason] of [
    ["", "no JSON"],
    ["{", "no JSON"],
    ["[]", "no JSON object"],
    ["null", "no JSON object"],
    ["42", "no JSON object"],
    ["{}", "neither a Latin nor a common name"],
    ['{"latin":7}', "its latin must be a text"],
    ['{"latin":"Betta splendens","id":"../betta"}', "its id"],
    ['{"latin":"Betta splendens","id":"CON"}', "its id"],
    ['{"latin":"Betta splendens","id":"nul"}', "its id"],
    ['{"latin":"Betta splendens","rank":"fish"}', "its rank must be one of species"],
    ['{"latin":"Betta splendens","common":[1]}', "its common must be a list of texts"],
    ['{"latin":"Betta splendens","group":{}}', "its group must be a list of texts"],
    ['{"latin":"Betta splendens","verbatim":{"latin":1}}', "its verbatim"],
    ['{"latin":"Betta splendens","merged":{}}', "its merged must be a list"],
  ] as const
) {
  Deno.test(`parseSpeciesLine() says what is wrong with ${line || "an empty line"}`, () => {
    assertThrows(() => parseSpeciesLine(line, "p"), TypeError, reason);
  });
}

Deno.test("parseSpeciesLine() needs no more than a Latin name", () => {
  assertEquals(parseSpeciesLine('{"latin":"Ancistrus sp.[2]"}', "mine.jsonl"), {
    latin: "Ancistrus sp.",
    rank: "genus",
    search: "Ancistrus",
    common: [],
    group: [],
    verbatim: { latin: "Ancistrus sp.[2]", common: "" },
    page: "mine.jsonl",
  });
});

Deno.test("parseSpeciesLine() gives back what formatSpeciesLine() wrote", () => {
  const fish = {
    id: "x",
    latin: "Betta splendens",
    rank: "hybrid",
    search: "Betta splendens koi",
    also: ["Betta pugnax"],
    common: ["Fighter", "a\u2028b"],
    group: ["Labyrinth fish", "Others"],
    verbatim: { latin: "Betta\nsplendens", common: '"Fighter",' },
    page: "https://en.wikipedia.org/wiki/X",
    merged: [{ latin: "b", common: "c" }],
  } as const;
  const line = formatSpeciesLine(fish);
  assertEquals(/[\n\u2028]/.test(line), false);
  assertEquals(parseSpeciesLine(line, "p"), fish);
});

Deno.test("parseSpeciesLine() lets a reason stand against searching", () => {
  const fish = parseSpeciesLine('{"latin":"Betta splendens","reason":"not wanted"}', "p");
  assertEquals([fish.search, fish.reason], [undefined, "not wanted"]);
});
