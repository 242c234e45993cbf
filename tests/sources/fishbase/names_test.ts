import { assert, assertEquals } from "@std/assert";
import { readName } from "../../../lib/sources/fishbase/summary_page.ts";
import { cleanAuthor } from "../../../lib/sources/fishbase/authors.ts";
import {
  isMisspelling,
  nearByEpithet,
  nearInGenus,
  stem,
} from "../../../lib/sources/fishbase/near_names.ts";
import {
  kindOfText,
  picturedByFile,
  picturedByStage,
} from "../../../lib/sources/fishbase/kinds.ts";

const listed = (name: string, valid = name) => ({
  words: name.split(" "),
  valid: valid.split(" "),
});

Deno.test("isMisspelling() allows one letter in short words, two in longer ones", () => {
  assert(isMisspelling("Rhampsochromis", "Rhamphochromis"));
  assert(!isMisspelling("panda", "sanja"), "two letters of five are another word");
});

Deno.test("stem() makes one of an epithet's genders and of one i and two", () => {
  for (
    const same of [
      ["maculatus", "maculata", "maculatum"],
      ["niger", "nigra", "nigrum"],
      ["gracilis", "gracile"],
      ["amazonensis", "amazonense"],
      ["schwartzi", "schwartzii"],
    ]
  ) assertEquals(new Set(same.map(stem)).size, 1, same.join());
  for (const [one = "", other = ""] of [["maculatus", "immaculatus"], ["panda", "paleatus"]]) {
    assert(stem(one) !== stem(other));
  }
});

Deno.test("nearInGenus() takes what is nearest, and nothing where several are as near", () => {
  const near = (name: string, list: readonly ReturnType<typeof listed>[]) => {
    const found = nearInGenus(name.split(" "), list);
    return found.found === "one" ? [found.how, found.name.valid.join(" ")] : found.found;
  };
  assertEquals(near("Puntius ticto", [listed("Puntius ticto", "Pethia ticto")]), [
    "changed genus",
    "Pethia ticto",
  ]);
  assertEquals(near("Mikrogeophagus altispinosa", [listed("Mikrogeophagus altispinosus")]), [
    "gender ending",
    "Mikrogeophagus altispinosus",
  ]);
  const twoSynonyms = [listed("A unus", "B verus"), listed("A unns", "B verus")];
  assertEquals(near("A unu", twoSynonyms)[0], "spelling", "two names of one fish are one");
  assertEquals(near("Betta rubra", [listed("Betta rubro"), listed("Betta rubri")]), "several");
  assertEquals(near("Betta rubra", [listed("Betta splendens")]), "none");
  assertEquals(near("Betta rubra", []), "none");
});

Deno.test("nearByEpithet() takes the one genus, or the one spelt alike", () => {
  const list = [listed("Corydoras splendens"), listed("Betta splendens")];
  assertEquals(nearByEpithet(["Coridoras", "splendens"], list).found, "one");
  assertEquals(nearByEpithet(["Brochis", "splendens"], list).found, "several");
  assertEquals(nearByEpithet(["Brochis", "splendens"], list.slice(0, 1)).found, "one");
  assertEquals(nearByEpithet(["Brochis", "rubra"], list).found, "none");
});

Deno.test("kindOfText() believes what a text begins with, and knows fishes by their names", () => {
  const cases: [string, string | undefined][] = [
    ["Drawing by FAO", "drawing"],
    ["colored drawing", "drawing"],
    ["Larvae", "larva"],
    ["Stamp, 1971", "stamp"],
    ["X-ray of Betta", "x-ray"],
    ["Yolk-sac larva, 3 mm", "larva"],
    ["Newly hatched larvae", "larva"],
    ["Preserved larva", "larva"],
    ["Fertilised eggs", "egg"],
    ["Egg mass", "egg"],
    ["Drawn by Ann", "drawing"],
    ["Drawing based on the holotype", "drawing"],
    ["Illustrated by Ann", "drawing"],
    ["FAO drawing", "drawing"],
    ["Black and white drawing", "drawing"],
    ["Artwork by Z", "drawing"],
    ["Watercolour by B.", "drawing"],
    ["Postal stamp, Cuba", "stamp"],
    ["X-ray tetra", undefined],
    ["Painted comber", undefined],
    ["Larval fish eater", undefined],
    ["Coin-spot barb", undefined],
    ["Map puffer", undefined],
    ["Male guarding eggs", undefined],
    ["Photo by Egger", undefined],
    ["Stampfer, A.", undefined],
  ];
  for (const [text, kind] of cases) assertEquals(kindOfText(text), kind, text);
});

Deno.test("readName() reads a name and neither its author nor its subgenus", () => {
  const cases: [string, string | undefined][] = [
    ["Gadus morhua Linnaeus, 1758", "Gadus morhua"],
    ["Betta demo de Beaufort, 1933", "Betta demo"],
    ["Betta demo (van Hasselt, 1823)", "Betta demo"],
    ["Betta demo van Hasselt", "Betta demo"],
    ["Betta demo non Regan; misapplied", "Betta demo"],
    ["Betta demo; synonym", "Betta demo"],
    ["Corydoras (Hoplisoma) paleatus", "Corydoras paleatus"],
    ["Corydoras splendens minor Regan", "Corydoras splendens minor"],
    ["Photo by Ann", undefined],
    ["Danio aff. kerri", undefined],
    ["Thumbnails of fishes", undefined],
  ];
  for (const [text, name] of cases) assertEquals(readName(text)?.join(" "), name, text);
});

Deno.test("cleanAuthor() gives a name and nothing else", () => {
  const cases: [string, string | undefined][] = [
    ["Clear View Aquariums", "Clear View Aquariums"],
    ["Ann View this photo", "Ann"],
    ["Bob, uploaded by Ann", "Bob"],
    ["Nor&eacute;n, M.", "Norén, M."],
    ["M&#252;ller &amp; S&ouml;hne", "Müller & Söhne"],
    ["<b>Ann</b><br>", "Ann"],
    ["Ann (CC-BY-NC)", "Ann"],
    ["O'Connor, J.", "O'Connor, J."],
    ["Jean-Francois Helias / Fishing Adventures", "Jean-Francois Helias / Fishing Adventures"],
    ["Randall, J.E. (with permission)", "Randall, J.E. (with permission)"],
    ["Rossi & Co; Milano", "Rossi & Co; Milano"],
    ["unknown photographer", undefined],
    ["?", undefined],
    ["", undefined],
  ];
  for (const [text, name] of cases) assertEquals(cleanAuthor(text), name, text);
});

Deno.test("picturedByFile() reads sex and stage off names of the usual form only", () => {
  assertEquals(picturedByFile("Bedem_m0.jpg"), { sex: "male" });
  assertEquals(picturedByFile("Bedem_f1.gif"), { sex: "female" });
  assertEquals(picturedByFile("Bedem_j2.jpg"), { stage: "juvenile" });
  for (const file of ["Pamacuu1.jpg", "Comel_uc.jpg", "Caaurau1.jpg", "147_1.2.jpg", "m_m0"]) {
    assertEquals(picturedByFile(file), {});
  }
  assertEquals(picturedByStage("male and female"), {});
  assertEquals(picturedByStage("Female; adult"), { sex: "female", stage: "adult" });
});
