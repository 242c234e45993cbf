import { assertEquals } from "@std/assert";
import { inWorld, isThere, run } from "./in_world.ts";

// A copy of the real page lies beside the project on the machines of those who develop it.
const CAPTURE =
  "../shared/captures/wikipedia/List_of_freshwater_aquarium_fish_species_2024-04.html";

if (await isThere(CAPTURE)) {
  const body = await Deno.readFile(CAPTURE);

  Deno.test("species accounts for the 640 rows of the 2024 list, fetched from its real URL", async () => {
    const headers = { "Content-Type": "text/html; charset=UTF-8" };
    const others = {
      "en.wikipedia.org": ({ url }: { readonly url: URL }) =>
        url.pathname === "/wiki/List_of_freshwater_aquarium_fish_species"
          ? { headers, body }
          : { status: 404 },
    };
    await inWorld({ species: 1, others }, async (world, data) => {
      const { code, stderr } = await run(world, "species", data, []);
      assertEquals(code, 0, stderr);
      const lines = (await Deno.readTextFile(`${data}/species.jsonl`)).trim().split("\n");
      const species = lines.map((line): Record<string, unknown> => JSON.parse(line));
      const rows = species.reduce(
        (sum, { merged }) => sum + 1 + (Array.isArray(merged) ? merged.length : 0),
        0,
      );
      assertEquals([rows, species.length], [640, 639]);
      assertEquals(new Set(species.map(({ id }) => id)).size, species.length);
      // What cannot be searched for says why.
      for (const { id, search, reason } of species) {
        assertEquals(typeof search === "string" || typeof reason === "string", true, String(id));
      }
    });
  });
}
