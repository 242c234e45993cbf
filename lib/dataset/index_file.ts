/**
 * `index.sqlite`, a cache of what the log says. It records up to which byte of the log it is true;
 * where it does not fit the log it is built again. It may be deleted at any time.
 *
 * @module
 */

import { join } from "@std/path";
import { DatabaseSync } from "node:sqlite";
import * as v from "valibot";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import { Failure, type Notice, reason } from "../base/failure.ts";
import { removeIfThere } from "../base/files.ts";
import { fileInside, writableInside } from "../base/inside.ts";
import { LOG_NAME, type LogReading, readLog, UNREAD } from "./log_reader.ts";
import { createTables, DatasetState, INDEX_FORMAT, type ReadLines, SUMMARY } from "./state.ts";

export const INDEX_NAME = "index.sqlite";

/** What the log says, and how far and how well it could be read. */
export interface LogState {
  readonly state: DatasetState;
  readonly log: LogReading;
}

/** Bytes at the log's start, and before the end of what the index knows, that must be the same. */
const PROOF = 256;
const CACHE_KIB = 16_000;
/** Building inserts at random places: each page that does not fit is written and read again. */
const BUILD_CACHE_KIB = 48_000;

const COUNT = v.pipe(v.number(), v.integer());

/** What the index holds beside its tables. */
const INDEX = v.object({
  format: v.literal(INDEX_FORMAT),
  proof: v.string(),
  log: v.object({
    end: COUNT,
    unterminated: v.boolean(),
    lines: COUNT,
    problems: v.array(v.object({ number: COUNT, why: v.string() })),
    problemCount: COUNT,
    unknown: v.pipe(
      v.array(v.tuple([v.string(), COUNT])),
      v.transform((each) => new Map(each)),
    ),
  }),
  summary: SUMMARY,
});

/**
 * Reads a data folder's log for the holder of its lock: the index is brought up to date.
 *
 * @param notice Called when an index cannot be used.
 * @throws {Failure} When the log cannot be read, or the index not be written.
 */
export async function openState(
  dir: string,
  readLines: ReadLines,
  notice: Notice,
): Promise<LogState> {
  const path = await writableInside(dir, INDEX_NAME);
  try {
    const found = openIndex(
      path,
      dir,
      readLines,
      (why) => notice(`The index ${path} ${why}: it is made anew from the log.`),
    );
    if (found !== undefined) return await readRest(dir, found);
    for (const each of [path, `${path}-journal`]) await removeIfThere(each);
    const db = new DatabaseSync(path);
    // Nothing is lost when the machine fails now: an index is valid only once it was saved.
    db.exec(
      `pragma page_size = 16384; pragma synchronous = off; pragma cache_size = -${BUILD_CACHE_KIB}`,
    );
    createTables(db);
    const state = new DatasetState(db, undefined, readLines);
    const built = await readRest(dir, { state, log: UNREAD });
    built.state.settle();
    db.exec(`pragma synchronous = normal; pragma cache_size = -${CACHE_KIB}; pragma shrink_memory`);
    return built;
  } catch (error) {
    throw indexFailure(path, error);
  }
}

/**
 * Reads a data folder's log without writing anything, also while a run goes on.
 *
 * @throws {Failure} When the log cannot be read.
 */
export async function readState(dir: string, readLines: ReadLines): Promise<LogState> {
  const path = await fileInside(dir, INDEX_NAME);
  const found = path === undefined ? undefined : openIndex(path, dir, readLines);
  const empty = () => ({ state: DatasetState.inMemory(readLines), log: UNREAD });
  const read = await readRest(dir, found ?? empty());
  read.state.settle();
  return read;
}

/**
 * Writes the index: from now on it is true up to `log.end`.
 *
 * @returns False while somebody reads the index: write it later.
 * @throws {Failure} When it cannot be written.
 */
export function saveState(dir: string, state: DatasetState, log: LogReading): boolean {
  try {
    state.save({
      format: INDEX_FORMAT,
      proof: proofOf(join(dir, LOG_NAME), log.end),
      log: { ...log, unknown: [...log.unknown] },
    });
    return true;
  } catch (error) {
    if (codeOf(error) === BUSY) return false;
    throw indexFailure(join(dir, INDEX_NAME), error);
  }
}

const BUSY = 5;
const READ_ONLY = 8;
const CORRUPT = 11;
const FULL = 13;
const NOT_A_DATABASE = 26;

/** SQLite's code of an error; `undefined` for other errors. */
function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}

/** What went wrong with an index, as a sentence. */
export function indexFailure(path: string, error: unknown): Failure {
  const code = codeOf(error);
  if (code === undefined) return diskFailure(`use the index ${path}`, error);
  const why = code === FULL
    ? "the disk is full. Everything logged so far is safe; make room and run the same command again"
    : code === READ_ONLY
    ? "the operating system does not permit it; check who owns the data folder and its rights"
    : code === CORRUPT || code === NOT_A_DATABASE
    ? "it is damaged. Nothing is lost; run the same command again, which makes it anew from the log"
    : `${
      reason(error)
    }. Everything logged so far is safe; remove the index and run the same command again`;
  return new Failure(`Cannot use the index ${path}: ${why}.`, 1, error);
}

/**
 * The state of an index that is of use.
 *
 * @param useless Called with the reason where a damaged one is not. Only who gives it may write.
 */
function openIndex(
  path: string,
  dir: string,
  readLines: ReadLines,
  useless?: (why: string) => void,
): LogState | undefined {
  const isReader = useless === undefined;
  let db: DatabaseSync | undefined;
  try {
    // A run that was killed before it had written anything leaves an empty file.
    if (Deno.statSync(path).size === 0) return undefined;
    db = new DatabaseSync(path, { readOnly: isReader });
    db.exec(
      `pragma busy_timeout = ${isReader ? 5000 : 0}; pragma synchronous = normal;
      pragma cache_size = -${CACHE_KIB}; begin`,
    );
    const check = db.prepare("pragma quick_check(1)").get();
    if (check?.quick_check !== "ok") throw new TypeError("quick_check found damage");
    const row = db.prepare("select value from meta where key = 'index'").get();
    const index = v.safeParse(INDEX, JSON.parse(String(row?.value ?? null)));
    if (index.success) {
      const { proof, log, summary } = index.output;
      if (proof === proofOf(join(dir, LOG_NAME), log.end)) {
        const state = new DatasetState(db, summary, readLines, isReader);
        return { state, log: { ...log, exists: true, size: log.end } };
      }
      useless?.("does not fit the log");
    }
    // An index of another version, or one that was never saved, is nothing to worry about.
    db.close();
  } catch (error) {
    if (db?.isOpen === true) db.close();
    if (error instanceof Deno.errors.NotCapable) throw error;
    if (!isMissing(error)) useless?.("is damaged");
  }
  return undefined;
}

async function readRest(dir: string, { state, log: before }: LogState): Promise<LogState> {
  try {
    const path = join(dir, LOG_NAME);
    const log = await readLog(path, (line, place) => state.apply(line, place, line.time), before);
    return { state, log };
  } catch (error) {
    state.close();
    throw error;
  }
}

/** What identifies a log up to a place: its first bytes and the last before that place. */
function proofOf(path: string, end: number): string {
  const read = (file: Deno.FsFile, from: number): string => {
    const bytes = new Uint8Array(Math.min(PROOF, end));
    file.seekSync(from, Deno.SeekMode.Start);
    return bytes.subarray(0, file.readSync(bytes) ?? 0).toHex();
  };
  try {
    using file = Deno.openSync(path, { read: true });
    return `${read(file, 0)} ${read(file, Math.max(0, end - PROOF))}`;
  } catch (error) {
    if (isMissing(error)) return "";
    throw error;
  }
}
