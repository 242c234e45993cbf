import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { type Dataset, LOG_NAME, readDataset } from "../../lib/dataset/dataset.ts";
import type { LogEvent } from "../../lib/dataset/event.ts";
import { formatLogLine } from "../../lib/dataset/event.ts";
import { type Merge, mergeDatasets } from "../../lib/dataset/merge.ts";
import { verifyFiles } from "../../lib/dataset/verify.ts";
import { Failure } from "../../lib/base/failure.ts";
import {
  imageOf,
  keep,
  keptEvent,
  keptFiles,
  opened,
  treeOf,
  tried,
  withFolder,
} from "./folder.ts";

const BETTA = "betta_splendens";
const DANIO = "danio_rerio";
const SIGNAL = new AbortController().signal;

async function merge(into: string, from: readonly string[], told: string[] = []): Promise<Merge> {
  return await mergeDatasets({
    into,
    from,
    notice: (text) => told.push(text),
    signal: SIGNAL,
  });
}

function done(dataset: Dataset, species: string, wanted: number): void {
  const kept = dataset.state.kept(species);
  dataset.append({ event: "done", species, source: "google", kept, wanted, why: "exhausted" });
}

/** Three data folders that share images, URLs and species. */
async function threeFolders(dir: string): Promise<string[]> {
  const folders = ["a", "b", "c"].map((name) => join(dir, name));
  const [a = "", b = "", c = ""] = folders;
  const one = await opened(a);
  await keep(one, 1);
  await keep(one, 2);
  one.append(tried(3, "timeout"));
  done(one, BETTA, 5);
  await one.close();
  const two = await opened(b);
  await keep(two, 3);
  const image = await imageOf(2);
  const file = await two.place(BETTA, image);
  // The same bytes as the other folder has, under another URL.
  two.append(keptEvent(20, image.sha256, file));
  await keep(two, 4, DANIO);
  done(two, DANIO, 5);
  await two.close();
  const three = await opened(c);
  await keep(three, 5);
  three.append({ event: "rejected", species: BETTA, sha256: (await imageOf(1)).sha256 });
  done(three, BETTA, 9);
  await three.close();
  return folders;
}

async function everything(dir: string): Promise<unknown> {
  return [await Deno.readTextFile(join(dir, LOG_NAME)), await treeOf(dir)];
}

Deno.test("mergeDatasets() gives the same folder in every order, in steps, and twice", async () => {
  await withFolder(async (dir) => {
    const [a = "", b = "", c = ""] = await threeFolders(dir);
    const to = (name: string): string => join(dir, name);
    await merge(to("abc"), [a, b, c]);
    const wanted = await everything(to("abc"));
    await merge(to("cba"), [c, b, a]);
    assertEquals(await everything(to("cba")), wanted);
    await merge(to("steps"), [b]);
    await merge(to("steps"), [c, b]);
    await merge(to("steps"), [a]);
    assertEquals(await everything(to("steps")), wanted);
    await merge(to("abc"), [b, a, to("cba"), c]);
    assertEquals(await everything(to("abc")), wanted);
    await merge(a, [b, c]);
    assertEquals(await everything(a), wanted);
  });
});

Deno.test("mergeDatasets() keeps each image once", async () => {
  await withFolder(async (dir) => {
    const folders = await threeFolders(dir);
    const into = join(dir, "all");
    const result = await merge(into, folders);
    assertEquals([result.images, result.species, result.lost], [4, 2, 0]);
    const { state, log } = await readDataset(into);
    assertEquals(log.problemCount, 0);
    assertEquals([state.kept(BETTA), state.kept(DANIO)], [3, 1]);
    assertEquals([...state.keptImages(BETTA)].length, 4);
    assertEquals(state.doneWith(BETTA, "google"), {
      ...state.doneWith(BETTA, "google"),
      event: "done",
      species: BETTA,
      source: "google",
      kept: 1,
      wanted: 9,
      why: "exhausted",
    });
    assertEquals((await verifyFiles(into, state, SIGNAL)).findings, []);
    const times = (await Deno.readTextFile(join(into, LOG_NAME))).trimEnd().split("\n")
      .map((line) => String(JSON.parse(line).time));
    assertEquals(times, times.toSorted());
    const again = await opened(into);
    assertEquals(again.state.kept(BETTA), 3);
    await again.close();
  });
});

Deno.test("mergeDatasets() keeps each log's order where its clock was set back or stood", async () => {
  await withFolder(async (dir) => {
    const sha256 = "1".repeat(64);
    const image = keptEvent(1, sha256, `images/${BETTA}/${sha256.slice(0, 16)}.jpg`);
    const write = async (name: string, lines: readonly [string, LogEvent][]): Promise<string> => {
      await Deno.mkdir(join(dir, name));
      const text = lines.map(([time, event]) => formatLogLine(event, new Date(time))).join("");
      await Deno.writeTextFile(join(dir, name, LOG_NAME), text);
      return join(dir, name);
    };
    const noon = "2026-11-22T12:00:00.000Z";
    const back = await write("back", [
      [noon, tried(1, "timeout")],
      ["2026-11-22T09:00:00.000Z", image],
      ["2026-11-22T08:00:00.000Z", tried(1, "ambiguous")],
    ]);
    const still = await write("still", [
      [noon, { event: "rejected", species: BETTA, sha256 }],
      [noon, { event: "accepted", species: BETTA, sha256 }],
      [noon, tried(2, "timeout")],
      [noon, tried(2, "gone")],
    ]);
    await merge(join(dir, "x"), [back, still]);
    await merge(join(dir, "y"), [still]);
    await merge(join(dir, "y"), [back]);
    assertEquals(await everything(join(dir, "x")), await everything(join(dir, "y")));
    const { state } = await readDataset(join(dir, "x"));
    assertEquals(state.decided(BETTA, tried(1, "gone").url), "ambiguous");
    assertEquals(state.decided(BETTA, tried(2, "gone").url), "gone");
    assertEquals(state.verdict(BETTA, sha256)?.event, "accepted");
  });
});

Deno.test("mergeDatasets() takes a log that has everything twice as if it had it once", async () => {
  await withFolder(async (dir) => {
    const [a = "", b = ""] = await threeFolders(dir);
    await merge(join(dir, "once"), [a, b]);
    const text = await Deno.readTextFile(join(a, LOG_NAME));
    await Deno.writeTextFile(join(a, LOG_NAME), text + text);
    await merge(join(dir, "twice"), [a, b]);
    const states = [];
    for (const name of ["once", "twice"]) {
      const { state } = await readDataset(join(dir, name));
      states.push([state.outcomes(), keptFiles(state, BETTA), await treeOf(join(dir, name))]);
    }
    assertEquals(states[1], states[0]);
  });
});

Deno.test("mergeDatasets() removes the file of an image that another folder has given up", async () => {
  await withFolder(async (dir) => {
    const [a = ""] = await threeFolders(dir);
    const later = join(dir, "later");
    const dataset = await opened(later);
    dataset.append(tried(1, "ambiguous"));
    await dataset.close();
    await merge(a, [later]);
    const { state } = await readDataset(a);
    assertEquals(Object.keys(await treeOf(a)), keptFiles(state, BETTA));
    assertEquals(keptFiles(state, BETTA).length, 1);
  });
});

Deno.test("mergeDatasets() takes no file whose bytes are not what its log says", async () => {
  await withFolder(async (dir) => {
    const [a = "", b = ""] = await threeFolders(dir);
    const image = await imageOf(2);
    const file = `images/${BETTA}/${image.sha256.slice(0, 16)}.jpg`;
    await Deno.writeTextFile(join(a, file), "altered");
    assertEquals((await merge(join(dir, "x"), [a, b])).lost, 0);
    assertEquals(await Deno.readFile(join(dir, "x", file)), image.bytes);
    assertEquals((await merge(join(dir, "y"), [a])).lost, 1);
    const again = await opened(join(dir, "y"));
    assertEquals(again.state.decided(BETTA, keptEvent(2, "", "").url), "truncated");
    await again.close();
  });
});

Deno.test("mergeDatasets() merges species lists, equal ones as they are", async () => {
  await withFolder(async (dir) => {
    const [a = "", b = "", c = ""] = await threeFolders(dir);
    const line = (id: string, latin: string): string =>
      `${
        JSON.stringify({
          id,
          latin,
          rank: "species",
          search: latin,
          common: [],
          group: [],
          verbatim: { common: "", latin },
          page: "p",
        })
      }\n`;
    const list = line(DANIO, "Danio rerio") + line(BETTA, "Betta splendens");
    await Deno.writeTextFile(join(a, "species.jsonl"), list);
    await Deno.writeTextFile(join(b, "species.jsonl"), list);
    await merge(join(dir, "x"), [a, b, c]);
    assertEquals(await Deno.readTextFile(join(dir, "x", "species.jsonl")), list);
    const other = line("barbus_sp", "Barbus barbus");
    await Deno.writeTextFile(join(c, "species.jsonl"), other);
    await merge(join(dir, "x"), [a, b, c]);
    await merge(join(dir, "y"), [c, b, a]);
    const joined = other + line(BETTA, "Betta splendens") + line(DANIO, "Danio rerio");
    for (const name of ["x", "y"]) {
      assertEquals(await Deno.readTextFile(join(dir, name, "species.jsonl")), joined);
      const csv = await Deno.readTextFile(join(dir, name, "species.csv"));
      assert(csv.includes("Barbus barbus"));
    }
  });
});

Deno.test("mergeDatasets() keeps the names that each folder's sources have found", async () => {
  await withFolder(async (dir) => {
    const [a = "", b = ""] = await threeFolders(dir);
    const verbatim = { common: "", latin: "Betta splendens" };
    const base = {
      id: BETTA,
      latin: "Betta splendens",
      rank: "species",
      search: "Betta splendens",
    };
    const line = (names: object) =>
      JSON.stringify({ ...base, common: [], group: [], verbatim, page: "p", names }) + "\n";
    const known = { asked: "Betta splendens", name: "Betta splendens", taxon: 7 };
    await Deno.writeTextFile(join(a, "species.jsonl"), line({ gbif: known }));
    await Deno.writeTextFile(join(b, "species.jsonl"), line({ inaturalist: known }));
    const notices: string[] = [];
    await merge(join(dir, "x"), [a, b], notices);
    const list = await Deno.readTextFile(join(dir, "x", "species.jsonl"));
    assertEquals(list, line({ gbif: known, inaturalist: known }));
    assert(!notices.join().includes("differ"));
  });
});

Deno.test("mergeDatasets() refuses a folder that is not a data folder or is being written", async () => {
  await withFolder(async (dir) => {
    const [a = "", b = ""] = await threeFolders(dir);
    const into = join(dir, "x");
    const none = await assertRejects(() => merge(into, [a, join(dir, "none")]), Failure);
    assertStringIncludes(none.message, "none");
    assertEquals(none.status, 2);
    const writing = await opened(b);
    try {
      for (const names of [[a, b], [b]]) {
        const failure = await assertRejects(() => merge(into, names), Failure);
        assertStringIncludes(failure.message, "being written by scrape");
      }
      await assertRejects(() => merge(b, [a]), Failure);
    } finally {
      await writing.close();
    }
    await assertRejects(() => Deno.stat(into), Deno.errors.NotFound);
  });
});
