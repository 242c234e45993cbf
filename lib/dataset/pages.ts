/**
 * Pages that were not recognised, saved for a person to look at.
 *
 * @module
 */

import { join } from "@std/path";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import { removeIfThere, writeFileAtomic } from "../base/files.ts";
import { folderInside, makeFolderInside } from "../base/inside.ts";

const MOST_PAGES = 10;
const MOST_BYTES = 5 << 20;

/**
 * Saves the first 5 MB of a page under `pages/`. At most ten are kept, the oldest goes first.
 *
 * @returns The path within the data folder, with `/`.
 * @throws {Failure} When it cannot be written.
 */
export async function savePage(dir: string, name: string, bytes: Uint8Array): Promise<string> {
  const file = safeName(name);
  const folder = join(dir, "pages");
  try {
    await makeFolderInside(dir, "pages");
    await writeFileAtomic(join(folder, file), bytes.subarray(0, MOST_BYTES));
    await dropOldest(await folderInside(dir, "pages"));
  } catch (error) {
    throw diskFailure(`save a page in ${folder}`, error);
  }
  return `pages/${file}`;
}

/** A name of letters, digits, dots and dashes that neither hides nor leads elsewhere. */
function safeName(name: string): string {
  const safe = name.normalize("NFKD").replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[.-]+/, "")
    .slice(-100);
  // The leading word keeps it from being one of Windows' device names.
  return `page-${safe === "" ? "unnamed.html" : safe}`;
}

async function dropOldest(folder: string): Promise<void> {
  const pages: { path: string; time: number }[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (!entry.isFile) continue;
    const path = join(folder, entry.name);
    try {
      pages.push({ path, time: (await Deno.stat(path)).mtime?.getTime() ?? 0 });
    } catch (error) {
      // Pages are saved at the same time: another one may have dropped it.
      if (!isMissing(error)) throw error;
    }
  }
  pages.sort((one, other) => other.time - one.time);
  for (const { path } of pages.slice(MOST_PAGES)) await removeIfThere(path);
}
