import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { Failure } from "../../lib/base/failure.ts";
import { parseSpeciesInput, readSpeciesInput } from "../../lib/species/input.ts";

function readNames(text: string, name: string): unknown {
  const { species, unused } = parseSpeciesInput(text, name);
  return [
    species.map(({ latin }) => latin),
    unused.map(({ line, reason }) => `${line}: ${reason}`),
  ];
}

Deno.test("parseSpeciesInput() reads bare text and lists the lines it cannot use", () => {
  const text = "\ufeff# my fish\r\n\r\nBetta splendens # the red one\r\n12345\r\n" +
    "- Danio rerio (Hamilton, 1822)\n3. Ancistrus sp.\tBristlenose, bushynose\nhybrid\nbetta splendens\n";
  const { species, unused } = parseSpeciesInput(text, "my.txt");
  assertEquals(species.map(({ id }) => id), ["betta_splendens", "danio_rerio", "ancistrus_sp"]);
  assertEquals(species[2]?.common, ["Bristlenose", "bushynose"]);
  assertEquals(species[0]?.page, "file:my.txt");
  assertEquals(unused.map(({ line, text }) => [line, text]), [[4, "12345"], [7, "hybrid"]]);
  assertStringIncludes(unused[0]?.reason ?? "", "not a Latin name");
});

Deno.test("parseSpeciesInput() reads JSON lines and lists the lines it cannot use", () => {
  assertEquals(
    readNames(
      '{"latin":"Betta splendens","id":"a"}\n\n{"latin":\n{"latin":"Danio rerio","id":"a"}\n{"latin":"various species"}',
      "x.jsonl",
    ),
    [["Betta splendens"], [
      "3: it is not JSON: Unexpected end of JSON input",
      "4: its id a is on line 1 too",
      "5: “various species” is not a Latin name",
    ]],
  );
});

Deno.test("parseSpeciesInput() reads tables and counts lines past line breaks", () => {
  assertEquals(
    readNames(
      'Common name;Latin name\n"a\nb";Betta splendens\n;"""broken"" y"\n;\n;n/a\n',
      "x.csv",
    ),
    [["Betta splendens"], [
      '4: “"broken" y” is not a Latin name',
      "6: “n/a” is not a Latin name",
    ]],
  );
});

Deno.test("parseSpeciesInput() ends with a sentence for a table it cannot read", () => {
  for (
    const [text, sentence] of [
      ["name,size\n1,2", "x.csv as CSV: no column of its first line is headed “latin”"],
      ['latin\n"Betta splendens\n', "x.csv as CSV: Syntax error on line 2"],
    ] as const
  ) assertThrows(() => parseSpeciesInput(text, "x.csv"), Failure, sentence);
});

Deno.test("parseSpeciesInput() recognises the format by content if the name has no extension", () => {
  assertEquals(readNames('{"latin":"Betta splendens"}', "list"), [["Betta splendens"], []]);
  assertEquals(readNames("common,latin\na,Betta splendens", "list"), [["Betta splendens"], []]);
  assertEquals(readNames("Betta splendens\nDanio rerio", "list"), [
    ["Betta splendens", "Danio rerio"],
    [],
  ]);
});

Deno.test("parseSpeciesInput() keeps rows with a common name and no Latin one, each for itself", () => {
  const text =
    "latin,common\nBetta splendens,Fighter\nhybrid,Dalmatian molly\nhybrid,Lyretail molly\n";
  const { species, unused } = parseSpeciesInput(text, "x.csv");
  assertEquals(unused, []);
  assertEquals(species.map(({ id, rank }) => [id, rank]), [
    ["betta_splendens", "species"],
    ["hybrid_dalmatian_molly", "hybrid"],
    ["hybrid_lyretail_molly", "hybrid"],
  ]);
  assertStringIncludes(species[1]?.reason ?? "", "names no parents");
});

Deno.test("parseSpeciesInput() takes # for a comment, but not before a digit", () => {
  assertEquals(readNames('# mine\n{"latin":"Betta splendens"}\n', "x.jsonl"), [
    ["Betta splendens"],
    [],
  ]);
  assertEquals(parseSpeciesInput("Betta sp. #1;Fighter", "x.txt").species[0]?.common, ["Fighter"]);
});

Deno.test("readSpeciesInput() ends with a sentence for a file that is missing, empty or no list", async () => {
  const dir = await Deno.makeTempDir();
  try {
    for (
      const [name, content, sentence] of [
        ["missing.txt", undefined, "there is no such file"],
        ["empty.txt", "", "it is empty"],
        ["binary.txt", "\0\x01\x02", "it is not a text"],
        ["book.xlsx", "PK\x03\x04\0", "save the sheet as CSV"],
        ["page.txt", "\n<!DOCTYPE html><html>", "it is a web page"],
        ["common.csv", "latin,common\n,Fighter", "the row has no Latin name"],
        ["bad.jsonl", "[\n", "line 1"],
      ] as const
    ) {
      const path = join(dir, name);
      if (content !== undefined) await Deno.writeTextFile(path, content);
      const failure = await assertRejects(() => readSpeciesInput(path), Failure, sentence);
      assertStringIncludes(failure.message, path);
    }
    await assertRejects(() => readSpeciesInput(dir), Failure, "it is a folder");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("readSpeciesInput() reads what spreadsheets save: UTF-16 and Windows-1252", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const wide = Uint8Array.from([
      0xff,
      0xfe,
      ...[..."latin\nBetta splendens"].flatMap((c) => [c.charCodeAt(0), 0]),
    ]);
    await Deno.writeFile(join(dir, "wide.csv"), wide);
    assertEquals((await readSpeciesInput(join(dir, "wide.csv"))).species[0]?.id, "betta_splendens");
    const narrow = Uint8Array.from(
      [..."latin,common\nBetta splendens,G"].map((c) => c.charCodeAt(0)).concat(0xfc),
    );
    await Deno.writeFile(join(dir, "narrow.csv"), narrow);
    assertEquals((await readSpeciesInput(join(dir, "narrow.csv"))).species[0]?.common, ["Gü"]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("parseSpeciesInput() takes common names that one species of the known list has", () => {
  const known = parseSpeciesInput(
    "latin,common\nParacheirodon innesi,Neon tetra\nTrigonostigma heteromorpha,Harlequin rasbora\n" +
      'Betta splendens,"Fighter, Betta"\nDanio rerio,Danio\nDanio kerri,Danio\nCorydoras panda,\n' +
      "Hypostomus punctatus,Common pleco\nHypostomus plecostomus,Common pleco\n",
    "x.csv",
  ).species;
  const text =
    "neon TETRA\nHarlequin rasbora\nBetta\nDanio\nCorydoras panda\nneon tetr\nClown loach\n" +
    "Common pleco\n";
  const { species, taken, unused } = parseSpeciesInput(text, "my.txt", known);
  assertEquals(species.map(({ id }) => id), [
    "paracheirodon_innesi",
    "trigonostigma_heteromorpha",
    "betta",
    "danio",
    "corydoras_panda",
  ]);
  assertEquals(taken.map(({ line, species }) => [line, species.latin]), [
    [1, "Paracheirodon innesi"],
    [2, "Trigonostigma heteromorpha"],
  ]);
  assertEquals([species[0]?.common, species[0]?.page], [["Neon tetra"], "file:my.txt"]);
  assertEquals(unused.map(({ line, reason }) => [line, reason]), [
    [
      6,
      "it is not on the list of the data folder; did you mean Neon tetra (Paracheirodon innesi)?",
    ],
    [7, "“Clown loach” is not a Latin name"],
    [
      8,
      "it is the common name of Hypostomus punctatus, Hypostomus plecostomus: give the Latin name",
    ],
  ]);
});
