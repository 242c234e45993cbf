/**
 * Puts files into their places so that a file that has its name is whole.
 *
 * @module
 */

import { dirname, join } from "@std/path";
import { isMissing } from "../base/disk_failure.ts";
import { TEMPORARY_PREFIX, writeAll } from "../dataset/store.ts";

let temporaries = 0;

/**
 * Writes a file beside its place, flushes it and renames it. When that fails, nothing is left.
 *
 * @param path The file; its folder exists.
 * @param write Writes the content.
 * @throws Whatever the disk or `write` throws.
 */
export async function putFile(
  path: string,
  write: (file: Deno.FsFile) => Promise<void>,
): Promise<void> {
  const temporary = join(dirname(path), `${TEMPORARY_PREFIX}${Deno.pid}-${temporaries++}`);
  try {
    const file = await Deno.open(temporary, { write: true, create: true, truncate: true });
    try {
      await write(file);
      await file.syncData();
    } finally {
      file.close();
    }
    await Deno.rename(temporary, path);
  } catch (thrown) {
    await removeIfThere(temporary).catch((second: unknown) => afterwards(thrown, second));
    throw thrown;
  }
}

/**
 * Puts bytes into their place.
 *
 * @param path The file; its folder exists.
 * @param bytes Its content.
 * @throws Whatever the disk throws.
 */
export async function putBytes(path: string, bytes: Uint8Array): Promise<void> {
  await putFile(path, (file) => writeAll(file, bytes));
}

/**
 * Removes a file or a folder with all in it; one that is gone already is fine.
 *
 * @param path The file or folder.
 * @throws Whatever the disk throws.
 */
export async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown;
  }
}

/**
 * The size of a plain file.
 *
 * @param path The file.
 * @returns Bytes; nothing where there is no plain file.
 * @throws Whatever the disk throws.
 */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await Deno.lstat(path);
    return found.isFile ? found.size : undefined;
  } catch (thrown) {
    if (isMissing(thrown) || thrown instanceof Deno.errors.NotADirectory) return undefined;
    throw thrown;
  }
}

/** Tidying failed after something else did: the first failure is the one that is told. */
function afterwards(first: unknown, second: unknown): void {
  if (!(first instanceof Error) || !(second instanceof Error)) throw second;
}
