/**
 * Nothing outside the data folder is ever touched: every part of a path, from the data folder down,
 * is looked at before a file there is read, listed, written or removed.
 *
 * The data folder itself may be a link, and so may `images` in it: a user with a bigger disk does
 * that. Every other folder on the way must be a real one. A link may be made while a run goes on,
 * so ask before each operation, not once.
 *
 * @module
 */

import { isAbsolute, join, relative, resolve } from "@std/path";
import { Failure } from "./failure.ts";
import { ifThere, lstatIfThere } from "./disk_failure.ts";

/** The one folder of a data folder that may be a link to another. */
const MAY_BE_A_LINK = "images";

/**
 * A path in the data folder, its parts joined by `/`, for one operation on what it names; a folder
 * that is missing on the way is for that operation to find.
 *
 * @throws {Failure} When a folder on the way is a link or a file, or the path leads out.
 *
 * @example
 * ```ts
 * import { pathInside } from "./inside.ts";
 *
 * await Deno.remove(await pathInside("data", "images/betta_splendens/a844a091c5646a12.jpg"));
 * ```
 */
export async function pathInside(dir: string, path: string): Promise<string> {
  const parts = path.split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..")) {
    throw new TypeError(`No path within a data folder: ${path}`);
  }
  let folder = dir;
  for (const part of parts.slice(0, -1)) {
    folder = join(folder, part);
    if (!await checkFolder(folder, folder === join(dir, MAY_BE_A_LINK))) break;
  }
  return join(dir, ...parts);
}

/**
 * A folder in the data folder, for listing it or putting files into it; it may be missing.
 *
 * @throws {Failure} When it, or a folder on the way, is a link or a file.
 */
export async function folderInside(dir: string, path: string): Promise<string> {
  const folder = await pathInside(dir, path);
  await checkFolder(folder, path === MAY_BE_A_LINK);
  return folder;
}

/**
 * Makes a folder in the data folder, and those on the way to it, unless they are there. The data
 * folder itself is not made: one that was deleted under a run must not come back half.
 *
 * @throws {Failure} When it, or a folder on the way, is a link or a file.
 */
export async function makeFolderInside(dir: string, path: string): Promise<string> {
  const parts = path.split("/");
  for (let depth = 1; depth <= parts.length; depth++) {
    const folder = await folderInside(dir, parts.slice(0, depth).join("/"));
    try {
      await Deno.mkdir(folder);
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
  return await folderInside(dir, path);
}

/**
 * A file in the data folder, for reading it; `undefined` where there is no plain file.
 *
 * @throws {Failure} When a folder on the way is a link or a file.
 */
export async function fileInside(dir: string, path: string): Promise<string | undefined> {
  const file = await pathInside(dir, path);
  return (await ifThere(Deno.lstat(file)))?.isFile === true ? file : undefined;
}

/**
 * A file in the data folder, for opening it for writing; it may be missing.
 *
 * @throws {Failure} When it is a link, a folder or a pipe, or a folder on the way is a link or a file.
 */
export async function writableInside(dir: string, path: string): Promise<string> {
  const file = await pathInside(dir, path);
  const found = await ifThere(Deno.lstat(file));
  if (found === undefined || found.isFile) return file;
  throw new Failure(
    `Cannot write ${file}: it is ${
      found.isSymlink ? "a link" : "no plain file"
    }, and nothing outside the data folder is touched. Move it away and run again.`,
  );
}

/**
 * Whether the images are in a folder elsewhere, to which the user has made `images` a link. There,
 * only files that the log knows may be touched.
 */
export async function imagesAreElsewhere(dir: string): Promise<boolean> {
  return (await ifThere(Deno.lstat(join(dir, MAY_BE_A_LINK))))?.isSymlink === true;
}

/** Refuses what is no folder of its own; false where there is nothing. */
async function checkFolder(folder: string, mayBeALink: boolean): Promise<boolean> {
  const found = lstatIfThere(folder);
  if (found === undefined) return false;
  if (found.isDirectory) return true;
  if (found.isSymlink && mayBeALink && (await ifThere(Deno.stat(folder)))?.isDirectory) return true;
  if (!found.isSymlink) {
    throw new Failure(
      `Cannot use ${folder}: it is a file, not a folder. Move it away and run again.`,
    );
  }
  throw new Failure(
    mayBeALink
      ? `Cannot use ${folder}: it is a link that leads to no folder. Make that folder or remove the link, then run again.`
      : `Cannot use ${folder}: it is a link, and nothing outside the data folder is touched. Put the folder itself in its place (the folder images as a whole may be a link), then run again.`,
  );
}

/** Whether one path is another or below it, by their names alone. */
export function isWithin(inner: string, outer: string): boolean {
  const way = relative(resolve(outer), resolve(inner));
  return !isAbsolute(way) && way !== ".." && !/^\.\.[/\\]/.test(way);
}
