import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { Failure } from "../../lib/base/failure.ts";
import {
  formatSpeciesLine,
  parseSpeciesLine,
  parseSpeciesList,
  readSpeciesList,
  updateKnownNames,
  updateSpeciesList,
  writeSpeciesList,
} from "../../lib/species/file.ts";
import { draftSpecies, mergeSpecies } from "../../lib/species/list.ts";
import type { Species } from "../../lib/species/species.ts";
import { onDisk } from "../base/disk.ts";
import { withFolder } from "../folder.ts";

function listOf(...names: string[]): Species[] {
  return mergeSpecies(names.map((latin) => {
    const cells = { latin, common: `common ${latin}` };
    return draftSpecies({ ...cells, verbatim: cells, group: [], page: "p" });
  }));
}

const LIST = listOf("Betta splendens", "hybrid", "Ancistrus sp.");

Deno.test("writeSpeciesList() leaves the old list and no other file when the disk fails", async () => {
  await withFolder(async (dir) => {
    await writeSpeciesList(dir, LIST);
    const full = { rename: () => Promise.reject(new Error("disk full")) };
    const write = () => writeSpeciesList(dir, LIST.slice(1));
    await assertRejects(() => onDisk(full, write), Failure, "species.jsonl");
    const unwritable = { open: () => Promise.reject(new Error("no more files")) };
    await assertRejects(() => onDisk(unwritable, write), Failure, "no more files");
    assertEquals(await readSpeciesList(dir), LIST);
    const names = [...Deno.readDirSync(dir)].map(({ name }) => name).sort();
    assertEquals(names, ["species.csv", "species.jsonl"]);
  });
});

Deno.test("writeSpeciesList() makes the folder, and readSpeciesList() gives the list back", async () => {
  await withFolder(async (dir) => {
    const data = join(dir, "deep", "data");
    assertEquals(await readSpeciesList(data), undefined);
    await writeSpeciesList(data, LIST);
    assertEquals(await readSpeciesList(data), LIST);
    const csv = await Deno.readFile(join(data, "species.csv"));
    assertEquals([...csv.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
  });
});

Deno.test("writeSpeciesList() ends with a sentence where the data folder is a file", async () => {
  await withFolder(async (dir) => {
    const path = join(dir, "file");
    await Deno.writeTextFile(path, "mine");
    await assertRejects(() => writeSpeciesList(path, LIST), Failure, path);
    assertEquals(await Deno.readTextFile(path), "mine");
  });
});

Deno.test("parseSpeciesList() names the file and line of what is wrong", () => {
  const good = '{"id":"a","latin":"Betta splendens"}';
  for (
    const [text, sentence] of [
      [`${good}\n{"id":`, "x.jsonl, line 2: it is not JSON"],
      [`\ufeff\r\n${good}\r\n${good}`, "x.jsonl, line 3: its id a is on line 2 too"],
      ['{"latin":"Betta splendens","id":"a/b"}', "line 1: its id"],
    ] as const
  ) assertThrows(() => parseSpeciesList(text, "x.jsonl"), Failure, sentence);
  assertEquals(parseSpeciesList("", "x.jsonl"), []);
  assert(parseSpeciesList(`${good}\n\n`, "x.jsonl")[0]?.id === "a");
});

for (
  const [line, reason] of [
    ["", "not JSON"],
    ["{", "not JSON"],
    ["[]", "not a JSON object"],
    ["null", "not a JSON object"],
    ["42", "not a JSON object"],
    ["{}", "neither a Latin nor a common name"],
    ['{"latin":7}', "its latin must be a text"],
    ['{"latin":"Betta splendens","id":"../betta"}', "its id"],
    ['{"latin":"Betta splendens","id":"CON"}', "its id"],
    ['{"latin":"Betta splendens","id":"nul"}', "its id"],
    ['{"latin":"Betta splendens","rank":"fish"}', "its rank must be one of species"],
    ['{"latin":"Betta splendens","common":[1]}', "its common must be a list of texts"],
    ['{"latin":"Betta splendens","group":{}}', "its group must be a list of texts"],
    ['{"latin":"Betta splendens","verbatim":{"latin":1}}', "its verbatim"],
    ['{"latin":"Betta splendens","merged":{}}', "its merged must be a list"],
  ] as const
) {
  Deno.test(`parseSpeciesLine() says what is wrong with ${line || "an empty line"}`, () => {
    assertThrows(() => parseSpeciesLine(line, "p"), TypeError, reason);
  });
}

Deno.test("parseSpeciesLine() needs no more than a Latin name", () => {
  assertEquals(parseSpeciesLine('{"latin":"Ancistrus sp.[2]"}', "mine.jsonl"), {
    latin: "Ancistrus sp.",
    rank: "genus",
    search: "Ancistrus",
    common: [],
    group: [],
    verbatim: { latin: "Ancistrus sp.[2]", common: "" },
    page: "mine.jsonl",
  });
});

Deno.test("parseSpeciesLine() gives back what formatSpeciesLine() wrote", () => {
  const fish = {
    id: "x",
    latin: "Betta splendens",
    rank: "hybrid",
    search: "Betta splendens koi",
    also: ["Betta pugnax"],
    common: ["Fighter", "a\u2028b"],
    group: ["Labyrinth fish", "Others"],
    verbatim: { latin: "Betta\nsplendens", common: '"Fighter",' },
    page: "https://en.wikipedia.org/wiki/X",
    merged: [{ latin: "b", common: "c" }],
  } as const;
  const line = formatSpeciesLine(fish);
  assertEquals(/[\n\u2028]/.test(line), false);
  assertEquals(parseSpeciesLine(line, "p"), fish);
});

Deno.test("parseSpeciesLine() lets a reason stand against searching", () => {
  const fish = parseSpeciesLine('{"latin":"Betta splendens","reason":"not wanted"}', "p");
  assertEquals([fish.search, fish.reason], [undefined, "not wanted"]);
});

Deno.test("updateSpeciesList() reports what changed and touches no image", async () => {
  const dir = await Deno.makeTempDir();
  try {
    assertEquals(
      await updateSpeciesList(dir, listOf("Betta splendens", "Danio rerio")),
      undefined,
    );
    const image = join(dir, "images", "danio_rerio", "0123456789abcdef.jpg");
    await Deno.mkdir(join(dir, "images", "danio_rerio"), { recursive: true });
    await Deno.writeTextFile(image, "an image");
    const changes = await updateSpeciesList(
      dir,
      listOf("Betta splendens", "Corydoras panda"),
    );
    assertEquals(changes?.added.map(({ id }) => id), ["corydoras_panda"]);
    assertEquals(changes?.gone.map(({ id }) => id), ["danio_rerio"]);
    assertEquals(await Deno.readTextFile(image), "an image");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("updateKnownNames() enters names and changes nothing else, and a new list keeps them", async () => {
  await withFolder(async (dir) => {
    const path = `${dir}/species.jsonl`;
    const known = { asked: "Betta splendens", name: "Betta splendens", taxon: 7, on: "2026-11-27" };
    const mine = '{"latin": "Danio rerio",   "colour": "blue"}\n\n';
    await Deno.writeTextFile(
      path,
      `${mine}{"id":"betta_splendens","latin":"Betta splendens","x":1}\n`,
    );
    const namesOf = ({ id }: { readonly id: string }) =>
      new Map(id === "betta_splendens" ? [["gbif", known]] : []);
    await updateKnownNames(dir, namesOf);
    const first = await Deno.readTextFile(path);
    assertEquals(
      first,
      `${mine}{"id":"betta_splendens","latin":"Betta splendens","x":1,"names":{"gbif":${
        JSON.stringify(known)
      }}}\n`,
    );
    await updateKnownNames(dir, namesOf);
    assertEquals(await Deno.readTextFile(path), first);
    const list = await readSpeciesList(dir) ?? [];
    assertEquals(list.map(({ names }) => names), [undefined, { gbif: known }]);
    await updateSpeciesList(dir, list.map(({ names: _, ...species }) => species));
    assertEquals((await readSpeciesList(dir))?.map(({ names }) => names), [undefined, {
      gbif: known,
    }]);
    // It is but a cache: what is not as it should be counts as missing.
    const odd = '{"id":"betta_splendens","latin":"Betta splendens","names":{"gbif":{"asked":7}}}\n';
    await Deno.writeTextFile(path, odd);
    assertEquals((await readSpeciesList(dir))?.map(({ names }) => names), [undefined]);
    await updateKnownNames(`${dir}/nowhere`, namesOf);
  });
});

Deno.test("updateSpeciesList() leaves a list it cannot read as it was", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const path = join(dir, "species.jsonl");
    await Deno.writeTextFile(path, '{"latin":"Betta splendens"\n');
    await assertRejects(() => updateSpeciesList(dir, []), Failure, "line 1");
    assertEquals(await Deno.readTextFile(path), '{"latin":"Betta splendens"\n');
    assert(![...Deno.readDirSync(dir)].some(({ name }) => name === "species.csv"));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
