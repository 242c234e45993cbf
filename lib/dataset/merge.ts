/**
 * Merges data folders: what several machines have gathered becomes one.
 *
 * @module
 */

import { basename, dirname, join } from "@std/path";
import { DatabaseSync } from "node:sqlite";
import { diskFailure } from "../base/disk_failure.ts";
import { Failure, type Notice } from "../base/failure.ts";
import {
  linkFile,
  readIfThere,
  readTextIfThere,
  removeIfThere,
  replaceFile,
  sha256Of,
  sizeOf,
  syncFolder,
  TEMPORARY_PREFIX,
  temporaryName,
  writeFileAtomic,
  writeTexts,
} from "../base/files.ts";
import { fileInside, folderInside, makeFolderInside, writableInside } from "../base/inside.ts";
import { pooled } from "../base/pooled.ts";
import { formatSpeciesCsv } from "../species/csv.ts";
import { formatSpeciesLine, parseSpeciesLine } from "../species/file.ts";
import { isSpeciesId, type KnownName, type Species } from "../species/species.ts";
import type { LogLine } from "./event.ts";
import { forgottenLine } from "./forget.ts";
import { bytesKey, keysOf } from "./forgotten.ts";
import { makeDataFolder, refuseLostLog, reportLog } from "./dataset.ts";
import { INDEX_NAME } from "./index_file.ts";
import { lockHolder, takeLock } from "./lock.ts";
import { LOG_NAME, readLog, readTexts } from "./log_reader.ts";
import { DatasetState, type KeptImage } from "./state.ts";
import { namesOf } from "./store.ts";
import { entriesOf, sweep } from "./verify.ts";

/** What a merge came to. */
export interface Merge {
  /** How many species have images. */
  readonly species: number;
  /** How many images are kept and not rejected. */
  readonly images: number;
  /** How many files came by a hard link. */
  readonly linked: number;
  readonly copied: number;
  /** Kept images whose file no folder has; the next run fetches them again. */
  readonly lost: number;
}

export interface MergeOptions {
  /** The folder that is to have all. What it has already stays; it is created if missing. */
  readonly into: string;
  /** The other folders; they are not changed. */
  readonly from: readonly string[];
  readonly notice: Notice;
  /** Called with the number of images that are in their place. */
  readonly progress?: (done: number, total: number) => void;
  /** Stops the merge; the same merge again goes on from there. */
  readonly signal: AbortSignal;
}

const FILES_AT_ONCE = 8;

/**
 * Merges data folders. The result is the same in whatever order they are named, and when it is done
 * again.
 *
 * Images are known by their hash and linked where the disk allows, else copied; a file whose
 * content is not what its log says is not taken. The log is replaced last, in one step: until then
 * the folder is as it was, but for images that the next start would report.
 *
 * @throws {Failure} When a folder is missing, being written, or of a newer version, or the disk
 * fails.
 */
export async function mergeDatasets(options: MergeOptions): Promise<Merge> {
  const { into, from, notice, signal } = options;
  for (const dir of from) await checkSource(dir);
  await makeDataFolder(into);
  using _lock = await takeLock(into, "merge");
  const log = join(into, `${TEMPORARY_PREFIX}${Deno.pid}-log`);
  try {
    // Each folder once, by whatever path it was named.
    const real = new Map<string, string>();
    for (const dir of [...from, into]) real.set(await Deno.realPath(dir), dir);
    const dirs = [...real.values()].reverse();
    const forgotten = new Set<string>();
    for (const dir of dirs) await checkLog(dir, dir === into, forgotten, notice);
    await makeFolderInside(into, "images");
    const path = await writableInside(into, LOG_NAME);
    await writeFileAtomic(log, (file) => mergeLogs(dirs, forgotten, file, `${log}-lines`));
    using state = DatasetState.inMemory(() => []);
    await readLog(log, (line, place) => state.apply(line, place, line.time));
    const gathered = await gather(options, dirs, state);
    await mergeSpeciesLists(into, dirs, notice);
    await Deno.rename(log, path);
    await syncFolder(into);
    await removeIfThere(await writableInside(into, INDEX_NAME));
    await sweep(into, state, () => {});
    const species = state.species.filter((id) => state.keptImages(id).next().done !== true);
    return { species: species.length, images: state.totals().images, ...gathered };
  } catch (error) {
    await removeIfThere(log);
    signal.throwIfAborted();
    throw diskFailure(`merge data folders into ${into}`, error);
  }
}

/**
 * Writes the lines of all logs, ordered by time; those of the same instant by species, then as
 * their log has them. Where a log's clock was set back, a line counts as late as the latest before
 * it, so that each log keeps its order. A line that several logs have is written once.
 *
 * @param forgotten The keys of what any of the logs has forgotten.
 * @param path A file for sorting, which is removed.
 */
async function mergeLogs(
  dirs: readonly string[],
  forgotten: ReadonlySet<string>,
  file: Deno.FsFile,
  path: string,
): Promise<void> {
  const db = new DatabaseSync(path);
  try {
    db.exec(`pragma journal_mode = off; pragma synchronous = off;
      create table line (time real, species text, position integer, text text,
        primary key (time, text)) without rowid; begin`);
    const add = db.prepare(`insert into line values (?, ?, ?, ?)
      on conflict do update set position = max(position, excluded.position)`);
    for (const dir of dirs) {
      let latest = 0;
      const positions = new Map<string, number>();
      for await (const { text, parsed } of readTexts(join(dir, LOG_NAME))) {
        if (parsed.kind === "garbled" || parsed.kind === "bad") continue;
        const line = parsed.kind === "event" ? parsed.line : undefined;
        const time = Date.parse(parsed.kind === "event" ? parsed.line.time : parsed.time);
        if (time > latest) {
          latest = time;
          positions.clear();
        }
        const isOfSpecies = line !== undefined && "species" in line && line.event !== "stopped";
        const species = isOfSpecies ? line.species : "";
        const position = (positions.get(species) ?? 0) + 1;
        positions.set(species, position);
        const kept = withoutForgotten(text, line, forgotten);
        if (kept !== undefined) add.run(latest, species, position, kept);
      }
    }
    const sorted = db.prepare("select text from line order by time, species, position, text");
    await writeTexts(file, sorted.iterate().map(({ text }) => `${text}\n`));
  } finally {
    db.close();
    await removeIfThere(path);
  }
}

/** What is left of a line after what any of the logs has forgotten; undefined for nothing. */
function withoutForgotten(
  text: string,
  line: LogLine | undefined,
  forgotten: ReadonlySet<string>,
): string | undefined {
  if (forgotten.size === 0 || line === undefined) return text;
  if (line.event === "image") {
    return keysOf(line).some((key) => forgotten.has(key)) ? forgottenLine(line.time, line) : text;
  }
  const isOfForgotten = "sha256" in line && forgotten.has(bytesKey(line.sha256));
  return isOfForgotten ? undefined : text;
}

/** Brings the files of all kept images together. */
async function gather(
  { into, progress, signal }: MergeOptions,
  dirs: readonly string[],
  state: DatasetState,
): Promise<Pick<Merge, "linked" | "copied" | "lost">> {
  const images = [...state.keptImages()];
  const counts = { there: 0, linked: 0, copied: 0, lost: 0 };
  const folders = new Map<string, Promise<string>>();
  // Folders are read once each: asking for each name costs more.
  const listings = new Map<string, Promise<ReadonlySet<string>>>();
  const list = async (dir: string, path: string) =>
    new Set((await entriesOf(await folderInside(dir, path))).map(({ name }) => name));
  let done = 0;
  const brought = pooled(FILES_AT_ONCE, images, async (image) => {
    signal.throwIfAborted();
    const path = dirname(image.file);
    await folders.getOrInsertComputed(path, () => makeFolderInside(into, path));
    return await bring(
      image,
      dirs,
      into,
      (dir) => listings.getOrInsertComputed(join(dir, path), () => list(dir, path)),
    );
  });
  for await (const how of brought) {
    counts[how]++;
    progress?.(++done, images.length);
  }
  for (const folder of folders.values()) await syncFolder(await folder);
  await syncFolder(join(into, "images"));
  const { linked, copied, lost } = counts;
  return { linked, copied, lost };
}

/** Puts an image's file into its place, if any of the folders has it. */
async function bring(
  image: KeptImage,
  dirs: readonly string[],
  into: string,
  namesIn: (dir: string) => Promise<ReadonlySet<string>>,
): Promise<"there" | "linked" | "copied" | "lost"> {
  const [folder, own] = [dirname(image.file), basename(image.file)];
  for (const dir of dirs) {
    const names = await namesIn(dir);
    // In another folder it may have a longer name.
    for (const name of new Set([own, ...namesOf(image.sha256, own.split(".").at(-1) ?? "")])) {
      if (!names.has(name)) continue;
      const from = await fileInside(dir, `${folder}/${name}`);
      const bytes = from === undefined ? undefined : await readIfThere(from);
      if (from === undefined || bytes === undefined) continue;
      if (await sha256Of(bytes) !== image.sha256) continue;
      if (dir === into && name === own) return "there";
      const to = join(await folderInside(into, folder), own);
      if (await link(from, to)) return "linked";
      await writeFileAtomic(to, bytes, { flush: "file" });
      return "copied";
    }
  }
  return "lost";
}

/** Links a file into its place; false where it must be copied. */
async function link(from: string, to: string): Promise<boolean> {
  if (await linkFile(from, to)) return true;
  // Something else may have the name.
  const temporary = join(dirname(to), temporaryName());
  if (!await linkFile(from, temporary)) return false;
  await Deno.rename(temporary, to);
  // Renaming one name of a file to another does nothing and leaves both.
  await removeIfThere(temporary);
  return true;
}

async function checkSource(dir: string): Promise<void> {
  if (await sizeOf(join(dir, LOG_NAME)) === undefined) {
    throw new Failure(`Cannot merge ${dir}: it is no data folder, it has no ${LOG_NAME}.`, 2);
  }
  const holder = await lockHolder(dir);
  if (holder === undefined) return;
  throw new Failure(
    `Cannot merge ${dir}: it is being written by ${holder.script} (process ${holder.pid}, since ${holder.started}). Wait until it ends.`,
  );
}

/**
 * Reports which lines of a log are left out, and adds what it has forgotten; refuses a target whose
 * log is lost.
 */
async function checkLog(
  dir: string,
  isTarget: boolean,
  forgotten: Set<string>,
  notice: Notice,
): Promise<void> {
  let images = 0;
  const log = await readLog(join(dir, LOG_NAME), (line) => {
    if (line.event === "image") images++;
    if (line.event === "forgotten") line.keys.forEach((key) => forgotten.add(key));
  });
  if (isTarget && images === 0) await refuseLostLog(dir, log.exists);
  reportLog(join(dir, LOG_NAME), { ...log, unknown: new Map() }, notice);
}

/**
 * Gives a folder the species of all. Equal lists are taken as they are; others are merged, ordered
 * by id, and where they differ on an id, the line whose text comes first is taken.
 */
async function mergeSpeciesLists(
  into: string,
  dirs: readonly string[],
  notice: Notice,
): Promise<void> {
  const texts = new Set<string>();
  for (const dir of dirs) {
    const text = await readTextIfThere(join(dir, "species.jsonl"));
    if (text !== undefined) texts.add(text);
  }
  if (texts.size === 0) return;
  /** By id: its lines and what they say. */
  const byId = new Map<string, Map<string, Species>>();
  for (const line of [...texts].flatMap((each) => each.split("\n")).map((each) => each.trim())) {
    if (line === "") continue;
    const species = speciesOf(line);
    if (species === undefined) {
      notice(`A line of a species list is left out, it has no id: ${line.slice(0, 80)}`);
    } else byId.getOrInsertComputed(species.id, () => new Map()).set(line, species);
  }
  // What sources call a species is a cache of each folder.
  const withoutNames = ({ names: _, ...plain }: Species) => JSON.stringify(plain);
  const differing = [...byId].filter(([, lines]) =>
    new Set(lines.values().map(withoutNames)).size > 1
  );
  if (differing[0] !== undefined) {
    notice(`The species lists differ on ${differing.length} species, such as ${differing[0][0]}.`);
  }
  const list = [...byId.values()].flatMap(mergeLines);
  if (texts.size > 1) list.sort((one, other) => one.species.id < other.species.id ? -1 : 1);
  const [first = ""] = texts;
  await replaceFile(
    join(into, "species.jsonl"),
    texts.size === 1 ? first : list.map(({ line }) => `${line}\n`).join(""),
  );
  await replaceFile(
    join(into, "species.csv"),
    formatSpeciesCsv(list.map(({ species }) => species)),
  );
}

/** The line that comes first, with the names of all: of two for one source the one asked for last. */
function mergeLines(lines: ReadonlyMap<string, Species>): { line: string; species: Species }[] {
  const all = [...lines].sort(([one], [other]) => one < other ? -1 : 1);
  const [[line, species] = []] = all;
  if (line === undefined || species === undefined) return [];
  const names = all.flatMap(([, { names = {} }]) => Object.entries(names));
  if (all.length === 1 || names.length === 0) return [{ line, species }];
  const order = ([source, { on = "", ...rest }]: [string, KnownName]) =>
    `${source} ${on} ${JSON.stringify(rest)}`;
  names.sort((one, other) => order(one) < order(other) ? -1 : 1);
  const merged = { ...species, names: Object.fromEntries(names) };
  return [{ line: formatSpeciesLine(merged), species: merged }];
}

/** The species of a line; `undefined` where the line cannot be read or has no id. */
function speciesOf(line: string): Species | undefined {
  try {
    const draft = parseSpeciesLine(line, "species.jsonl");
    return isSpeciesId(draft.id) ? { ...draft, id: draft.id } : undefined;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
