/**
 * Knows at once that nothing has changed since an export was made.
 *
 * The manifest remembers a digest of all that decides an export: the data folder's own files (the log
 * above all) and the options. Where it is the same, and the images and the export's files are there in
 * their sizes, the export is as it would be made, and the report of then is the report of now.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join, relative, resolve } from "@std/path";
import * as v from "valibot";
import { lstatIfThere } from "../base/disk_failure.ts";
import { hashFile } from "../base/files.ts";
import { folderInside } from "../base/inside.ts";
import { VERSION } from "../base/version.ts";
import { readDataset } from "../dataset/dataset.ts";
import type { ExportCounts } from "./figures.ts";
import { readManifest } from "./manifest.ts";
import type { ExportOptions } from "./options.ts";
import { ROW_FIELDS } from "./rows.ts";

/** Files of the data folder that decide nothing: caches, and what other scripts count there. */
const UNIMPORTANT = /^(?:\.|index\.sqlite|budget\.json|species\.csv)/;
/** After so many files other tasks get their turn, so that Ctrl-C is noticed. */
const PAUSE = 2_000;

/** What an export's manifest remembers of it, besides how it was made. */
// What the report holds needs no check: only this very version comes to the same inputs.
const NOTE = v.object({
  inputs: v.string(),
  report: v.custom<ExportCounts>((value) => typeof value === "object" && value !== null),
  notices: v.array(v.string()),
});

/** A digest of all that decides an export, while the data folder is locked. */
export async function digestInputs(options: ExportOptions): Promise<string> {
  const { dir, out, signal: _signal, workers: _workers, ...others } = options;
  const hash = createHash("sha256");
  const place = relative(resolve(out), resolve(dir));
  hash.update(JSON.stringify([VERSION, ROW_FIELDS, place, others]));
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(dir)) {
    if (isFile && !UNIMPORTANT.test(name)) names.push(name);
  }
  for (const name of names.sort()) hash.update(`${name} ${await hashFile(join(dir, name))}\n`);
  return hash.digest("hex");
}

/** What an export came to that is there and as it would be made; undefined where it is not. */
export async function recallExport(
  options: ExportOptions,
): Promise<{ counts: ExportCounts; reused: number } | undefined> {
  const { dir, out, signal, notice, resplit } = options;
  if (resplit === true) return undefined;
  const manifest = await readManifest(out);
  const note = v.safeParse(NOTE, manifest?.note);
  if (manifest === undefined || !note.success) return undefined;
  const { inputs, report, notices } = note.output;
  if (inputs !== await digestInputs(options) || !await imagesAreThere(dir, signal)) {
    return undefined;
  }
  const exported = [...manifest.files.values()];
  if (!await areThere(out, exported, signal)) return undefined;
  notices.forEach(notice);
  return { counts: report, reused: exported.length };
}

/** Whether each kept image has its file, in the right size. */
async function imagesAreThere(dir: string, signal: AbortSignal): Promise<boolean> {
  using state = (await readDataset(dir)).state;
  for (const species of state.species) {
    await folderInside(dir, `images/${species}`);
    const kept = [...state.filesIn(species)].filter(([, { rejected }]) => !rejected)
      .map(([path, { bytes }]) => ({ path, bytes }));
    if (!await areThere(dir, kept, signal)) return false;
  }
  return true;
}

/** Whether the files are there in their sizes; 0 is a size that is not known. */
async function areThere(
  folder: string,
  files: readonly { readonly path: string; readonly bytes: number }[],
  signal: AbortSignal,
): Promise<boolean> {
  for (const [at, { path, bytes }] of files.entries()) {
    if (at % PAUSE === 0) {
      await new Promise((resume) => setTimeout(resume, 0));
      signal.throwIfAborted();
    }
    const found = lstatIfThere(join(folder, path));
    if (found?.isFile !== true || (bytes > 0 && found.size !== bytes)) return false;
  }
  return true;
}
