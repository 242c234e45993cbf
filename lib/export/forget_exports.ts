/**
 * Brings exports in step with a data folder that has forgotten images: finds them, and removes what
 * cannot be made again.
 *
 * @module
 */

import { join } from "@std/path";
import { removeIfThere, TEMPORARY_PREFIX } from "../base/files.ts";
import { folderInside, writableInside } from "../base/inside.ts";
import type { DatasetState } from "../dataset/state.ts";
import { bytesKey } from "../dataset/forgotten.ts";
import { entriesOf } from "../dataset/verify.ts";
import { readSplits, type SplitLine, writeSplits } from "../split/split_file.ts";
import { type MadeBy, madeByOf, MANIFEST_FILE, readManifest } from "./manifest.ts";
import { removeIfEmpty } from "./tree.ts";

/** An export that may hold forgotten images. */
export interface FoundExport {
  readonly out: string;
  /** How it was made; undefined where it does not say. */
  readonly madeBy: MadeBy | undefined;
}

/**
 * Finds the exports within a data folder, and looks at others.
 *
 * @param others Folders of exports elsewhere.
 */
export async function findExports(
  dir: string,
  others: readonly string[],
): Promise<{ exports: FoundExport[]; none: string[] }> {
  const within = [
    ...await foldersIn(await folderInside(dir, "export")),
    ...await foldersIn(dir),
  ];
  const exports: FoundExport[] = [];
  const none: string[] = [];
  for (const out of new Set([...within, ...others])) {
    if (await isExport(out)) exports.push({ out, madeBy: madeByOf(await readManifest(out)) });
    else if (others.includes(out)) none.push(out);
  }
  return { exports, none };
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await entriesOf(folder);
  return entries
    .filter(({ name, isDirectory }) => isDirectory && !name.startsWith(TEMPORARY_PREFIX))
    .map(({ name }) => join(folder, name)).sort();
}

async function isExport(folder: string): Promise<boolean> {
  return (await entriesOf(folder)).some(({ name, isFile }) => isFile && name === MANIFEST_FILE);
}

/** Removes what interrupted exports have left beside their places, within the data folder. */
export async function removeHalfMade(dir: string): Promise<void> {
  const folder = await folderInside(dir, "export");
  for (const { name, isDirectory } of await entriesOf(folder)) {
    if (isDirectory && name.startsWith(TEMPORARY_PREFIX)) await removeIfThere(join(folder, name));
  }
}

/** Removes an export's own files. @returns False where files of somebody else stay in it. */
export async function removeExport(out: string): Promise<boolean> {
  for (const path of (await readManifest(out))?.files.keys() ?? []) {
    await removeIfThere(await writableInside(out, path));
  }
  await removeIfThere(join(out, MANIFEST_FILE));
  return await removeIfEmpty(out);
}

/** Takes forgotten images out of a data folder's split. Groups are called after what is left. */
export async function forgetSplits(dir: string, state: DatasetState): Promise<void> {
  const record = await readSplits(dir);
  if (record === undefined) return;
  const isForgotten = (sha256: string): boolean => state.isForgotten([bytesKey(sha256)]);
  const lines = record.lines.filter(({ sha256 }) => !isForgotten(sha256));
  const groups = Map.groupBy(lines, ({ group }) => group);
  const renamed = [...groups].flatMap(([group, members]): SplitLine[] => {
    if (!isForgotten(group)) return members;
    const [first = group] = members.map(({ sha256 }) => sha256).sort();
    return members.map((line) => ({ ...line, group: first }));
  });
  await writeSplits(dir, { ...record, lines: renamed });
}
