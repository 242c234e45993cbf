/** The index is a cache of the log: whatever becomes of it, what the folder says stays the same. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { Failure } from "../../lib/base/failure.ts";
import { LOG_NAME, readDataset } from "../../lib/dataset/dataset.ts";
import type { DatasetState } from "../../lib/dataset/state.ts";
import { INDEX_NAME } from "../../lib/dataset/index_file.ts";
import { imageOf, keep, keptFiles, opened, tried, urlOf, withFolder } from "./folder.ts";
import { childCommand, waitFor } from "./run_child.ts";

const BETTA = "betta_splendens";
const DANIO = "danio_rerio";

/** Everything a state says, for comparing states. */
function everything(state: DatasetState): unknown {
  return {
    species: state.species,
    sources: state.sources.map((source) => [source, state.outcomes(source)]),
    kept: state.species.map((id) => [state.kept(id), keptFiles(state, id)]),
    images: [...state.keptImages()],
    lines: state.lines([...state.keptImages()]),
    failures: state.species.map((id) => state.transientFailures(id, "google")),
    doubtful: state.doubtful(),
    decisions: [...state.decisions()].map(({ url, outcome }) => `${url} ${outcome}`).sort(),
    done: state.species.map((id) => state.doneWith(id, "google")),
    stopped: [...state.stopped.values()].map(({ source, why }) => [source, why]),
    run: state.lastRun?.script,
  };
}

/** A folder with some of everything. */
async function fill(dir: string): Promise<void> {
  const dataset = await opened(dir);
  await keep(dataset, 1);
  await keep(dataset, 2);
  await keep(dataset, 2, DANIO);
  dataset.append(tried(3, "timeout"));
  dataset.append(tried(4, "ambiguous"));
  dataset.append(tried(4, "placeholder", DANIO));
  dataset.append({ event: "rejected", species: BETTA, sha256: (await imageOf(1)).sha256 });
  const done = { source: "google", kept: 2, wanted: 9, why: "exhausted" } as const;
  dataset.append({ event: "done", species: DANIO, ...done });
  dataset.append({ event: "stopped", source: "google", why: "robot-check" });
  await dataset.close();
}

/** What a log says without any index. */
async function truth(dir: string): Promise<unknown> {
  return await withCopy(dir, async (copy) => everything((await readDataset(copy)).state));
}

async function withCopy<T>(dir: string, use: (copy: string) => Promise<T>): Promise<T> {
  const copy = await Deno.makeTempDir();
  try {
    await Deno.copyFile(join(dir, LOG_NAME), join(copy, LOG_NAME));
    return await use(copy);
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
}

Deno.test("a start and a reader find in the index what the log says", async () => {
  await withFolder(async (dir) => {
    await fill(dir);
    assertEquals(everything((await readDataset(dir)).state), await truth(dir));
    const told: string[] = [];
    const dataset = await opened(dir, told);
    assertEquals(told, []);
    assertEquals(everything(dataset.state), await truth(dir));
    await dataset.close();
  });
});

Deno.test("a start reads only the part of the log that the index does not know", async () => {
  await withFolder(async (dir) => {
    await fill(dir);
    const path = join(dir, LOG_NAME);
    const log = await Deno.readTextFile(path);
    // Where only its middle differs, nobody has read it again.
    await Deno.writeTextFile(path, log.replaceAll('"outcome":"timeout"', '"outcome":"refused"'));
    const { state } = await readDataset(dir);
    assertEquals(state.decided(BETTA, urlOf(3)), "timeout");
  });
});

Deno.test("an index that is gone, damaged or of another log is made anew, with a notice", async () => {
  const damages: Record<string, (path: string, dir: string) => Promise<void>> = {
    gone: (path) => Deno.remove(path),
    empty: (path) => Deno.truncate(path),
    garbage: (path) => Deno.writeTextFile(path, "garbage ".repeat(2000)),
    cut: async (path) => await Deno.truncate(path, (await Deno.stat(path)).size / 2),
    "another log's": async (path, dir) => {
      await withFolder(async (other) => {
        const dataset = await opened(other);
        await keep(dataset, 77);
        for (let number = 100; number < 120; number++) dataset.append(tried(number, "gone"));
        await dataset.close();
        await Deno.copyFile(join(other, LOG_NAME), join(dir, LOG_NAME));
        await Deno.mkdir(join(dir, "images", BETTA), { recursive: true });
        await Deno.writeFile(
          join(dir, keptFiles((await readDataset(other)).state, BETTA)[0] ?? ""),
          (await imageOf(77)).bytes,
        );
      });
      assert(path !== "");
    },
    "of a longer log": async (_path, dir) => {
      const log = await Deno.readTextFile(join(dir, LOG_NAME));
      await Deno.writeTextFile(
        join(dir, LOG_NAME),
        log.slice(0, log.lastIndexOf("\n", log.length - 2) + 1),
      );
    },
  };
  for (const [name, damage] of Object.entries(damages)) {
    await withFolder(async (dir) => {
      await fill(dir);
      await damage(join(dir, INDEX_NAME), dir);
      assertEquals(everything((await readDataset(dir)).state), await truth(dir), name);
      const told: string[] = [];
      const dataset = await opened(dir, told);
      const silent = ["gone", "empty"].includes(name);
      assertEquals(told.some((text) => text.includes("made anew from the log")), !silent, name);
      assertEquals(everything(dataset.state), await truth(dir), name);
      await dataset.close();
      const again: string[] = [];
      await (await opened(dir, again)).close();
      assertEquals(again.filter((text) => text.includes("index")), [], name);
    });
  }
});

Deno.test("bytes changed anywhere in the index never make a start fail without a sentence", async () => {
  await withFolder(async (dir) => {
    await fill(dir);
    const path = join(dir, INDEX_NAME);
    const sound = await Deno.readFile(path);
    for (let at = 0; at < sound.length; at += 997) {
      const damaged = sound.slice();
      damaged.fill(0xa5, at, at + 64);
      await Deno.writeFile(path, damaged);
      try {
        const dataset = await opened(dir);
        await dataset.close();
      } catch (error) {
        assert(error instanceof Failure, `byte ${at}: ${error}`);
        assertStringIncludes(error.message, "index");
      }
    }
  });
});

Deno.test("a reader sees what a run has logged since it wrote the index, and keeps it from nothing", async () => {
  await withFolder(async (dir) => {
    await fill(dir);
    const dataset = await opened(dir);
    await keep(dataset, 5, DANIO);
    dataset.append(tried(3, "gone"));
    dataset.append({ event: "accepted", species: BETTA, sha256: (await imageOf(1)).sha256 });
    const relabelled = { species: BETTA, sha256: (await imageOf(2)).sha256, to: "barbus_sp" };
    dataset.append({ event: "relabelled", ...relabelled });
    await dataset.flush();
    const { state } = await readDataset(dir);
    assertEquals(everything(state), await truth(dir));
    assertEquals(everything(state), everything(dataset.state));
    await keep(dataset, 6);
    await dataset.close();
    assertEquals(everything((await readDataset(dir)).state), await truth(dir));
  });
});

Deno.test("after a run was killed the index is behind, and start and reader know all the same", async () => {
  await withFolder(async (dir) => {
    const child = childCommand(["write", dir, "0"]).spawn();
    const output = child.stdout.getReader();
    await waitFor(output, "20\n");
    child.kill("SIGKILL");
    await output.cancel();
    await child.stderr.cancel();
    await child.status;
    assertEquals(everything((await readDataset(dir)).state), await truth(dir));
    const dataset = await opened(dir);
    assertEquals(everything(dataset.state), await truth(dir));
    await dataset.close();
  });
});

Deno.test({
  name: "a folder that may only be read is read, with its index and without it",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withFolder(async (dir) => {
      await fill(dir);
      const wanted = await truth(dir);
      const names = [...Deno.readDirSync(dir)].map(({ name }) => name).toSorted();
      await Deno.chmod(dir, 0o555);
      try {
        assertEquals(everything((await readDataset(dir)).state), wanted);
      } finally {
        await Deno.chmod(dir, 0o755);
      }
      assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name).toSorted(), names);
      await Deno.remove(join(dir, INDEX_NAME));
      assertEquals(everything((await readDataset(dir)).state), wanted);
    });
  },
});

Deno.test({
  name: "openDataset() writes no index through a link",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withFolder(async (dir) => {
      await Deno.writeTextFile(join(dir, "mine"), "mine");
      await Deno.mkdir(join(dir, "data"));
      await Deno.symlink(join(dir, "mine"), join(dir, "data", INDEX_NAME));
      await assertRejects(() => opened(join(dir, "data")), Failure, "it is a link");
      assertEquals(await Deno.readTextFile(join(dir, "mine")), "mine");
    });
  },
});
