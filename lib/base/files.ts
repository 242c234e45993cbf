/**
 * Files on disk: written so that a file under its name is always whole, read only where it is a
 * plain file (a named pipe would be waited for for ever).
 *
 * @module
 */

import { dirname, join } from "@std/path";
import { diskFailure, isMissing, TEMPORARY_PREFIX } from "./disk_failure.ts";
import { Failure } from "./failure.ts";

export { TEMPORARY_PREFIX };

/** The operations that writing a file needs; `Deno` has them, tests give others. */
export type WriteDisk = Pick<typeof Deno, "open" | "rename" | "remove">;

/** A file's content: text, bytes, or a function that writes it into the open file. */
export type Content = string | Uint8Array | ((file: Deno.FsFile) => Promise<void>);

/** How a file is written. */
export interface WriteOptions {
  /** The disk; `Deno` unless given. */
  readonly disk?: WriteDisk;
  /**
   * What is flushed to the disk before this returns: the file and the name in its folder (the
   * default), the file alone (when many files of one folder are written, the caller ends with
   * `syncFolder`), or nothing (for files that can be made again).
   */
  readonly flush?: "file-and-name" | "file" | "nothing";
}

/**
 * Writes a file under a temporary name beside its place, flushes it and renames it. At every instant
 * either the old file or the new one is there, whole; after an error the old one, and nothing beside
 * it.
 *
 * @param path The file; its folder exists.
 * @param content Its new content.
 * @param options How it is written.
 * @throws Whatever the disk or `content` throws.
 */
export async function writeFileAtomic(
  path: string,
  content: Content,
  { disk = Deno, flush = "file-and-name" }: WriteOptions = {},
): Promise<void> {
  const temporary = join(dirname(path), `${TEMPORARY_PREFIX}${crypto.randomUUID()}`);
  try {
    // `createNew` follows no link that somebody else has put there.
    const file = await disk.open(temporary, { write: true, createNew: true });
    try {
      if (typeof content === "function") await content(file);
      else await writeAll(file, toBytes(content));
      if (flush !== "nothing") await file.sync();
    } finally {
      file.close();
    }
    await disk.rename(temporary, path);
  } catch (thrown) {
    // A temporary file that cannot be removed now is removed at the start of the next run.
    await disk.remove(temporary).catch(() => undefined);
    throw thrown;
  }
  if (flush === "file-and-name") await syncFolder(dirname(path), disk);
}

/**
 * `writeFileAtomic` for a file that people know by name.
 *
 * @throws {Failure} When it cannot be written, saying why.
 */
export async function replaceFile(
  path: string,
  content: Content,
  disk: WriteDisk = Deno,
): Promise<void> {
  try {
    await writeFileAtomic(path, content, { disk });
  } catch (thrown) {
    throw diskFailure(`write ${path}`, thrown);
  }
}

/**
 * Writes all bytes, however few the file takes at a time.
 *
 * @param file The file.
 * @param bytes What to write.
 * @param report Called after each step with the number of bytes written so far.
 */
export async function writeAll(
  file: { write(bytes: Uint8Array): Promise<number> },
  bytes: Uint8Array,
  report: (written: number) => void = () => {},
): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const written = await file.write(bytes.subarray(at));
    if (written === 0) throw new Error("the file takes no more bytes");
    at += written;
    report(at);
  }
}

/** Waits until the names in a folder are on the disk. */
export async function syncFolder(
  path: string,
  disk: Pick<WriteDisk, "open"> = Deno,
): Promise<void> {
  // Windows cannot flush a folder; its file system's own journal keeps the rename.
  if (Deno.build.os === "windows") return;
  const folder = await disk.open(path, { read: true });
  try {
    await folder.sync();
  } finally {
    folder.close();
  }
}

/** Reads a file, or the one that a link leads to; `undefined` where there is no plain file. */
export async function readIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    if (!(await Deno.stat(path)).isFile) return undefined;
    return await Deno.readFile(path);
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw thrown;
  }
}

/**
 * Opens a log for reading.
 *
 * @returns The open file; `undefined` where there is no such log.
 * @throws {Failure} When it is not a plain file, or a link that leads nowhere: appending would make
 * a log wherever the link points.
 */
export async function openIfThere(path: string): Promise<Deno.FsFile | undefined> {
  try {
    if ((await Deno.stat(path)).isFile) return await Deno.open(path, { read: true });
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown;
    if (await lstatIfThere(path) === undefined) return undefined;
  }
  throw new Failure(
    "it is not a plain file. Nothing was changed; move it away, or choose another data folder with --data.",
  );
}

/** The size of a plain file in bytes; `undefined` where there is none. Links are not followed. */
export async function sizeOf(path: string): Promise<number | undefined> {
  const found = await lstatIfThere(path);
  return found?.isFile === true ? found.size : undefined;
}

async function lstatIfThere(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (thrown) {
    if (isMissing(thrown) || thrown instanceof Deno.errors.NotADirectory) return undefined;
    throw thrown;
  }
}

/** Removes a file, or a folder with all that is in it; one that is gone already is fine. */
export async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown;
  }
}

/** The SHA-256 of bytes as 64 hex digits. */
export async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

function toBytes(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? new TextEncoder().encode(content) : content;
}
