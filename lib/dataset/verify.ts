/**
 * Holds the image files against the log, content and all.
 *
 * @module
 */

import { pooled } from "../base/pooled.ts";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import { fileInside, folderInside, pathInside } from "../base/inside.ts";
import { isSpeciesId } from "./log_line.ts";
import type { LogReading } from "./log_reader.ts";
import type { DatasetState, KeptImage } from "./state.ts";
import { readIfThere } from "../base/files.ts";
import { sha256Of, TEMPORARY_PREFIX } from "../base/files.ts";
import { isForeignName, speciesFolders } from "./sweep.ts";

/** One thing that is wrong with a data folder. */
export type Finding =
  /** A kept image has no file. */
  | { readonly kind: "missing"; readonly image: KeptImage }
  /** A kept image's file has other bytes than its line says. */
  | { readonly kind: "altered"; readonly image: KeptImage; readonly sha256: string }
  /** A kept image's file is a link: what reads the dataset does not follow it. */
  | { readonly kind: "linked"; readonly image: KeptImage }
  /** A file that no kept line names. */
  | { readonly kind: "unlogged"; readonly file: string; readonly sha256: string }
  /** A file below `images/` that is in no species' folder. */
  | { readonly kind: "stranger"; readonly file: string; readonly sha256: string }
  /** A half-written file. */
  | { readonly kind: "temporary"; readonly file: string }
  /** A folder, link or pipe where only image files belong. */
  | { readonly kind: "not-a-file"; readonly file: string; readonly isFolder: boolean }
  /** A line of the log that cannot be understood. */
  | { readonly kind: "bad-line"; readonly number: number; readonly why: string }
  /** The log ends with bytes that are no line. */
  | { readonly kind: "torn-log"; readonly bytes: number };

/** What a verification came to. */
export interface Verification {
  /** How many kept images, rejected ones included, were looked at. */
  readonly images: number;
  /** What is wrong: species by species. */
  readonly findings: readonly Finding[];
}

const FILES_AT_ONCE = 4;

/**
 * Verifies a data folder's files: every kept line has its file with that hash, every file its line.
 * Nothing is changed.
 *
 * @param dir The data folder.
 * @param state What its log says.
 * @param signal Ends the verification with its reason.
 * @throws {Failure} When a folder or file cannot be read.
 */
export async function verifyFiles(
  dir: string,
  state: DatasetState,
  signal: AbortSignal,
  progress: (done: number, total: number) => void = () => undefined,
): Promise<Verification> {
  const findings: Finding[] = [];
  let images = 0;
  try {
    const species = new Set([...state.species, ...await speciesFolders(dir)]);
    const total = [...state.keptImages()].length;
    for (const id of [...species].sort()) {
      const kept = state.imagesIn(id);
      images += kept.length;
      const checked = pooled(FILES_AT_ONCE, kept, (image) => {
        signal.throwIfAborted();
        return checkImage(dir, image);
      });
      let done = images - kept.length;
      for await (const finding of checked) {
        progress(++done, total);
        if (finding !== undefined) findings.push(finding);
      }
      const names = new Set(kept.map((image) => image.file));
      for await (const finding of looseFiles(dir, id, names)) {
        signal.throwIfAborted();
        findings.push(finding);
      }
    }
    for await (const finding of strangers(dir, signal)) findings.push(finding);
  } catch (error) {
    signal.throwIfAborted();
    throw diskFailure(`verify the data folder ${dir}`, error);
  }
  return { images, findings };
}

/**
 * A finding as a sentence.
 *
 * @param finding The finding.
 */
export function describeFinding(finding: Finding): string {
  switch (finding.kind) {
    case "missing":
      return `${finding.image.file} is logged as kept but is not there.`;
    case "altered":
      return `${finding.image.file} has other bytes than the log says (SHA-256 ${finding.sha256}).`;
    case "linked":
      return `${finding.image.file} is a link, not a file of its own: exports leave it out.`;
    case "unlogged":
      return `${finding.file} is not in the log: --repair --prune removes it, if it is not yours.`;
    case "stranger":
      return `${finding.file} is in no species' folder: if it is not ours, move it away.`;
    case "temporary":
      return `${finding.file} is a half-written file of an earlier run.`;
    case "not-a-file":
      return finding.isFolder
        ? `${finding.file} is a folder where only images belong: move it away.`
        : `${finding.file} is not a plain file: --repair --prune removes it.`;
    case "bad-line":
      return `Line ${finding.number} of the log cannot be understood: ${finding.why}.`;
    case "torn-log":
      return `The log ends with ${finding.bytes} bytes that are no line.`;
  }
}

/**
 * What is wrong with a log.
 *
 * @param log What reading it told.
 */
export function logFindings(log: LogReading): Finding[] {
  const findings: Finding[] = log.problems.map((problem) => ({ kind: "bad-line", ...problem }));
  if (log.size > log.end) findings.push({ kind: "torn-log", bytes: log.size - log.end });
  return findings;
}

async function checkImage(dir: string, image: KeptImage): Promise<Finding | undefined> {
  if (await isLink(await pathInside(dir, image.file))) return { kind: "linked", image };
  const sha256 = await hashOf(dir, image.file);
  if (sha256 === image.sha256) return undefined;
  // A rejected image is not wanted: its file may go.
  if (sha256 === undefined) return image.rejected ? undefined : { kind: "missing", image };
  return { kind: "altered", image, sha256 };
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await Deno.lstat(path)).isSymlink;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** The SHA-256 of a file; `undefined` where there is none. */
async function hashOf(dir: string, file: string): Promise<string | undefined> {
  const path = await fileInside(dir, file);
  const bytes = path === undefined ? undefined : await readIfThere(path);
  return bytes === undefined ? undefined : await sha256Of(bytes);
}

async function* looseFiles(
  dir: string,
  species: string,
  kept: ReadonlySet<string>,
): AsyncGenerator<Finding, void, void> {
  try {
    for await (const entry of Deno.readDir(await folderInside(dir, `images/${species}`))) {
      const file = `images/${species}/${entry.name}`;
      if ((kept.has(file) && !entry.isDirectory) || isForeignName(entry.name)) continue;
      if (!entry.isFile) yield { kind: "not-a-file", file, isFolder: entry.isDirectory };
      else if (entry.name.startsWith(TEMPORARY_PREFIX)) yield { kind: "temporary", file };
      else {
        const sha256 = await hashOf(dir, file);
        if (sha256 !== undefined) yield { kind: "unlogged", file, sha256 };
      }
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Files in `images` itself, and in folders there that cannot be a species': renamed by hand. */
async function* strangers(dir: string, signal: AbortSignal): AsyncGenerator<Finding, void, void> {
  for (const folder of ["images", ...await foreignFolders(dir)]) {
    for (const { name, isFile } of await entriesOf(await folderInside(dir, folder))) {
      signal.throwIfAborted();
      if (!isFile || isForeignName(name)) continue;
      const file = `${folder}/${name}`;
      const sha256 = await hashOf(dir, file);
      if (sha256 !== undefined) yield { kind: "stranger", file, sha256 };
    }
  }
}

async function foreignFolders(dir: string): Promise<string[]> {
  return (await entriesOf(await folderInside(dir, "images")))
    .filter(({ name, isDirectory }) => isDirectory && !isSpeciesId(name) && !isForeignName(name))
    .map(({ name }) => `images/${name}`);
}

async function entriesOf(folder: string): Promise<Deno.DirEntry[]> {
  try {
    return await Array.fromAsync(Deno.readDir(folder));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
