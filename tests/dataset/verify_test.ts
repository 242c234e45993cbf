import { assert, assertEquals, assertRejects } from "@std/assert";
import { basename, join } from "@std/path";
import { LOG_NAME, openUnswept, readDataset } from "../../lib/dataset/dataset.ts";
import { type Repair, repairFiles } from "../../lib/dataset/repair.ts";
import { describeFinding, logFindings, verifyFiles } from "../../lib/dataset/verify.ts";
import { imageOf, keep, opened, treeOf, tried, urlOf, withFolder } from "./folder.ts";

const BETTA = "betta_splendens";
const DANIO = "danio_rerio";
const SIGNAL = new AbortController().signal;

/** A data folder with the images 1 and 2 of one species and 3 of another; gives their files. */
async function folderOf(dir: string): Promise<string[]> {
  const dataset = await opened(dir);
  const events = [await keep(dataset, 1), await keep(dataset, 2), await keep(dataset, 3, DANIO)];
  dataset.append(tried(4, "gone"));
  await dataset.close();
  return events.map(({ file }) => file ?? "");
}

async function findings(dir: string): Promise<string[]> {
  const { state, log } = await readDataset(dir);
  const checked = await verifyFiles(dir, state, SIGNAL);
  for (const finding of checked.findings) describeFinding(finding, dir);
  return [...logFindings(log), ...checked.findings].map((finding) =>
    "image" in finding
      ? `${finding.kind} ${finding.image.file}`
      : "file" in finding
      ? `${finding.kind} ${finding.file}`
      : finding.kind
  );
}

async function repair(dir: string, prune = false): Promise<Repair> {
  const dataset = await openUnswept({
    dir,
    script: "verify",
    version: "0",
    flags: {},
    notice: () => {},
  });
  try {
    return await repairFiles(dataset, { prune, signal: SIGNAL });
  } finally {
    await dataset.close();
  }
}

Deno.test("verifyFiles() is content with what a run has left, and changes nothing", async () => {
  await withFolder(async (dir) => {
    await folderOf(dir);
    const before = [await treeOf(dir), await Deno.readTextFile(join(dir, LOG_NAME))];
    assertEquals(await findings(dir), []);
    assertEquals([await treeOf(dir), await Deno.readTextFile(join(dir, LOG_NAME))], before);
  });
});

Deno.test({
  name: "verifyFiles() does not wait for what is no file where an image must be",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withFolder(async (dir) => {
      const [one = ""] = await folderOf(dir);
      await Deno.remove(join(dir, one));
      await new Deno.Command("mkfifo", { args: [join(dir, one)] }).output();
      assertEquals(await findings(dir), [`missing ${one}`]);
      await repair(dir);
      const dataset = await opened(dir);
      const [again] = dataset.state.transientFailures(BETTA, "google");
      assertEquals(again?.url, urlOf(1));
      const placed = await dataset.place(BETTA, await imageOf(1));
      assertEquals((await Deno.lstat(join(dir, placed))).isFile, true);
      await dataset.close();
    });
  },
});

Deno.test("verifyFiles() finds all that can be wrong", async () => {
  await withFolder(async (dir) => {
    const [one = "", two = ""] = await folderOf(dir);
    await Deno.remove(join(dir, one));
    await Deno.writeTextFile(join(dir, two), "altered");
    await Deno.writeTextFile(join(dir, "images", BETTA, "0123456789abcdef.jpg"), "stray");
    await Deno.writeTextFile(join(dir, "images", DANIO, ".tmp-7-1"), "half");
    await Deno.mkdir(join(dir, "images", DANIO, "folder"));
    await Deno.writeTextFile(join(dir, LOG_NAME), '{"v":1}\n{"v":1', { append: true });
    assertEquals((await findings(dir)).toSorted(), [
      `altered ${two}`,
      "bad-line",
      `missing ${one}`,
      `not-a-file images/${DANIO}/folder`,
      `temporary images/${DANIO}/.tmp-7-1`,
      "torn-log",
      `unlogged images/${BETTA}/0123456789abcdef.jpg`,
    ]);
  });
});

Deno.test("verifyFiles() ends with the reason of its signal", async () => {
  await withFolder(async (dir) => {
    await folderOf(dir);
    const { state } = await readDataset(dir);
    const reason = new Error("enough");
    const failure = await assertRejects(() => verifyFiles(dir, state, AbortSignal.abort(reason)));
    assertEquals(failure, reason);
  });
});

Deno.test("repairFiles() brings files to their places by their bytes, swapped ones too", async () => {
  await withFolder(async (dir) => {
    const [one = "", two = "", three = ""] = await folderOf(dir);
    const tree = await treeOf(dir);
    await Deno.rename(join(dir, one), join(dir, "swap"));
    await Deno.rename(join(dir, two), join(dir, one));
    await Deno.rename(join(dir, "swap"), join(dir, two));
    await Deno.rename(join(dir, three), join(dir, "images", BETTA, "renamed by hand.jpg"));
    await Deno.remove(join(dir, "images", DANIO));
    assertEquals(await repair(dir), { moved: 3, relinked: 0, lost: 0, removed: 0, left: 0 });
    assertEquals([await treeOf(dir), await findings(dir)], [tree, []]);
  });
});

Deno.test("repairFiles() copies what is missing from another species with the same bytes", async () => {
  await withFolder(async (dir) => {
    const dataset = await opened(dir);
    const { file = "" } = await keep(dataset, 1);
    await keep(dataset, 1, DANIO);
    await dataset.close();
    const tree = await treeOf(dir);
    await Deno.writeTextFile(join(dir, file), "altered");
    assertEquals(await repair(dir), { moved: 1, relinked: 0, lost: 0, removed: 1, left: 0 });
    assertEquals([await treeOf(dir), await findings(dir)], [tree, []]);
  });
});

Deno.test("repairFiles() logs what is lost, and takes it back when it turns up", async () => {
  await withFolder(async (dir) => {
    const [one = "", two = ""] = await folderOf(dir);
    const tree = await treeOf(dir);
    await Deno.writeTextFile(join(dir, one), "altered");
    await Deno.remove(join(dir, two));
    assertEquals(await repair(dir), { moved: 0, relinked: 0, lost: 2, removed: 1, left: 0 });
    const { state } = await readDataset(dir);
    assertEquals(
      state.transientFailures(BETTA, "google").map(({ url }) => url),
      [urlOf(1), urlOf(2)],
    );
    assertEquals(await findings(dir), []);
    await Deno.writeFile(join(dir, "images", BETTA, "found.jpg"), (await imageOf(2)).bytes);
    await Deno.writeFile(join(dir, "images", BETTA, "too.jpg"), (await imageOf(1)).bytes);
    assertEquals(await repair(dir), { moved: 0, relinked: 2, lost: 0, removed: 0, left: 0 });
    assertEquals([await treeOf(dir), await findings(dir)], [tree, []]);
  });
});

Deno.test("repairFiles() does not take back what was given up on purpose", async () => {
  await withFolder(async (dir) => {
    const [one = ""] = await folderOf(dir);
    const dataset = await opened(dir);
    dataset.append(tried(1, "ambiguous"));
    await dataset.flush();
    await dataset.close();
    assertEquals(await repair(dir), { moved: 0, relinked: 0, lost: 0, removed: 1, left: 0 });
    assertEquals(Object.keys(await treeOf(dir)).includes(one), false);
  });
});

Deno.test("repairFiles() brings images back from a folder that was renamed, and leaves what is no image", async () => {
  await withFolder(async (dir) => {
    const [one = ""] = await folderOf(dir);
    const tree = await treeOf(dir);
    await Deno.rename(join(dir, "images", BETTA), join(dir, "images", "My Bettas"));
    await Deno.writeTextFile(join(dir, "images", "My Bettas", "notes.txt"), "mine");
    await Deno.rename(
      join(dir, "images", "My Bettas", basename(one)),
      join(dir, "images", "best.jpg"),
    );
    const found = await findings(dir);
    assert(found.includes("stranger images/My Bettas/notes.txt"));
    assert(found.includes("stranger images/best.jpg"));
    assertEquals(await repair(dir), { moved: 2, relinked: 0, lost: 0, removed: 0, left: 1 });
    assertEquals(await findings(dir), ["stranger images/My Bettas/notes.txt"]);
    await Deno.remove(join(dir, "images", "My Bettas"), { recursive: true });
    assertEquals(await treeOf(dir), tree);
  });
});

Deno.test({
  name: "repairFiles() puts files into the places of links, and takes stray links away when asked",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withFolder(async (dir) => {
      const [one = "", two = ""] = await folderOf(dir);
      const tree = await treeOf(dir);
      await Deno.rename(join(dir, one), join(dir, "elsewhere.jpg"));
      await Deno.symlink("../../elsewhere.jpg", join(dir, one));
      await Deno.symlink("/etc/passwd", join(dir, "images", BETTA, "0123456789abcdef.jpg"));
      assertEquals(await findings(dir), [
        `linked ${one}`,
        `not-a-file images/${BETTA}/0123456789abcdef.jpg`,
      ]);
      assertEquals(await repair(dir), { moved: 1, relinked: 0, lost: 0, removed: 0, left: 0 });
      assertEquals(await findings(dir), [`not-a-file images/${BETTA}/0123456789abcdef.jpg`]);
      assertEquals((await repair(dir, true)).removed, 1);
      assertEquals((await Deno.lstat(join(dir, one))).isFile, true);
      await Deno.remove(join(dir, "elsewhere.jpg"));
      assertEquals([await treeOf(dir), await findings(dir)], [tree, []]);
      await Deno.remove(join(dir, two));
      await Deno.symlink("nowhere", join(dir, two));
      assertEquals(await repair(dir), { moved: 0, relinked: 0, lost: 1, removed: 0, left: 0 });
      assertEquals(await findings(dir), []);
    });
  },
});

Deno.test("repairFiles() moves a folder out of an image's way, with what is in it", async () => {
  await withFolder(async (dir) => {
    const [one = "", two = ""] = await folderOf(dir);
    await Deno.rename(join(dir, one), join(dir, "images", DANIO, "away.jpg"));
    await Deno.mkdir(join(dir, one));
    await Deno.writeTextFile(join(dir, one, "mine"), "mine");
    await Deno.remove(join(dir, two));
    await Deno.mkdir(join(dir, two));
    assertEquals(await repair(dir), { moved: 1, relinked: 0, lost: 1, removed: 0, left: 0 });
    assertEquals(
      (await findings(dir)).toSorted(),
      [`not-a-file ${one}.folder`, `not-a-file ${two}.folder`].toSorted(),
    );
    assertEquals(await Deno.readTextFile(join(dir, `${one}.folder`, "mine")), "mine");
    const dataset = await opened(dir);
    await dataset.place(BETTA, await imageOf(2));
    await dataset.close();
  });
});
