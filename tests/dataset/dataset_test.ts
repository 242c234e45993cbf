import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { LOG_NAME, readDataset } from "../../lib/dataset/dataset.ts";
import type { DoneEvent } from "../../lib/dataset/event.ts";
import { lockHolder } from "../../lib/dataset/lock.ts";
import { savePage } from "../../lib/dataset/pages.ts";
import { Store } from "../../lib/dataset/store.ts";
import { Failure } from "../../lib/base/failure.ts";
import { runChild } from "./run_child.ts";
import {
  imageOf,
  keep,
  keptEvent,
  keptFiles,
  opened,
  treeOf,
  tried,
  urlOf,
  withFolder,
} from "./folder.ts";

const BETTA = "betta_splendens";
const DONE: DoneEvent = {
  event: "done",
  species: BETTA,
  source: "google",
  kept: 1,
  wanted: 3,
  why: "exhausted",
};

Deno.test("openDataset() finds again what an earlier run kept, failed and finished", async () => {
  await withFolder(async (dir) => {
    const first = await opened(dir);
    const event = await keep(first, 1);
    first.append(tried(2, "timeout"));
    first.append(DONE);
    assertEquals(first.state.transientFailures(BETTA, "google").map(({ url }) => url), [urlOf(2)]);
    await first.close();
    const told: string[] = [];
    const second = await opened(dir, told);
    assertEquals(told, []);
    assertEquals(keptFiles(second.state, BETTA), [event.file ?? ""]);
    assertEquals(second.state.decided(BETTA, urlOf(1)), "kept");
    const [failure] = second.state.transientFailures(BETTA, "google");
    assertEquals(failure?.title, tried(2, "timeout").title);
    assertEquals(second.state.doneWith(BETTA, "google")?.why, "exhausted");
    await second.close();
    await second.close();
  });
});

Deno.test("openDataset() recovers from a log cut at every byte of its last three lines", async () => {
  await withFolder(async (dir) => {
    const dataset = await opened(dir);
    const kept = [await keep(dataset, 1), await keep(dataset, 2)];
    dataset.append({ ...tried(3, "timeout"), title: "魚" });
    dataset.append(DONE);
    await dataset.close();
    const path = join(dir, LOG_NAME);
    const whole = await Deno.readFile(path);
    const lines = new TextDecoder().decode(whole).trimEnd().split("\n");
    // Where each line ends, its line break not counted: from there on it is whole.
    const ends = lines.map((_, at) =>
      new TextEncoder().encode(lines.slice(0, at + 1).join("\n")).length
    );
    const image = await imageOf(2);
    const [, second] = kept;
    for (let cut = (ends[1] ?? 0) + 1; cut < whole.length; cut++) {
      await Deno.writeFile(path, whole.subarray(0, cut));
      await Deno.writeFile(join(dir, second?.file ?? ""), image.bytes);
      // The name it was written under stays until its line is on the disk.
      await Deno.link(join(dir, second?.file ?? ""), join(dir, "images", BETTA, ".tmp-1-0"));
      const sound = ends.filter((end) => end <= cut).length;
      const told: string[] = [];
      const again = await opened(dir, told);
      const files = kept.slice(0, sound - 1).map(({ file }) => file ?? "");
      assertEquals(keptFiles(again.state, BETTA), files, `cut at ${cut}`);
      assertEquals(again.state.decided(BETTA, urlOf(3)), sound > 3 ? "timeout" : undefined);
      assertEquals(again.state.doneWith(BETTA, "google") !== undefined, sound > 4);
      assertEquals(Object.keys(await treeOf(dir)), files.toSorted(), `cut at ${cut}`);
      await again.close();
      const log = (await Deno.readTextFile(path)).trimEnd().split("\n");
      assertEquals(log.slice(0, -1), lines.slice(0, sound), `cut at ${cut}`);
      assertEquals(JSON.parse(log.at(-1) ?? "").event, "run");
      assertEquals(told.some((text) => text.includes("not in the log")), false);
      const torn = ![0, 1].includes(cut - (ends[sound - 1] ?? 0));
      assertEquals(told.some((text) => text.startsWith("Cut ")), torn, `cut at ${cut}: ${told}`);
    }
  });
});

Deno.test("openDataset() cuts off a zero-filled end, reports a bad line, and writes on", async () => {
  await withFolder(async (dir) => {
    const first = await opened(dir);
    await keep(first, 1);
    await first.close();
    const path = join(dir, LOG_NAME);
    const sound = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, `not a line\n${sound}${"\0".repeat(4096)}`);
    const told: string[] = [];
    const second = await opened(dir, told);
    await keep(second, 2);
    await second.close();
    assertStringIncludes(told.join("\n"), "Line 1 of ");
    assertStringIncludes(told.join("\n"), "Cut 4096 bytes");
    const { state, log } = await readDataset(dir);
    assertEquals([state.kept(BETTA), log.problemCount], [2, 1]);
    assert(!(await Deno.readTextFile(path)).includes("\0"));
  });
});

Deno.test("openDataset() removes half-written files and files that no line knows", async () => {
  await withFolder(async (dir) => {
    const first = await opened(dir);
    const event = await keep(first, 1);
    await first.close();
    // What a run that is killed leaves.
    const killed = new Store(dir, () => false);
    await killed.place("danio_rerio", await imageOf(9));
    await killed.place(BETTA, await imageOf(8));
    await Deno.writeTextFile(join(dir, "images", BETTA, ".tmp-1-0"), "half");
    await Deno.writeTextFile(join(dir, "images", BETTA, ".DS_Store"), "not ours");
    const told: string[] = [];
    await (await opened(dir, told)).close();
    assertEquals(Object.keys(await treeOf(dir)), [
      `images/${BETTA}/.DS_Store`,
      event.file ?? "",
    ]);
    assertEquals(told.length, 2);
  });
});

Deno.test("openDataset() logs a kept image whose file is gone as one to fetch again, once", async () => {
  await withFolder(async (dir) => {
    const first = await opened(dir);
    const event = await keep(first, 1);
    await keep(first, 2);
    first.append({ event: "rejected", species: BETTA, sha256: (await imageOf(2)).sha256 });
    await first.close();
    await Deno.remove(join(dir, "images"), { recursive: true });
    const told: string[] = [];
    const second = await opened(dir, told);
    assertEquals(second.state.kept(BETTA), 0);
    const [again, ...more] = second.state.transientFailures(BETTA, "google");
    assertEquals([again?.url, again?.page, again?.title, more.length], [
      event.url,
      event.page,
      event.title,
      0,
    ]);
    assertEquals(second.state.image(BETTA, event.sha256 ?? ""), undefined);
    await second.close();
    assertEquals(told.length, 1);
    const size = (await Deno.stat(join(dir, LOG_NAME))).size;
    const third: string[] = [];
    await (await opened(dir, third)).close();
    assertEquals(third, []);
    assert((await Deno.stat(join(dir, LOG_NAME))).size < size + 200);
  });
});

Deno.test("openDataset() changes nothing when the log is of a newer version", async () => {
  await withFolder(async (dir) => {
    const first = await opened(dir);
    await keep(first, 1);
    await first.place(BETTA, await imageOf(2));
    await first.close();
    const path = join(dir, LOG_NAME);
    await Deno.writeTextFile(path, '{"v":2,"event":"image"}\n{"v":1', { append: true });
    const [tree, log] = [await treeOf(dir), await Deno.readTextFile(path)];
    const failure = await assertRejects(() => opened(dir), Failure);
    assertStringIncludes(failure.message, "newer Aquaset");
    assertEquals(failure.status, 1);
    assertEquals([await treeOf(dir), await Deno.readTextFile(path)], [tree, log]);
    assertEquals(await lockHolder(dir), undefined);
    await assertRejects(() => readDataset(dir), Failure);
  });
});

Deno.test("openDataset() refuses a file in place of the folder, with status 2", async () => {
  await withFolder(async (dir) => {
    const path = join(dir, "data");
    await Deno.writeTextFile(path, "mine");
    for (const name of [path, join(path, "below")]) {
      const failure = await assertRejects(() => opened(name), Failure);
      assertEquals(failure.status, 2);
      assertStringIncludes(failure.message, "--data");
    }
    assertEquals(await Deno.readTextFile(path), "mine");
  });
});

Deno.test("openDataset() does not sweep images away because their log is lost", async () => {
  await withFolder(async (dir) => {
    const first = await opened(dir);
    const event = await keep(first, 1);
    await first.close();
    await Deno.remove(join(dir, LOG_NAME));
    const failure = await assertRejects(() => opened(dir), Failure);
    assertStringIncludes(failure.message, "lost or empty");
    assertEquals(Object.keys(await treeOf(dir)), [event.file ?? ""]);
  });
});

Deno.test("openDataset() takes a data folder that is a link", async () => {
  await withFolder(async (dir) => {
    await Deno.mkdir(join(dir, "real"));
    await Deno.symlink(join(dir, "real"), join(dir, "link"));
    const dataset = await opened(join(dir, "link"));
    await keep(dataset, 1);
    await dataset.close();
    assertEquals((await readDataset(join(dir, "real"))).state.kept(BETTA), 1);
  });
});

Deno.test("Dataset stops when the folder is deleted under it, and does not bring it back", async () => {
  await withFolder(async (dir) => {
    const dataset = await opened(join(dir, "data"));
    await keep(dataset, 1);
    await dataset.flush();
    await Deno.remove(join(dir, "data"), { recursive: true });
    dataset.append(tried(2, "gone"));
    const failure = await assertRejects(() => dataset.flush(), Failure);
    assertStringIncludes(failure.message, "not there any more");
    await assertRejects(async () => dataset.place(BETTA, await imageOf(3)), Failure);
    await assertRejects(() => dataset.close(), Failure);
    assertEquals([...Deno.readDirSync(dir)], []);
  });
});

Deno.test("Dataset stops when another file takes the log's place", async () => {
  await withFolder(async (dir) => {
    const dataset = await opened(dir);
    const path = join(dir, LOG_NAME);
    await Deno.rename(path, join(dir, "old"));
    await Deno.copyFile(join(dir, "old"), path);
    dataset.append(tried(2, "gone"));
    const failure = await assertRejects(() => dataset.flush(), Failure);
    assertStringIncludes(failure.message, "replaced");
    await assertRejects(() => dataset.close(), Failure);
  });
});

Deno.test("Dataset stops when its log is cut or added to by another, and leaves it as it is", async () => {
  const foreign = `{"v":1,"time":"2026-11-25T00:00:00.000Z","event":"note"}\n`;
  const cases: [
    name: string,
    change: (path: string) => Promise<void>,
    left: (log: string) => string,
  ][] = [
    ["cut", (path) => Deno.truncate(path, 10), (log) => log.slice(0, 10)],
    ["emptied", (path) => Deno.truncate(path), () => ""],
    [
      "added to",
      (path) => Deno.writeTextFile(path, foreign, { append: true }),
      (log) => log + foreign,
    ],
  ];
  for (const [name, change, left] of cases) {
    await withFolder(async (dir) => {
      const dataset = await opened(dir);
      await keep(dataset, 1);
      await dataset.flush();
      const path = join(dir, LOG_NAME);
      const before = await Deno.readTextFile(path);
      await change(path);
      dataset.append(tried(2, "gone"));
      const failure = await assertRejects(() => dataset.flush(), Failure);
      assertStringIncludes(failure.message, "changed by another program");
      await assertRejects(() => dataset.close(), Failure);
      const after = await Deno.readTextFile(path);
      assertEquals(after.startsWith(left(before)), true, name);
      assertEquals(after.slice(left(before).length).includes('"gone"'), true, name);
    });
  }
});

Deno.test("Dataset.removeFile() spares a file that a kept image still has", async () => {
  await withFolder(async (dir) => {
    const dataset = await opened(dir);
    const { file = "" } = await keep(dataset, 1);
    await dataset.removeFile(file);
    assertEquals(Object.keys(await treeOf(dir)), [file]);
    dataset.append(tried(1, "ambiguous"));
    await dataset.removeFile(file);
    assertEquals(await treeOf(dir), {});
    assertStringIncludes(await Deno.readTextFile(join(dir, LOG_NAME)), '"ambiguous"');
    await dataset.close();
  });
});

Deno.test("savePage() keeps ten pages under names that lead nowhere else", async () => {
  await withFolder(async (dir) => {
    const dataset = await opened(dir);
    const page = new TextEncoder().encode("<html>");
    const hostile = ["../../x.html", "/etc/passwd", "", "..", "a\0b", "CON", "é".repeat(300)];
    for (const name of hostile) {
      const path = await savePage(dir, name, page);
      assert(/^pages\/page-[A-Za-z0-9._-]+$/.test(path), path);
      assertEquals((await Deno.lstat(join(dir, path))).isFile, true);
    }
    for (let number = 0; number < 20; number++) {
      await savePage(dir, `google-${number}.html`, page);
    }
    assertEquals(Object.keys(await treeOf(dir)).length, 10);
    await dataset.close();
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name).toSorted(), [
      ".lock",
      "images",
      "index.sqlite",
      LOG_NAME,
      "pages",
    ]);
  });
});

Deno.test("readDataset() reads while a run goes on, and refuses what is not a folder", async () => {
  await withFolder(async (dir) => {
    const dataset = await opened(dir);
    const { file = "", sha256 = "" } = await keep(dataset, 1);
    await dataset.flush();
    assertEquals(keptFiles((await readDataset(dir)).state, BETTA), [file]);
    dataset.append(keptEvent(2, sha256, file));
    await dataset.close();
    const failure = await assertRejects(() => readDataset(join(dir, "none")), Failure);
    assertEquals(failure.status, 2);
    const other = await assertRejects(() => readDataset(join(dir, LOG_NAME)), Failure);
    assertEquals(other.status, 2);
  });
});

Deno.test("openDataset() names the flag of the permission that is missing", async () => {
  await withFolder(async (dir) => {
    const data = join(dir, "data");
    const read = `--allow-read=${data}`;
    const noWrite = await runChild(["open", data], { permissions: [read] });
    assertStringIncludes(noWrite.said, "--allow-write");
    assertEquals(noWrite.code, 1);
    assertEquals([...Deno.readDirSync(dir)], []);
    const write = `--allow-write=${data}`;
    const noRead = await runChild(["open", data], { permissions: [write] });
    assertStringIncludes(noRead.said, "--allow-read");
    assertEquals(noRead.code, 1);
    const both = await runChild(["open", data], { permissions: [read, write] });
    assertEquals(both, { code: 0, said: "closed\n" });
  });
});
