import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { Failure } from "../../lib/base/failure.ts";
import {
  parseSpeciesList,
  readSpeciesList,
  writeSpeciesList,
} from "../../lib/species/species_file.ts";
import { draftSpecies, mergeSpecies } from "../../lib/species/species_list.ts";

const LIST = mergeSpecies(
  ["Betta splendens", "hybrid", "Ancistrus sp."].map((latin) =>
    draftSpecies({
      latin,
      common: "A, b",
      verbatim: { latin, common: "A, b" },
      group: [],
      page: "p",
    })
  ),
);

async function inFolder(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await work(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("writeSpeciesList() leaves the old list and no other file when the disk fails", async () => {
  await inFolder(async (dir) => {
    await writeSpeciesList(dir, LIST);
    const full = { ...Deno, rename: () => Promise.reject(new Error("disk full")) };
    await assertRejects(() => writeSpeciesList(dir, LIST.slice(1), full), Failure, "species.jsonl");
    const unwritable = { ...Deno, open: () => Promise.reject(new Error("no more files")) };
    await assertRejects(() => writeSpeciesList(dir, [], unwritable), Failure, "no more files");
    assertEquals(await readSpeciesList(dir), LIST);
    const names = [...Deno.readDirSync(dir)].map(({ name }) => name).sort();
    assertEquals(names, ["species.csv", "species.jsonl"]);
  });
});

Deno.test("writeSpeciesList() makes the folder, and readSpeciesList() gives the list back", async () => {
  await inFolder(async (dir) => {
    const data = join(dir, "deep", "data");
    assertEquals(await readSpeciesList(data), undefined);
    await writeSpeciesList(data, LIST);
    assertEquals(await readSpeciesList(data), LIST);
    const csv = await Deno.readFile(join(data, "species.csv"));
    assertEquals([...csv.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
  });
});

Deno.test("writeSpeciesList() ends with a sentence where the data folder is a file", async () => {
  await inFolder(async (dir) => {
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
      [`${good}\n{"id":`, "x.jsonl, line 2: it is no JSON"],
      [`\ufeff\r\n${good}\r\n${good}`, "x.jsonl, line 3: its id a is on line 2 too"],
      ['{"latin":"Betta splendens","id":"a/b"}', "line 1: its id"],
    ] as const
  ) assertThrows(() => parseSpeciesList(text, "x.jsonl"), Failure, sentence);
  assertEquals(parseSpeciesList("", "x.jsonl"), []);
  assert(parseSpeciesList(`${good}\n\n`, "x.jsonl")[0]?.id === "a");
});
