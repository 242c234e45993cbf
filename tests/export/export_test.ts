import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { walk } from "@std/fs";
import { join, relative } from "@std/path";
import { exportDataset } from "../../lib/export/export.ts";
import type { ExportOptions } from "../../lib/export/options.ts";
import { readManifest } from "../../lib/export/manifest.ts";
import { makeTree, type TreeEnd, type TreePlan } from "../../lib/export/tree.ts";
import { Failure } from "../../lib/base/failure.ts";
import { writeAudit } from "../../lib/dataset/audit.ts";
import { EmbeddingWriter } from "../../lib/embed/store.ts";
import { opened, withFolder } from "../dataset/folder.ts";
import { addPhotos, hashesOf, photosOf, writeList } from "./fish_folder.ts";
import { fillDisk, onSmallDisk } from "../dataset/small_disk.ts";
import { runOn } from "./run_script.ts";

const NEVER = new AbortController().signal;
const ODD = 'Ölige "Fisch" <b>&amp; | né\u2028=1+1, 魚🐟';

function options(dir: string, more: Partial<ExportOptions> = {}): ExportOptions {
  return {
    dir,
    out: join(dir, "export", more.format ?? "imagefolder"),
    format: "imagefolder",
    license: "all",
    allowSynthetic: false,
    photosOnly: false,
    link: "hard",
    shardSize: 1e6,
    type: "as-is",
    validationName: "validation",
    signal: NEVER,
    notice: () => {},
    progress: () => {},
    ...more,
  };
}

/** A folder of two species, one of them with an odd name, of 12 and 6 photos. */
async function withFish(test: (dir: string) => Promise<void>): Promise<void> {
  await withFolder(async (root) => {
    const dir = join(root, "data");
    await writeList(dir, [["b_fish", ODD, [ODD, "second"]], ["a_fish", "Aaa", []]]);
    const line = { author: ODD, license: "CC-BY-4.0", title: "=cmd|x" };
    const odd = photosOf("b_fish", 6, 50).map((photo) => ({ ...photo, line }));
    await addPhotos(dir, [...photosOf("a_fish", 12), ...odd]);
    await test(dir);
  });
}

Deno.test("the card of an export with embeddings says how well a linear model recognises the species", async () => {
  await withFish(async (dir) => {
    const read = async (): Promise<string> => {
      const { out } = await exportDataset(options(dir, { format: "jsonl" }));
      return (await Deno.readTextFile(join(out, "README.md"))).split("## How it was made")[0] ?? "";
    };
    assertEquals((await read()).includes("## Linear probe"), false);
    const source = { model: "tiny", sha256: "f".repeat(64), dimensions: 2 };
    const writer = await EmbeddingWriter.open(dir, source, () => {});
    const dataset = await opened(dir);
    const images = [...dataset.state.keptImages()];
    await dataset.close();
    await writer.add(images.map(({ sha256, species }) => ({
      ...{ sha256, vector: Float32Array.of(Number(species === "a_fish"), 0.5) },
    })));
    writer.close();
    const card = await read();
    assertMatch(
      card,
      /recognises (\d) of \1 photos for testing: 100 %, where always naming the same/,
    );
    assertMatch(card, /\| Aaa \| \d \| 100 % \|/);
    assertEquals(card.includes("most often confused"), false);
  });
});

async function rowsOf(out: string): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for (const side of ["train", "validation", "test"]) {
    const text = await Deno.readTextFile(join(out, side, "metadata.jsonl"));
    for (const row of text.split("\n").filter(Boolean)) rows.push({ side, ...JSON.parse(row) });
  }
  return rows;
}

Deno.test("an export has each image once, rejected ones not, and a line for each file", async () => {
  await withFish(async (dir) => {
    const dataset = await opened(dir);
    const [reject] = [...dataset.state.keptImages("a_fish")];
    assert(reject !== undefined);
    dataset.append({ event: "rejected", species: "a_fish", sha256: reject.sha256 });
    await dataset.close();
    await writeAudit(dir, {
      v: 1,
      started: "2026-11-26T12:00:00.000Z",
      images: 18,
      sample: [{ species: "a_fish", file: reject.file, verdict: "wrong" }],
    });
    const { out, figures } = await exportDataset(options(dir));
    assertEquals([figures.images, figures.species.length], [17, 2]);
    const rows = await rowsOf(out);
    assertEquals(rows.length, 17);
    for (const row of rows) {
      const path = join(out, String(row.side), String(row.file_name));
      assertEquals((await Deno.stat(path)).size, row.bytes);
      assertEquals(row.split, row.side);
      assert(row.sha256 !== reject.sha256);
    }
    const odd = rows.find(({ species }) => species === "b_fish");
    assertEquals([odd?.latin, odd?.author, odd?.label, odd?.stable_label], [ODD, ODD, 1, 0]);
    const card = await Deno.readTextFile(join(out, "README.md"));
    assert(!card.includes("<b>"), "the card lets a name be markup");
    assert(card.includes("1 of 18 images, drawn at random on 2026-11-26"), "the audit is there");
    assertEquals((card.match(/^\|.*$/gm) ?? []).filter((line) => line.includes("isch")).length, 1);
    const labels = JSON.parse(await Deno.readTextFile(join(out, "labels.json")));
    assertEquals(labels[1].common, [ODD, "second"]);
  });
});

Deno.test("a second export changes nothing, and a third only what changed", async () => {
  await withFish(async (dir) => {
    const first = await exportDataset(options(dir));
    const tree = await hashesOf(dir);
    const second = await exportDataset(options(dir));
    assertEquals(second.changes.made + second.changes.removed, 0);
    assertEquals(await hashesOf(dir), tree);
    const sides = new Map((await rowsOf(first.out)).map((row) => [row.sha256, row.side]));
    await addPhotos(dir, [...photosOf("a_fish", 3, 80), ...photosOf("aa_new", 4, 90)]);
    const third = await exportDataset(options(dir));
    assertEquals(third.figures.images, 25);
    // Seven images and the texts; all others are taken over.
    assert(third.changes.made <= 7 + 7, `${third.changes.made} made`);
    assert(third.changes.reused >= 18, `${third.changes.reused} reused`);
    const rows = await rowsOf(first.out);
    for (const row of rows) {
      assertEquals(sides.get(row.sha256) ?? row.side, row.side);
      if (row.species === "aa_new") assertEquals([row.label, row.stable_label], [1, 2]);
    }
  });
});

Deno.test("an unchanged export says the same as before, and every change is seen", async () => {
  await withFish(async (dir) => {
    await addPhotos(dir, photosOf("c_fish", 1, 90));
    const told: string[] = [];
    const again = () => {
      told.length = 0;
      return exportDataset(options(dir, { notice: (text) => told.push(text) }));
    };
    const first = await again();
    const said = [...told];
    assert(said.length > 0);
    const tree = await hashesOf(first.out);
    const second = await again();
    const { changes } = second;
    assertEquals([{ ...second, changes: first.changes }, told], [first, said]);
    assertEquals([changes.made, changes.removed], [0, 0]);
    assertEquals(await hashesOf(first.out), tree);
    const image = (await rowsOf(first.out)).find(({ side }) => side === "train");
    const exported = join(first.out, "train", String(image?.file_name));
    const kept = join(dir, "images", String(image?.file_name));
    const seen: [string, () => Promise<unknown>][] = [
      ["a lost file of the export", () => Deno.remove(exported)],
      ["a lost list", () => Deno.remove(join(first.out, "train", "metadata.jsonl"))],
      ["taxonomy", () => Deno.writeTextFile(join(dir, "taxonomy.jsonl"), "{}\n")],
      ["a line of the log", async () => await (await opened(dir)).close()],
      ["a lost image", () => Deno.remove(kept)],
    ];
    for (const [what, change] of seen) {
      await change();
      const report = await again();
      if (what === "a lost image") assertEquals(report.leftOut.length, 1);
      else assertEquals(await hashesOf(report.out).then(Object.keys), Object.keys(tree), what);
      if (what === "a lost file of the export") assertEquals(report.changes.made, 1);
    }
    // What is left out is looked at each time.
    assertEquals((await again()).leftOut.length, 1);
    // A run that was killed while it wrote the manifest anew leaves a part of it.
    const leftover = join(first.out, ".tmp-part");
    await Deno.writeTextFile(leftover, "part");
    await addPhotos(dir, photosOf("c_fish", 1, 91));
    assert((await again()).changes.made > 0);
    assert(!(await hashesOf(first.out))[".tmp-part"]);
  });
});

Deno.test("an export that is stopped at any file goes on to the same tree, and is never half there", async () => {
  await withFish(async (dir) => {
    const whole = await exportDataset(options(dir, { link: "copy" }));
    const tree = await hashesOf(whole.out);
    await Deno.remove(whole.out, { recursive: true });
    for (const at of [1, 5, 11]) {
      const stop = new AbortController();
      const run = exportDataset(options(dir, {
        link: "copy",
        signal: stop.signal,
        progress: (done) => done >= at && stop.abort(new Failure("stopped", 130)),
      }));
      await assertRejects(() => run, Failure, "stopped");
      await assertRejects(() => Deno.stat(whole.out), Deno.errors.NotFound);
    }
    const filesIn = async (out: string) =>
      await Array.fromAsync(walk(out, { exts: [".jpg"] }), async ({ path }) => {
        return `${relative(out, path)} ${(await Deno.stat(path)).ino}`;
      });
    const made = await filesIn(join(dir, "export/.tmp-building-imagefolder"));
    // Nothing says what these were made from, or that they are complete.
    const leftover = join(dir, "export/.tmp-building-imagefolder/train/leftover.jpg");
    await Deno.writeTextFile(leftover, "half");
    await exportDataset(options(dir, { link: "copy" }));
    assertEquals(await hashesOf(whole.out), tree);
    const again = new Set(await filesIn(whole.out));
    assertEquals(made.filter((file) => !again.has(file)), []);
    assert(made.length >= 11);
    assertEquals([...Deno.readDirSync(join(dir, "export"))].map(({ name }) => name), [
      "imagefolder",
    ]);
  });
});

Deno.test("an image that is gone, cut or altered is left out and told of", async () => {
  await withFish(async (dir) => {
    const files = [...Deno.readDirSync(join(dir, "images", "a_fish"))].map(({ name }) => name)
      .sort();
    const [gone = "", cut = "", altered = ""] = files.map((name) =>
      join(dir, "images/a_fish", name)
    );
    await Deno.remove(gone);
    await Deno.truncate(cut, 50);
    const bytes = await Deno.readFile(altered);
    bytes.fill(7, 200, 400);
    await Deno.writeFile(altered, bytes);
    const ways = [{ link: "hard" }, { link: "copy" }, {
      resize: { size: 32, fit: "crop" },
    }] as const;
    for (const more of ways) {
      const { figures, leftOut } = await exportDataset(options(dir, more));
      assertEquals([figures.images, leftOut.length], [15, 3]);
      assertStringIncludes(leftOut.map(({ why }) => why).join(), "other bytes");
    }
    const { figures } = await exportDataset(options(dir, { format: "webdataset" }));
    assertEquals(figures.images, 15);
  });
});

Deno.test("half a surrogate pair and an empty licence in the log do not get into an export", async () => {
  await withFolder(async (root) => {
    const dir = join(root, "data");
    const line = {
      title: "half \ud83d",
      author: " Ann\udc00 ",
      license: " ",
      licenseText: "\ud800",
    };
    await addPhotos(dir, photosOf("a_fish", 6).map((photo) => ({ ...photo, line })));
    for (const format of ["imagefolder", "jsonl"] as const) {
      const { out, figures } = await exportDataset(options(dir, { format }));
      assertEquals(figures.licenses, [["unknown", 6]]);
      const list = format === "jsonl" ? "train.jsonl" : "train/metadata.jsonl";
      const text = await Deno.readTextFile(join(out, list));
      // Readers of JSON that are not JavaScript take such an escape for an error in the file.
      assert(!/\\ud[89a-f]/i.test(text), text);
      assert(text.includes('"author":"Ann\ufffd"'), text);
    }
  });
});

Deno.test("a folder that is no export, or has files of somebody else, is not replaced", async () => {
  await withFish(async (dir) => {
    const out = join(dir, "export", "imagefolder");
    await Deno.mkdir(out, { recursive: true });
    await Deno.writeTextFile(join(out, "mine.txt"), "keep me");
    await assertRejects(() => exportDataset(options(dir)), Failure, "is no export");
    await Deno.remove(join(out, "mine.txt"));
    await exportDataset(options(dir));
    await Deno.writeTextFile(join(out, "mine.txt"), "keep me");
    await addPhotos(dir, photosOf("a_fish", 1, 70));
    await assertRejects(() => exportDataset(options(dir)), Failure, "mine.txt");
    assertEquals(await Deno.readTextFile(join(out, "mine.txt")), "keep me");
    for (const bad of [dir, join(dir, ".."), join(dir, "images", "x")]) {
      await assertRejects(
        () => exportDataset(options(dir, { out: bad })),
        Failure,
        "Cannot export",
      );
    }
  });
});

Deno.test("a licence leaves out what has another, and says how much", async () => {
  await withFish(async (dir) => {
    const { figures, unlicensed } = await exportDataset(options(dir, { license: "cc" }));
    assertEquals([figures.images, unlicensed.leftOut, unlicensed.of], [6, 12, 18]);
    assertEquals(unlicensed.licenses, [["unknown", 12]]);
    const none = exportDataset(options(dir, { license: ["MIT"] }));
    await assertRejects(() => none, Failure, "nothing was exported");
  });
});

Deno.test("species with few images are left out, or, where they have kin, are the class unknown", async () => {
  await withFolder(async (root) => {
    const dir = join(root, "data");
    const names = [["z_one", "Zetta one"], ["a_kin", "Zetta two"], ["b_kin", "Beta x"], [
      "c",
      "C d",
    ]];
    await writeList(dir, names.map(([id = "", latin = ""]) => [id, latin, []] as const));
    const family = (id: string, name: string): string =>
      JSON.stringify({ id, name: id, order: "Ordo", family: name });
    const lines = [family("z_one", "Zettidae"), family("b_kin", "Zettidae"), family("c", "Cdae")];
    await Deno.writeTextFile(join(dir, "taxonomy.jsonl"), lines.join("\n"));
    const counts = { z_one: 9, a_kin: 4, b_kin: 4, c: 4 };
    await addPhotos(
      dir,
      Object.entries(counts).flatMap(([id, count], at) => photosOf(id, count, at * 20)),
    );
    const plain = await runOn("export", dir, "--min-images", "5");
    assertStringIncludes(plain.stdout, "9 images of 1 species");
    assertStringIncludes(plain.stdout, "3 species with too few images left out");
    const { code, stdout, stderr } = await runOn("export", dir, "--min-images", "5", "--unknown");
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "17 images of 2 species");
    const out = join(dir, "export", "imagefolder");
    assertEquals([...Deno.readDirSync(join(out, "train"))].map(({ name }) => name).sort(), [
      "metadata.jsonl",
      "unknown",
      "z_one",
    ]);
    const labels = JSON.parse(await Deno.readTextFile(join(out, "labels.json")));
    assertEquals(
      labels.map(({ index, id, hierarchy }: Record<string, unknown>) => [index, id, hierarchy]),
      [[0, "unknown", ["", "", ""]], [1, "z_one", ["Ordo", "Zettidae", "Zetta"]]],
    );
    const rows = await rowsOf(out);
    const kin = rows.filter(({ species }) => species === "unknown");
    assertEquals([...new Set(kin.map(({ latin, label }) => `${latin} ${label}`))].sort(), [
      "Beta x 0",
      "Zetta two 0",
    ]);
    assertEquals([...new Set(rows.map(({ family, order }) => `${family} ${order}`))].sort(), [
      " ",
      "Zettidae Ordo",
    ]);
    const card = await Deno.readTextFile(join(out, "README.md"));
    assertStringIncludes(card, "with fewer than 5 images: C d.");
    assertStringIncludes(card, "near relatives");
    const none = await runOn("export", dir, "--min-images", "50");
    assertEquals([none.code, none.stderr.includes("See --min-images")], [1, true]);
    assertEquals((await runOn("export", dir, "--unknown")).code, 2);
  });
});

Deno.test("other shares or another seed are refused, unless all is dealt out anew", async () => {
  await withFish(async (dir) => {
    await exportDataset(options(dir, { seed: 4 }));
    await exportDataset(options(dir, { seed: 4 }));
    await assertRejects(() => exportDataset(options(dir, { seed: 5 })), Failure, "--resplit");
    await exportDataset(options(dir, { seed: 5, resplit: true }));
    await assertRejects(() => exportDataset(options(dir, { seed: 4 })), Failure, "--seed 5");
  });
});

Deno.test("near-duplicates, mirrored and across species, are on one side, as verify --splits sees it", async () => {
  await withFish(async (dir) => {
    await addPhotos(dir, [
      { species: "b_fish", painting: 1, mirrored: true },
      { species: "b_fish", painting: 2 },
    ]);
    const { out } = await exportDataset(options(dir));
    const rows = await rowsOf(out);
    for (const painting of [1, 2]) {
      const sides = rows.filter(({ url }) =>
        /\/(\d+)m?\.jpg$/.exec(String(url))?.[1] === String(painting)
      )
        .map(({ side }) => side);
      assertEquals([sides.length, new Set(sides).size], [2, 1]);
    }
    const good = await runOn("verify", dir, "--splits");
    assertStringIncludes(good.stdout, "0 pairs by the details of the pictures");
    assertEquals(good.code, 0);
    // Put one of a pair elsewhere: the check must see it.
    const path = join(dir, "splits.jsonl");
    const pair = rows.find(({ url }) => String(url).endsWith("/b_fish/2.jpg"));
    const lines = (await Deno.readTextFile(path)).split("\n").map((line) =>
      line.includes('"b_fish"') && line.includes(String(pair?.sha256))
        ? line.replace(/"side":"\w+"/, pair?.side === "test" ? '"side":"train"' : '"side":"test"')
          .replace(/"group":"\w+"/, `"group":"${"f".repeat(64)}"`)
        : line
    );
    await Deno.writeTextFile(path, lines.join("\n"));
    const bad = await runOn("verify", dir, "--splits");
    assertStringIncludes(bad.stdout, "the same");
    assertEquals(bad.code, 1);
  });
});

Deno.test("the script runs on the permissions of its first line, in every form", async () => {
  await withFish(async (dir) => {
    for (const format of ["imagefolder", "webdataset", "parquet", "csv", "jsonl", "list"]) {
      const { code, stdout, stderr } = await runOn("export", dir, "--format", format);
      assertEquals([code, stderr], [0, ""]);
      assertStringIncludes(stdout, "18 images of 2 species");
    }
    assertEquals((await runOn("export", dir, "--split", "90/20/10")).code, 2);
    const missing = await runOn("export", join(dir, "nowhere"));
    assertStringIncludes(missing.stderr, "no data folder");
    await readWithPython(join(dir, "export"));
  });
});

/** Opens the exports with the readers people use, where Python has one of them. */
async function readWithPython(exports: string): Promise<void> {
  const read = async (...args: string[]): Promise<{ code: number; text: string }> => {
    try {
      const command = new Deno.Command("python3", {
        args: ["tests/python/read_exports.py", ...args],
        stderr: "null",
      });
      const { code, stdout } = await command.output();
      return { code, text: new TextDecoder().decode(stdout) };
    } catch (thrown) {
      if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
      return { code: -1, text: "" };
    }
  };
  const readers = await read("--readers");
  if (readers.code !== 0) {
    console.log("The exports were not opened with Python's readers: there is no python3 here.");
    return;
  }
  const { code, text } = await read(exports);
  assertEquals([code, text.includes("FAILED")], [0, false], text);
  if (readers.text.trim() === "") {
    console.log("The exports were opened with plain Python only: it has none of the readers here.");
  }
}

Deno.test("a full disk ends the export with a sentence, and with room it goes on", async () => {
  await onSmallDisk(async (dir) => {
    await addPhotos(dir, photosOf("a_fish", 12));
    const makeRoom = await fillDisk(dir, 40_000);
    const run = exportDataset(options(dir, { link: "copy" }));
    await assertRejects(() => run, Failure, "the disk is full");
    await makeRoom();
    const { figures, out } = await exportDataset(options(dir, { link: "copy" }));
    assertEquals([figures.images, (await rowsOf(out)).length], [12, 12]);
  });
});

Deno.test("readManifest() reads complete manifests alone, and no path that leads out", async () => {
  await withFolder(async (dir) => {
    assertEquals(await readManifest(dir), undefined);
    const path = join(dir, "manifest.jsonl");
    const file = { path: "a/b.jpg", key: "k", bytes: 3 };
    const note = { complete: true, text: "ü".repeat(1 << 18) };
    const lines = [file, { ...file, path: "a/../../b.jpg" }, { ...file, bytes: "3" }, note];
    const text = lines.map((line) => `${JSON.stringify(line)}\n`);
    await Deno.writeTextFile(path, text.join(""));
    assertEquals(await readManifest(dir), { files: new Map([[file.path, file]]), note });
    await Deno.writeTextFile(path, text.slice(0, -1).join(""));
    assertEquals(await readManifest(dir), undefined);
  });
});

Deno.test("makeTree() brings back an export that was put aside when the run was killed", async () => {
  await withFolder(async (dir) => {
    const out = join(dir, "out");
    const plan = (text: string): TreePlan<TreeEnd> => ({
      out,
      batches: [],
      finish: () => ({ texts: [{ path: "a.txt", pieces: () => [text] }], note: {} }),
      concurrency: 1,
      signal: NEVER,
      progress: () => {},
    });
    await makeTree(plan("one"));
    await Deno.rename(out, join(dir, ".tmp-old-out"));
    assertEquals((await makeTree(plan("one"))).changes.made, 0);
    assertEquals(await Deno.readTextFile(join(out, "a.txt")), "one");
    await makeTree(plan("two"));
    assertEquals(await Deno.readTextFile(join(out, "a.txt")), "two");
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name), ["out"]);
  });
});
