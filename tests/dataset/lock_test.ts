import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { lockHolder, takeLock } from "../../lib/dataset/lock.ts";
import { Failure } from "../../lib/base/failure.ts";
import { opened, withFolder } from "./folder.ts";
import { childCommand, waitFor } from "./run_child.ts";

/** Runs a test while a process of its own holds a folder. */
async function whileHeld(
  dir: string,
  test: (holder: Deno.ChildProcess) => Promise<void>,
): Promise<void> {
  const holder = childCommand(["hold", dir]).spawn();
  const output = holder.stdout.getReader();
  try {
    await waitFor(output, "held");
    await test(holder);
  } finally {
    await output.cancel();
    await holder.stdin.close().catch((error: unknown) => assert(error instanceof Error));
    await holder.stderr.cancel();
    await holder.status;
  }
}

Deno.test("takeLock() says which run holds the folder, and takes it when that has ended", async () => {
  await withFolder(async (dir) => {
    await whileHeld(dir, async ({ pid }) => {
      const failure = await assertRejects(() => takeLock(dir, "google"), Failure);
      assertStringIncludes(failure.message, `scrape (process ${pid}`);
      assertStringIncludes(failure.message, "since 20");
      assertEquals(failure.status, 1);
      const second = await assertRejects(() => opened(dir), Failure);
      assertStringIncludes(second.message, `process ${pid}`);
      assertEquals((await lockHolder(dir))?.pid, pid);
    });
    const lock = await takeLock(dir, "google");
    assertEquals((await lockHolder(dir))?.script, "google");
    lock[Symbol.dispose]();
    lock[Symbol.dispose]();
    assertEquals(await lockHolder(dir), undefined);
  });
});

Deno.test("takeLock() takes the folder of a run that was killed", async () => {
  await withFolder(async (dir) => {
    await whileHeld(dir, async (holder) => {
      holder.kill("SIGKILL");
      await holder.status;
      assertStringIncludes(await Deno.readTextFile(join(dir, ".lock")), `"pid":${holder.pid}`);
      assertEquals(await lockHolder(dir), undefined);
      (await takeLock(dir, "google"))[Symbol.dispose]();
    });
  });
});

Deno.test("takeLock() leaves the folder to a run that is stopped for a while", async () => {
  await withFolder(async (dir) => {
    await whileHeld(dir, async (holder) => {
      holder.kill("SIGSTOP");
      try {
        const failure = await assertRejects(() => takeLock(dir, "google"), Failure);
        assertStringIncludes(failure.message, `process ${holder.pid}`);
      } finally {
        holder.kill("SIGCONT");
      }
    });
  });
});

Deno.test("takeLock() gives the folder to one of many that want it at once", async () => {
  await withFolder(async (dir) => {
    let holding = 0;
    let most = 0;
    const turns = Array.from({ length: 30 }, async () => {
      for (let attempt = 0; attempt < 50; attempt++) {
        try {
          using _lock = await takeLock(dir, "scrape");
          most = Math.max(most, ++holding);
          // While one holds the folder, the others get their turns.
          for (let turn = 0; turn < 5; turn++) await Deno.stat(dir);
          holding--;
          return 1;
        } catch (error) {
          assert(error instanceof Failure);
        }
      }
      return 0;
    });
    const taken = (await Promise.all(turns)).filter((each) => each === 1).length;
    assertEquals(most, 1);
    assert(taken > 0);
  });
});

Deno.test("takeLock() minds neither an empty nor a garbled lock that nobody holds", async () => {
  await withFolder(async (dir) => {
    for (const text of ["", "\0\0", '{"pid":1}', "[]"]) {
      await Deno.writeTextFile(join(dir, ".lock"), text);
      assertEquals(await lockHolder(dir), undefined);
      (await takeLock(dir, "scrape"))[Symbol.dispose]();
    }
  });
});

Deno.test("takeLock() writes through no link", async () => {
  await withFolder(async (dir) => {
    await Deno.writeTextFile(join(dir, "mine"), "text");
    await Deno.symlink(join(dir, "mine"), join(dir, ".lock"));
    await assertRejects(() => takeLock(dir, "scrape"), Failure);
    assertEquals(await Deno.readTextFile(join(dir, "mine")), "text");
  });
});
