/**
 * Makes the folder of an export, whole or not at all.
 *
 * The folder is built beside its place and renamed when it is complete. Files of the export before
 * it that are still right are linked, not made again. A run that was interrupted goes on: the
 * building folder's manifest, a line for each file that is complete, says what it was made from.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { basename, dirname, join, resolve } from "@std/path";
import { diskFailure, ifThere, lstatIfThere } from "../base/disk_failure.ts";
import { Failure } from "../base/failure.ts";
import {
  linkFile,
  removeIfThere,
  sizeOf,
  syncFolder,
  TEMPORARY_PREFIX,
  writeFileAtomic,
  writeTexts,
} from "../base/files.ts";
import { pooled } from "../base/pooled.ts";
import { isForeignName } from "../dataset/verify.ts";
import {
  type ExportedFile,
  type FileFacts,
  MANIFEST_FILE,
  readList,
  readManifest,
  writeManifest,
} from "./manifest.ts";

/** A file that the export is to have. */
export interface WantedFile extends Pick<ExportedFile, "path" | "key"> {
  /** Its name while the export is built, where `path` alone does not say what it is made from. */
  readonly buildPath?: string;
}

/** Files that are made together. */
export interface FileBatch {
  readonly files: readonly WantedFile[];
  /**
   * Makes some of the files, each complete or not at all, and yields those that could be made.
   *
   * @param targetOf Where a file goes.
   */
  make(
    files: readonly WantedFile[],
    targetOf: (file: WantedFile) => string,
  ): AsyncIterable<readonly [WantedFile, FileFacts]>;
}

/** A text whose content depends on the other files, such as a list of them. */
export interface TextFile {
  readonly path: string;
  /** The content in pieces, the same at each call. */
  pieces(): Iterable<string>;
}

/** What is written when the other files are there. */
export interface TreeEnd {
  readonly texts: readonly TextFile[];
  /** For the last line of the manifest. */
  readonly note: Readonly<Record<string, unknown>>;
}

/** What a tree is made from. */
export interface TreePlan<End extends TreeEnd> {
  readonly out: string;
  readonly batches: readonly FileBatch[];
  /** The end, from the files that were made, by path. */
  finish(files: ReadonlyMap<string, ExportedFile>): End;
  /** How many batches are made at a time. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Called after each batch with the number of files. */
  progress(done: number, of: number): void;
}

/** How many files of an export were changed. */
export interface TreeChanges {
  /** How many files are new, texts included. */
  readonly made: number;
  /** How many were taken over as they were. */
  readonly reused: number;
  /** How many were removed. */
  readonly removed: number;
}

interface Tree<End> {
  readonly end: End;
  readonly changes: TreeChanges;
}

/** A text's SHA-256 and its size in bytes. */
export interface TextDigest {
  readonly sha256: string;
  readonly bytes: number;
}

const digests = new WeakMap<TextFile, TextDigest>();

/** The SHA-256 and size of a text, computed once: a list of many images takes seconds. */
export function digestText(text: TextFile): TextDigest {
  const known = digests.get(text);
  if (known !== undefined) return known;
  const hash = createHash("sha256");
  let bytes = 0;
  for (const piece of text.pieces()) {
    hash.update(piece);
    bytes += new TextEncoder().encode(piece).length;
  }
  const digest = { sha256: hash.digest("hex"), bytes };
  digests.set(text, digest);
  return digest;
}

/**
 * Makes a folder be as planned.
 *
 * @throws {Failure} When the disk refuses, or the folder exists and is no export.
 * @throws The signal's reason. What was made so far is used by the next run.
 */
export async function makeTree<End extends TreeEnd>(plan: TreePlan<End>): Promise<Tree<End>> {
  try {
    await Deno.mkdir(dirname(resolve(plan.out)), { recursive: true });
    await finishRename(plan.out);
    return await build(plan, await readOldFiles(plan.out));
  } catch (thrown) {
    plan.signal.throwIfAborted();
    throw diskFailure(`make the export ${plan.out}`, thrown);
  }
}

/** The folder an export is built in, beside its own. */
export function buildingFolder(out: string): string {
  return join(dirname(out), `${TEMPORARY_PREFIX}building-${basename(out)}`);
}

function oldFolder(out: string): string {
  return join(dirname(out), `${TEMPORARY_PREFIX}old-${basename(out)}`);
}

/** A run that was killed between the two renames has left the export under its second name. */
async function finishRename(out: string): Promise<void> {
  if (lstatIfThere(out) !== undefined) return await removeIfThere(oldFolder(out));
  await ifThere(Deno.rename(oldFolder(out), out));
}

/** The files of the export that is there. */
async function readOldFiles(out: string): Promise<ReadonlyMap<string, ExportedFile>> {
  const manifest = await readManifest(out);
  if (manifest !== undefined) return manifest.files;
  if (lstatIfThere(out) !== undefined) {
    for await (const _ of Deno.readDir(out)) {
      throw new Failure(
        `Cannot export to ${out}: the folder exists and is no export. Remove it, or choose another with --out.`,
        2,
      );
    }
  }
  return new Map();
}

async function build<End extends TreeEnd>(
  plan: TreePlan<End>,
  old: ReadonlyMap<string, ExportedFile>,
): Promise<Tree<End>> {
  const { out } = plan;
  await refuseForeignFiles(out, new Set([...old.keys(), MANIFEST_FILE]));
  const building = buildingFolder(out);
  const changes = { made: 0, reused: 0, removed: 0 };
  const files = await makeFiles(plan, old, changes);
  for (const { path, buildPath } of plan.batches.flatMap((batch) => batch.files)) {
    if (buildPath === undefined || !files.has(path)) continue;
    await Deno.mkdir(dirname(join(building, path)), { recursive: true });
    await Deno.rename(join(building, buildPath), join(building, path));
  }
  const written: ExportedFile[] = [];
  const end = plan.finish(files);
  for (const text of end.texts) {
    const path = join(building, text.path);
    await Deno.mkdir(dirname(path), { recursive: true });
    await writeFileAtomic(path, (file) => writeTexts(file, text.pieces()), { flush: "file" });
    const key = `text ${digestText(text).sha256}`;
    changes[old.get(text.path)?.key === key ? "reused" : "made"]++;
    written.push({ path: text.path, key, bytes: await sizeOf(path) ?? 0 });
  }
  const all = [...files.values(), ...written];
  const paths = new Set(all.map(({ path }) => path));
  await removeOthers(building, new Set([...paths, MANIFEST_FILE]));
  for (const folder of new Set([...paths].map((path) => dirname(path)))) {
    await syncFolder(join(building, folder));
  }
  await writeManifest(building, all, end.note);
  await ifThere(Deno.rename(out, oldFolder(out)));
  await Deno.rename(building, out);
  await syncFolder(dirname(resolve(out)));
  await removeIfThere(oldFolder(out));
  changes.removed = [...old.keys()].filter((path) => !paths.has(path)).length;
  return { end, changes };
}

/** Has all files in the building folder that can be made, with a manifest of what is there so far. */
async function makeFiles(
  { out, batches, signal, concurrency, progress }: TreePlan<TreeEnd>,
  old: ReadonlyMap<string, ExportedFile>,
  changes: { made: number; reused: number },
): Promise<Map<string, ExportedFile>> {
  const building = buildingFolder(out);
  await Deno.mkdir(building, { recursive: true });
  const manifest = join(building, MANIFEST_FILE);
  const { files: begun } = await readList(manifest);
  await removeOthers(building, new Set([...begun.keys(), MANIFEST_FILE]));
  using list = await Deno.open(manifest, { append: true, create: true });
  // Shards are found by key: one may have another number now.
  const oldByKey = new Map([...old.values()].map((file) => [file.key, file]));
  const folders = new Map<string, Promise<void>>();
  const placeOf = ({ path, buildPath }: WantedFile): string => buildPath ?? path;
  const targetOf = (wanted: WantedFile): string => join(building, placeOf(wanted));
  const runBatch = async (batch: FileBatch): Promise<ExportedFile[]> => {
    signal.throwIfAborted();
    const done: ExportedFile[] = [];
    const take = (wanted: WantedFile, file: ExportedFile): void => {
      done.push({ ...file, path: wanted.path });
      const line = JSON.stringify({ ...file, path: placeOf(wanted) });
      list.writeSync(new TextEncoder().encode(`${line}\n`));
    };
    const missing: WantedFile[] = [];
    for (const wanted of batch.files) {
      const target = targetOf(wanted);
      const folder = dirname(target);
      const ready = folders.get(folder) ?? Deno.mkdir(folder, { recursive: true });
      folders.set(folder, ready);
      await ready;
      const here = begun.get(placeOf(wanted));
      if (here?.key === wanted.key && await sizeOf(target) === here.bytes) {
        changes.made++;
        done.push({ ...here, path: wanted.path });
        continue;
      }
      // It may be a second name of the very file that is to be copied to it.
      if (here !== undefined) await removeIfThere(target);
      const before = oldByKey.get(wanted.key);
      if (before !== undefined && await takeOver(join(out, before.path), before, target)) {
        changes.reused++;
        take(wanted, before);
      } else missing.push(wanted);
    }
    if (missing.length === 0) return done;
    for await (const [wanted, facts] of batch.make(missing, targetOf)) {
      changes.made++;
      take(wanted, { path: wanted.path, key: wanted.key, ...facts });
    }
    return done;
  };
  const files = new Map<string, ExportedFile>();
  const of = batches.reduce((sum, batch) => sum + batch.files.length, 0);
  for await (const done of pooled(concurrency, batches, runBatch)) {
    for (const file of done) files.set(file.path, file);
    progress(files.size, of);
  }
  signal.throwIfAborted();
  return files;
}

async function takeOver(source: string, before: ExportedFile, target: string): Promise<boolean> {
  if (await sizeOf(source) !== before.bytes) return false;
  if (!await linkFile(source, target)) await Deno.copyFile(source, target);
  return true;
}

/** All paths of files below a folder, relative to it, with `/`. Links are listed, not followed. */
async function* listFiles(root: string, below = ""): AsyncGenerator<string, void, void> {
  for await (const entry of Deno.readDir(join(root, below))) {
    if (entry.isDirectory) yield* listFiles(root, `${below}${entry.name}/`);
    else yield `${below}${entry.name}`;
  }
}

/** Refuses to replace a folder into which somebody has put files of their own. */
async function refuseForeignFiles(out: string, known: ReadonlySet<string>): Promise<void> {
  if (lstatIfThere(out) === undefined) return;
  for await (const path of listFiles(out)) {
    const name = basename(path);
    if (known.has(path) || isForeignName(name) || name.startsWith(TEMPORARY_PREFIX)) continue;
    throw new Failure(
      `Cannot update ${out}: ${path} is not part of the export and would be lost. Move it elsewhere and run the same command again.`,
    );
  }
}

/** Removes what an earlier run has made and this one does not want, and folders left empty. */
async function removeOthers(building: string, wanted: ReadonlySet<string>): Promise<void> {
  for await (const path of listFiles(building)) {
    if (!wanted.has(path)) await Deno.remove(join(building, path));
  }
  for await (const { name, isDirectory } of Deno.readDir(building)) {
    if (isDirectory) await removeIfEmpty(join(building, name));
  }
}

/** Removes a folder and those in it, unless there are files in it. @returns Whether it is gone. */
export async function removeIfEmpty(folder: string): Promise<boolean> {
  let isEmpty = true;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    isEmpty = isDirectory && await removeIfEmpty(join(folder, name)) && isEmpty;
  }
  if (isEmpty) await Deno.remove(folder);
  return isEmpty;
}
