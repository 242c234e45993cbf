import { assertEquals } from "@std/assert";
import { readCommonNames } from "../../lib/species/common_names.ts";

const CASES: readonly (readonly [cell: string, ...names: string[]])[] = [
  // As the 2024 list has them.
  ["Sixray corydoras, false corydoras", "Sixray corydoras", "false corydoras"],
  ["Zebra pleco, L-046", "Zebra pleco", "L-046"],
  ["Weather Loach[53]", "Weather Loach"],
  ["Clown Pleco ( L104, L162, and LDA22)[18]", "Clown Pleco", "L104", "L162", "LDA22"],
  ["Adolfo's catfish/corydoras", "Adolfo's catfish", "Adolfo's corydoras"],
  ["Salt and pepper catfish/corydoras", "Salt and pepper catfish", "Salt and pepper corydoras"],
  ["Peppered corydoras, salt and pepper catfish", "Peppered corydoras", "salt and pepper catfish"],
  [
    "Firewood catfish, (planiceps) shovelnose catfish",
    "Firewood catfish",
    "planiceps shovelnose catfish",
  ],
  ["Flying fox (fish)", "Flying fox"],
  ["Bronze catfish/corydoras (fish)", "Bronze catfish", "Bronze corydoras"],
  ["Siamese fighting fish (sometimes Betta, esp. US)", "Siamese fighting fish", "Betta"],
  [
    "Gray bichir, Senegal bichir, or dinosaur bichir",
    "Gray bichir",
    "Senegal bichir",
    "dinosaur bichir",
  ],
  ["Figure 8 pufferfish", "Figure 8 pufferfish"],
  ["Head and tail light tetra", "Head and tail light tetra"],
  ["Hongi, Red-top kimpumpa", "Hongi", "Red-top kimpumpa"],
  // Others.
  [""],
  ["—"],
  ["N/A"],
  ["[2]"],
  ["Half-beak/half-beak", "Half-beak"],
  ["Zebra pleco L046", "Zebra pleco", "L046"],
  ["C99/L123", "C99", "L123"],
  ["Oscar (velvet cichlid, tiger oscar)", "Oscar", "velvet cichlid", "tiger oscar"],
  ["Molly (black)", "Molly"],
  ["Black tetra\nskirt tetra; petticoat tetra", "Black tetra", "skirt tetra", "petticoat tetra"],
  ["Kuhli loach or coolie loach", "Kuhli loach", "coolie loach"],
  ["Goldfish (also known as gold carp)", "Goldfish", "gold carp"],
  ['"Electric Blue" ram, German ram', '"Electric Blue" ram', "German ram"],
  ["1,000 spot fish", "1,000 spot fish"],
  ["Neon\u00a0tetra , NEON TETRA", "Neon tetra"],
  ["Tetra,, , neon,", "Tetra", "neon"],
  ["Ocellaris (", "Ocellaris"],
];

for (const [cell, ...names] of CASES) {
  Deno.test(`readCommonNames() splits ${JSON.stringify(cell)} where that gives names`, () => {
    assertEquals(readCommonNames(cell), names);
  });
}

Deno.test("readCommonNames() does not hang on long and odd cells", () => {
  for (
    const cell of ["(".repeat(3000), "a/".repeat(3000), '",'.repeat(3000), "a or ".repeat(999)]
  ) {
    readCommonNames(cell);
  }
});
