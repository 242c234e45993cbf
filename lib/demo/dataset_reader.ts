/**
 * Reads a data folder by itself, with nothing of what wrote it: a second pair of eyes.
 *
 * @module
 */

import { walk } from "@std/fs";
import { join, relative } from "@std/path";

/** What the log last said of a candidate. */
export interface LoggedImage {
  readonly species: string;
  readonly source: string;
  readonly url: string;
  readonly outcome: string;
  /** The file within the data folder. */
  readonly file: string;
  readonly sha256: string;
  /** SHA-256 of what was received, where that was converted. */
  readonly original: string;
  readonly page: string;
  readonly license: string;
  readonly author: string;
  readonly observation: string;
  readonly detail: string;
}

export interface LoggedDone {
  readonly why: string;
  /** FishBase's valid name, where one was found. */
  readonly validName: string;
}

export interface ImageFile {
  /** The path within the data folder, with `/`. */
  readonly path: string;
  readonly sha256: string;
  /** By its first bytes: `jpg`, `png`, `webp`, `gif`, or empty. */
  readonly type: string;
}

export interface ListedSpecies {
  readonly id: string;
  readonly latin: string;
  /** How many further rows are merged into it. */
  readonly merged: number;
}

export interface DataFolder {
  readonly species: readonly ListedSpecies[];
  /** The last word on each candidate of each species. */
  readonly images: readonly LoggedImage[];
  /** The last word on each job, by `species source`. */
  readonly done: ReadonlyMap<string, LoggedDone>;
  readonly files: readonly ImageFile[];
  /** Lines that are no JSON, and the like. */
  readonly complaints: readonly string[];
}

export type Fields = Readonly<Record<string, unknown>>;

export async function readDataFolder(folder: string): Promise<DataFolder> {
  const complaints: string[] = [];
  const images = new Map<string, LoggedImage>();
  const done = new Map<string, LoggedDone>();
  for (const fields of await readLines(join(folder, "log.jsonl"), complaints)) {
    if (fields.event === "image") {
      const image = toImage(fields);
      images.set(`${image.species} ${image.url}`, image);
      const replaced = text(fields.replaces);
      const before = images.get(`${image.species} ${replaced}`);
      if (before !== undefined) {
        images.set(`${image.species} ${replaced}`, { ...before, outcome: "near-duplicate" });
      }
    }
    if (fields.event === "done") {
      done.set(`${text(fields.species)} ${text(fields.source)}`, toDone(fields));
    }
  }
  const species = (await readLines(join(folder, "species.jsonl"), complaints)).map((fields) => ({
    id: text(fields.id),
    latin: text(fields.latin),
    merged: Array.isArray(fields.merged) ? fields.merged.length : 0,
  }));
  return {
    species,
    images: [...images.values()],
    done,
    files: await readFiles(folder, "images"),
    complaints,
  };
}

function toImage(fields: Fields): LoggedImage {
  const original: unknown = fields.original;
  return {
    species: text(fields.species),
    source: text(fields.source),
    url: text(fields.url),
    outcome: text(fields.outcome),
    file: text(fields.file),
    sha256: text(fields.sha256),
    original: isFields(original) ? text(original.sha256) : "",
    page: text(fields.page),
    license: text(fields.license),
    author: text(fields.author),
    observation: text(fields.observation),
    detail: text(fields.detail),
  };
}

function toDone(fields: Fields): LoggedDone {
  const found: unknown = fields.found;
  return {
    why: text(fields.why),
    validName: isFields(found) ? text(found.validName) : "",
  };
}

export async function readLines(path: string, complaints: string[]): Promise<Fields[]> {
  const lines = (await Deno.readTextFile(path)).split("\n");
  if (lines.pop() !== "") complaints.push(`${path}: the last line has no end`);
  return lines.flatMap((line, index) => {
    try {
      const fields: unknown = JSON.parse(line);
      if (isFields(fields)) return [fields];
    } catch (thrown) {
      if (!(thrown instanceof SyntaxError)) throw thrown;
    }
    complaints.push(`${path}: line ${index + 1} is no JSON object`);
    return [];
  });
}

export async function readFiles(folder: string, below: string): Promise<ImageFile[]> {
  const files: ImageFile[] = [];
  const root = join(folder, below);
  for await (const { path } of walk(root, { includeDirs: false })) {
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

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field that is to be a text. */
export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
