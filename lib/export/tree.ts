/**
 * Makes a folder of files at once or not at all, of which only what changed is made anew.
 *
 * It is built beside its place under a name of its own, with a journal, and renamed when it is
 * whole: so that what has the export's name is a whole export. A run that is stopped goes on where
 * its journal ends.
 *
 * @module
 */

import { basename, dirname, join } from "@std/path";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import {
  removeIfThere,
  sha256Of,
  sizeOf,
  syncFolder,
  TEMPORARY_PREFIX,
  writeAll,
  writeFileAtomic,
} from "../base/files.ts";
import { isForeignName } from "../dataset/sweep.ts";
import { Failure } from "../base/failure.ts";
import {
  COMPLETE_LINE,
  type ExportedFile,
  formatFile,
  MANIFEST_FILE,
  readManifest,
} from "./manifest.ts";
import { pooled } from "../base/pooled.ts";

/** What making a file came to; nothing where its source was no good, which is told elsewhere. */
export type Made = Omit<ExportedFile, "path" | "key"> | undefined;

/** A file that is wanted. */
export interface WantedFile {
  /** The path within the folder, with `/`. */
  readonly path: string;
  /** What it is made from and how: the same key, the same content. */
  readonly key: string;
  /** Makes it at a path, whole or not at all. */
  make(target: string): Promise<Made>;
}

/** A file whose text depends on what the others came to. */
export interface TextFile {
  /** The path within the folder, with `/`. */
  readonly path: string;
  /** Its content. */
  readonly text: string;
}

/** What a tree is made from. */
export interface TreePlan {
  /** The folder; the one it is in exists, or is made. */
  readonly out: string;
  /** The files. */
  readonly files: readonly WantedFile[];
  /** The texts, from the files that there are, by path. */
  texts(files: ReadonlyMap<string, ExportedFile>): Promise<readonly TextFile[]>;
  /** How many files are made at a time. */
  readonly atOnce: number;
  /** Ends it. What was made so far is used by the next run. */
  readonly signal: AbortSignal;
  /** Is told after each file how many there are now. */
  progress(done: number, of: number): void;
}

/** What making a tree came to. */
export interface TreeReport {
  /** The files, texts not among them, by path. */
  readonly files: ReadonlyMap<string, ExportedFile>;
  /** How many files were made anew, texts included. */
  readonly made: number;
  /** How many were taken over as they were. */
  readonly taken: number;
  /** How many that there were are wanted no more. */
  readonly removed: number;
}

/** The folder an export is built in, beside its own. */
export function buildingFolder(out: string): string {
  return join(dirname(out), `${TEMPORARY_PREFIX}building-${basename(out)}`);
}

/**
 * Makes a folder be as it is wanted.
 *
 * @param plan What is wanted.
 * @throws {Failure} When the disk does not let us, or the folder is there and was not made by this.
 * @throws The signal's reason.
 */
export async function makeTree(plan: TreePlan): Promise<TreeReport> {
  try {
    await restore(plan.out);
    const old = await oldFiles(plan.out);
    const same = await unchanged(plan, old);
    if (same !== undefined) {
      await removeIfThere(buildingFolder(plan.out));
      return same;
    }
    return await new Builder(plan, old).build();
  } catch (thrown) {
    plan.signal.throwIfAborted();
    throw diskFailure(`make the export ${plan.out}`, thrown);
  }
}

function retired(out: string): string {
  return join(dirname(out), `${TEMPORARY_PREFIX}old-${basename(out)}`);
}

/** Brings back what a run that was stopped between two renames has put aside. */
async function restore(out: string): Promise<void> {
  await Deno.mkdir(dirname(out), { recursive: true });
  if (await exists(out)) return await removeIfThere(retired(out));
  try {
    await Deno.rename(retired(out), out);
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown;
  }
}

async function oldFiles(out: string): Promise<ReadonlyMap<string, ExportedFile>> {
  const manifest = await readManifest(out);
  if (manifest?.complete !== true && await exists(out)) {
    for await (const _ of Deno.readDir(out)) {
      throw new Failure(
        `Cannot export to ${out}: it is there and is no export. Remove it, or choose another folder with --out.`,
        2,
      );
    }
  }
  return new Map(manifest?.files.map((file) => [file.path, file]));
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (thrown) {
    if (isMissing(thrown)) return false;
    throw thrown;
  }
}

/** The report where all is there as it is wanted; nothing where something is to be done. */
async function unchanged(
  plan: TreePlan,
  old: ReadonlyMap<string, ExportedFile>,
): Promise<TreeReport | undefined> {
  const files = new Map<string, ExportedFile>();
  for (const { path, key } of plan.files) {
    const file = old.get(path);
    if (file?.key !== key) return undefined;
    files.set(path, file);
  }
  const texts = await plan.texts(files);
  if (old.size !== files.size + texts.length) return undefined;
  for (const text of texts) if (old.get(text.path)?.key !== await textKey(text)) return undefined;
  for (const file of old.values()) {
    plan.signal.throwIfAborted();
    if (await sizeOf(join(plan.out, file.path)) !== file.bytes) return undefined;
  }
  return { files, made: 0, taken: old.size, removed: 0 };
}

async function textKey({ text }: TextFile): Promise<string> {
  return `text ${await sha256Of(new TextEncoder().encode(text))}`;
}

/** Journal lines that are written at once. */
const JOURNAL_LINES = 64;

class Builder {
  readonly #plan: TreePlan;
  readonly #old: ReadonlyMap<string, ExportedFile>;
  readonly #building: string;
  /** Old files by key: a shard may have another number now. */
  readonly #byKey: ReadonlyMap<string, ExportedFile>;
  readonly #folders = new Map<string, Promise<void>>();
  #journal: string[] = [];
  #made = 0;
  #taken = 0;

  constructor(plan: TreePlan, old: ReadonlyMap<string, ExportedFile>) {
    this.#plan = plan;
    this.#old = old;
    this.#building = buildingFolder(plan.out);
    this.#byKey = new Map([...old.values()].map((file) => [file.key, file]));
  }

  async build(): Promise<TreeReport> {
    const { out, files, atOnce, signal } = this.#plan;
    await refuseStrangers(out, "", new Set([...this.#old.keys(), MANIFEST_FILE]));
    await Deno.mkdir(this.#building, { recursive: true });
    const earlier = await this.#earlier();
    const journal = await Deno.open(join(this.#building, MANIFEST_FILE), {
      append: true,
      create: true,
    });
    const done = new Map<string, ExportedFile>();
    try {
      // A run that was killed may have left half a line.
      await writeAll(journal, new TextEncoder().encode("\n"));
      const each = pooled(atOnce, files, async (wanted) => {
        signal.throwIfAborted();
        return await this.#have(wanted, earlier);
      });
      for await (const file of each) {
        if (file !== undefined) done.set(file.path, file);
        if (this.#journal.length >= JOURNAL_LINES) await this.#writeJournal(journal);
        this.#plan.progress(done.size, files.length);
      }
      await this.#writeJournal(journal);
      signal.throwIfAborted();
    } catch (thrown) {
      await this.#writeJournal(journal).catch((second: unknown) => {
        // The files are made again by the next run; what went wrong first is what is told.
        if (!(second instanceof Error)) throw second;
      });
      throw thrown;
    } finally {
      journal.close();
    }
    const texts = await this.#writeTexts(done);
    await this.#finish([...done.values(), ...texts]);
    const gone = [...this.#old.keys()].filter((path) =>
      !done.has(path) && !texts.some((text) => text.path === path)
    );
    await swap(out, this.#building);
    return { files: done, made: this.#made, taken: this.#taken, removed: gone.length };
  }

  /** What a run that was stopped has made here; the rest of it is removed. */
  async #earlier(): Promise<ReadonlyMap<string, ExportedFile>> {
    const journal = await readManifest(this.#building);
    const earlier = new Map(journal?.files.map((file) => [file.path, file]));
    const wanted = new Map(this.#plan.files.map((file) => [file.path, file.key]));
    for (const [path, { key }] of earlier) if (wanted.get(path) !== key) earlier.delete(path);
    await removeOthers(this.#building, "", new Set([...earlier.keys(), MANIFEST_FILE]));
    return earlier;
  }

  async #have(
    wanted: WantedFile,
    earlier: ReadonlyMap<string, ExportedFile>,
  ): Promise<ExportedFile | undefined> {
    const target = join(this.#building, wanted.path);
    await this.#folderOf(target);
    const here = earlier.get(wanted.path);
    if (here !== undefined) {
      if (await sizeOf(target) === here.bytes) {
        this.#made++;
        return here;
      }
      await removeIfThere(target);
    }
    const old = this.#byKey.get(wanted.key);
    const file = old !== undefined && await this.#takeOver(old, target)
      ? { ...old, path: wanted.path }
      : await this.#make(wanted, target);
    if (file !== undefined) this.#journal.push(formatFile(file));
    return file;
  }

  async #make(wanted: WantedFile, target: string): Promise<ExportedFile | undefined> {
    const made = await wanted.make(target);
    if (made === undefined) return undefined;
    this.#made++;
    return { path: wanted.path, key: wanted.key, ...made };
  }

  async #takeOver(old: ExportedFile, target: string): Promise<boolean> {
    const source = join(this.#plan.out, old.path);
    if (await sizeOf(source) !== old.bytes) return false;
    if (!await linkFile(source, target)) await Deno.copyFile(source, target);
    this.#taken++;
    return true;
  }

  #folderOf(target: string): Promise<void> {
    const folder = dirname(target);
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const made = Deno.mkdir(folder, { recursive: true });
    this.#folders.set(folder, made);
    return made;
  }

  async #writeTexts(done: ReadonlyMap<string, ExportedFile>): Promise<ExportedFile[]> {
    const written: ExportedFile[] = [];
    for (const text of await this.#plan.texts(done)) {
      const path = join(this.#building, text.path);
      await this.#folderOf(path);
      const bytes = new TextEncoder().encode(text.text);
      await writeFileAtomic(path, bytes, { flush: "file" });
      const key = await textKey(text);
      if (this.#old.get(text.path)?.key === key) this.#taken++;
      else this.#made++;
      written.push({ path: text.path, key, bytes: bytes.length });
    }
    return written;
  }

  /** Puts the manifest in the journal's place and waits until all names are on the disk. */
  async #finish(files: readonly ExportedFile[]): Promise<void> {
    const lines = files.map(formatFile).join("");
    const manifest = new TextEncoder().encode(lines + COMPLETE_LINE);
    for (const folder of this.#folders.keys()) await syncFolder(folder);
    await writeFileAtomic(join(this.#building, MANIFEST_FILE), manifest, { flush: "file" });
    await syncFolder(this.#building);
  }

  async #writeJournal(journal: Deno.FsFile): Promise<void> {
    const lines = this.#journal.splice(0).join("");
    if (lines !== "") await writeAll(journal, new TextEncoder().encode(lines));
  }
}

/** Puts a folder into another's place. */
async function swap(out: string, building: string): Promise<void> {
  if (await exists(out)) await Deno.rename(out, retired(out));
  await Deno.rename(building, out);
  await syncFolder(dirname(out));
  await removeIfThere(retired(out));
}

/** Refuses to replace a folder into which somebody has put files of their own. */
async function refuseStrangers(
  root: string,
  below: string,
  known: ReadonlySet<string>,
): Promise<void> {
  if (!await exists(root)) return;
  for await (const entry of Deno.readDir(join(root, below))) {
    const path = `${below}${entry.name}`;
    if (entry.isDirectory) await refuseStrangers(root, `${path}/`, known);
    else if (!known.has(path) && !isForeignName(entry.name)) {
      throw new Failure(
        `Cannot bring ${root} up to date: ${path} is not of the export and would be lost. Move it away and run again.`,
      );
    }
  }
}

/** Removes all files below a folder that are not among those to stay. */
async function removeOthers(
  root: string,
  below: string,
  stay: ReadonlySet<string>,
): Promise<void> {
  for await (const entry of Deno.readDir(join(root, below))) {
    const path = `${below}${entry.name}`;
    if (entry.isDirectory) await removeOthers(root, `${path}/`, stay);
    else if (!stay.has(path)) await Deno.remove(join(root, path));
  }
}

/**
 * Gives a file a second name, where the file system can.
 *
 * @param source The file.
 * @param target The second name.
 * @returns Whether it has it; a file system that has no links for the two gives false.
 * @throws Whatever else the disk throws.
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
    // Another disk, too many names, or a file system without links: then it is copied.
    if (["EXDEV", "EMLINK", "EPERM", "ENOTSUP", "EOPNOTSUPP"].includes(String(code))) return false;
    throw thrown;
  }
}
