/**
 * Kills a run again and again while it keeps images: `deno task test` does it a few times,
 * `deno task soak` two hundred.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { readDataset } from "../../lib/dataset/dataset.ts";
import { verifyFiles } from "../../lib/dataset/verify.ts";
import { keptFiles, opened, treeOf } from "./folder.ts";
import { childCommand } from "./run_child.ts";

const SPECIES = ["fish_0", "fish_1", "fish_2"];

/**
 * Starts a run, kills it at a random moment, and holds the folder against what it had said; round
 * after round on the same folder.
 *
 * @param dir The data folder.
 * @param rounds How often.
 */
export async function killRounds(dir: string, rounds: number): Promise<void> {
  let safe = -1;
  for (let round = 0; round < rounds; round++) {
    const from = await firstFree(dir);
    assert(from > safe, `round ${round}: ${safe} was on the disk, but the log ends at ${from}`);
    const child = childCommand(["write", dir, String(from)]).spawn();
    const said = await killedWhileWriting(child);
    const stderr = await new Response(child.stderr).bytes();
    await child.status;
    assertEquals(new TextDecoder().decode(stderr), "", `round ${round}`);
    assert(said.every((line) => /^\d+$/.test(line)), `round ${round}: ${said.at(-1)}`);
    safe = Math.max(safe, ...said.map(Number));
  }
  const told: string[] = [];
  const dataset = await opened(dir, told);
  await dataset.close();
  const { state, log } = await readDataset(dir);
  assertEquals([log.problemCount, log.end], [0, log.size]);
  assertEquals((await verifyFiles(dir, state, new AbortController().signal)).findings, []);
  const files = SPECIES.flatMap((species) => keptFiles(state, species));
  assertEquals(Object.keys(await treeOf(dir)), files.toSorted());
  assert(files.length > safe, `${files.length} images, but ${safe} was on the disk`);
}

/** Kills a child at a random moment after the first number it says; gives all that it said. */
async function killedWhileWriting(child: Deno.ChildProcess): Promise<string[]> {
  const decoder = new TextDecoder();
  let said = "";
  let kill: ReturnType<typeof setTimeout> | undefined;
  for await (const bytes of child.stdout) {
    said += decoder.decode(bytes, { stream: true });
    kill ??= setTimeout(() => child.kill("SIGKILL"), Math.random() * 200);
  }
  clearTimeout(kill);
  return said.trim().split("\n").filter(Boolean);
}

/** The number after the last that the log has: what is not logged is kept again. */
async function firstFree(dir: string): Promise<number> {
  const text = await Deno.readTextFile(join(dir, "log.jsonl")).catch((error: unknown) => {
    assert(error instanceof Deno.errors.NotFound);
    return "";
  });
  const numbers = [...text.matchAll(/"url":"https:\/\/fish\.example\/(\d+)\.jpg"[^\n]*"\}\n/g)];
  return Math.max(-1, ...numbers.map(([, number]) => Number(number))) + 1;
}
