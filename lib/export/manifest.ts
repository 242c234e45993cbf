/**
 * The list of an export's files, a line each. The last line says how the export was made; only a
 * complete one has it.
 *
 * @module
 */

import { join } from "@std/path";
import * as v from "valibot";
import { linesOf, sizeOf, writeFileAtomic, writeTexts } from "../base/files.ts";
import { isSha256 } from "../dataset/event.ts";
import { parseRecord } from "../split/split_file.ts";

export const MANIFEST_FILE = "manifest.jsonl";

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
export interface ExportedFile extends FileFacts {
  /** Within the export, with `/`. */
  readonly path: string;
  /** What it is made from and how: the same key means the same bytes. */
  readonly key: string;
}

/** Which script made an export and how, so that it can be made again. */
export interface MadeBy {
  /** The script's name. */
  readonly script: "export" | "augment";
  /** As typed: a switch, a value, or several. */
  readonly flags: Readonly<Record<string, true | string | readonly string[]>>;
}

export interface Manifest {
  /** The files by path. */
  readonly files: ReadonlyMap<string, ExportedFile>;
  /** The last line. */
  readonly note: Readonly<Record<string, unknown>>;
}

/** By hand: a schema takes half as long again as all the rest, and exports have many files. */
function isFile(record: Readonly<Record<string, unknown>>): record is typeof record & ExportedFile {
  const { path, key, bytes, width, height, sha256, without } = record;
  const isText = typeof path === "string" && typeof key === "string";
  // A manifest that somebody has changed must not lead out of the export.
  return isText && !/(?:^|\/)\.{0,2}(?:\/|$)/.test(path) && typeof bytes === "number" &&
    [width, height].every((side) => side === undefined || typeof side === "number") &&
    (sha256 === undefined || isSha256(sha256)) &&
    (without === undefined ||
      Array.isArray(without) && without.every((name) => typeof name === "string"));
}

/** Reads a manifest. @returns Undefined where there is none, or it does not end as it should. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const path = join(folder, MANIFEST_FILE);
  if (await sizeOf(path) === undefined) return undefined;
  const { files, note } = await readList(path);
  return note && { files, note };
}

/** Reads a list of files that may end anywhere; without a `note` it is not complete. */
export async function readList(
  path: string,
): Promise<Pick<Manifest, "files"> & { readonly note: Manifest["note"] | undefined }> {
  const files = new Map<string, ExportedFile>();
  let note: Manifest["note"] | undefined;
  for await (const line of linesOf(path)) {
    const record = parseRecord(line) ?? {};
    note = record.complete === true ? record : undefined;
    if (isFile(record)) files.set(record.path, record);
  }
  return { files, note };
}

export async function writeManifest(
  folder: string,
  files: readonly ExportedFile[],
  note: Readonly<Record<string, unknown>>,
): Promise<void> {
  const lines = [...files, { complete: true, ...note }];
  await writeFileAtomic(
    join(folder, MANIFEST_FILE),
    (file) => writeTexts(file, lines.map((line) => `${JSON.stringify(line)}\n`)),
  );
}

const MADE_BY = v.object({
  script: v.picklist(["export", "augment"]),
  flags: v.record(v.string(), v.union([v.literal(true), v.string(), v.array(v.string())])),
});

/** How an export was made; undefined where its manifest does not say. */
export function madeByOf(manifest: Manifest | undefined): MadeBy | undefined {
  const parsed = v.safeParse(MADE_BY, manifest?.note["madeBy"]);
  return parsed.success ? parsed.output : undefined;
}
