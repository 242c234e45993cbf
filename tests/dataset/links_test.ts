/**
 * Nothing outside the data folder is touched: decoy folders behind links at every level, in chains
 * and loops, made before a run and while it goes on.
 */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { basename, dirname, join } from "@std/path";
import { Failure } from "../../lib/base/failure.ts";
import { type Dataset, LOG_NAME, openUnswept, readDataset } from "../../lib/dataset/dataset.ts";
import { mergeDatasets } from "../../lib/dataset/merge.ts";
import { savePage } from "../../lib/dataset/pages.ts";
import { repairFiles } from "../../lib/dataset/repair.ts";
import { verifyFiles } from "../../lib/dataset/verify.ts";
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
const SIGNAL = new AbortController().signal;

/** What a stranger may have in a folder: hash-like names, our temporary names, folders, all. */
const DECOYS: Readonly<Record<string, string>> = {
  "betta_splendens/0123456789abcdef.jpg": "a stranger's",
  "betta_splendens/.tmp-1-0": "a stranger's",
  "betta_splendens/holiday.jpg": "a stranger's",
  "danio_rerio/0123456789abcdef.png": "a stranger's",
  "0123456789abcdef.jpg": "a stranger's",
  ".tmp-7": "a stranger's",
  "notes.txt": "a stranger's",
};

/** A data folder with two images, and beside it a folder of decoys. */
async function withDecoys(
  test: (data: string, decoys: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (dir) => {
    const data = join(dir, "data");
    const decoys = join(dir, "decoys");
    for (const [name, text] of Object.entries(DECOYS)) {
      await Deno.mkdir(dirname(join(decoys, name)), { recursive: true });
      await Deno.writeTextFile(join(decoys, name), text);
    }
    const dataset = await opened(data);
    await keep(dataset, 1);
    await keep(dataset, 2);
    await dataset.close();
    await test(data, decoys);
  });
}

async function repair(dir: string, prune: boolean): Promise<void> {
  const dataset = await openUnswept({
    dir,
    script: "verify",
    version: "0",
    flags: {},
    notice: () => {},
  });
  try {
    await repairFiles(dataset, { prune, signal: SIGNAL });
  } finally {
    await dataset.close();
  }
}

/** All that may be done with a data folder that is there. */
const USES: Readonly<Record<string, (dir: string) => Promise<void>>> = {
  "a run": async (dir) => await (await opened(dir)).close(),
  "a run that keeps an image": async (dir) => {
    const dataset = await opened(dir);
    try {
      await keep(dataset, 3);
      dataset.append(tried(1, "ambiguous"));
      await dataset.removeFile(keptFiles(dataset.state, BETTA)[0] ?? "");
      await savePage(dir, "page.html", new Uint8Array(1));
    } finally {
      await dataset.close();
    }
  },
  "verify": async (dir) => {
    await verifyFiles(dir, (await readDataset(dir)).state, SIGNAL);
  },
  "verify --repair": (dir) => repair(dir, false),
  "verify --repair --prune": (dir) => repair(dir, true),
  "merge into it": async (dir) => {
    await withFolder(async (other) => {
      const dataset = await opened(other);
      await keep(dataset, 4);
      await dataset.close();
      await mergeDatasets({ into: dir, from: [other], notice: () => {}, signal: SIGNAL });
    });
  },
};

/** Runs a use; gives the sentence it was refused with. */
async function refusal(use: (dir: string) => Promise<void>, dir: string): Promise<string> {
  try {
    await use(dir);
    return "";
  } catch (error) {
    assert(error instanceof Failure, `${error}`);
    return error.message;
  }
}

async function replaceByLink(path: string, target: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch((error: unknown) => {
    assert(error instanceof Deno.errors.NotFound);
  });
  await Deno.symlink(target, path);
}

for (const [name, use] of Object.entries(USES)) {
  Deno.test({
    name: `${name} refuses a species' folder that is a link, with a sentence`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await withDecoys(async (data, decoys) => {
        await replaceByLink(join(data, "images", BETTA), join(decoys, BETTA));
        const said = await refusal(use, data);
        assertStringIncludes(said, join("images", BETTA));
        assertStringIncludes(said, "it is a link");
        assertEquals(await treeOf(decoys), sorted(DECOYS));
      });
    },
  });

  Deno.test({
    name: `${name} leaves a stranger's files be where images is a link, a chain of links too`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await withDecoys(async (data, decoys) => {
        const images = join(data, "images");
        for (const file of Object.keys(await treeOf(images))) {
          await Deno.rename(join(images, file), join(decoys, file));
        }
        await Deno.symlink(decoys, join(dirname(data), "chain"));
        await replaceByLink(images, "../chain");
        assertEquals(await refusal(use, data), "");
        const after = await treeOf(decoys);
        assertEquals({ ...after, ...DECOYS }, after, name);
      });
    },
  });

  Deno.test({
    name: `${name} refuses images as a loop of links or a link to nowhere`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await withDecoys(async (data, decoys) => {
        for (const target of ["images", "nowhere"]) {
          await replaceByLink(join(data, "images"), target);
          const said = await refusal(use, data);
          assertStringIncludes(said, "a link that leads to no folder");
          assertEquals(await treeOf(decoys), sorted(DECOYS));
        }
      });
    },
  });
}

function sorted(tree: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tree).sort(([one], [other]) => one < other ? -1 : 1));
}

Deno.test({
  name: "Dataset follows no link that is made while the run goes on",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withDecoys(async (data, decoys) => {
      const dataset: Dataset = await opened(data);
      const { file = "" } = await keep(dataset, 3);
      await dataset.flush();
      await replaceByLink(join(data, "images", BETTA), join(decoys, BETTA));
      await replaceByLink(join(data, "pages"), decoys);
      // The very name that the log knows stands in the stranger's folder too.
      await Deno.writeTextFile(join(decoys, BETTA, basename(file)), "a stranger's");
      const before = await treeOf(decoys);
      dataset.append(tried(3, "ambiguous"));
      const uses = [
        async () => await dataset.place(BETTA, await imageOf(5)),
        async () => await dataset.removeFile(file),
        async () => await savePage(data, "page.html", new Uint8Array(1)),
      ];
      for (const use of uses) {
        assertStringIncludes((await assertRejects(use, Failure)).message, "it is a link");
      }
      await dataset.close();
      assertEquals(await treeOf(decoys), before);
    });
  },
});

Deno.test({
  name: "openDataset() does not append to a log that is a link",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withDecoys(async (data, decoys) => {
      const log = join(decoys, "log");
      await Deno.rename(join(data, LOG_NAME), log);
      await Deno.symlink(log, join(data, LOG_NAME));
      const before = await Deno.readTextFile(log);
      const failure = await assertRejects(() => opened(data), Failure);
      assertStringIncludes(failure.message, "it is a link");
      assertEquals(await Deno.readTextFile(log), before);
    });
  },
});

Deno.test({
  name: "Dataset.place() writes over no file of a stranger where images is a link",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withDecoys(async (data, decoys) => {
      await replaceByLink(join(data, "images"), decoys);
      const dataset = await opened(data);
      const image = await imageOf(7);
      const taken = join(decoys, BETTA, `${image.sha256.slice(0, 16)}.jpg`);
      await Deno.writeTextFile(taken, "a stranger's");
      const file = await dataset.place(BETTA, image);
      dataset.append(keptEvent(7, image.sha256, file));
      await dataset.close();
      assertEquals(await Deno.readTextFile(taken), "a stranger's");
      assertEquals(await Deno.readFile(join(decoys, BETTA, basename(file))), image.bytes);
    });
  },
});

Deno.test("an emptied or shortened log takes no image along, neither at a start nor at a repair", async () => {
  const uses = ["a run", "verify --repair"].map((name) => USES[name]);
  for (const use of uses) {
    for (const lines of [0, 1, 5]) {
      await withFolder(async (dir) => {
        const dataset = await opened(dir);
        for (let number = 0; number < 12; number++) await keep(dataset, number);
        await dataset.close();
        const log = (await Deno.readTextFile(join(dir, LOG_NAME))).split("\n").slice(0, lines);
        await Deno.writeTextFile(join(dir, LOG_NAME), log.map((line) => `${line}\n`).join(""));
        const tree = await treeOf(dir);
        const said = await refusal(use ?? (() => Promise.resolve()), dir);
        assertEquals(said.includes("lost or empty"), lines < 2, said);
        assertEquals(await treeOf(dir), tree);
      });
    }
  }
});
