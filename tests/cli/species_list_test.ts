import { assertEquals, assertThrows } from "@std/assert";
import { chooseSpecies, shareOf } from "../../lib/cli/species_list.ts";
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
const said: string[] = [];
const say = (text: string) => void said.push(text);
const all = { only: [], limit: undefined };

Deno.test("chooseSpecies() gives the whole list where nothing narrows it", () => {
  assertEquals(chooseSpecies(list, all, say), list);
});

Deno.test("chooseSpecies() finds a fish by Latin name, id or common name, in any case, once", () => {
  const only = ["betta SPLENDENS", "danio_rerio", "siamese fighting-fish"];
  assertEquals(chooseSpecies(list, { ...all, only }, say).map(({ id }) => id), [
    "betta_splendens",
    "danio_rerio",
  ]);
});

Deno.test("shareOf() divides a list into shares that do not overlap", () => {
  const shares = [1, 2, 3].map((index) => shareOf(list, { index, of: 3 }, say));
  assertEquals(shares.flat().map(({ id }) => id).sort(), list.map(({ id }) => id).sort());
  assertEquals(shareOf(list, undefined, say), list);
});

Deno.test("shareOf() says that a share is empty", () => {
  const heard: string[] = [];
  const shares = [1, 2].map((index) =>
    shareOf(list.slice(2), { index, of: 2 }, (text) => heard.push(text)).length
  );
  assertEquals(shares.toSorted(), [0, 1]);
  assertEquals(heard, ["None of these species is in this shard."]);
});

Deno.test("chooseSpecies() says which species it takes a common name for, and only then", () => {
  said.length = 0;
  chooseSpecies(list, { ...all, only: ["zebrafish", "Betta imbellis"] }, say);
  assertEquals(said, ['"zebrafish" is taken as Danio rerio.']);
});

Deno.test("chooseSpecies() refuses a common name of several species and names them", () => {
  const several = [...list, fish("Danio kerri", ["Zebrafish"])];
  const failure = assertThrows(
    () => chooseSpecies(several, { ...all, only: ["zebrafish"] }, say),
    Failure,
    '"zebrafish" is the name of 2 species on the list (Danio rerio, Danio kerri)',
  );
  assertEquals(failure.status, 2);
});

Deno.test("chooseSpecies() suggests the name that was probably meant", () => {
  for (
    const [name, hint] of [
      ["zebrafsh", "did you mean Zebrafish (Danio rerio)?"],
      ["Siamese fight", "did you mean Siamese fighting fish (Betta splendens)?"],
      ["Betta spledens", "did you mean Betta splendens?"],
      ["Betta picta", "of its genus the list has Betta splendens, Betta imbellis."],
      ["xyz", "see species.csv in the data folder."],
    ] as const
  ) {
    assertThrows(() => chooseSpecies(list, { ...all, only: [name] }, say), Failure, hint);
  }
});

Deno.test("chooseSpecies() takes the first so many", () => {
  assertEquals(chooseSpecies(list, { ...all, limit: 2 }, say), list.slice(0, 2));
});
