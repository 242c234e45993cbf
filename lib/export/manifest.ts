/**
 * What an export has: `manifest.jsonl`. It is there only in an export that is whole.
 *
 * @module
 */

import { join } from "@std/path";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import { isSha256 } from "../dataset/log_line.ts";
import { parseRecord } from "../split/record.ts";

/** The manifest's name in an export. */
export const MANIFEST_FILE = "manifest.jsonl";

/** One file of an export. */
export interface ExportedFile {
  /** The path within the export, with `/`. */
  readonly path: string;
  /** What it was made from and how: the same key, the same content. */
  readonly key: string;
  /** The size on disk. */
  readonly bytes: number;
  /** Of the file, 64 hex digits, for shards. */
  readonly sha256?: string;
  /** For shards: the keys of samples that are not in it, because their files were no good. */
  readonly without?: readonly string[];
  /** Pixels, for images. */
  readonly width?: number;
  /** Pixels, for images. */
  readonly height?: number;
}

/** A manifest's lines, as far as they can be read. */
export interface Manifest {
  /** Whether the last line is the one that says that nothing is missing. */
  readonly complete: boolean;
  /** The files. */
  readonly files: readonly ExportedFile[];
}

/** The last line of a manifest. */
export const COMPLETE_LINE: string = `${JSON.stringify({ complete: true })}\n`;

/**
 * Reads a manifest, or the journal of an export that is being made.
 *
 * @param folder Where it is.
 * @returns What it says, torn lines left out; nothing where there is none.
 * @throws {Failure} When it cannot be read.
 */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const path = join(folder, MANIFEST_FILE);
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (thrown) {
    if (isMissing(thrown) || thrown instanceof Deno.errors.NotADirectory) return undefined;
    throw diskFailure(`read ${path}`, thrown);
  }
  const files: ExportedFile[] = [];
  let complete = false;
  for (const line of text.split("\n")) {
    const record = parseRecord(line) ?? {};
    if (record.complete === true) complete = true;
    const file = fileOf(record);
    if (file !== undefined) files.push(file);
  }
  return { complete, files };
}

/**
 * One file's line.
 *
 * @param file The file.
 */
export function formatFile(file: ExportedFile): string {
  return `${JSON.stringify(file)}\n`;
}

function fileOf(record: Readonly<Record<string, unknown>>): ExportedFile | undefined {
  const { path, key, bytes, sha256, without, width, height } = record;
  if (typeof path !== "string" || typeof key !== "string" || typeof bytes !== "number") {
    return undefined;
  }
  const size = typeof width === "number" && typeof height === "number" ? { width, height } : {};
  // It names a file within the export, whatever somebody wrote into it.
  if (path.split("/").some((part) => part === "" || part === "." || part === "..")) {
    return undefined;
  }
  const lacks = Array.isArray(without) ? { without: without.map(String) } : {};
  return { path, key, bytes, ...lacks, ...size, ...(isSha256(sha256) ? { sha256 } : {}) };
}
