import { assertEquals, assertThrows } from "@std/assert";
import { jsonFish, jsonLine, jsonList } from "../../lib/species/species_json.ts";

Deno.test("jsonList() finds the list in one document, and none in JSON lines", () => {
  assertEquals(jsonList('[\n "Betta splendens",\n {"latin":"Danio rerio"}\n]')?.length, 2);
  assertEquals(jsonList('{"fish": ["Betta splendens"], "by": "me"}'), ["Betta splendens"]);
  assertEquals(jsonList('{"latin":"Danio rerio","common":["Zebrafish"]}'), undefined);
  assertEquals(jsonList('{"latin":"a"}\n{"latin":"b"}'), undefined);
  assertEquals(jsonList("7"), undefined);
});

Deno.test("jsonFish() reads bare names and the field names of others", () => {
  assertEquals(jsonFish("Betta splendens", "p").latin, "Betta splendens");
  const fish = jsonFish({ scientific_name: "Danio rerio", vernacularName: "Zebrafish" }, "p");
  assertEquals([fish.latin, fish.common], ["Danio rerio", ["Zebrafish"]]);
  assertEquals(jsonFish({ species: "x", latin: "Danio rerio" }, "p").latin, "Danio rerio");
  assertThrows(() => jsonFish(["Danio rerio"], "p"), TypeError, "no JSON object");
  assertThrows(() => jsonFish(null, "p"), TypeError, "no JSON object");
  assertThrows(() => jsonLine("{", "p"), TypeError, "it is no JSON");
});
