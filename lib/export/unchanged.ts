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
import { isMissing } from "../base/disk_failure.ts";
import { readParts } from "../base/files.ts";
import { folderInside } from "../base/inside.ts";
import { VERSION } from "../base/version.ts";
import { readDataset } from "../dataset/dataset.ts";
import type { SplitOptions } from "../split/split_dataset.ts";
import type { ExportCounts } from "./figures.ts";
import { readManifest } from "./manifest.ts";
import { ROW_FIELDS } from "./rows.ts";

/** Files of the data folder that decide nothing: caches, and what other scripts count there. */
const UNIMPORTANT = /^(?:\.|index\.sqlite|budget\.json|species\.csv)/;
/** After so many files other tasks get their turn, so that Ctrl-C is noticed. */
const PAUSE = 2_000;

/** What an export's manifest remembers of it, besides how it was made. */
export interface ExportNote {
  /** See {@linkcode digestInputs}. */
  readonly inputs: string;
  /** What it came to. */
  readonly report: ExportCounts;
  /** What was said. */
  readonly notices: readonly string[];
}

// What the report holds needs no check: only this very version comes to the same inputs.
const NOTE = v.object({
  inputs: v.string(),
  report: v.custom<ExportCounts>((value) => typeof value === "object" && value !== null),
  notices: v.array(v.string()),
});

/** The options of an export, of which each one decides something, but those that are named here. */
export interface DecidingOptions extends SplitOptions {
  /** The export's folder. */
  readonly out: string;
  readonly workers?: number;
}

/** A digest of all that decides an export, while the data folder is locked. */
export async function digestInputs(options: DecidingOptions): Promise<string> {
  const { dir, out, signal: _signal, workers: _workers, ...others } = options;
  const hash = createHash("sha256");
  const place = relative(resolve(out), resolve(dir));
  hash.update(JSON.stringify([VERSION, ROW_FIELDS, place, others]));
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(dir)) {
    if (isFile && !UNIMPORTANT.test(name)) names.push(name);
  }
  for (const name of names.sort()) {
    const content = createHash("sha256");
    for await (const part of readParts(join(dir, name))) content.update(part);
    hash.update(`${name} ${content.digest("hex")}\n`);
  }
  return hash.digest("hex");
}

/** What an export came to that is there and as it would be made; undefined where it is not. */
export async function recallExport(
  options: DecidingOptions,
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
  let reused = 0;
  for (const { path, bytes } of manifest.files.values()) {
    if (++reused % PAUSE === 0) await pause(signal);
    if (sizeOfNow(join(out, path)) !== bytes) return undefined;
  }
  notices.forEach(notice);
  return { counts: report, reused };
}

/** Whether each kept image has its file, in the right size. */
async function imagesAreThere(dir: string, signal: AbortSignal): Promise<boolean> {
  using state = (await readDataset(dir)).state;
  let at = 0;
  for (const species of state.species) {
    await folderInside(dir, `images/${species}`);
    for (const { file, bytes } of state.keptFiles(species)) {
      if (++at % PAUSE === 0) await pause(signal);
      const size = sizeOfNow(join(dir, file));
      if (size === undefined || (bytes > 0 && size !== bytes)) return false;
    }
  }
  return true;
}

async function pause(signal: AbortSignal): Promise<void> {
  await new Promise((resume) => setTimeout(resume, 0));
  signal.throwIfAborted();
}

/** The size of a plain file. In turn: waiting for each of a hundred thousand answers takes longer. */
function sizeOfNow(path: string): number | undefined {
  try {
    const found = Deno.lstatSync(path);
    return found.isFile ? found.size : undefined;
  } catch (thrown) {
    if (isMissing(thrown) || thrown instanceof Deno.errors.NotADirectory) return undefined;
    throw thrown;
  }
}
