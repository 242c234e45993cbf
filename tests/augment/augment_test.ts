import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { preview } from "../../lib/augment/preview.ts";
import { type Recipe, RECIPES } from "../../lib/augment/recipe.ts";
import { Failure } from "../../lib/base/failure.ts";
import { exportDataset, type ExportReport } from "../../lib/export/export.ts";
import type { ExportOptions } from "../../lib/export/options.ts";
import { createRenderer } from "../../lib/image/create_renderer.ts";
import { opened, withFolder } from "../dataset/folder.ts";
import { addPhotos, hashesOf, photosOf, writeList } from "../export/fish_folder.ts";
import { runOn, scriptCommand } from "../export/run_script.ts";
import { fillDisk, onSmallDisk } from "../dataset/small_disk.ts";

const NEVER = new AbortController().signal;
const SMALL: Recipe = { ...RECIPES.strong, size: 96 };

async function exportCopies(
  dir: string,
  to: number,
  more: Partial<ExportOptions> & { seed?: number; maxCopies?: number } = {},
): Promise<ExportReport> {
  const { seed = 1, maxCopies, ...rest } = more;
  return await exportDataset({
    dir,
    out: join(dir, "export"),
    format: "imagefolder",
    license: "all",
    allowSynthetic: false,
    photosOnly: false,
    link: "hard",
    type: "as-is",
    shardSize: 1e6,
    validationName: "validation",
    copies: { recipe: SMALL, to, seed, ...(maxCopies === undefined ? {} : { maxCopies }) },
    workers: 1,
    signal: NEVER,
    notice: () => {},
    progress: () => {},
    ...rest,
  });
}

async function withFish(test: (dir: string) => Promise<void>): Promise<void> {
  await withFolder(async (root) => {
    const dir = join(root, "data");
    await addPhotos(dir, [...photosOf("a_fish", 6), ...photosOf("b_fish", 2, 40)]);
    await test(dir);
  });
}

async function rowsOf(list: string): Promise<Record<string, string>[]> {
  const text = await Deno.readTextFile(list);
  return text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

Deno.test("an export with copies fills each species up from its training photos alone", async () => {
  await withFish(async (dir) => {
    const { figures } = await exportCopies(dir, 12);
    assertEquals([figures.images, figures.copies, figures.sides.train], [8 + 18, 18, 24]);
    const rows = await rowsOf(join(dir, "export/train/metadata.jsonl"));
    const copies = rows.filter(({ parent }) => parent !== "");
    const train = new Set(rows.filter(({ parent }) => parent === "").map(({ sha256 }) => sha256));
    const tree = await hashesOf(join(dir, "export/train"));
    assertEquals([rows.length, copies.length, train.size], [24, 18, 6]);
    for (const { file_name = "", parent = "", operations = "" } of copies) {
      assert(train.has(parent), "a copy of a photo that is not for training");
      assert(JSON.parse(operations).length > 0);
      assert(tree[file_name] !== undefined, file_name);
    }
    assertEquals(new Set(copies.map(({ file_name = "" }) => tree[file_name])).size, 18);
    for (const side of ["validation", "test"]) {
      const others = await rowsOf(join(dir, `export/${side}/metadata.jsonl`));
      assert(others.every(({ parent }) => parent === ""), `${side} has copies`);
    }
    const card = await Deno.readTextFile(join(dir, "export/README.md"));
    for (const word of ["import albumentations as A", "v2.Compose([", "18 varied copies"]) {
      assertStringIncludes(card, word);
    }
    // From nothing, with other workers: the same bytes. Once more: nothing to do.
    await Deno.remove(join(dir, "export"), { recursive: true });
    await exportCopies(dir, 12, { workers: 2 });
    assertEquals(await hashesOf(join(dir, "export/train")), tree);
    assertEquals((await exportCopies(dir, 12)).changes.made, 0);
  });
});

Deno.test("an export with copies keeps those that are right, and no others", async () => {
  await withFish(async (dir) => {
    await exportCopies(dir, 12);
    const rows = await rowsOf(join(dir, "export/train/metadata.jsonl"));
    const parent = rows.find(({ species }) => species === "a_fish")?.sha256 ?? "";
    const dataset = await opened(dir);
    dataset.append({ event: "rejected", species: "a_fish", sha256: parent });
    await dataset.close();
    const second = await exportCopies(dir, 12);
    assert(second.changes.removed > 0);
    assertEquals(second.figures.copies, 24 - 5);
    const names = Object.keys(await hashesOf(join(dir, "export/train")));
    assert(names.every((name) => !name.includes(parent.slice(0, 16))));
    const more = await exportCopies(dir, 13);
    assertEquals(more.figures.copies, 26 - 5);
    // Two copies and three texts are new.
    assert(more.changes.made <= 2 + 4, `${more.changes.made} made`);
    const fewer = await exportCopies(dir, 13, { maxCopies: 1 });
    assertEquals(fewer.figures.copies, 5);
    assert(fewer.short > 0);
  });
});

Deno.test("copies are in every format that has images", async () => {
  await withFish(async (dir) => {
    for (const format of ["webdataset", "parquet", "csv", "jsonl"] as const) {
      const { figures } = await exportCopies(dir, 5, { format, out: join(dir, "export", format) });
      assertEquals([figures.images, figures.copies], [8 + 4, 4], format);
    }
    const list = exportCopies(dir, 5, { format: "list", out: join(dir, "export/list") });
    await assertRejects(() => list, Failure, "--format list");
  });
});

Deno.test("an export with copies leaves a photo out that is gone or was changed", async () => {
  await withFish(async (dir) => {
    await exportCopies(dir, 6);
    const rows = await rowsOf(join(dir, "export/train/metadata.jsonl"));
    const files = rows.filter(({ species, parent }) => species === "a_fish" && parent === "")
      .map(({ file_name = "" }) => join(dir, "images", file_name));
    const [gone = "", altered = ""] = files;
    await Deno.remove(gone);
    const bytes = await Deno.readFile(altered);
    // The export has the file's second name: give the data folder one of its own.
    await Deno.remove(altered);
    await Deno.writeFile(altered, bytes.fill(1, 100));
    const { leftOut, figures } = await exportCopies(dir, 10, { out: join(dir, "other") });
    assertEquals(leftOut.map(({ why }) => why).sort(), [
      "its file has other bytes than the log says",
      "its file is missing",
    ]);
    assert(figures.copies > 5);
    for (const name of Object.keys(await hashesOf(join(dir, "other/train")))) {
      assert(!name.includes(gone.slice(-20, -4)), "a copy of a photo that is gone");
    }
  });
});

Deno.test("a renderer reports a file that does not decode, and goes on", async () => {
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

Deno.test("an export with copies that is killed goes on to the same files", async () => {
  await withFish(async (dir) => {
    const out = join(dir, "export/imagefolder");
    const flags = ["--to", "30", "--jobs", "1", "--json"];
    const whole = await runOn("augment", dir, ...flags);
    assertEquals(whole.code, 0, whole.stderr);
    const tree = await hashesOf(out);
    await Deno.remove(out, { recursive: true });
    const child = (await scriptCommand("augment", dir, flags)).spawn();
    const output = child.output();
    const building = join(dir, "export/.tmp-building-imagefolder");
    await until(() => countFiles(building) >= 7);
    child.kill("SIGKILL");
    await output;
    const before = countFiles(building);
    assert(before >= 7 && before < Object.keys(tree).length, `${before} files`);
    const again = await runOn("augment", dir, ...flags);
    assertEquals(again.code, 0, again.stderr);
    assertEquals(await hashesOf(out), tree);
    assertEquals(countFiles(building), 0);
  });
});

function countFiles(folder: string): number {
  try {
    let count = 0;
    for (const { name, isDirectory } of Deno.readDirSync(folder)) {
      if (isDirectory) count += countFiles(join(folder, name));
      else if (!name.startsWith(".tmp-") && name !== "manifest.jsonl") count++;
    }
    return count;
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
    return 0;
  }
}

async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 120_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error("it did not happen within two minutes");
    await new Promise((resume) => setTimeout(resume, 2));
  }
}

Deno.test("a full disk ends the export with copies with a sentence, and with room it goes on", async () => {
  await onSmallDisk(async (dir) => {
    await addPhotos(dir, photosOf("a_fish", 3));
    const makeRoom = await fillDisk(dir, 90_000);
    await assertRejects(() => exportCopies(dir, 40), Failure, "the disk is full");
    await makeRoom();
    const { figures } = await exportCopies(dir, 40);
    assertEquals([figures.copies, figures.sides.train], [39, 40]);
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

Deno.test("augment prints its recipe, takes one of the user's own, and refuses a wrong one", async () => {
  await withFish(async (dir) => {
    const shown = await runOn("augment", dir, "--show-recipe", "--strength", "light");
    assertEquals(JSON.parse(shown.stdout), JSON.parse(JSON.stringify(RECIPES.light)));
    assertStringIncludes((await runOn("augment", dir, "--show-python")).stdout, "A.Compose");
    const recipe = join(dir, "mine.json");
    await Deno.writeTextFile(recipe, JSON.stringify(SMALL));
    const made = await runOn("augment", dir, "--recipe", recipe, "--to", "90", "--max-copies", "2");
    assertEquals(made.code, 0, made.stderr);
    assertStringIncludes(made.stdout, "12 varied copies");
    await Deno.writeTextFile(
      recipe,
      '{"name":"x","size":96,"turn":{"chance":1,"degrees":[0,180]}}',
    );
    const bad = await runOn("augment", dir, "--recipe", recipe);
    assertEquals(bad.code, 2);
    assertStringIncludes(bad.stderr, '"turn.degrees" takes');
  });
});
