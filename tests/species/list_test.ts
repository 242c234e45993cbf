import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  compareSpecies,
  countRanks,
  countRows,
  draftSpecies,
  hasChanges,
  mergeSpecies,
} from "../../lib/species/list.ts";
import type { Species, SpeciesDraft } from "../../lib/species/species.ts";

function row(latin: string, common = "", group: string[] = []): SpeciesDraft {
  return draftSpecies({ latin, common, verbatim: { latin, common }, group, page: "p" });
}

Deno.test("mergeSpecies() keeps two hybrids of different common names apart, with a reason each", () => {
  const list = mergeSpecies([
    row("hybrid", "Dalmatian molly"),
    row("hybrid", "Lyretail molly"),
    row("hybrid"),
    row("Hybrid"),
    row("hybrid", "dalmatian  Molly"),
  ]);
  assertEquals(list.map(({ common }) => common), [["Dalmatian molly"], ["Lyretail molly"], [], []]);
  assertEquals(new Set(list.map(({ id }) => id)).size, 4);
  assertEquals(list.every(({ search, reason }) => search === undefined && reason), true);
  assertEquals(list[0]?.merged, [{ latin: "hybrid", common: "dalmatian  Molly" }]);
  assertEquals(countRows(list), 5);
});

Deno.test("mergeSpecies() makes one fish of rows with one name, however spelt, and keeps all", () => {
  const list = mergeSpecies([
    row("Pristella maxillaris", "Golden pristella", ["Tetras"]),
    row("Betta splendens", "Fighter"),
    row("PRISTELLA MAXILLARIS (Ulrey, 1894)", "X-ray tetra, golden Pristella", ["Others"]),
  ]);
  assertEquals(list.map(({ id }) => id), ["pristella_maxillaris", "betta_splendens"]);
  assertEquals(list[0]?.common, ["Golden pristella", "X-ray tetra"]);
  assertEquals(list[0]?.group, ["Tetras"]);
  assertEquals(list[0]?.merged, [{
    latin: "PRISTELLA MAXILLARIS (Ulrey, 1894)",
    common: "X-ray tetra, golden Pristella",
  }]);
  assertEquals(list[1]?.merged, undefined);
});

Deno.test("mergeSpecies() gives different fish different ids where their letters are the same", () => {
  const list = mergeSpecies([row('Aulonocara sp. "Blue+"'), row('Aulonocara sp. "Blue"')]);
  assertEquals(list.length, 2);
  assertEquals(list[0]?.id, "aulonocara_sp_blue");
  assertNotEquals(list[1]?.id, list[0]?.id);
});

Deno.test("mergeSpecies() gives a fish the same id whatever rows come and go around it", () => {
  const rows = ["Betta splendens", "Ancistrus sp.", "Danio rerio"].map((name) => row(name));
  const idOf = (latin: string, among: SpeciesDraft[]) =>
    mergeSpecies(among).find((fish) => fish.latin === latin)?.id;
  for (const among of [rows, rows.toReversed(), rows.slice(1), [row("hybrid"), ...rows]]) {
    assertEquals(idOf("Danio rerio", among), "danio_rerio");
  }
});

Deno.test("mergeSpecies() gives a fish without a Latin name the same id whatever its footnotes", () => {
  const plain = mergeSpecies([row("hybrid", "Dalmatian molly")]);
  const noted = mergeSpecies([
    row("hybrid[12]", "Dalmatian molly[a]"),
    row("hybrid[13]", "Dalmatian molly"),
  ]);
  assertEquals(noted.map(({ id }) => id), plain.map(({ id }) => id));
});

Deno.test("mergeSpecies() keeps ids that were given, and gives none of them again", () => {
  const list = mergeSpecies([row("Betta splendens"), {
    ...row("Danio rerio"),
    id: "betta_splendens",
  }]);
  assertEquals(list[1]?.id, "betta_splendens");
  assertNotEquals(list[0]?.id, "betta_splendens");
});

Deno.test("countRanks() counts every rank, also those that no fish has", () => {
  const counts = countRanks(mergeSpecies([row("Betta splendens"), row("Betta sp.")]));
  assertEquals(Object.fromEntries(counts), {
    species: 1,
    subspecies: 0,
    undescribed: 0,
    genus: 1,
    hybrid: 0,
    unknown: 0,
  });
});

function list(...rows: readonly (readonly [latin: string, common?: string])[]): Species[] {
  return mergeSpecies(
    rows.map(([latin, common = ""]) =>
      draftSpecies({ latin, common, verbatim: { latin, common }, group: ["G"], page: "p" })
    ),
  );
}

function changedIds(before: Species[], after: Species[]): unknown {
  const { added, renamed, gone, edited } = compareSpecies(before, after);
  const ids = (fish: readonly Species[]) => fish.map(({ id }) => id);
  return {
    added: ids(added),
    renamed: renamed.map(({ from, to }) => [from.id, to.id]),
    gone: ids(gone),
    edited: ids(edited),
  };
}

Deno.test("compareSpecies() takes no two different fish for one renamed", () => {
  assertEquals(
    changedIds(
      list(["Corydoras latus", "Broad cory"], ["Barbus ticto", "Ticto barb"], ["Betta imbellis"]),
      list(["Corydoras nanus", "Dwarf cory"], ["Corydoras ticto", "Another"], ["Danio rerio"]),
    ),
    {
      added: ["corydoras_nanus", "corydoras_ticto", "danio_rerio"],
      renamed: [],
      gone: ["corydoras_latus", "barbus_ticto", "betta_imbellis"],
      edited: [],
    },
  );
});

Deno.test("compareSpecies() recognises a changed genus, unless two fit or the names contradict", () => {
  assertEquals(
    changedIds(
      list(["Puntius tetrazona", "Tiger barb"], ["Sorubium lima"], ["Barbus fasciatus"], [
        "Betta splendens",
        "Fighter",
      ]),
      list(
        ["Betta splendens", "Fighter"],
        ["Puntigrus tetrazona", "tiger barb"],
        ["Sorubim lima"],
        ["Puntius fasciatus"],
        ["Pethia fasciatus"],
      ),
    ),
    {
      added: ["puntius_fasciatus", "pethia_fasciatus"],
      renamed: [["puntius_tetrazona", "puntigrus_tetrazona"], ["sorubium_lima", "sorubim_lima"]],
      gone: ["barbus_fasciatus"],
      edited: [],
    },
  );
});

Deno.test("compareSpecies() reports new common names, and nothing for an unchanged list", () => {
  const before = list(["Betta splendens", "Fighter"], ["Danio rerio"]);
  assertEquals(changedIds(before, list(["Betta splendens", "Fighter, betta"], ["Danio rerio"])), {
    added: [],
    renamed: [],
    gone: [],
    edited: ["betta_splendens"],
  });
  assert(!hasChanges(compareSpecies(before, before)));
  assert(hasChanges(compareSpecies(before, [])));
});
