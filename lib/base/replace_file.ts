/**
 * Writes a file so that at every instant either the old or the new one is there, whole.
 *
 * @module
 */

import { basename, dirname, join } from "@std/path";
import { diskFailure } from "./disk_failure.ts";
import { syncFolder, TEMPORARY_PREFIX } from "../dataset/store.ts";

/** The operations on the disk that replacing a file needs; `Deno` has them. */
export type ReplaceDisk = Pick<typeof Deno, "open" | "rename" | "remove">;

/**
 * Replaces a file: writes beside it, flushes, renames, flushes the folder. When anything fails, the
 * old file is as it was and nothing is left beside it.
 *
 * @param path The file; its folder exists.
 * @param text Its new content.
 * @param disk The disk.
 * @throws {Failure} When it cannot be written, saying why.
 */
export async function replaceFile(
  path: string,
  text: string,
  disk: ReplaceDisk = Deno,
): Promise<void> {
  const beside = join(dirname(path), `${TEMPORARY_PREFIX}${basename(path)}-${crypto.randomUUID()}`);
  try {
    await writeWhole(beside, new TextEncoder().encode(text), disk);
    await disk.rename(beside, path);
    await syncFolder(dirname(path), disk);
  } catch (thrown) {
    await removeIfThere(beside, disk);
    throw diskFailure(`write ${path}`, thrown);
  }
}

async function writeWhole(path: string, bytes: Uint8Array, disk: ReplaceDisk): Promise<void> {
  const file = await disk.open(path, { write: true, createNew: true });
  try {
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    await file.sync();
  } finally {
    file.close();
  }
}

async function removeIfThere(path: string, disk: ReplaceDisk): Promise<void> {
  try {
    await disk.remove(path);
  } catch (thrown) {
    // The error that made the file useless is the one to tell; what stays the next run sweeps away.
    if (!(thrown instanceof Error)) throw thrown;
  }
}
