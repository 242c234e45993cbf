import { assertEquals, assertStringIncludes } from "@std/assert";
import { describeSpecies, speciesJson } from "../../lib/cli/species_report.ts";
import { compareSpecies } from "../../lib/species/list.ts";
import { draftSpecies, mergeSpecies } from "../../lib/species/list.ts";
import type { Species } from "../../lib/species/species.ts";

function list(...rows: readonly (readonly [latin: string, common: string])[]): Species[] {
  return mergeSpecies(
    rows.map(([latin, common]) =>
      draftSpecies({ latin, common, verbatim: { latin, common }, group: [], page: "p" })
    ),
  );
}

Deno.test("describeSpecies() gives counts, what cannot be searched, and every kind of change", () => {
  const before = list(["Puntius tetrazona", "Tiger barb"], ["Danio rerio", "Zebrafish"], [
    "Betta splendens",
    "",
  ]);
  const species = list(
    ["Puntigrus tetrazona", "Tiger barb"],
    ["Ancistrus sp.", "Bristlenose"],
    ["hybrid", "Lyretail molly"],
    ["Betta splendens", "Fighter"],
    ["Betta splendens", "Betta"],
  );
  const outcome = {
    species,
    changes: compareSpecies(before, species),
    unused: [{ line: 7, text: "12", reason: "“12” is not a Latin name" }],
    taken: species.slice(1, 2).map((each) => ({ line: 1, name: "Bristlenose", species: each })),
    from: "the page",
    path: "data/species.jsonl",
  };
  assertEquals(describeSpecies(outcome).split("\n"), [
    "4 names from 5 rows of the page",
    "  2 species, 1 known by its genus only, 1 hybrid",
    "  listed more than once and merged: Betta splendens",
    "1 name cannot be searched by a Latin name:",
    "  Lyretail molly: the Latin-name cell says “hybrid” and names no parents",
    'Common names taken: "Bristlenose" as Ancistrus sp.',
    "1 line could not be used:",
    "  line 7: “12” is not a Latin name (12)",
    "added (2): Ancistrus sp., Lyretail molly",
    "renamed (1), images stay under the old name:",
    "  Puntius tetrazona → Puntigrus tetrazona",
    "gone (1), images stay: Danio rerio",
    "changed in other columns (1): Betta splendens",
    "The list is in data/species.jsonl, and in species.csv beside it for reading.",
  ]);
  assertEquals(speciesJson(outcome).rows, 5);
});

Deno.test("describeSpecies() names the first of many and counts the rest", () => {
  const species = list(
    ...Array.from({ length: 40 }, (_, n) => [`Betta sp. ${n + 1}`, ""] as const),
  );
  const outcome = {
    species,
    changes: compareSpecies([], species),
    unused: [],
    taken: [],
    from: "x",
    path: "y",
  };
  assertStringIncludes(describeSpecies(outcome), "and 28 more (see species.csv)");
  assertStringIncludes(
    describeSpecies({ ...outcome, changes: compareSpecies(species, species) }),
    "Nothing has changed since the last time.",
  );
});
