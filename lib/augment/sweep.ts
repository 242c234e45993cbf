/**
 * Brings the copies back in step with what is wanted, before new ones are made.
 *
 * @module
 */

import { join } from "@std/path";
import { isMissing } from "../base/disk_failure.ts";
import { folderInside, pathInside } from "../base/inside.ts";
import { isSpeciesId } from "../dataset/log_line.ts";
import { removeIfThere, sizeOf, TEMPORARY_PREFIX } from "../base/files.ts";
import { COPIES_FOLDER, isCopyFile, type KnownCopy, type Ledger } from "./ledger.ts";

/**
 * Removes the copies that are wanted no more, forgets those whose files are gone, and removes
 * files that no line tells of.
 *
 * @param dir The data folder; this process has its lock.
 * @param ledger What there is.
 * @param wanted What is wanted: the parent's hash by the copy's path.
 * @param run The digest of how copies are made now.
 * @param signal Ends it.
 * @returns How many copies were removed.
 * @throws Whatever the disk throws.
 */
export async function sweepCopies(
  dir: string,
  ledger: Ledger,
  wanted: ReadonlyMap<string, string>,
  run: string,
  signal: AbortSignal,
): Promise<number> {
  let removed = 0;
  for (const [file, copy] of [...ledger.copies]) {
    signal.throwIfAborted();
    const why = whyNot(copy, wanted.get(file), run);
    if (why !== undefined) {
      // The line first: a file without a line is swept, a line without a file would be believed.
      await ledger.append([{ event: "removed", file, why }]);
      await removeIfThere(await pathInside(dir, file));
      removed++;
    } else if (await sizeOf(await pathInside(dir, file)) !== copy.bytes) {
      await ledger.append([{ event: "removed", file, why: "missing" }]);
    }
  }
  await sweepFolders(dir, ledger);
  return removed;
}

function whyNot(copy: KnownCopy, parent: string | undefined, run: string): string | undefined {
  if (parent === undefined) return "not-wanted";
  if (parent !== copy.parent) return "other-parent";
  return copy.run === run ? undefined : "made-otherwise";
}

async function sweepFolders(dir: string, ledger: Ledger): Promise<void> {
  const root = await folderInside(dir, COPIES_FOLDER);
  for (const species of await namesIn(root)) {
    if (!isSpeciesId(species)) continue;
    const names = await namesIn(await folderInside(dir, `${COPIES_FOLDER}/${species}`));
    let left = names.length;
    for (const name of names) {
      const file = `${COPIES_FOLDER}/${species}/${name}`;
      const isOurs = isCopyFile(file) || name.startsWith(TEMPORARY_PREFIX);
      if (!isOurs || ledger.copies.has(file)) continue;
      await removeIfThere(await pathInside(dir, file));
      left--;
    }
    if (left === 0) await removeIfThere(join(root, species));
  }
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) names.push(name);
  } catch (thrown) {
    if (!isMissing(thrown) && !(thrown instanceof Deno.errors.NotADirectory)) throw thrown;
  }
  return names.sort();
}
