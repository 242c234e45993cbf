/**
 * Reads a data folder by itself, with nothing of what wrote it: a second pair of eyes.
 *
 * @module
 */

import { walk } from "@std/fs";
import { join, relative } from "@std/path";
import * as v from "valibot";

/** A text; empty where there is none. */
const TEXT = v.fallback(v.string(), "");

/** What of a line of the log is looked at, whatever event it is. */
const LINE = v.object({
  event: TEXT,
  species: TEXT,
  source: TEXT,
  url: TEXT,
  outcome: TEXT,
  /** The file within the data folder. */
  file: TEXT,
  sha256: TEXT,
  /** What was received, where that was converted. */
  original: v.fallback(v.object({ sha256: TEXT }), { sha256: "" }),
  page: TEXT,
  license: TEXT,
  author: TEXT,
  observation: TEXT,
  detail: TEXT,
  /** The URL of the image whose place it took. */
  replaces: TEXT,
  why: TEXT,
  found: v.fallback(v.object({ validName: TEXT }), { validName: "" }),
});
const SPECIES = v.object({
  id: TEXT,
  latin: TEXT,
  /** The further rows that are merged into it. */
  merged: v.fallback(v.array(v.unknown()), []),
});
/** A line of an export's list; a copy names the hash of what it was made from. */
export const EXPORTED = v.object({ file_name: TEXT, parent: TEXT });

export type LoggedLine = Readonly<v.InferOutput<typeof LINE>>;

export interface ImageFile {
  /** The path within the data folder, with `/`. */
  readonly path: string;
  readonly sha256: string;
  /** By its first bytes: `jpg`, `png`, `webp`, `gif`, or empty. */
  readonly type: string;
}

export interface DataFolder {
  readonly species: readonly Readonly<v.InferOutput<typeof SPECIES>>[];
  /** The last word on each candidate of each species. */
  readonly images: readonly LoggedLine[];
  /** The last word on each job, by `species source`. */
  readonly done: ReadonlyMap<string, LoggedLine>;
  readonly files: readonly ImageFile[];
  /** Lines that are no JSON, and the like. */
  readonly complaints: readonly string[];
}

export async function readDataFolder(folder: string): Promise<DataFolder> {
  const complaints: string[] = [];
  const images = new Map<string, LoggedLine>();
  const done = new Map<string, LoggedLine>();
  for (const line of await readLines(join(folder, "log.jsonl"), LINE, complaints)) {
    if (line.event === "done") done.set(`${line.species} ${line.source}`, line);
    if (line.event !== "image") continue;
    images.set(`${line.species} ${line.url}`, line);
    const replaced = `${line.species} ${line.replaces}`;
    const before = images.get(replaced);
    if (before !== undefined) images.set(replaced, { ...before, outcome: "near-duplicate" });
  }
  return {
    species: await readLines(join(folder, "species.jsonl"), SPECIES, complaints),
    images: [...images.values()],
    done,
    files: await readFiles(folder, "images"),
    complaints,
  };
}

/** What of each line of a file has a shape. */
export async function readLines<Schema extends v.GenericSchema>(
  path: string,
  schema: Schema,
  complaints: string[],
): Promise<v.InferOutput<Schema>[]> {
  const lines = (await Deno.readTextFile(path)).split("\n");
  if (lines.pop() !== "") complaints.push(`${path}: the last line has no end`);
  const read = v.safeParser(v.pipe(v.string(), v.parseJson(), schema));
  return lines.flatMap((line, index) => {
    const { output, success } = read(line);
    if (success) return [output];
    complaints.push(`${path}: line ${index + 1} cannot be read: ${line.slice(0, 80)}`);
    return [];
  });
}

export async function readFiles(folder: string, below: string): Promise<ImageFile[]> {
  const files: ImageFile[] = [];
  for await (const { path } of walk(join(folder, below), { includeDirs: false })) {
    const bytes = await Deno.readFile(path);
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    files.push({
      path: relative(folder, path).replaceAll("\\", "/"),
      sha256: new Uint8Array(digest).toHex(),
      type: typeOf(bytes),
    });
  }
  return files;
}

function typeOf(bytes: Uint8Array): string {
  const start = String.fromCharCode(...bytes.subarray(0, 12));
  if (start.startsWith("\xff\xd8\xff")) return "jpg";
  if (start.startsWith("\x89PNG")) return "png";
  if (start.startsWith("GIF8")) return "gif";
  return start.startsWith("RIFF") && start.endsWith("WEBP") ? "webp" : "";
}
