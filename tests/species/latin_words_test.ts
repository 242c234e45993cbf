import { assertEquals } from "@std/assert";
import { dropAuthorship, isAuthorship } from "../../lib/species/latin_words.ts";

Deno.test("dropAuthorship() keeps localities and strains, which look like authors", () => {
  for (
    const name of [
      "Symphysodon discus Turquoise",
      "Melanotaenia sp. Pima River",
      "Pelvicachromis taeniatus Wouri",
      'Labidochromis sp. "Hongi"',
      "Amphilophus citrinellus × Vieja melanura",
      "Gastromyzon",
    ]
  ) assertEquals(dropAuthorship(name), name);
});

Deno.test("dropAuthorship() takes authors with years off, and Linnaeus without", () => {
  for (
    const author of [
      "Regan, 1910",
      "Regan 1910",
      ", Regan, 1910",
      "Nobody, 2021",
      "de la Nobody & O'Someone, 2021",
      "A. B. Nobody, C. Nobody & D. Nobody, 1999",
      "Nobody et al., 1999",
      "van der Nobody in Somebody, 1866a",
      "Linn.",
    ]
  ) assertEquals(dropAuthorship(`Betta splendens ${author}`), "Betta splendens", author);
});

Deno.test("isAuthorship() distinguishes authors in brackets from synonyms and strains", () => {
  for (
    const text of ["Linnaeus, 1758", "L.", "Cuvier & Valenciennes, 1848", "1758"]
  ) {
    assertEquals(isAuthorship(text), true, text);
  }
  for (const text of ["albino", "Hoplisoma", "Betta pugnax", "syn. Betta", "Turquoise", "×"]) {
    assertEquals(isAuthorship(text), false, text);
  }
});
