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
import * as v from "valibot";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import { Failure } from "../base/failure.ts";
import {
  lstatIfThere,
  readParts,
  removeIfThere,
  sizeOf,
  syncFolder,
  TEMPORARY_PREFIX,
  writeFileAtomic,
  writeTexts,
} from "../base/files.ts";
import { pooled } from "../base/pooled.ts";
import { isForeignName } from "../dataset/sweep.ts";
import { isSha256 } from "../dataset/log_line.ts";
import { parseRecord } from "../split/split_file.ts";

/** The list of an export's files. Only a complete export has it. */
export const MANIFEST_FILE = "manifest.jsonl";
const SETTINGS_FILE = "settings";

/** Which script made an export and how, so that it can be made again. */
export interface MadeBy {
  /** The script's name. */
  readonly script: "export" | "augment";
  /** As typed: a switch, a value, or several. */
  readonly flags: Readonly<Record<string, true | string | readonly string[]>>;
}

/** A file that the export is to have. */
export interface WantedFile {
  /** Within the export, with `/`. */
  readonly path: string;
  /** What it is made from and how: the same key means the same bytes. */
  readonly key: string;
  /** Its name while the export is built, where `path` alone does not say what it is made from. */
  readonly buildPath?: string;
}

/** What is known of a file that was made. */
export interface FileFacts {
  /** Its size in bytes. */
  readonly bytes: number;
  /** Pixels, of images. */
  readonly width?: number;
  /** Pixels, of images. */
  readonly height?: number;
  /** Of shards. */
  readonly sha256?: string;
  /** Of shards: the keys of samples left out because their files were damaged. */
  readonly without?: readonly string[];
}

/** A file of an export. */
export type ExportedFile = Pick<WantedFile, "path" | "key"> & FileFacts;

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

/** What a tree is made from. */
export interface TreePlan {
  readonly out: string;
  /** Whatever decides the content of files besides their names. */
  readonly settings: string;
  readonly batches: readonly FileBatch[];
  /** More for the end of the manifest, from the files that were made. */
  note?(files: ReadonlyMap<string, ExportedFile>): Readonly<Record<string, unknown>>;
  /** The texts, from the files that were made, by path. */
  texts(files: ReadonlyMap<string, ExportedFile>): readonly TextFile[];
  /** How many batches are made at a time. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Called after each batch with the number of files. */
  progress(done: number, of: number): void;
}

/** What making a tree changed. */
export interface TreeReport {
  /** The files without the texts, by path. */
  readonly files: ReadonlyMap<string, ExportedFile>;
  /** How many files are new, texts included. */
  readonly made: number;
  /** How many were taken over as they were. */
  readonly reused: number;
  /** How many were removed. */
  readonly removed: number;
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
export async function makeTree(plan: TreePlan): Promise<TreeReport> {
  try {
    await Deno.mkdir(dirname(resolve(plan.out)), { recursive: true });
    await finishRename(plan.out);
    const old = await readOldFiles(plan.out);
    const report = await findUnchanged(plan, old);
    if (report === undefined) return await build(plan, old);
    const note = { complete: true, ...plan.note?.(report.files) };
    if (JSON.stringify(await readNote(plan.out)) !== JSON.stringify(note)) {
      await removeLeftovers(plan.out);
      await writeManifest(plan.out, [...old.values()], note);
    }
    await removeIfThere(buildingFolder(plan.out));
    return report;
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

/** A run that was killed while it wrote the manifest anew has left a part of it. */
async function removeLeftovers(out: string): Promise<void> {
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(out)) {
    if (isFile && name.startsWith(TEMPORARY_PREFIX)) names.push(name);
  }
  for (const name of names) await removeIfThere(join(out, name));
}

/** A run that was killed between the two renames has left the export under its second name. */
async function finishRename(out: string): Promise<void> {
  if (await isThere(out)) return await removeIfThere(oldFolder(out));
  try {
    await Deno.rename(oldFolder(out), out);
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown;
  }
}

async function isThere(path: string): Promise<boolean> {
  return await lstatIfThere(path) !== undefined;
}

/** The files of the export that is there. */
async function readOldFiles(out: string): Promise<ReadonlyMap<string, ExportedFile>> {
  const files = await readManifest(out);
  if (files !== undefined) return files;
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

/** Reads a manifest. @returns Undefined where there is none, or it does not end as it should. */
export async function readManifest(folder: string): Promise<Map<string, ExportedFile> | undefined> {
  if (await readNote(folder) === undefined) return undefined;
  const files = new Map<string, ExportedFile>();
  for await (const file of eachFile(folder)) files.set(file.path, file);
  return files;
}

const MADE_BY = v.object({
  complete: v.literal(true),
  madeBy: v.object({
    script: v.picklist(["export", "augment"]),
    flags: v.record(v.string(), v.union([v.literal(true), v.string(), v.array(v.string())])),
  }),
});

/** How an export was made; undefined where it does not say. */
export async function readMadeBy(folder: string): Promise<MadeBy | undefined> {
  const parsed = v.safeParse(MADE_BY, await readNote(folder));
  return parsed.success ? parsed.output.madeBy : undefined;
}

/** The last line of a complete export's manifest. */
export async function readNote(
  folder: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const path = join(folder, MANIFEST_FILE);
  const size = await sizeOf(path);
  if (size === undefined) return undefined;
  using file = await Deno.open(path);
  for (let length = NOTE_BYTES;; length *= 2) {
    const bytes = new Uint8Array(Math.min(length, size));
    await file.seek(size - bytes.length, Deno.SeekMode.Start);
    for (let at = 0; at < bytes.length;) {
      const read = await file.read(bytes.subarray(at));
      if (read === null) return undefined;
      at += read;
    }
    const text = new TextDecoder().decode(bytes).trimEnd();
    const start = text.lastIndexOf("\n") + 1;
    if (start === 0 && bytes.length < size) continue;
    const record = parseRecord(text.slice(start));
    return record?.complete === true ? record : undefined;
  }
}

/** How much of a manifest's end is read at first. */
const NOTE_BYTES = 1 << 18;

/** The files that an export's manifest lists, one after the other. */
export async function* eachFile(folder: string): AsyncGenerator<ExportedFile, void, void> {
  for await (const line of linesOf(join(folder, MANIFEST_FILE))) {
    const file = parseFile(parseRecord(line) ?? {});
    if (file !== undefined) yield file;
  }
}

/** The lines of a text file, of which only a part is in memory at a time; none where there is no file. */
async function* linesOf(path: string): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const part of readParts(path)) {
    const lines = (rest + decoder.decode(part, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

async function writeManifest(
  folder: string,
  files: readonly ExportedFile[],
  note: Readonly<Record<string, unknown>>,
): Promise<void> {
  const lines = [...files, note];
  await writeFileAtomic(
    join(folder, MANIFEST_FILE),
    (file) => writeTexts(file, lines.map((line) => `${JSON.stringify(line)}\n`)),
  );
}

function parseFile(record: Readonly<Record<string, unknown>>): ExportedFile | undefined {
  const { path, key, bytes, sha256, without, width, height } = record;
  if (typeof path !== "string" || typeof key !== "string" || typeof bytes !== "number") {
    return undefined;
  }
  // A manifest that somebody has changed must not lead out of the export.
  if (path.split("/").some((part) => part === "" || part === "." || part === "..")) {
    return undefined;
  }
  return {
    path,
    key,
    bytes,
    ...(typeof width === "number" && typeof height === "number" ? { width, height } : {}),
    ...(isSha256(sha256) ? { sha256 } : {}),
    ...(Array.isArray(without) ? { without: without.map(String) } : {}),
  };
}

/** The report where everything is there as planned; undefined where something is to be done. */
async function findUnchanged(
  plan: TreePlan,
  old: ReadonlyMap<string, ExportedFile>,
): Promise<TreeReport | undefined> {
  const files = new Map<string, ExportedFile>();
  for (const batch of plan.batches) {
    for (const { path, key } of batch.files) {
      const file = old.get(path);
      if (file?.key !== key) return undefined;
      files.set(path, file);
    }
  }
  const texts = plan.texts(files);
  if (old.size !== files.size + texts.length) return undefined;
  if (texts.some((text) => old.get(text.path)?.key !== textKey(text))) return undefined;
  const sizes = pooled(32, [...old.values()], async (file) => {
    plan.signal.throwIfAborted();
    return await sizeOf(join(plan.out, file.path)) === file.bytes;
  });
  let areRight = true;
  // To the end: what is left of a pool that is abandoned fails where nobody catches it.
  for await (const isRight of sizes) areRight &&= isRight;
  if (!areRight) return undefined;
  return { files, made: 0, reused: old.size, removed: 0 };
}

function textKey(text: TextFile): string {
  return `text ${digestText(text).sha256}`;
}

async function build(
  plan: TreePlan,
  old: ReadonlyMap<string, ExportedFile>,
): Promise<TreeReport> {
  const { out, batches, signal } = plan;
  await refuseForeignFiles(out, new Set([...old.keys(), MANIFEST_FILE]));
  const building = buildingFolder(out);
  await openBuildingFolder(plan, building);
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
  for (const text of plan.texts(files)) {
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
  await writeManifest(building, all, { complete: true, ...plan.note?.(files) });
  if (await isThere(out)) await Deno.rename(out, oldFolder(out));
  await Deno.rename(building, out);
  await syncFolder(dirname(resolve(out)));
  await removeIfThere(oldFolder(out));
  const removed = [...old.keys()].filter((path) => !paths.has(path)).length;
  return { files, made, reused, removed };
}

/** Empties the building folder where it was begun with other settings. */
async function openBuildingFolder({ settings }: TreePlan, building: string): Promise<void> {
  const path = join(building, SETTINGS_FILE);
  try {
    if (await Deno.readTextFile(path) === settings) return;
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown;
  }
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

/**
 * Gives a file a second name.
 *
 * @returns False where the file system cannot: another disk, too many names, no links at all.
 */
export async function linkFile(source: string, target: string): Promise<boolean> {
  try {
    await Deno.link(source, target);
    return true;
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotCapable || isMissing(thrown)) throw thrown;
    if (thrown instanceof Deno.errors.AlreadyExists) {
      await Deno.remove(target);
      await Deno.link(source, target);
      return true;
    }
    const code = thrown instanceof Error && "code" in thrown ? thrown.code : "";
    if (["EXDEV", "EMLINK", "EPERM", "ENOTSUP", "EOPNOTSUPP"].includes(String(code))) return false;
    throw thrown;
  }
}
