import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  distinctSpeciesId,
  isSpeciesId,
  MAX_ID_LENGTH,
  speciesId,
} from "../../lib/species/species.ts";

Deno.test("speciesId() gives device names of Windows a tail", () => {
  for (const name of ["CON", "nul", "Aux", "com1", "LPT9", "prn"]) {
    assert(isSpeciesId(speciesId(name)), name);
    assertEquals(speciesId(name), `${name.toLowerCase()}_`);
  }
  assertEquals(speciesId("Con con"), "con_con");
});

Deno.test("speciesId() bounds the length and keeps long names apart", () => {
  const [one, other] = ["Aa ".repeat(60) + "x", "Aa ".repeat(60) + "y"].map(speciesId);
  assertNotEquals(one, other);
  for (const id of [one ?? "", other ?? ""]) {
    assert(isSpeciesId(id), id);
    assert(id.length <= MAX_ID_LENGTH);
  }
});

Deno.test("speciesId() makes the same id of the same name in any case and normalisation", () => {
  const names = ["Günther sp.", "GÜNTHER SP.", "Gu\u0308nther sp.", "günther\u00a0 sp"];
  assertEquals(new Set(names.map(speciesId)), new Set(["gunther_sp"]));
  assertEquals(speciesId("Synodontis njassæ"), "synodontis_njassae");
  assertEquals(speciesId("A × B"), "a_x_b");
  assertEquals(speciesId("Pseudotropheus d'orbignyi"), "pseudotropheus_dorbignyi");
});

Deno.test("speciesId() never leads out of the images folder", () => {
  for (const name of ["../../etc/passwd", "a/b\\c", ".", "..", "", "  ", "рыба", "魚", "a\0b"]) {
    assert(isSpeciesId(speciesId(name)), name);
  }
  assertNotEquals(speciesId("рыба"), speciesId("魚"));
});

Deno.test("distinctSpeciesId() is a valid id, and another than the plain one", () => {
  for (const name of ["Betta splendens", "x".repeat(300), "CON"]) {
    assert(isSpeciesId(distinctSpeciesId(name)));
    assertNotEquals(distinctSpeciesId(name), speciesId(name));
  }
});

Deno.test("isSpeciesId() refuses unsafe folder names", () => {
  for (
    const id of ["", "_", "Betta", "a-b", "a.b", "../a", "a/b", "con", "nul", "x".repeat(81), "é"]
  ) {
    assert(!isSpeciesId(id), id);
  }
});
