/**
 * `index.sqlite`: opened where it fits the log, made anew where it does not.
 *
 * @module
 */

import { join } from "@std/path";
import { DatabaseSync } from "node:sqlite";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import { Failure, type Notice, reason } from "../base/failure.ts";
import { fileInside, writableInside } from "../base/inside.ts";
import { LOG_NAME, type LogReading, readLog, UNREAD } from "./log_reader.ts";
import { createTables, DatasetState, INDEX_FORMAT, type ReadLines, type Summary } from "./state.ts";

/** The index's name in a data folder. */
export const INDEX_NAME = "index.sqlite";

/** What the log says, and what reading it gave besides. */
export interface LogState {
  /** What the log says. */
  readonly state: DatasetState;
  /** What reading it gave besides. */
  readonly log: LogReading;
}

/** An index that fits its log. */
interface Found {
  readonly db: DatabaseSync;
  readonly summary: Summary;
  readonly log: LogReading;
}

/** Bytes at the log's start and before the end of what the index knows that must be the same. */
const PROOF = 256;
/** In KiB; the same for a folder of any size. */
const CACHE = 16_000;

/**
 * What a data folder's log says, for the holder of its lock: the index is brought up to date.
 *
 * @param dir The data folder.
 * @param readLines Reads lines of the log again.
 * @param notice Hears that an index was damaged.
 * @throws {Failure} When the log cannot be read, or the index not be written.
 */
export async function openState(
  dir: string,
  readLines: ReadLines,
  notice: Notice,
): Promise<LogState> {
  const path = await writableInside(dir, INDEX_NAME);
  try {
    const found = openIndex(path, dir, true);
    if (typeof found !== "string" && found !== undefined) {
      return await readRest(
        dir,
        new DatasetState(found.db, found.summary, readLines, true),
        found.log,
      );
    }
    if (found !== undefined) notice(`The index ${path} ${found}: it is made anew from the log.`);
    for (const each of [path, `${path}-journal`]) await removeFile(each);
    const db = new DatabaseSync(path);
    db.exec(
      `pragma page_size = 16384; pragma synchronous = normal; pragma cache_size = -${CACHE}; begin`,
    );
    createTables(db);
    return await readRest(dir, new DatasetState(db, undefined, readLines, true), UNREAD);
  } catch (error) {
    throw indexFailure(path, error);
  }
}

/**
 * What a data folder's log says, for reading alone, also while a run goes on. Nothing is written;
 * what the index does not know, or all where it is of no use, is held in temporary tables.
 *
 * @param dir The data folder.
 * @param readLines Reads lines of the log again.
 * @throws {Failure} When the log cannot be read.
 */
export async function readState(dir: string, readLines: ReadLines): Promise<LogState> {
  const path = await fileInside(dir, INDEX_NAME);
  const found = path === undefined ? undefined : openIndex(path, dir, false);
  if (typeof found !== "string" && found !== undefined) {
    const read = await readRest(
      dir,
      new DatasetState(found.db, found.summary, readLines, false),
      found.log,
    );
    read.state.settle();
    return read;
  }
  const db = new DatabaseSync(":memory:");
  db.exec(`pragma temp.page_size = 16384; pragma temp.cache_size = -${2 * CACHE}; begin`);
  createTables(db);
  const read = await readRest(dir, new DatasetState(db, undefined, readLines, false), UNREAD);
  read.state.settle();
  return read;
}

/**
 * Writes the index: from now on it is true up to a byte of the log.
 *
 * @param dir The data folder.
 * @param state What the log says up to there.
 * @param log What reading it up to there gave.
 * @returns False where somebody reads the index at the moment: then it is written another time.
 * @throws {Failure} When it cannot be written.
 */
export function saveState(dir: string, state: DatasetState, log: LogReading): boolean {
  try {
    const { end, unterminated, lines, events, problems, problemCount } = log;
    const reading = { end, unterminated, lines, events, problems, problemCount };
    state.save({
      format: INDEX_FORMAT,
      log: { ...reading, unknown: [...log.unknown] },
      proof: proofOf(join(dir, LOG_NAME), end),
    });
    return true;
  } catch (error) {
    if (codeOf(error) === BUSY) return false;
    throw indexFailure(join(dir, INDEX_NAME), error);
  }
}

const BUSY = 5;
const CORRUPT = 11;
const FULL = 13;
const NOT_A_DATABASE = 26;

/** SQLite's code of an error; `undefined` where it is of another kind. */
function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}

/**
 * What went wrong with an index, as a sentence.
 *
 * @param path The index.
 * @param error What was thrown; what has nothing to do with SQLite is treated as the disk's.
 */
export function indexFailure(path: string, error: unknown): Failure {
  const code = codeOf(error);
  if (code === undefined) return diskFailure(`use the index ${path}`, error);
  const why = code === FULL
    ? "the disk is full. Everything logged so far is safe; make room and run the same command again"
    : code === CORRUPT || code === NOT_A_DATABASE
    ? "it is damaged. Nothing is lost; run the same command again, which makes it anew from the log"
    : `${
      reason(error)
    }. Everything logged so far is safe; remove the index and run the same command again`;
  return new Failure(`Cannot use the index ${path}: ${why}.`, 1, error);
}

/** An index that fits; `undefined` where there is none, or why it is of no use. */
function openIndex(path: string, dir: string, writable: boolean): Found | string | undefined {
  let db: DatabaseSync | undefined;
  try {
    // An index of no bytes is one that a run was killed before it had written anything.
    if (Deno.statSync(path).size === 0) return undefined;
    db = new DatabaseSync(path, { readOnly: !writable });
    db.exec(
      `pragma busy_timeout = ${writable ? 0 : 5000}; pragma synchronous = normal;
      pragma cache_size = -${CACHE}; begin`,
    );
    const check = db.prepare("pragma quick_check(1)").get();
    if (check?.quick_check !== "ok") throw new TypeError("quick_check found damage");
    const meta = new Map<string, unknown>();
    for (const { key, value } of db.prepare("select key, value from meta").all()) {
      meta.set(String(key), JSON.parse(String(value)));
    }
    const log = readingIn(meta.get("log"));
    const summary = summaryIn(meta.get("summary"));
    if (meta.get("format") === INDEX_FORMAT && log !== undefined && summary !== undefined) {
      if (meta.get("proof") === proofOf(join(dir, LOG_NAME), log.end)) return { db, summary, log };
      db.close();
      return "does not fit the log";
    }
    db.close();
    return undefined;
  } catch (error) {
    if (db?.isOpen === true) db.close();
    if (isMissing(error)) return undefined;
    if (error instanceof Deno.errors.NotCapable) throw error;
    return "is damaged";
  }
}

async function readRest(dir: string, state: DatasetState, before: LogReading): Promise<LogState> {
  try {
    const path = join(dir, LOG_NAME);
    const log = await readLog(path, (line, place) => state.apply(line, place, line.time), before);
    return { state, log };
  } catch (error) {
    state.close();
    throw error;
  }
}

async function removeFile(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** What tells a log from another: its first bytes and the last before a place. */
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

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value);
}

function readingIn(value: unknown): LogReading | undefined {
  if (!isRecord(value)) return undefined;
  const { end, unterminated, lines, events, problems, problemCount, unknown } = value;
  if (!isNumber(end) || !isNumber(lines) || !isNumber(events) || !isNumber(problemCount)) {
    return undefined;
  }
  if (!Array.isArray(problems) || !Array.isArray(unknown)) return undefined;
  return {
    exists: true,
    size: end,
    end,
    unterminated: unterminated === true,
    lines,
    events,
    problems: problems.map(({ number, why }) => ({ number: Number(number), why: String(why) })),
    problemCount,
    unknown: new Map(unknown.map(([event, times]) => [String(event), Number(times)])),
  };
}

function summaryIn(value: unknown): Summary | undefined {
  if (!isRecord(value)) return undefined;
  const { events, lastTime, lines, sources, counts, nextNumber } = value;
  if (!isNumber(events) || !isNumber(nextNumber)) return undefined;
  if (!Array.isArray(lines) || !Array.isArray(sources) || !Array.isArray(counts)) return undefined;
  return {
    events,
    ...(typeof lastTime === "string" ? { lastTime } : {}),
    lines: lines.map(String),
    sources: sources.map(String),
    counts: counts.map((each) => Array.isArray(each) ? each.map(Number) : []),
    nextNumber,
  };
}
