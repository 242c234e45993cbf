import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { Failure } from "../../../lib/base/failure.ts";
import { fetchSpeciesList } from "../../../lib/species/wikipedia/fetch.ts";
import type { Species } from "../../../lib/species/species.ts";
import { pageClient } from "./page_client.ts";

const FOLDER = fromFileUrl(new URL("../../fixtures/wikipedia/", import.meta.url));
const names = [...Deno.readDirSync(FOLDER)].map(({ name }) => name)
  .filter((name) => name.endsWith(".html")).sort();

Deno.test("there are at least 12 pairs of pages", () => {
  assertGreater(names.length, 11);
});

for (const name of names) {
  Deno.test(`fetchSpeciesList() reads ${name} as its pair says`, async () => {
    const bytes = await Deno.readFile(join(FOLDER, name));
    const expected: unknown = JSON.parse(
      await Deno.readTextFile(join(FOLDER, name.replace(/html$/, "json"))),
    );
    assertEquals(await read(bytes), expected);
  });
}

/** What a pair's JSON holds: the rows and fish, or the sentence the run ends with. */
async function read(bytes: Uint8Array<ArrayBuffer>): Promise<unknown> {
  const url = "https://en.wikipedia.org/wiki/List_of_fish#Top";
  try {
    const { rows, tables, lists, species } = await fetchSpeciesList(
      pageClient(bytes),
      url,
      AbortSignal.timeout(30_000),
    );
    for (const { page } of species) {
      assertEquals(page, "https://en.wikipedia.org/wiki/List_of_fish");
    }
    return { rows, tables, lists, species: species.map(withoutPage) };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    assertStringIncludes(thrown.message, "https://en.wikipedia.org/wiki/List_of_fish");
    return { status: thrown.status, failure: thrown.message };
  }
}

function withoutPage({ page: _, ...fish }: Species): unknown {
  return fish;
}
