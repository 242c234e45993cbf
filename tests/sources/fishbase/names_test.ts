import { assert, assertEquals } from "@std/assert";
import { picturedByFile } from "../../../lib/sources/fishbase/fishbase.ts";
import { isMisspelling, NameIndex, readName, stem } from "../../../lib/sources/fishbase/names.ts";

const listed = (name: string, code: number, valid = name) => ({
  words: name.split(" "),
  valid: valid.split(" "),
  code,
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

Deno.test("exact() prefers a valid name to a synonym, and guesses among no two species", () => {
  const index = new NameIndex([
    listed("Puntius ticto", 1, "Pethia ticto"),
    listed("Betta rubra", 2),
    listed("Betta rubra", 3, "Betta other"),
    listed("Gadus duplex", 4, "Gadus unus"),
    listed("Gadus duplex", 5, "Gadus alter"),
  ]);
  const exact = (name: string) => {
    const match = index.exact(name.split(" "));
    return match.found === "one" ? [match.name.valid.join(" "), match.how] : match.found;
  };
  assertEquals(exact("puntius Ticto"), ["Pethia ticto", "changed genus"]);
  assertEquals(exact("Betta rubra"), ["Betta rubra", undefined]);
  assertEquals(exact("Gadus duplex"), "several");
  assertEquals(exact("Gadus nullus"), "none");
});

Deno.test("near() takes what is nearest, and nothing where several are as near", () => {
  const near = (name: string, ...names: readonly ReturnType<typeof listed>[]) => {
    const match = new NameIndex(names).near(name.split(" "));
    return match.found === "one" ? [match.how, match.name.valid.join(" ")] : match.found;
  };
  assertEquals(near("Mikrogeophagus altispinosa", listed("Mikrogeophagus altispinosus", 1)), [
    "gender ending",
    "Mikrogeophagus altispinosus",
  ]);
  const twoNames = [listed("Aus unus", 1, "Bus verus"), listed("Aus unns", 1, "Bus verus")];
  assertEquals(near("Aus unu", ...twoNames)[0], "spelling", "two names of one fish are one");
  const [rubro, rubri] = [listed("Betta rubro", 1), listed("Betta rubri", 2)];
  assertEquals(near("Betta rubra", rubro, rubri), "several");
  assertEquals(near("Betta rubra", listed("Betta splendens", 1)), "none");
  assertEquals(near("Betta rubra"), "none");
  const [corydoras, betta] = [listed("Corydoras splendens", 1), listed("Betta splendens", 2)];
  assertEquals(near("Coridoras splendens", corydoras, betta)[0], "genus spelling");
  assertEquals(near("Brochis splendens", corydoras, betta), "several");
  assertEquals(near("Brochis splendens", corydoras)[0], "changed genus");
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

Deno.test("picturedByFile() reads sex and stage off names of the usual form only", () => {
  assertEquals(picturedByFile("Bedem_m0.jpg"), { sex: "male" });
  assertEquals(picturedByFile("Bedem_f1.gif"), { sex: "female" });
  assertEquals(picturedByFile("Bedem_j2.jpg"), { stage: "juvenile" });
  for (const file of ["Pamacuu1.jpg", "Comel_uc.jpg", "Caaurau1.jpg", "147_1.2.jpg", "m_m0"]) {
    assertEquals(picturedByFile(file), {});
  }
});
