/**
 * Profile folders: one for each browser, removed with it; and those that a killed run left behind,
 * removed at the next start.
 *
 * @module
 */

import { delay } from "@std/async";
import { exists } from "@std/fs";
import { join, resolve } from "@std/path";
import { Failure, reason } from "../base/failure.ts";

/** A profile folder that is ours as long as we live. */
export interface Profile {
  /** The folder, absolute. */
  readonly folder: string;
  /** Removes it. Never rejects: what cannot be removed now is swept at the next start. */
  remove(): Promise<void>;
}

/**
 * Makes a fresh profile folder and sweeps those whose owners are gone. A folder is owned by whoever
 * holds the lock of the file `<name>.lock` beside it; the system lets go of it when the owner dies.
 *
 * @param cache The cache folder; profiles lie in its `profiles`.
 * @throws {Failure} When the folder cannot be made.
 */
export async function makeProfile(cache: string): Promise<Profile> {
  const root = resolve(cache, "profiles");
  try {
    await Deno.mkdir(root, { recursive: true });
    // Held while we sweep and make, so that nobody takes a new folder for a stale one.
    using door = await Deno.open(`${root}.lock`, { create: true, write: true });
    await door.lock(true);
    await sweep(root);
    return await make(root);
  } catch (error) {
    throw new Failure(
      `Cannot make a folder for the browser's profile in ${root}: ${
        reason(error)
      }. Make it writable.`,
      1,
      error,
    );
  }
}

async function make(root: string): Promise<Profile> {
  // Short, for the socket that Chromium puts below it: see process_environment.ts.
  const name = crypto.randomUUID().slice(0, 8);
  const folder = join(root, name);
  const lockPath = `${folder}.lock`;
  const lock = await Deno.open(lockPath, { createNew: true, write: true });
  try {
    await lock.lock(true);
    await Deno.mkdir(folder, { mode: 0o700 });
  } catch (error) {
    lock.close();
    throw error;
  }
  let removing: Promise<void> | undefined;
  const remove = async (): Promise<void> => {
    const gone = await removeTree(folder);
    // The lock file of a folder that could not be removed stays, for the sweep to find it.
    if (gone) await removeTree(lockPath);
    lock.close();
  };
  return { folder, remove: () => removing ??= remove() };
}

/**
 * Removes the profiles whose locks nobody holds any longer, and folders without a lock: a browser
 * that was slow to end may have made its folder again after it was removed.
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

/**
 * Removes a file or folder. A browser that is just ending may still write into its folder, so that it
 * is tried for a second.
 *
 * @returns Whether it is gone.
 */
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
