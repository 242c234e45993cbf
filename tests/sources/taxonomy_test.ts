import { assertEquals, assertRejects } from "@std/assert";
import { askTaxonomy, taxonomyName } from "../../lib/sources/gbif.ts";
import { StageStop } from "../../lib/sources/source.ts";
import { genusOf } from "../../lib/species/taxonomy.ts";
import { fish } from "../scrape/world.ts";
import { FakeApi } from "./fake_api.ts";

const SIGNAL = new AbortController().signal;
const PLACE = {
  kingdom: "Animalia",
  phylum: "Chordata",
  order: "Anabantiformes",
  family: "Osphronemidae",
};

Deno.test("askTaxonomy() takes a name as it is, misspelt or known by its genus alone, and no other", async () => {
  const cases: [Record<string, unknown>, string | undefined][] = [
    [{ matchType: "EXACT" }, "Osphronemidae"],
    [{ matchType: "HIGHERRANK", canonicalName: "Betta" }, "Osphronemidae"],
    [{ matchType: "HIGHERRANK", canonicalName: "Animalia" }, undefined],
    [{ matchType: "FUZZY", canonicalName: "Beta splendens" }, "Osphronemidae"],
    [{ matchType: "FUZZY", canonicalName: "Rosa splendens" }, undefined],
    [{ matchType: "NONE" }, undefined],
  ];
  for (const [match, family] of cases) {
    const client = new FakeApi(() => ({ ...PLACE, ...match }));
    const line = await askTaxonomy(fish("Betta splendens"), client, SIGNAL);
    assertEquals(line.family, family, JSON.stringify(match));
    assertEquals([line.id, line.name], ["betta_splendens", "Betta splendens"]);
  }
});

Deno.test("askTaxonomy() asks among animals for what is a plant's name too, and stops at nonsense", async () => {
  const both = new FakeApi((url) =>
    url.searchParams.has("kingdom")
      ? { ...PLACE, matchType: "EXACT" }
      : { matchType: "NONE", note: "Multiple equal matches for Betta" }
  );
  const line = await askTaxonomy(fish("Betta splendens"), both, SIGNAL);
  assertEquals(line.order, "Anabantiformes");
  const other = new FakeApi(() => ["what"]);
  const asked = askTaxonomy(fish("Betta splendens"), other, SIGNAL);
  await assertRejects(() => asked, StageStop);
});

Deno.test("taxonomyName() asks for undescribed species by their genus", () => {
  const undescribed = { ...fish("Corydoras sp. C3"), rank: "undescribed" as const };
  assertEquals(taxonomyName(undescribed), "Corydoras");
  assertEquals([genusOf("× Hybridus novus"), genusOf("unknown")], ["Hybridus", ""]);
});
