/**
 * Profile folders: one for each browser, removed with it, or at the next start after a killed run.
 *
 * @module
 */

import { delay } from "@std/async";
import { exists } from "@std/fs";
import { join, resolve } from "@std/path";
import { Failure, reason } from "../base/failure.ts";

export interface Profile {
  readonly folder: string;
  /** Never rejects: what cannot be removed now is removed at the next start. */
  remove(): Promise<void>;
}

/**
 * Creates a profile folder in `profiles` of the cache folder, and removes those whose owners are gone.
 * The owner holds a lock on `<name>.lock` beside the folder; the system releases it when the owner dies.
 *
 * @throws {Failure} When the folder cannot be created.
 */
export async function makeProfile(cache: string): Promise<Profile> {
  const root = resolve(cache, "profiles");
  try {
    await Deno.mkdir(root, { recursive: true });
    // Held so that nobody takes our new folder for a stale one.
    using door = await Deno.open(`${root}.lock`, { create: true, write: true });
    await door.lock(true);
    await sweep(root);
    return await make(root);
  } catch (error) {
    throw new Failure(
      `Cannot create a folder for the browser's profile in ${root}: ${
        reason(error)
      }. Make it writable.`,
      1,
      error,
    );
  }
}

async function make(root: string): Promise<Profile> {
  // Short, for the socket that Chromium creates in it: see chromium_process.ts.
  const folder = join(root, crypto.randomUUID().slice(0, 8));
  const lockPath = `${folder}.lock`;
  const lock = await Deno.open(lockPath, { createNew: true, write: true });
  await lock.lock(true);
  await Deno.mkdir(folder, { mode: 0o700 });
  let removing: Promise<void> | undefined;
  const remove = async (): Promise<void> => {
    // The lock file of a folder that could not be removed stays, for the next sweep.
    if (await removeTree(folder)) await removeTree(lockPath);
    lock.close();
  };
  return { folder, remove: () => removing ??= remove() };
}

/**
 * Removes the profiles whose locks nobody holds, and folders without a lock: a browser that ended
 * slowly may have created its folder again.
 */
async function sweep(root: string): Promise<void> {
  for await (const entry of Deno.readDir(root)) {
    const path = join(root, entry.name);
    if (entry.isDirectory && !await exists(`${path}.lock`)) await removeTree(path);
    if (!entry.isFile || !entry.name.endsWith(".lock")) continue;
    using lock = await Deno.open(path, { write: true });
    if (!await lock.tryLock(true)) continue;
    if (await removeTree(path.slice(0, -".lock".length))) await removeTree(path);
  }
}

/** Removes a file or folder, for up to a second while an ending browser still writes into it. */
async function removeTree(path: string): Promise<boolean> {
  const until = performance.now() + 1000;
  for (;;) {
    try {
      await Deno.remove(path, { recursive: true });
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return true;
      if (performance.now() > until) return false;
    }
    await delay(20);
  }
}
