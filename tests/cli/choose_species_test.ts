import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { chooseSpecies } from "../../lib/cli/choose_species.ts";
import { Failure } from "../../lib/base/failure.ts";
import type { Species } from "../../lib/species/species.ts";

function fish(latin: string, common: string[] = []): Species {
  const id = latin.toLowerCase().replace(/ /g, "_");
  return {
    id,
    latin,
    rank: "species",
    search: latin,
    common,
    group: [],
    verbatim: { common: common.join(", "), latin },
    page: "https://en.wikipedia.org/wiki/List",
  };
}

const list = [
  fish("Betta splendens", ["Siamese fighting fish"]),
  fish("Betta imbellis"),
  fish("Danio rerio", ["Zebrafish"]),
];
const all = { only: [], limit: undefined, shard: undefined };

Deno.test("chooseSpecies() gives the whole list where nothing narrows it", () => {
  assertEquals(chooseSpecies(list, all), list);
});

Deno.test("chooseSpecies() finds a fish by Latin name, id or common name, in any case, once", () => {
  const only = ["betta SPLENDENS", "danio_rerio", "siamese fighting-fish"];
  assertEquals(chooseSpecies(list, { ...all, only }).map(({ id }) => id), [
    "betta_splendens",
    "danio_rerio",
  ]);
});

Deno.test("chooseSpecies() refuses a name that is not on the list and tells its genus", () => {
  const failure = assertThrows(
    () => chooseSpecies(list, { ...all, only: ["Betta spledens"] }),
    Failure,
  );
  assertEquals(failure.status, 2);
  assertStringIncludes(failure.message, "Betta splendens, Betta imbellis");
});

Deno.test("chooseSpecies() divides the list into shares that do not overlap", () => {
  const shares = [1, 2, 3].map((index) =>
    chooseSpecies(list, { ...all, shard: { index, of: 3 } }).map(({ id }) => id)
  );
  assertEquals(shares.flat().sort(), list.map(({ id }) => id).sort());
});

Deno.test("chooseSpecies() takes the first so many", () => {
  assertEquals(chooseSpecies(list, { ...all, limit: 2 }), list.slice(0, 2));
});
