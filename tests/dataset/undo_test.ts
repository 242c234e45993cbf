import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { Failure } from "../../lib/base/failure.ts";
import { type Dataset, LOG_NAME, openUnswept, readDataset } from "../../lib/dataset/dataset.ts";
import { undoImages, type Undone } from "../../lib/dataset/undo.ts";
import { imageOf, keptEvent, opened, treeOf, withFolder } from "./folder.ts";

const BETTA = "betta_splendens";

async function keepFrom(dataset: Dataset, number: number, query: string): Promise<void> {
  const image = await imageOf(number);
  const file = await dataset.place(BETTA, image);
  dataset.append({ ...keptEvent(number, image.sha256, file), query });
}

/** Two runs, a minute apart as their lines say, of two images each. */
async function twoRuns(dir: string): Promise<void> {
  for (const [from, query] of [[0, "Betta splendens"], [2, "fish"]] as const) {
    const dataset = await opened(dir);
    await keepFrom(dataset, from, query);
    await keepFrom(dataset, from + 1, "Betta splendens fish");
    await dataset.close();
  }
  const path = join(dir, LOG_NAME);
  let runs = 0;
  const lines = (await Deno.readTextFile(path)).split("\n").map((line) =>
    line.includes('"event":"run"')
      ? line.replace(/"time":"[^"]*"/, `"time":"2026-11-26T20:0${runs++}:00.000Z"`)
      : line
  );
  await Deno.writeTextFile(path, lines.join("\n"));
  await Deno.remove(join(dir, "index.sqlite"));
}

async function undo(dir: string, which: Undone): Promise<number> {
  const given = { script: "verify", version: "0", flags: {}, notice: () => {} };
  const dataset = await openUnswept({ dir, ...given });
  try {
    return await undoImages(dataset, which);
  } finally {
    await dataset.close();
  }
}

Deno.test("undoImages() takes back one run's images, or one query's, and leaves the files", async () => {
  const cases: [Undone, kept: number[]][] = [
    [{ run: "2026-11-26T20:01" }, [0, 1]],
    [{ query: "fish" }, [0, 1, 3]],
    [{ query: "{latin} fish" }, [0, 2]],
    [{ query: "{latin}" }, []],
  ];
  for (const [which, wanted] of cases) {
    await withFolder(async (dir) => {
      await twoRuns(dir);
      const tree = await treeOf(dir);
      assertEquals(await undo(dir, which), 4 - wanted.length);
      assertEquals(await undo(dir, which), 0);
      const { state } = await readDataset(dir);
      const left = [...state.keptImages(BETTA)].filter(({ rejected }) => !rejected);
      const hashes = await Promise.all(
        wanted.map(async (number) => (await imageOf(number)).sha256),
      );
      assertEquals(left.map(({ sha256 }) => sha256), hashes);
      assertEquals(await treeOf(dir), tree);
      assertStringIncludes(await Deno.readTextFile(join(dir, LOG_NAME)), "was undone");
    });
  }
});

Deno.test("undoImages() names the runs where a time means none or several, and changes nothing", async () => {
  await withFolder(async (dir) => {
    await twoRuns(dir);
    for (const run of ["2026-11-26", "2025"]) {
      const failure = await assertRejects(() => undo(dir, { run }), Failure);
      assertStringIncludes(failure.message, "2026-11-26T20:01:00.000Z");
      assertEquals(failure.status, 2);
    }
    await assertRejects(() => undo(dir, { query: "dog" }), Failure, 'by the query "dog"');
    assertEquals((await readDataset(dir)).state.kept(BETTA), 4);
  });
});
