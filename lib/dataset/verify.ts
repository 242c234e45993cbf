/**
 * Compares the folders of images with the log: the names at the start of each run, all bytes when
 * somebody asks.
 *
 * @module
 */

import { basename, join } from "@std/path";
import { diskFailure, ifThere } from "../base/disk_failure.ts";
import type { Notice } from "../base/failure.ts";
import { readIfThere, removeIfThere, sha256Of, TEMPORARY_PREFIX } from "../base/files.ts";
import { fileInside, folderInside, imagesAreElsewhere, pathInside } from "../base/inside.ts";
import { pooled } from "../base/pooled.ts";
import { isSpeciesId } from "../species/species.ts";
import type { ImageEvent, LogLine } from "./event.ts";
import { bytesKey } from "./forgotten.ts";
import { LOG_NAME, type LogReading, readLog } from "./log_reader.ts";
import type { DatasetState, KeptImage } from "./state.ts";

/** What operating systems and file managers leave in any folder: not ours to judge. */
const NOT_OURS = /^(?:\..*|Thumbs\.db|desktop\.ini)$/i;

/** Whether a file's name says that it is neither an image nor a leftover of ours. */
export function isForeignName(name: string): boolean {
  return NOT_OURS.test(name) && !name.startsWith(TEMPORARY_PREFIX);
}

/** What a species' folder holds. */
interface FolderContent {
  /** The files of kept images. */
  readonly present: ReadonlySet<string>;
  readonly loose: readonly LooseFile[];
  /** Folders, links and pipes. */
  readonly odd: readonly { readonly file: string; readonly isFolder: boolean }[];
}

/** A file that no kept image has. */
interface LooseFile {
  readonly file: string;
  readonly isTemporary: boolean;
  /** It has a temporary name too: it was placed, but its line was not yet written. */
  readonly isUnlogged: boolean;
}

/**
 * Looks through a species' folder, at names alone.
 *
 * @param kept The paths of its kept images.
 */
export async function lookInto(
  dir: string,
  species: string,
  kept: ReadonlyMap<string, unknown>,
): Promise<FolderContent> {
  const folder = await folderInside(dir, `images/${species}`);
  const present = new Set<string>();
  const files: { file: string; isTemporary: boolean }[] = [];
  const odd: { file: string; isFolder: boolean }[] = [];
  for (const { name, isFile, isDirectory } of await entriesOf(folder)) {
    const file = `images/${species}/${name}`;
    if (kept.has(file) && !isDirectory) {
      if (isFile || (await ifThere(Deno.stat(join(folder, name))))?.isFile) present.add(file);
    } else if (isForeignName(name)) continue;
    else if (isFile) files.push({ file, isTemporary: name.startsWith(TEMPORARY_PREFIX) });
    else odd.push({ file, isFolder: isDirectory });
  }
  const identityOf = async (file: string): Promise<string> => {
    const { dev, ino } = await Deno.lstat(join(folder, basename(file)));
    return `${dev} ${ino}`;
  };
  const temporaries = files.filter(({ isTemporary }) => isTemporary);
  const identities = new Set(await Promise.all(temporaries.map(({ file }) => identityOf(file))));
  const loose = await Promise.all(files.map(async (each) => {
    const isUnlogged = identities.size > 0 && identities.has(await identityOf(each.file));
    return { ...each, isUnlogged };
  }));
  return { present, loose, odd };
}

/** What is in a folder; nothing where there is no folder. */
export async function entriesOf(folder: string): Promise<Deno.DirEntry[]> {
  // At once: asked for one by one, 128,000 names take twice as long.
  return await ifThere(Promise.try(() => [...Deno.readDirSync(folder)])) ?? [];
}

/** The ids of the species that have a folder of images. */
export async function speciesFolders(dir: string): Promise<Set<string>> {
  const entries = await entriesOf(await folderInside(dir, "images"));
  return new Set(
    entries.filter(({ name, isDirectory }) => isDirectory && isSpeciesId(name))
      .map(({ name }) => name),
  );
}

const FOLDERS_AT_ONCE = 8;

/**
 * Removes temporary files, files that were placed but never logged, and files whose image is not
 * kept any more. What no line names stays, and where `images` is a link to elsewhere, everything
 * stays but what was forgotten. Content is for `verifyFiles()` to look at.
 *
 * @param dir The data folder, locked by this process.
 * @returns The kept images, not rejected, whose file is gone.
 * @throws {Failure} When a folder cannot be read or a file not be removed, or a species' folder is
 * a link.
 */
export async function sweep(
  dir: string,
  state: DatasetState,
  notice: Notice,
): Promise<KeptImage[]> {
  try {
    const loose: LooseFile[] = [];
    const missing: KeptImage[] = [];
    const all = new Set([...state.species, ...await speciesFolders(dir)]);
    const looks = pooled(FOLDERS_AT_ONCE, all, async (species) => {
      const kept = state.filesIn(species);
      return { species, kept, ...await lookInto(dir, species, kept) };
    });
    for await (const { species, kept, present, loose: others } of looks) {
      loose.push(...others);
      if (present.size === kept.size) continue;
      missing.push(
        ...state.imagesIn(species).filter(({ file, rejected }) => !rejected && !present.has(file)),
      );
    }
    const isElsewhere = await imagesAreElsewhere(dir);
    const forgotten = await forgottenFiles(dir, state, loose);
    const unknown = loose.filter((each) => !each.isTemporary && !each.isUnlogged);
    const named = await namedInLog(dir, isElsewhere ? [] : unknown.map(({ file }) => file));
    const isUseless = ({ file, isTemporary, isUnlogged }: LooseFile): boolean =>
      forgotten.has(file) || (!isElsewhere && (isTemporary || isUnlogged || named.has(file)));
    const halves = (await entriesOf(dir)).filter(({ name, isFile }) =>
      isFile && name.startsWith(TEMPORARY_PREFIX)
    );
    const useless = loose.filter(isUseless);
    for (const file of [...halves.map(({ name }) => name), ...useless.map(({ file }) => file)]) {
      await removeIfThere(await pathInside(dir, file));
    }
    const half = halves.length + useless.filter(({ isTemporary }) => isTemporary).length;
    if (half > 0) notice(`Removed ${half} half-written files of an earlier run.`);
    const removed = useless.filter(({ isTemporary }) => !isTemporary);
    if (removed[0] !== undefined) {
      notice(`Removed ${removed.length} files that no kept image has, such as ${removed[0].file}.`);
    }
    const strays = loose.filter((each) => !each.isTemporary && !isUseless(each));
    if (strays[0] !== undefined) {
      const prune = `deno task verify --data ${dir} --repair --prune`;
      notice(
        `${strays.length} files are not in the log, such as ${
          strays[0].file
        }; they are left alone. To remove them: ${prune}`,
      );
    }
    return missing;
  } catch (error) {
    throw diskFailure(`tidy the data folder ${dir}`, error);
  }
}

/** Files of images that the log has forgotten: whoever removed their lines was stopped before. */
async function forgottenFiles(
  dir: string,
  state: DatasetState,
  loose: readonly LooseFile[],
): Promise<Set<string>> {
  const forgotten = new Set<string>();
  if (!state.hasForgotten) return forgotten;
  for (const { file } of loose) {
    const bytes = await readIfThere(await pathInside(dir, file));
    if (bytes !== undefined && state.isForgotten([bytesKey(await sha256Of(bytes))])) {
      forgotten.add(file);
    }
  }
  return forgotten;
}

/** Which of some files, as paths within the data folder, any line of the log names. */
export async function namedInLog(dir: string, files: readonly string[]): Promise<Set<string>> {
  const asked = new Set(files);
  const named = new Set<string>();
  if (asked.size === 0) return named;
  await readLog(join(dir, LOG_NAME), (line) => {
    if (line.event === "image" && line.file !== undefined && asked.has(line.file)) {
      named.add(line.file);
    }
  });
  return named;
}

/** The event for a kept image whose file is gone: its URL is to be fetched again. */
export function missingEvent(line: LogLine & ImageEvent, detail: string): ImageEvent {
  const { v: _v, time: _time, file: _file, sha256: _sha256, dhash: _dhash, ...rest } = line;
  const { bytes: _bytes, width: _width, height: _height, type: _type, ...more } = rest;
  const { original: _original, replaces: _replaces, ...base } = more;
  return { ...base, outcome: "truncated", detail };
}

/** One thing that is wrong with a data folder. */
export type Finding =
  /** A kept image has no file. */
  | { readonly kind: "missing"; readonly image: KeptImage }
  /** A kept image's file has other bytes than its line says. */
  | { readonly kind: "altered"; readonly image: KeptImage; readonly sha256: string }
  /** A kept image's file is a link: what reads the dataset does not follow it. */
  | { readonly kind: "linked"; readonly image: KeptImage }
  /** A file that no kept image has. */
  | { readonly kind: "unlogged"; readonly file: string; readonly sha256: string }
  /** A file below `images/` that is in no species' folder. */
  | { readonly kind: "stranger"; readonly file: string; readonly sha256: string }
  | { readonly kind: "temporary"; readonly file: string }
  /** A folder, link or pipe where only image files belong. */
  | { readonly kind: "not-a-file"; readonly file: string; readonly isFolder: boolean }
  /** A line of the log that cannot be understood. */
  | { readonly kind: "bad-line"; readonly number: number; readonly why: string }
  /** The log ends with bytes that are no line. */
  | { readonly kind: "torn-log"; readonly bytes: number };

export interface Verification {
  /** How many kept images, rejected ones included, were looked at. */
  readonly images: number;
  /** What is wrong: species by species. */
  readonly findings: readonly Finding[];
}

const FILES_AT_ONCE = 4;

/**
 * Verifies that every kept image has its file, with its hash, and every file its line. Nothing is
 * changed.
 *
 * @throws {Failure} When a folder or file cannot be read.
 * @throws The signal's reason.
 */
export async function verifyFiles(
  dir: string,
  state: DatasetState,
  signal: AbortSignal,
  progress: (done: number, total: number) => void = () => undefined,
): Promise<Verification> {
  const findings: Finding[] = [];
  const { images, rejected } = state.totals();
  let done = 0;
  try {
    const species = new Set([...state.species, ...await speciesFolders(dir)]);
    for (const id of [...species].sort()) {
      const checked = pooled(FILES_AT_ONCE, state.imagesIn(id), (image) => {
        signal.throwIfAborted();
        return checkImage(dir, image);
      });
      for await (const finding of checked) {
        progress(++done, images + rejected);
        if (finding !== undefined) findings.push(finding);
      }
      const { loose, odd } = await lookInto(dir, id, state.filesIn(id));
      for (const { file, isTemporary } of loose) {
        signal.throwIfAborted();
        if (isTemporary) findings.push({ kind: "temporary", file });
        else findings.push(...await hashed("unlogged", dir, file));
      }
      findings.push(...odd.map((each): Finding => ({ kind: "not-a-file", ...each })));
    }
    for (const file of await strangers(dir)) {
      signal.throwIfAborted();
      findings.push(...await hashed("stranger", dir, file));
    }
  } catch (error) {
    signal.throwIfAborted();
    throw diskFailure(`verify the data folder ${dir}`, error);
  }
  return { images: done, findings };
}

/** A finding as a sentence, with the command that helps. */
export function describeFinding(finding: Finding, dir: string): string {
  const prune = `deno task verify --data ${dir} --repair --prune`;
  switch (finding.kind) {
    case "missing":
      return `${finding.image.file} is logged as kept but is not there.`;
    case "altered":
      return `${finding.image.file} has other bytes than the log says (SHA-256 ${finding.sha256}).`;
    case "linked":
      return `${finding.image.file} is a link, not a file of its own: exports leave it out.`;
    case "unlogged":
      return `${finding.file} is not in the log. If it is not yours, remove it: ${prune}`;
    case "stranger":
      return `${finding.file} is in no species' folder: if it is not ours, move it away.`;
    case "temporary":
      return `${finding.file} is a half-written file of an earlier run.`;
    case "not-a-file":
      return finding.isFolder
        ? `${finding.file} is a folder where only images belong: move it away.`
        : `${finding.file} is not a plain file. To remove it: ${prune}`;
    case "bad-line":
      return `Line ${finding.number} of the log cannot be understood: ${finding.why}.`;
    case "torn-log":
      return `The log ends with ${finding.bytes} bytes that are no line.`;
  }
}

/** What is wrong with a log. */
export function logFindings(log: LogReading): Finding[] {
  const findings: Finding[] = log.problems.map((problem) => ({ kind: "bad-line", ...problem }));
  if (log.size > log.end) findings.push({ kind: "torn-log", bytes: log.size - log.end });
  return findings;
}

async function checkImage(dir: string, image: KeptImage): Promise<Finding | undefined> {
  const found = await ifThere(Deno.lstat(await pathInside(dir, image.file)));
  if (found?.isSymlink) return { kind: "linked", image };
  const sha256 = await hashOf(dir, image.file);
  if (sha256 === image.sha256) return undefined;
  if (sha256 !== undefined) return { kind: "altered", image, sha256 };
  // A rejected image is not wanted: its file may go.
  return image.rejected ? undefined : { kind: "missing", image };
}

/** The SHA-256 of a file; `undefined` where there is no plain file. */
async function hashOf(dir: string, file: string): Promise<string | undefined> {
  const path = await fileInside(dir, file);
  const bytes = path === undefined ? undefined : await readIfThere(path);
  return bytes === undefined ? undefined : await sha256Of(bytes);
}

/** The finding of a file; none where it has gone meanwhile. */
async function hashed(
  kind: "unlogged" | "stranger",
  dir: string,
  file: string,
): Promise<Finding[]> {
  const sha256 = await hashOf(dir, file);
  return sha256 === undefined ? [] : [{ kind, file, sha256 }];
}

/** Files in `images` itself, and in folders there that cannot be a species': renamed by hand. */
async function strangers(dir: string): Promise<string[]> {
  const files: string[] = [];
  const folders = ["images"];
  for (const folder of folders) {
    for (const entry of await entriesOf(await folderInside(dir, folder))) {
      if (isForeignName(entry.name)) continue;
      const path = `${folder}/${entry.name}`;
      if (entry.isFile) files.push(path);
      else if (folder === "images" && entry.isDirectory && !isSpeciesId(entry.name)) {
        folders.push(path);
      }
    }
  }
  return files;
}
