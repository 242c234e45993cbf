import { assert, assertEquals } from "@std/assert";
import { picturedByFile } from "../../../lib/sources/fishbase/fishbase.ts";
import { NameIndex, stem } from "../../../lib/sources/fishbase/names.ts";

/** A name, its species' number, and the valid name where it is a synonym. */
type Listed = readonly [name: string, code: number, valid?: string];

/** An index of these names. */
function indexOf(...names: readonly Listed[]): NameIndex {
  const index = new NameIndex();
  for (const [name, code, valid] of names) index.addValid(valid ?? name, code);
  for (const [name, code, valid] of names) if (valid !== undefined) index.addSynonym(name, code);
  return index;
}

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
  const index = indexOf(
    ["Puntius ticto", 1, "Pethia ticto"],
    ["Betta rubra", 2],
    ["Betta rubra", 3, "Betta other"],
    ["Gadus duplex", 4, "Gadus unus"],
    ["Gadus duplex", 5, "Gadus alter"],
  );
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
  const near = (name: string, ...names: readonly Listed[]) => {
    const match = indexOf(...names).near(name.split(" "));
    return match.found === "one" ? [match.how, match.name.valid.join(" ")] : match.found;
  };
  assertEquals(near("Mikrogeophagus altispinosa", ["Mikrogeophagus altispinosus", 1]), [
    "gender ending",
    "Mikrogeophagus altispinosus",
  ]);
  const twoNames: Listed[] = [["Aus unus", 1, "Bus verus"], [
    "Aus unns",
    1,
    "Bus verus",
  ]];
  assertEquals(near("Aus unu", ...twoNames)[0], "spelling", "two names of one fish are one");
  const [rubro, rubri]: [Listed, Listed] = [["Betta rubro", 1], ["Betta rubri", 2]];
  assertEquals(near("Betta rubra", rubro, rubri), "several");
  assertEquals(near("Betta rubra", ["Betta splendens", 1]), "none");
  assertEquals(near("Betta rubra"), "none");
  const [corydoras, betta]: [Listed, Listed] = [["Corydoras splendens", 1], ["Betta splendens", 2]];
  assertEquals(near("Coridoras splendens", corydoras, betta)[0], "genus spelling");
  assertEquals(near("Brochis splendens", corydoras, betta), "several");
  assertEquals(near("Brochis splendens", corydoras)[0], "changed genus");
});

Deno.test("picturedByFile() reads sex and stage off names of the usual form only", () => {
  assertEquals(picturedByFile("Bedem_m0.jpg"), { sex: "male" });
  assertEquals(picturedByFile("Bedem_f1.gif"), { sex: "female" });
  assertEquals(picturedByFile("Bedem_j2.jpg"), { stage: "juvenile" });
  for (const file of ["Pamacuu1.jpg", "Comel_uc.jpg", "Caaurau1.jpg", "147_1.2.jpg", "m_m0"]) {
    assertEquals(picturedByFile(file), {});
  }
});
