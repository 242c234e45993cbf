/**
 * Makes the folder of an export, whole or not at all.
 *
 * The folder is built beside its place and renamed when it is complete. Files of the export before
 * it that are still right are linked, not made again. A run that was interrupted goes on: what is in
 * the building folder is complete, because each file is renamed into it, and right, because its name
 * and the folder's `settings` together say what it was made from.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { basename, dirname, join, resolve } from "@std/path";
import { diskFailure, ifThere } from "../base/disk_failure.ts";
import { Failure } from "../base/failure.ts";
import {
  linkFile,
  readTextIfThere,
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
  readManifest,
  writeManifest,
} from "./manifest.ts";

const SETTINGS_FILE = "settings";

/** A file that the export is to have. */
export interface WantedFile extends Pick<ExportedFile, "path" | "key"> {
  /** Its name while the export is built, where `path` alone does not say what it is made from. */
  readonly buildPath?: string;
}

/** Files that are made together. */
export interface FileBatch {
  readonly files: readonly WantedFile[];
  /**
   * Makes some of the files, each complete or not at all.
   *
   * @param targetOf Where a file goes.
   * @returns The facts by path. A file that cannot be made is missing from it.
   */
  make(
    files: readonly WantedFile[],
    targetOf: (file: WantedFile) => string,
  ): Promise<ReadonlyMap<string, FileFacts>>;
  /** The facts of a file that an interrupted run has made; undefined to make it again. */
  inspect(file: WantedFile, target: string): Promise<FileFacts | undefined>;
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
  /** Whatever decides the content of files besides their names. */
  readonly settings: string;
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
  if (await isThere(out)) return await removeIfThere(oldFolder(out));
  await ifThere(Deno.rename(oldFolder(out), out));
}

async function isThere(path: string): Promise<boolean> {
  return await ifThere(Deno.lstat(path)) !== undefined;
}

/** The files of the export that is there. */
async function readOldFiles(out: string): Promise<ReadonlyMap<string, ExportedFile>> {
  const manifest = await readManifest(out);
  if (manifest !== undefined) return manifest.files;
  if (await isThere(out)) {
    for await (const _ of Deno.readDir(out)) {
      throw new Failure(
        `Cannot export to ${out}: the folder exists and is no export. Remove it, or choose another with --out.`,
        2,
      );
    }
  }
  return new Map();
}

function textKey(text: TextFile): string {
  return `text ${digestText(text).sha256}`;
}

async function build<End extends TreeEnd>(
  plan: TreePlan<End>,
  old: ReadonlyMap<string, ExportedFile>,
): Promise<Tree<End>> {
  const { out, batches, signal } = plan;
  await refuseForeignFiles(out, new Set([...old.keys(), MANIFEST_FILE]));
  const building = buildingFolder(out);
  await openBuildingFolder(plan.settings, building);
  // Shards are found by key: one may have another number now.
  const oldByKey = new Map([...old.values()].map((file) => [file.key, file]));
  const folders = new Map<string, Promise<void>>();
  const targetOf = ({ path, buildPath }: WantedFile): string => join(building, buildPath ?? path);
  const makeFolder = (target: string): Promise<void> => {
    const folder = dirname(target);
    const known = folders.get(folder) ?? Deno.mkdir(folder, { recursive: true });
    folders.set(folder, known);
    return known;
  };
  let [made, reused] = [0, 0];
  const runBatch = async (batch: FileBatch): Promise<ExportedFile[]> => {
    signal.throwIfAborted();
    const done: ExportedFile[] = [];
    const missing: WantedFile[] = [];
    for (const wanted of batch.files) {
      const target = targetOf(wanted);
      await makeFolder(target);
      const here = await batch.inspect(wanted, target);
      const before = oldByKey.get(wanted.key);
      if (here !== undefined) {
        made++;
        done.push({ path: wanted.path, key: wanted.key, ...here });
      } else if (before !== undefined && await takeOver(join(out, before.path), before, target)) {
        reused++;
        done.push({ ...before, path: wanted.path });
      } else missing.push(wanted);
    }
    if (missing.length === 0) return done;
    const facts = await batch.make(missing, targetOf);
    for (const { path, key } of missing) {
      const own = facts.get(path);
      if (own !== undefined) done.push({ path, key, ...own });
    }
    made += facts.size;
    return done;
  };
  const files = new Map<string, ExportedFile>();
  const of = batches.reduce((sum, batch) => sum + batch.files.length, 0);
  for await (const done of pooled(plan.concurrency, batches, runBatch)) {
    for (const file of done) files.set(file.path, file);
    plan.progress(files.size, of);
  }
  signal.throwIfAborted();
  for (const wanted of batches.flatMap((batch) => batch.files)) {
    if (wanted.buildPath === undefined || !files.has(wanted.path)) continue;
    await makeFolder(join(building, wanted.path));
    await Deno.rename(join(building, wanted.buildPath), join(building, wanted.path));
  }
  const written: ExportedFile[] = [];
  const end = plan.finish(files);
  for (const text of end.texts) {
    const path = join(building, text.path);
    await makeFolder(path);
    await writeFileAtomic(path, (file) => writeTexts(file, text.pieces()), { flush: "file" });
    const key = textKey(text);
    if (old.get(text.path)?.key === key) reused++;
    else made++;
    written.push({ path: text.path, key, bytes: await sizeOf(path) ?? 0 });
  }
  const all = [...files.values(), ...written];
  const paths = new Set(all.map(({ path }) => path));
  await removeOthers(building, paths);
  for (const folder of folders.keys()) {
    if (await isThere(folder)) await syncFolder(folder);
  }
  await writeManifest(building, all, end.note);
  if (await isThere(out)) await Deno.rename(out, oldFolder(out));
  await Deno.rename(building, out);
  await syncFolder(dirname(resolve(out)));
  await removeIfThere(oldFolder(out));
  const removed = [...old.keys()].filter((path) => !paths.has(path)).length;
  return { end, changes: { made, reused, removed } };
}

/** Empties the building folder where it was begun with other settings. */
async function openBuildingFolder(settings: string, building: string): Promise<void> {
  const path = join(building, SETTINGS_FILE);
  if (await readTextIfThere(path) === settings) return;
  await removeIfThere(building);
  await Deno.mkdir(building, { recursive: true });
  await writeFileAtomic(path, settings);
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
  if (!await isThere(out)) return;
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
