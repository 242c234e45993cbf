import { delay } from "@std/async";
import { findProcesses } from "../processes.ts";

/**
 * The processes whose environment names a folder: a browser passes its home to every
 * child. Linux only; elsewhere it gives none.
 */
export function processesAt(folder: string): number[] {
  return findProcesses(folder, "environ").map(({ pid }) => pid);
}

/** Waits until a condition holds, for ten seconds at most. */
export async function eventually(holds: () => boolean, what: string): Promise<void> {
  const until = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > until) throw new Error(`still not: ${what}`);
    await delay(20);
  }
}

/** What lies in the profiles folder of a cache folder. */
export function profilesIn(cache: string): string[] {
  return [...Deno.readDirSync(`${cache}/profiles`)].map(({ name }) => name);
}

/** Writes a shell script that stands in for a browser. */
export async function script(folder: string, name: string, body: string): Promise<string> {
  const path = `${folder}/${name}`;
  await Deno.writeTextFile(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return path;
}
