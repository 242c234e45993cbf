import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { isMisspelling, readName, searchName } from "../../lib/sources/search_name.ts";
import type { Rank } from "../../lib/species/species.ts";
import { fish } from "./fishbase/fake_site.ts";

Deno.test("isMisspelling() allows one letter in short words, two in longer ones", () => {
  assert(isMisspelling("Rhampsochromis", "Rhamphochromis"));
  assert(!isMisspelling("panda", "sanja"), "two letters of five are another word");
});

Deno.test("readName() reads a name and neither its author nor its subgenus", () => {
  const cases: [string, string | undefined][] = [
    ["Gadus morhua Linnaeus, 1758", "Gadus morhua"],
    ["Betta demo de Beaufort, 1933", "Betta demo"],
    ["Betta demo (van Hasselt, 1823)", "Betta demo"],
    ["Betta demo van Hasselt", "Betta demo"],
    ["Betta demo non Regan; misapplied", "Betta demo"],
    ["Betta demo; synonym", "Betta demo"],
    ["Corydoras (Hoplisoma) paleatus", "Corydoras paleatus"],
    ["Corydoras splendens minor Regan", "Corydoras splendens minor"],
    ["Photo by Ann", undefined],
    ["Danio aff. kerri", undefined],
    ["Thumbnails of fishes", undefined],
  ];
  for (const [text, name] of cases) assertEquals(readName(text)?.join(" "), name, text);
});

Deno.test("searchName() gives the name of a described species, and says why there is none", () => {
  const cases: [latin: string, rank: Rank, words: string][] = [
    ["Betta splendens", "species", "Betta splendens"],
    ["Betta splendens var. alba", "subspecies", "Betta splendens alba"],
    ["Corydoras cf. splendens", "undescribed", "Corydoras splendens"],
    ["Xiphophorus × roseni", "hybrid", "Xiphophorus roseni"],
  ];
  for (const [latin, rank, words] of cases) {
    const name = searchName(fish(latin, rank), "FishBase");
    assertEquals(name.found && name.words.join(" "), words);
  }
  const none: [latin: string, rank: Rank, said: string][] = [
    ["Betta", "genus", "GBIF sorts its photos by species"],
    ["Betta sp.", "undescribed", "GBIF lists described species only"],
    ["Betta rubra × Betta splendens", "hybrid", "GBIF lists no hybrids"],
  ];
  for (const [latin, rank, said] of none) {
    const name = searchName(fish(latin, rank), "GBIF");
    assert(!name.found && name.why === "not-found");
    assertStringIncludes(name.reason, said);
  }
});
