/**
 * Reads files that others may have put there: one that is no plain file, such as a pipe, would be
 * waited for for ever.
 *
 * @module
 */

import { Failure } from "./failure.ts";
import { isMissing } from "./disk_failure.ts";

/**
 * Reads a file of the data folder.
 *
 * @param path The file, or a link to one.
 * @returns Its bytes; `undefined` where there is no such file, or what is there is none.
 */
export async function readIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    if (!(await Deno.stat(path)).isFile) return undefined;
    return await Deno.readFile(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Opens a log for reading.
 *
 * @param path The log.
 * @returns The open file; `undefined` where there is none.
 * @throws {Failure} When what is there is no file, or a link that leads nowhere: a log that is
 * appended to must not come to be there.
 */
export async function openIfThere(path: string): Promise<Deno.FsFile | undefined> {
  try {
    if ((await Deno.stat(path)).isFile) return await Deno.open(path, { read: true });
  } catch (error) {
    if (!isMissing(error)) throw error;
    if (!await isLink(path)) return undefined;
  }
  throw new Failure(
    "it is not a plain file. Nothing was changed; move it away, or choose another data folder with --data.",
  );
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await Deno.lstat(path)).isSymlink;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
