import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import {
  countEmbeddings,
  EmbeddingWriter,
  INDEX_NAME,
  readEmbeddings,
  VECTORS_NAME,
} from "../../lib/embed/store.ts";
import { withFolder } from "../folder.ts";

const SOURCE = { model: "tiny", sha256: "f".repeat(64), dimensions: 3 };
const hash = (digit: string): string => digit.repeat(64);
const row = (digit: string, ...numbers: number[]) => ({
  sha256: hash(digit),
  vector: Float32Array.from(numbers),
});

async function write(
  dir: string,
  rows: readonly ReturnType<typeof row>[],
  source = SOURCE,
): Promise<string[]> {
  const notices: string[] = [];
  const writer = await EmbeddingWriter.open(dir, source, (text) => notices.push(text));
  await writer.add(rows);
  writer.close();
  return notices;
}

Deno.test("readEmbeddings() gives what was added, each vector of length 1, and nothing in an empty folder", async () => {
  await withFolder(async (dir) => {
    assertEquals(await readEmbeddings(dir), undefined);
    assertEquals(await countEmbeddings(dir, []), undefined);
    await write(dir, [row("a", 3, 0, 4), row("b", 0, 2, 0)]);
    await write(dir, [row("b", 9, 9, 9), row("c", 0, 0, 1)]);
    const read = await readEmbeddings(dir);
    assertEquals(read?.hashes, [hash("a"), hash("b"), hash("c")]);
    assertEquals(read?.rowOf(hash("c")), 2);
    assertEquals(read?.rowOf(hash("d")), undefined);
    assertEquals([...read?.vector(1) ?? []], [0, 1, 0]);
    const kept = ["a", "b", "d", "e"].map((digit) => ({
      ...{ sha256: hash(digit), rejected: digit === "e" },
    }));
    assertEquals(await countEmbeddings(dir, kept), { model: "tiny", images: 2, missing: 1 });
    const rounded = [...read?.vector(0) ?? []].map((number) => number.toFixed(2));
    assertEquals(rounded, ["0.60", "0.00", "0.80"]);
  });
});

Deno.test("torn ends are cut off, wherever the writing stopped", async () => {
  await withFolder(async (dir) => {
    for (const [name, cut] of [[VECTORS_NAME, 1], [VECTORS_NAME, 7], [INDEX_NAME, 3]] as const) {
      await write(dir, [row("a", 1, 0, 0), row("b", 0, 1, 0)]);
      const path = join(dir, name);
      await Deno.truncate(path, (await Deno.stat(path)).size - cut);
      const torn = cut === 7 ? [] : [hash("a")];
      assertEquals((await readEmbeddings(dir))?.hashes, torn, `${name} ${cut}`);
      await write(dir, [row("c", 0, 0, 1)]);
      const read = await readEmbeddings(dir);
      assertEquals(read?.hashes, [...torn, hash("c")], `${name} ${cut}`);
      assertEquals([...read?.vector(torn.length) ?? []], [0, 0, 1], `${name} ${cut}`);
      for (const each of [VECTORS_NAME, INDEX_NAME]) await Deno.remove(join(dir, each));
    }
  });
});

Deno.test("embeddings of another model, and a damaged index, are replaced with a notice", async () => {
  await withFolder(async (dir) => {
    await write(dir, [row("a", 1, 0, 0), row("c", 1, 0, 0), row("d", 0, 0, 1)]);
    const [other = ""] = await write(dir, [row("b", 1, 0, 0)], { ...SOURCE, sha256: hash("e") });
    assertEquals(other.includes("another model, tiny"), true);
    assertEquals((await readEmbeddings(dir))?.hashes, [hash("b")]);
    await Deno.writeTextFile(join(dir, INDEX_NAME), "no index\n");
    assertEquals(await readEmbeddings(dir), undefined);
    const [damaged = ""] = await write(dir, [row("c", 1, 0, 0)]);
    assertEquals(damaged.includes("cannot be read"), true);
    assertEquals((await readEmbeddings(dir))?.hashes, [hash("c")]);
  });
});
