import { assert, assertEquals } from "@std/assert";
import { parse } from "@std/csv";
import { fromFileUrl } from "@std/path";
import { isSpeciesId } from "../../../lib/species/species.ts";
import { countRanks, countRows } from "../../../lib/species/list.ts";
import { DEFAULT_LIST_URL, fetchSpeciesList } from "../../../lib/species/wikipedia/fetch.ts";
import type { Species } from "../../../lib/species/species.ts";
import { pageClient } from "./page_client.ts";

// A copy of the real page lies beside the project on the machines of those who develop it.
const CAPTURE = new URL(
  "../../../../shared/captures/wikipedia/List_of_freshwater_aquarium_fish_species_2024-04.html",
  import.meta.url,
);
const JOINED = new URL(
  "../../../../shared/captures/fishbase/wikipedia_x_fishbase_2018.csv",
  import.meta.url,
);

async function isThere(file: URL): Promise<boolean> {
  if (
    (await Deno.permissions.query({ name: "read", path: fromFileUrl(file) })).state !== "granted"
  ) {
    return false;
  }
  try {
    return (await Deno.stat(file)).isFile;
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return false;
    throw thrown;
  }
}

if (await isThere(CAPTURE)) {
  const bytes = await Deno.readFile(CAPTURE);
  const read = () =>
    fetchSpeciesList(pageClient(bytes), DEFAULT_LIST_URL, AbortSignal.timeout(60_000));

  Deno.test("fetchSpeciesList() accounts for the 640 rows of the 2024 list", async () => {
    const { species, rows, tables } = await read();
    console.log(`the 2024 list: ${JSON.stringify([...countRanks(species)])}`);
    assertEquals([rows, countRows(species), tables, species.length], [640, 640, 33, 639]);
    assertEquals(Object.fromEntries(countRanks(species)), {
      species: 620,
      subspecies: 1,
      undescribed: 6,
      genus: 9,
      hybrid: 3,
      unknown: 0,
    });
    assertEquals(new Set(species.map(({ id }) => id)).size, 639);
    assert(species.every(({ id }) => isSpeciesId(id)));
    assert(species.every(({ group }) => group.length >= 1 && group.length <= 2));
    assertEquals(species.filter(({ search }) => search === undefined).map(({ common }) => common), [
      ["Dalmatian molly"],
      ["Lyretail Molly"],
    ]);
    assertEquals(species.flatMap(({ id, merged }) => merged === undefined ? [] : [id]), [
      "pristella_maxillaris",
    ]);
  });

  Deno.test("fetchSpeciesList() leaves footnotes and marks in no name of the 2024 list", async () => {
    const { species } = await read();
    for (const { latin, common } of species) {
      assert(
        /^(?:[A-Z][a-z]+(?: (?:[a-z]+|spp?\.|cf\.|×|[A-Z][a-z]+|"[^"]+"))*)?$/.test(latin),
        latin,
      );
      for (const name of common) assert(!/[\[\](),;/]/.test(name), name);
    }
    const emptyCells = species.filter(({ verbatim }) => verbatim.common === "");
    assertEquals(emptyCells.length, 67);
    assert(emptyCells.every(({ common }) => common.length === 0));
  });

  if (await isThere(JOINED)) {
    Deno.test("fetchSpeciesList() has the names that others read from the 2024 list", async () => {
      const { species } = await read();
      const [, ...rows] = parse(await Deno.readTextFile(JOINED));
      const left = species.flatMap(verbatims).map(plain).sort();
      assertEquals(left, rows.map(([, latin = ""]) => plain(latin)).sort());
    });
  }
}

function verbatims({ verbatim, merged = [] }: Species): string[] {
  return [verbatim, ...merged].map(({ latin }) => latin);
}

function plain(name: string): string {
  return name.replace(/\[\d+\]/g, "").replace(/\s+/g, " ").trim();
}
