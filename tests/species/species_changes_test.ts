import { assert, assertEquals } from "@std/assert";
import { compareSpecies, hasChanges } from "../../lib/species/species_changes.ts";
import { draftSpecies, mergeSpecies } from "../../lib/species/species_list.ts";
import type { Species } from "../../lib/species/species.ts";

function list(...rows: readonly (readonly [latin: string, common?: string])[]): Species[] {
  return mergeSpecies(
    rows.map(([latin, common = ""]) =>
      draftSpecies({ latin, common, verbatim: { latin, common }, group: ["G"], page: "p" })
    ),
  );
}

function told(before: Species[], after: Species[]): unknown {
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
    told(
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

Deno.test("compareSpecies() knows a changed genus, a mended spelling and a told synonym", () => {
  assertEquals(
    told(
      list(
        ["Puntius tetrazona", "Tiger barb"],
        ["Sorubium lima"],
        ["Papiliochromis ramirezi"],
        ["Betta splendens", "Fighter"],
      ),
      list(
        ["Betta splendens", "Fighter"],
        ["Puntigrus tetrazonus", "tiger barb"],
        ["Sorubim lima"],
        ["Mikrogeophagus ramirezi (syn. Papiliochromis ramirezi)"],
      ),
    ),
    {
      added: [],
      renamed: [
        ["puntius_tetrazona", "puntigrus_tetrazonus"],
        ["sorubium_lima", "sorubim_lima"],
        ["papiliochromis_ramirezi", "mikrogeophagus_ramirezi"],
      ],
      gone: [],
      edited: [],
    },
  );
});

Deno.test("compareSpecies() guesses nothing where two fit as well", () => {
  assertEquals(
    told(list(["Barbus fasciatus"]), list(["Puntius fasciatus"], ["Pethia fasciata"])),
    {
      added: ["puntius_fasciatus", "pethia_fasciata"],
      renamed: [],
      gone: ["barbus_fasciatus"],
      edited: [],
    },
  );
});

Deno.test("compareSpecies() tells new common names, and of an unchanged list nothing", () => {
  const before = list(["Betta splendens", "Fighter"], ["Danio rerio"]);
  assertEquals(told(before, list(["Betta splendens", "Fighter, betta"], ["Danio rerio"])), {
    added: [],
    renamed: [],
    gone: [],
    edited: ["betta_splendens"],
  });
  assert(!hasChanges(compareSpecies(before, before)));
  assert(hasChanges(compareSpecies(before, [])));
});
