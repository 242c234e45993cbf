/**
 * The record of all copies: `augmented.jsonl` in the data folder, appended to and never rewritten.
 *
 * @module
 */

import { join } from "@std/path";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import { writableInside } from "../base/inside.ts";
import { isSha256, isSpeciesId } from "../dataset/log_line.ts";
import { writeAll } from "../base/files.ts";
import { parseRecord } from "../split/record.ts";
import type { Variation } from "../image/variation.ts";
import type { Recipe } from "./recipe.ts";

/** The file's name within the data folder. */
export const LEDGER_FILE = "augmented.jsonl";
/** The folder of the copies within the data folder. */
export const COPIES_FOLDER = "augmented";

/** How copies are made. */
export interface RunLine {
  /** The kind of line. */
  readonly event: "run";
  /** A digest of the three others. */
  readonly run: string;
  /** The program's version. */
  readonly version: string;
  /** What decides the draws. */
  readonly seed: number;
  /** The recipe. */
  readonly recipe: Recipe;
}

/** A copy was made. */
export interface CopyLine {
  /** The kind of line. */
  readonly event: "copy";
  /** The path within the data folder, with `/`. */
  readonly file: string;
  /** The species' id. */
  readonly species: string;
  /** The parent's hash, 64 hex digits. */
  readonly parent: string;
  /** Which copy of the parent, from 1. */
  readonly number: number;
  /** What was done to it, in this order. */
  readonly operations: readonly Variation[];
  /** The run's digest. */
  readonly run: string;
  /** What decided the draws. */
  readonly seed: number;
  /** Of the copy, 64 hex digits. */
  readonly sha256: string;
  /** The size on disk. */
  readonly bytes: number;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

/** A copy was removed. */
export interface RemovedLine {
  /** The kind of line. */
  readonly event: "removed";
  /** The path within the data folder, with `/`. */
  readonly file: string;
  /** Why. */
  readonly why: string;
}

/** What is remembered of a copy. */
export interface KnownCopy {
  /** The parent's hash. */
  readonly parent: string;
  /** Which copy of the parent. */
  readonly number: number;
  /** The run's digest. */
  readonly run: string;
  /** The size on disk. */
  readonly bytes: number;
}

const COPY_FILE = /^augmented\/([a-z0-9_]{1,200})\/[0-9a-f]{16,64}-\d{4,}\.jpg$/;

/**
 * Whether a path is that of a copy of a species, within the data folder and nowhere else.
 *
 * @param file The path, with `/`.
 */
export function isCopyFile(file: unknown): file is string {
  return typeof file === "string" && COPY_FILE.test(file);
}

/** The ledger of one data folder, open for appending. */
export class Ledger {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #copies: Map<string, KnownCopy>;
  #lastRun: string;
  #unsynced = 0;

  private constructor(
    path: string,
    file: Deno.FsFile,
    copies: Map<string, KnownCopy>,
    lastRun: string,
  ) {
    this.#path = path;
    this.#file = file;
    this.#copies = copies;
    this.#lastRun = lastRun;
  }

  /**
   * Opens the ledger of a data folder; a line that an earlier run could not finish is cut off.
   *
   * @param dir The data folder; this process has its lock.
   * @throws {Failure} When the disk does not let us.
   */
  static async open(dir: string): Promise<Ledger> {
    const path = join(dir, LEDGER_FILE);
    try {
      await writableInside(dir, LEDGER_FILE);
      const { copies, lastRun, end } = await replay(path);
      const file = await Deno.open(path, { append: true, create: true });
      if ((await file.stat()).size > end) await file.truncate(end);
      return new Ledger(path, file, copies, lastRun);
    } catch (thrown) {
      throw diskFailure(`open the record of copies ${path}`, thrown);
    }
  }

  /** The copies there are, by path. */
  get copies(): ReadonlyMap<string, KnownCopy> {
    return this.#copies;
  }

  /**
   * Appends lines at once.
   *
   * @param lines The lines; a run that is the last one already is left out.
   * @throws {Failure} When the disk does not let us.
   */
  async append(lines: readonly (RunLine | CopyLine | RemovedLine)[]): Promise<void> {
    const fresh = lines.filter((line) => line.event !== "run" || line.run !== this.#lastRun);
    if (fresh.length === 0) return;
    const text = fresh.map((line) => `${JSON.stringify({ v: 1, ...line })}\n`).join("");
    try {
      await writeAll(this.#file, new TextEncoder().encode(text));
      this.#unsynced += fresh.length;
      if (this.#unsynced >= SYNC_AFTER) await this.#sync();
    } catch (thrown) {
      throw diskFailure(`write the record of copies ${this.#path}`, thrown);
    }
    for (const line of fresh) {
      if (line.event === "run") this.#lastRun = line.run;
      apply(this.#copies, line);
    }
  }

  /**
   * Flushes and closes.
   *
   * @throws {Failure} When the disk does not let us; the file is closed all the same.
   */
  async close(): Promise<void> {
    try {
      await this.#sync();
    } catch (thrown) {
      throw diskFailure(`write the record of copies ${this.#path}`, thrown);
    } finally {
      this.#file.close();
    }
  }

  async #sync(): Promise<void> {
    await this.#file.syncData();
    this.#unsynced = 0;
  }
}

/** After so many lines the file is flushed to the disk. */
const SYNC_AFTER = 256;

interface Replayed {
  readonly copies: Map<string, KnownCopy>;
  readonly lastRun: string;
  /** Where the last whole line ends. */
  readonly end: number;
}

async function replay(path: string): Promise<Replayed> {
  const copies = new Map<string, KnownCopy>();
  let lastRun = "";
  let end = 0;
  try {
    for await (const { line, after } of wholeLines(path)) {
      end = after;
      const read = parseLine(line);
      if (read?.event === "run") lastRun = read.run;
      else if (read !== undefined) apply(copies, read);
    }
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown;
  }
  return { copies, lastRun, end };
}

/** The lines that end with a line break, and where each ends. The file is never in memory whole. */
async function* wholeLines(
  path: string,
): AsyncGenerator<{ line: string; after: number }, void, void> {
  const file = await Deno.open(path, { read: true });
  const decoder = new TextDecoder();
  let rest = new Uint8Array();
  let at = 0;
  for await (const chunk of file.readable) {
    const bytes = new Uint8Array(rest.length + chunk.length);
    bytes.set(rest);
    bytes.set(chunk, rest.length);
    let from = 0;
    for (let to = bytes.indexOf(10); to >= 0; to = bytes.indexOf(10, from)) {
      at += to + 1 - from;
      yield { line: decoder.decode(bytes.subarray(from, to)), after: at };
      from = to + 1;
    }
    rest = bytes.slice(from);
  }
}

function apply(
  copies: Map<string, KnownCopy>,
  line: RunLine | Pick<CopyLine, "event" | "file" | keyof KnownCopy> | RemovedLine,
): void {
  if (line.event === "removed") copies.delete(line.file);
  if (line.event !== "copy") return;
  const { file, parent, number, run, bytes } = line;
  copies.set(file, { parent, number, run, bytes });
}

type ReadLine =
  | Pick<RunLine, "event" | "run">
  | Pick<CopyLine, "event" | "file" | keyof KnownCopy>
  | RemovedLine;

/** A line, as far as it is used; nothing where it is not as this program wrote it. */
function parseLine(text: string): ReadLine & { readonly event: ReadLine["event"] } | undefined {
  const { v, event, file, species, parent, number, run, bytes, why } = parseRecord(text) ?? {};
  if (v !== 1) return undefined;
  if (event === "run" && typeof run === "string") return { event, run };
  if (event === "removed" && isCopyFile(file)) return { event, file, why: String(why) };
  if (
    event !== "copy" || !isCopyFile(file) || !isSpeciesId(species) || !isSha256(parent) ||
    typeof number !== "number" || typeof bytes !== "number" || typeof run !== "string"
  ) {
    return undefined;
  }
  return { event, file, parent, number, run, bytes };
}
