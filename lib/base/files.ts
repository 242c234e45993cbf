/**
 * Files on disk: written atomically, and read only where they are plain files (reading a named pipe
 * would wait for ever).
 *
 * @module
 */

import { createHash } from "node:crypto";
import { dirname, join } from "@std/path";
import { diskFailure, ifThere } from "./disk_failure.ts";
import { Failure } from "./failure.ts";

/** What the names of temporary files begin with. Leftovers are removed at the start of a run. */
export const TEMPORARY_PREFIX = ".tmp-";

/** A file's content: text, bytes, or a function that writes it into the open file. */
type Content = string | Uint8Array | ((file: Deno.FsFile) => Promise<void>);

/**
 * Writes a file under a temporary name in the same folder, flushes it and renames it: at every moment
 * either the complete old file or the complete new one is there. An error leaves the old one, and
 * nothing beside it.
 *
 * @param options What is flushed to the disk before this returns: the file and the name in its folder
 * (the default), the file alone (when many files of one folder are written, the caller ends with
 * `syncFolder`), or nothing (for files that can be made again).
 * @throws Whatever the disk or `content` throws.
 */
export async function writeFileAtomic(
  path: string,
  content: Content,
  { flush = "file-and-name" }: { readonly flush?: "file-and-name" | "file" | "nothing" } = {},
): Promise<void> {
  const temporary = join(dirname(path), temporaryName());
  try {
    await writeNew(temporary, content, flush !== "nothing");
    await Deno.rename(temporary, path);
  } catch (thrown) {
    // A temporary file that cannot be removed now is removed at the start of the next run.
    await Deno.remove(temporary).catch(() => undefined);
    throw thrown;
  }
  if (flush === "file-and-name") await syncFolder(dirname(path));
}

/** A name that no other file has. */
export function temporaryName(): string {
  return `${TEMPORARY_PREFIX}${crypto.randomUUID()}`;
}

/**
 * Writes a file that is not there yet, and flushes it unless told not to. It follows no link that
 * somebody else has put there.
 */
export async function writeNew(
  path: string,
  content: Content,
  isFlushed = true,
): Promise<void> {
  const file = await Deno.open(path, { write: true, createNew: true });
  try {
    if (typeof content === "function") await content(file);
    else {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      await writeAll(file, bytes);
    }
    if (isFlushed) await file.sync();
  } finally {
    file.close();
  }
}

/** `writeFileAtomic()` that throws a `Failure` which names the file. */
export async function replaceFile(path: string, content: Content): Promise<void> {
  try {
    await writeFileAtomic(path, content);
  } catch (thrown) {
    throw diskFailure(`write ${path}`, thrown);
  }
}

/** Writes all bytes; `report` is called after each step with the number written so far. */
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

/** Writes texts one after the other, many at a time: a write for each would be slow. */
export async function writeTexts(
  file: Deno.FsFile,
  texts: Iterable<string> | AsyncIterable<string>,
): Promise<void> {
  const encoder = new TextEncoder();
  let batch = "";
  for await (const text of texts) {
    batch += text;
    if (batch.length < BATCH) continue;
    await writeAll(file, encoder.encode(batch));
    batch = "";
  }
  await writeAll(file, encoder.encode(batch));
}

const BATCH = 1 << 18;

/** Flushes the names in a folder to the disk. */
export async function syncFolder(path: string): Promise<void> {
  // Windows cannot flush a folder; its file system's own journal keeps the rename.
  if (Deno.build.os === "windows") return;
  const folder = await Deno.open(path, { read: true });
  try {
    await folder.sync();
  } finally {
    folder.close();
  }
}

/** Reads a plain file, following links; `undefined` where there is none. */
export async function readIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const isFile = (await ifThere(Deno.stat(path)))?.isFile;
  return isFile ? await ifThere(Deno.readFile(path)) : undefined;
}

/** Reads a text file as `readIfThere()` does, but throws a `Failure` which names the file. */
export async function readTextIfThere(path: string): Promise<string | undefined> {
  try {
    const bytes = await readIfThere(path);
    return bytes && new TextDecoder().decode(bytes);
  } catch (thrown) {
    throw diskFailure(`read ${path}`, thrown);
  }
}

/**
 * Opens a plain file for reading, following links; `undefined` where there is none.
 *
 * @throws {Failure} When something else is there, or a link to nothing.
 */
export async function openIfThere(path: string): Promise<Deno.FsFile | undefined> {
  if ((await ifThere(Deno.stat(path)))?.isFile) return await Deno.open(path, { read: true });
  if (await ifThere(Deno.lstat(path)) === undefined) return undefined;
  throw new Failure(
    "it is not a plain file. Nothing was changed; move it away, or choose another data folder with --data.",
  );
}

/** The lines of a text file, of which only a part is in memory at a time; none where there is no file. */
export async function* linesOf(path: string): AsyncGenerator<string, void, void> {
  const file = await openIfThere(path);
  if (file === undefined) return;
  let rest = "";
  for await (const text of file.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** The size of a plain file in bytes, without following links; `undefined` where there is none. */
export async function sizeOf(path: string): Promise<number | undefined> {
  const found = await ifThere(Deno.lstat(path));
  return found?.isFile ? found.size : undefined;
}

/**
 * Gives a file a second name.
 *
 * @returns False where that cannot be: something has the name, the disk is another, the file system has
 * no second names, a folder may only be read. Renaming or copying may work.
 */
export async function linkFile(path: string, name: string): Promise<boolean> {
  try {
    await Deno.link(path, name);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error) return false;
    throw thrown;
  }
}

/** Removes a file, or a folder with its content; one that is missing already is fine. */
export async function removeIfThere(path: string): Promise<void> {
  await ifThere(Deno.remove(path, { recursive: true }));
}

/** The SHA-256 of a plain file, read in parts. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  const file = await Deno.open(path);
  for await (const part of file.readable) hash.update(part);
  return hash.digest("hex");
}

/** The SHA-256 of bytes as 64 hex digits. */
export async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
