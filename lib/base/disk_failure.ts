/**
 * Errors of the disk as a sentence for a person.
 *
 * @module
 */

import { Failure, reason } from "./failure.ts";

/** Whether a path led to nothing. */
export function isMissing(thrown: unknown): boolean {
  return thrown instanceof Deno.errors.NotFound || thrown instanceof Deno.errors.NotADirectory ||
    thrown instanceof Deno.errors.FilesystemLoop;
}

/** What an operation on a file or folder gives; `undefined` where its path leads to nothing. */
export async function ifThere<Result>(operation: Promise<Result>): Promise<Result | undefined> {
  try {
    return await operation;
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw thrown;
  }
}

/**
 * What is known of a file, folder or link; `undefined` where there is none. It is asked for here and
 * now: having another thread ask takes ten times as long, and while an image is placed, the folders
 * on the way are looked at six times.
 */
export function lstatIfThere(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw thrown;
  }
}

/**
 * Makes of an error of the file system a sentence that says what to do. A `Failure` stays as it is.
 *
 * @param doing What was being done, to what: `write the log data/log.jsonl`.
 */
export function diskFailure(doing: string, thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  return new Failure(`Cannot ${doing}: ${explain(thrown)}.`, 1, thrown);
}

function explain(thrown: unknown): string {
  if (thrown instanceof Deno.errors.NotCapable) {
    const [, access] = /^Requires (\S+) access to /.exec(thrown.message) ?? [];
    return access === undefined
      ? reason(thrown)
      : `Deno was started without the permission to ${access} there (--allow-${access})`;
  }
  switch (thrown instanceof Error && "code" in thrown ? thrown.code : undefined) {
    case "ENOSPC":
    case "EDQUOT":
      return "the disk is full. Everything logged so far is safe; make room and run the same command again";
    case "EROFS":
      return "the file system is read-only; choose another data folder with --data or make it writable";
    case "EXDEV":
      return "the file system cannot rename a file within one folder; choose a data folder on another disk with --data";
    case "EMFILE":
    case "ENFILE":
      return "too many files are open on this machine; close programs or raise the limit (ulimit -n) and run again";
    case "ENAMETOOLONG":
      return "the path is too long; choose a data folder with a shorter path with --data";
    case "EIO":
      return "the disk reports an error of its own (EIO); check the disk, then run the same command again";
    case "ENOTDIR":
      return "part of its path is a file, not a folder";
  }
  if (thrown instanceof Deno.errors.PermissionDenied) {
    return "the operating system does not permit it; check who owns the data folder and its rights";
  }
  if (isMissing(thrown)) {
    return "the data folder, or part of it, is not there any more; was it moved or deleted? Put it back and run again";
  }
  return `${
    reason(thrown)
  }. Everything logged so far is safe; run the same command again when this is fixed`;
}
