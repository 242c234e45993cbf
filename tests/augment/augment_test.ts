import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { augment, type AugmentOptions, type AugmentReport } from "../../lib/augment/augment.ts";
import { preview } from "../../lib/augment/preview.ts";
import { type Recipe, RECIPES } from "../../lib/augment/recipe.ts";
import { Failure } from "../../lib/base/failure.ts";
import { createRenderer } from "../../lib/image/create_renderer.ts";
import { opened, withFolder } from "../dataset/folder.ts";
import { addPhotos, hashesOf, photosOf, writeList } from "../export/fish_folder.ts";
import { onSmallDisk, runOn, scriptCommand } from "../export/run_script.ts";

const NEVER = new AbortController().signal;
const SMALL: Recipe = { ...RECIPES.strong, size: 96 };

async function make(dir: string, more: Partial<AugmentOptions> = {}): Promise<AugmentReport> {
  const options = { dir, recipe: SMALL, to: 12, seed: 1, workers: 1, signal: NEVER };
  return await augment({ ...options, notice: () => {}, progress: () => {}, ...more });
}

async function withFish(test: (dir: string) => Promise<void>): Promise<void> {
  await withFolder(async (root) => {
    const dir = join(root, "data");
    await addPhotos(dir, [...photosOf("a_fish", 6), ...photosOf("b_fish", 2, 40)]);
    await test(dir);
  });
}

interface Line {
  readonly event: string;
  readonly file: string;
  readonly species: string;
  readonly parent: string;
  readonly sha256: string;
}

async function linesOf(dir: string): Promise<Line[]> {
  const text = await Deno.readTextFile(join(dir, "augmented.jsonl"));
  assert(text.endsWith("\n"));
  return text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

async function trainOf(dir: string): Promise<Set<string>> {
  const text = await Deno.readTextFile(join(dir, "splits.jsonl"));
  const lines = text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  return new Set(lines.filter(({ side }) => side === "train").map(({ sha256 }) => sha256));
}

Deno.test("augment() fills each species up from its training photos alone, and records each copy", async () => {
  await withFish(async (dir) => {
    const report = await make(dir);
    const train = await trainOf(dir);
    assertEquals(train.size, 6);
    assertEquals([report.parents, report.copies, report.made], [6, 24 - 6, 18]);
    const copies = (await linesOf(dir)).filter(({ event }) => event === "copy");
    const tree = await hashesOf(join(dir, "augmented"));
    assertEquals(Object.keys(tree).length, 18);
    for (const { file, parent, sha256 } of copies) {
      assert(train.has(parent), "a copy of a photo that is not for training");
      assertEquals(tree[file.slice("augmented/".length)], sha256);
    }
    assertEquals(new Set(copies.map(({ sha256 }) => sha256)).size, 18);
    // Again from nothing, with other workers: the same bytes.
    const ledger = await Deno.readTextFile(join(dir, "augmented.jsonl"));
    await Deno.remove(join(dir, "augmented"), { recursive: true });
    await Deno.remove(join(dir, "augmented.jsonl"));
    await make(dir, { workers: 2 });
    assertEquals(await hashesOf(join(dir, "augmented")), tree);
    assertEquals(await Deno.readTextFile(join(dir, "augmented.jsonl")), ledger);
    assertEquals((await make(dir)).made, 0);
  });
});

Deno.test("augment() removes the copies of photos that are gone, rejected, or made otherwise", async () => {
  await withFish(async (dir) => {
    await make(dir);
    const copies = (await linesOf(dir)).filter(({ species }) => species === "a_fish");
    const parent = copies[0]?.parent ?? "";
    const dataset = await opened(dir);
    dataset.append({ event: "rejected", species: "a_fish", sha256: parent });
    await dataset.close();
    await Deno.writeFile(
      join(dir, "augmented/a_fish", `${"0".repeat(16)}-0001.jpg`),
      new Uint8Array(9),
    );
    await Deno.writeTextFile(join(dir, "augmented/a_fish", "note.txt"), "not ours");
    const second = await make(dir);
    assert(second.removed > 0);
    assertEquals(second.copies, 24 - 5);
    const names = Object.keys(await hashesOf(join(dir, "augmented")));
    assert(
      names.every((name) => !name.includes(parent.slice(0, 16)) && !name.includes("0000000000")),
    );
    assert(names.includes("a_fish/note.txt"));
    const other = await make(dir, { seed: 2 });
    assertEquals([other.removed, other.made], [19, 19]);
    const fewer = await make(dir, { seed: 2, maxCopies: 1 });
    assertEquals([fewer.copies, fewer.made], [5, 0]);
    assert(fewer.short > 0);
  });
});

Deno.test("augment() leaves a photo out that is gone, altered or broken, and does the others", async () => {
  await withFish(async (dir) => {
    await make(dir, { to: 6 });
    const train = await trainOf(dir);
    const files = [...Deno.readDirSync(join(dir, "images/a_fish"))].map(({ name }) => name).sort()
      .filter((name) => [...train].some((sha256) => sha256.startsWith(name.slice(0, 16))));
    const [gone = "", altered = ""] = files.map((name) => join(dir, "images/a_fish", name));
    await Deno.remove(gone);
    const bytes = await Deno.readFile(altered);
    await Deno.writeFile(altered, bytes.fill(1, 100));
    const report = await make(dir, { to: 10 });
    assertEquals(report.bad.map(({ why }) => why).sort(), [
      "its file has other bytes than the log says",
      "its file is not there",
    ]);
    assert(report.made > 5);
    for (const name of Object.keys(await hashesOf(join(dir, "augmented")))) {
      assert(!name.includes(files[0]?.slice(0, 16) ?? ""), "a copy of a photo that is gone");
    }
  });
});

Deno.test("a renderer tells of a file that does not decode, and goes on", async () => {
  await withFish(async (dir) => {
    const [file = ""] = [...Deno.readDirSync(join(dir, "images/a_fish"))].map(({ name }) => name);
    const bytes = await Deno.readFile(join(dir, "images/a_fish", file));
    const renderer = createRenderer({ workers: 1 });
    try {
      const task = { kind: "fit", size: 30, fit: "pad" } as const;
      for (const bad of [new Uint8Array(), new Uint8Array(99), bytes.slice(0, 60)]) {
        assertEquals((await renderer.render(task, [bad], NEVER)).ok, false);
      }
      const sizes = [];
      for (const fit of ["pad", "crop", "keep-ratio"] as const) {
        const made = await renderer.render({ ...task, fit }, [bytes.slice()], NEVER);
        assert(made.ok);
        sizes.push(made.pictures.map(({ width, height }) => `${width}×${height}`).join());
      }
      assertEquals(sizes, ["30×30", "30×30", "30×23"]);
    } finally {
      renderer.close();
    }
  });
});

Deno.test("a run that is killed at any moment goes on to the same files and the same record", async () => {
  await withFish(async (dir) => {
    const flags = ["--to", "30", "--jobs", "1", "--json"];
    const whole = await runOn("augment", dir, ...flags);
    assertEquals(whole.code, 0, whole.stderr);
    const tree = await hashesOf(join(dir, "augmented"));
    const ledger = await Deno.readTextFile(join(dir, "augmented.jsonl"));
    for (const after of [7]) {
      await Deno.remove(join(dir, "augmented"), { recursive: true });
      await Deno.remove(join(dir, "augmented.jsonl"));
      const child = (await scriptCommand("augment", dir, flags)).spawn();
      const output = child.output();
      await until(() => count(join(dir, "augmented")) >= after);
      child.kill("SIGKILL");
      await output;
      // As a torn line looks.
      await Deno.writeTextFile(join(dir, "augmented.jsonl"), '{"v":1,"event":"co', {
        append: true,
      });
      assertEquals((await runOn("augment", dir, ...flags)).code, 0);
      assertEquals(await hashesOf(join(dir, "augmented")), tree);
      assertEquals(await Deno.readTextFile(join(dir, "augmented.jsonl")), ledger);
    }
  });
});

function count(folder: string): number {
  try {
    return [...Deno.readDirSync(folder)].reduce(
      (sum, { name }) => sum + [...Deno.readDirSync(join(folder, name))].length,
      0,
    );
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
    return 0;
  }
}

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 60_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error("it did not come to be within a minute");
    await new Promise((resume) => setTimeout(resume, 5));
  }
}

Deno.test("a full disk ends the copying with a sentence, and with room it goes on", async () => {
  await withFolder(async (root) => {
    const done = await onSmallDisk(join(root, "small"), async (dir) => {
      await addPhotos(dir, photosOf("a_fish", 3));
      const filler = join(dir, "filler");
      const file = await Deno.open(filler, { write: true, create: true });
      let full = false;
      while (!full) {
        try {
          await file.write(new Uint8Array(4096));
        } catch (thrown) {
          assert(thrown instanceof Error);
          full = true;
        }
      }
      file.close();
      await Deno.truncate(filler, (await Deno.stat(filler)).size - 60_000);
      await assertRejects(() => make(dir, { to: 40 }), Failure, "the disk is full");
      await Deno.remove(filler);
      const { copies } = await make(dir, { to: 40 });
      const names = Object.keys(await hashesOf(join(dir, "augmented")));
      assertEquals([copies, names.length], [39, 39]);
      await linesOf(dir);
    });
    if (!done) console.log("No file system of 5 MB could be mounted here: not tested.");
  });
});

Deno.test("preview() finds a species by any of its names and makes one sheet", async () => {
  await withFish(async (dir) => {
    await writeList(dir, [["a_fish", "Aaa bbb", ['Ölige "Betta"  魚']]]);
    const name = 'ölige "betta" 魚';
    const sheet = await preview({ dir, name, recipe: SMALL, seed: 1, signal: NEVER });
    assertEquals(sheet.parents.length, 6);
    assert((await Deno.stat(sheet.file)).size > 5_000);
    const none = preview({ dir, name: "../x", recipe: SMALL, seed: 1, signal: NEVER });
    await assertRejects(() => none, Failure, "There is no species");
  });
});

Deno.test("the script prints its recipe, takes one of one's own, and refuses a wrong one", async () => {
  await withFish(async (dir) => {
    const shown = await runOn("augment", dir, "--show-recipe", "--strength", "light");
    assertEquals(JSON.parse(shown.stdout), JSON.parse(JSON.stringify(RECIPES.light)));
    const recipe = join(dir, "mine.json");
    await Deno.writeTextFile(recipe, JSON.stringify(SMALL));
    const made = await runOn("augment", dir, "--recipe", recipe, "--to", "90", "--max-copies", "2");
    assertEquals(made.code, 0, made.stderr);
    assertStringIncludes(made.stdout, "12 copies of 6 photos of 2 species");
    await Deno.writeTextFile(
      recipe,
      '{"name":"x","size":96,"turn":{"chance":1,"degrees":[0,180]}}',
    );
    const bad = await runOn("augment", dir, "--recipe", recipe);
    assertEquals(bad.code, 2);
    assertStringIncludes(bad.stderr, '"turn.degrees" takes');
  });
});
