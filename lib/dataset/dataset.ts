/**
 * A data folder: the images that are kept, and the log that says where they are from.
 *
 * @module
 */

import { basename, dirname, join } from "@std/path";
import { diskFailure, ifThere } from "../base/disk_failure.ts";
import { Failure, type Notice } from "../base/failure.ts";
import { syncFolder } from "../base/files.ts";
import { makeFolderInside, writableInside } from "../base/inside.ts";
import { isImageFile, type LogEvent } from "./event.ts";
import {
  INDEX_NAME,
  indexFailure,
  type LogState,
  openState,
  readState,
  saveState,
} from "./index_file.ts";
import { agreeOnStore } from "./image_store.ts";
import { takeLock } from "./lock.ts";
import { type LinePlace, LOG_NAME, type LogReading, readLinesAt } from "./log_reader.ts";
import { LogWriter } from "./log_writer.ts";
import type { DatasetState } from "./state.ts";
import { type ImageFile, Store } from "./store.ts";
import { lookInto, missingEvent, speciesFolders, sweep } from "./verify.ts";

export { LOG_NAME } from "./log_reader.ts";

/** In milliseconds. What the index lacks is read from the log. */
const SAVE_EVERY = 2000;

/** How a data folder is opened for writing. */
export interface DatasetOptions {
  /** The data folder; it is created if missing. */
  readonly dir: string;
  /** The script's name, for the log and the lock. */
  readonly script: string;
  /** The program's version, for the log. */
  readonly version: string;
  /** The flags of the run, for the log. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** Called with each sentence about what was repaired or is wrong. */
  readonly notice: Notice;
  /**
   * Where the image files are, if not in the folder: `s3://bucket/prefix` or another folder. The
   * data folder remembers it until its images are pulled.
   */
  readonly store?: string | undefined;
}

/** A data folder as its log has it, read without changing or locking anything. */
export type DatasetReading = LogState;

/**
 * Opens a data folder for writing: takes its lock, reads the log, cuts off a torn end, removes
 * leftovers, and logs that a run began.
 *
 * @throws {Failure} With a sentence for a person and status 1, or 2 where the folder is no folder.
 *
 * @example
 * ```ts
 * import { openDataset } from "./dataset.ts";
 *
 * const dataset = await openDataset({
 *   dir: "data",
 *   script: "scrape",
 *   version: "0.1.0",
 *   flags: { images: 200 },
 *   notice: (text) => console.error(text),
 * });
 * try {
 *   console.log(dataset.state.kept("betta_splendens"));
 * } finally {
 *   await dataset.close();
 * }
 * ```
 */
export async function openDataset(options: DatasetOptions): Promise<Dataset> {
  return await open(options, true);
}

/** Opens a data folder as {@link openDataset} does, but leaves its image files as they are. */
export async function openUnswept(options: DatasetOptions): Promise<Dataset> {
  return await open(options, false);
}

async function open(options: DatasetOptions, isSwept: boolean): Promise<Dataset> {
  const { dir, script, version, flags, store, notice } = options;
  await makeDataFolder(dir);
  const lock = await takeLock(dir, script);
  let dataset: Dataset | undefined;
  try {
    await agreeOnStore(dir, store);
    dataset = await readForWriting(dir, lock, notice);
    const missing = isSwept ? await sweep(dir, dataset.state, notice) : [];
    dataset.append({ event: "run", script, version, flags });
    if (missing[0] !== undefined && store === undefined) {
      notice(
        `${missing.length} kept images are not on the disk any more, such as ${
          missing[0].file
        }; they are fetched again.`,
      );
      for (const line of dataset.state.lines(missing)) {
        dataset.append(missingEvent(line, "file missing from the data folder"));
      }
    }
    await dataset.flush();
    await syncFolder(dir);
    return dataset;
  } catch (error) {
    // The first failure is the one to report.
    await dataset?.close().catch(() => undefined);
    lock[Symbol.dispose]();
    throw diskFailure(`open the data folder ${dir}`, error);
  }
}

async function readForWriting(dir: string, lock: Disposable, notice: Notice): Promise<Dataset> {
  const path = join(dir, LOG_NAME);
  let writer: LogWriter | undefined;
  const readLines = (places: readonly LinePlace[]) =>
    readLinesAt(path, places, (place) => writer?.pending(place));
  const { state, log } = await openState(dir, readLines, notice);
  try {
    if (state.sources.length === 0) await refuseLostLog(dir, log.exists);
    reportLog(path, log, notice);
    await makeFolderInside(dir, "images");
    writer = await openLog(path, log, notice);
    return new Dataset(dir, state, log, writer, lock);
  } catch (error) {
    await writer?.close();
    state.close();
    throw error;
  }
}

/** Makes a folder, and those above it, unless it is there. Throws a `Failure`. */
export async function makeDataFolder(dir: string): Promise<void> {
  try {
    await Deno.mkdir(dir, { recursive: true });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists || error instanceof Deno.errors.NotADirectory) {
      throw new Failure(
        `Cannot use ${dir} as a data folder: it, or part of its path, is a file. Choose another with --data.`,
        2,
      );
    }
    throw diskFailure(`make the data folder ${dir}`, error);
  }
}

/** Throws a `Failure` where a folder has images and its log, if there is one, names none. */
export async function refuseLostLog(dir: string, hasLog: boolean): Promise<void> {
  for (const species of await speciesFolders(dir)) {
    const { loose } = await lookInto(dir, species, new Map());
    // A run that was killed early leaves images without a line.
    const isLost = loose.some(({ file, isUnlogged }) =>
      isImageFile(file, species) && !(hasLog && isUnlogged)
    );
    if (!isLost) continue;
    throw new Failure(
      `The data folder ${dir} has images, but its ${LOG_NAME}, which alone says where they are from, is lost or empty. Put the log back, or move images/ away.`,
    );
  }
}

/** Opens the log for appending, after its last sound line. */
async function openLog(path: string, reading: LogReading, notice: Notice): Promise<LogWriter> {
  await writableInside(dirname(path), basename(path));
  const file = await Deno.open(path, { read: true, append: true, create: true });
  try {
    const opened = await file.stat();
    const torn = reading.size - reading.end;
    if (torn > 0) {
      await file.truncate(reading.end);
      notice(
        `Cut ${torn} bytes off the end of ${path}: a line that an earlier run could not finish.`,
      );
    }
    let size = reading.end;
    if (reading.unterminated) size += await file.write(new Uint8Array([10]));
    const check = async (expected: number): Promise<void> => {
      const named = await Deno.stat(path);
      if (named.ino !== opened.ino || named.dev !== opened.dev) {
        throw new Failure(
          `The log ${path} was replaced by another file while this run was writing it. Compare the two, keep the complete one as ${LOG_NAME}, then run again.`,
        );
      }
      if (named.size === expected) return;
      throw new Failure(
        `The log ${path} was changed by another program while this run was writing it: it has ${named.size} bytes in place of ${expected}. Look whether lines are missing, then run again.`,
      );
    };
    return new LogWriter(file, path, size, check);
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Reports the lines of a log that could not be understood. */
export function reportLog(path: string, reading: LogReading, notice: Notice): void {
  for (const { number, why } of reading.problems) {
    notice(`Line ${number} of ${path} is left out: ${why}.`);
  }
  const more = reading.problemCount - reading.problems.length;
  if (more > 0) notice(`${more} more lines of ${path} are left out.`);
  for (const [event, count] of reading.unknown) {
    notice(`${count} lines of ${path} are of a kind this version does not know: ${event}.`);
  }
}

/**
 * Reads a data folder without changing or locking it, also while a run goes on. Close the state, or
 * let `using` do it, where the folder is to be removed while the program goes on.
 *
 * @throws {Failure} When there is no such folder, or its log cannot be read.
 */
export async function readDataset(dir: string): Promise<DatasetReading> {
  await checkDataFolder(dir);
  return await readState(dir, (places) => readLinesAt(join(dir, LOG_NAME), places));
}

/** Throws a `Failure` where there is no data folder: looking for its lock must not create one. */
export async function checkDataFolder(dir: string): Promise<void> {
  let found: Deno.FileInfo | undefined;
  try {
    found = await ifThere(Deno.stat(dir));
  } catch (error) {
    throw diskFailure(`read the data folder ${dir}`, error);
  }
  if (found?.isDirectory) return;
  throw new Failure(
    found === undefined
      ? `There is no data folder ${dir}. Name another with --data, or make it: deno task scrape --data ${dir}`
      : `Cannot read ${dir}: it is a file, not a data folder.`,
    2,
  );
}

/** A data folder that this process writes. */
export class Dataset {
  /** The data folder. */
  readonly dir: string;
  /** What the log says, every appended event included. */
  readonly state: DatasetState;
  readonly #writer: LogWriter;
  readonly #lock: Disposable;
  readonly #store: Store;
  #log: LogReading;
  #saved = -Infinity;
  #closed = false;

  /** Use {@link openDataset}. */
  constructor(
    dir: string,
    state: DatasetState,
    log: LogReading,
    writer: LogWriter,
    lock: Disposable,
  ) {
    this.dir = dir;
    this.state = state;
    this.#log = log;
    this.#writer = writer;
    this.#lock = lock;
    this.#store = new Store(dir, (file, sha256) => this.state.isTaken(file, sha256));
    writer.onBatch = async () => {
      await this.#store.settle(writer.durable);
      await this.#store.flushNames();
    };
    writer.onWritten = () => this.#save();
    this.#save();
  }

  /** Writes the index, when all that it knows is in the log and it was not written just now. */
  #save(now = performance.now()): void {
    if (now - this.#saved < SAVE_EVERY || this.#writer.failure !== undefined) return;
    const log = { ...this.#log, end: this.#writer.durable, unterminated: false };
    if (saveState(this.dir, this.state, log)) this.#saved = now;
  }

  /**
   * Takes an event into the state and queues its line, which is on the disk within some 200 ms.
   *
   * @throws {Failure} When an earlier line could not be written.
   */
  append(event: LogEvent): void {
    const place: LinePlace = this.#writer.append(event);
    try {
      this.state.apply(event, place, new Date().toISOString());
    } catch (error) {
      throw indexFailure(join(this.dir, INDEX_NAME), error);
    }
    this.#log = { ...this.#log, lines: this.#log.lines + 1 };
    if (event.event === "image" && event.outcome === "kept" && event.file !== undefined) {
      this.#store.appended(event.file, place.offset);
    }
  }

  /**
   * Puts an image's file into its place, complete and flushed. Append its `kept` event afterwards.
   *
   * @returns The path within the data folder, with `/`.
   * @throws {Failure} When the file cannot be written, or the log could not be written before.
   */
  async place(species: string, image: ImageFile): Promise<string> {
    if (this.#writer.failure !== undefined) throw this.#writer.failure;
    return await this.#store.place(species, image);
  }

  /**
   * Removes the file of an image that was replaced or withdrawn, after the events that say so are
   * on the disk. Does nothing while a kept image still has the path.
   *
   * @throws {Failure} When the log or the folder cannot be written.
   */
  async removeFile(file: string): Promise<void> {
    await this.flush();
    if (!this.state.isTaken(file)) await this.#store.remove(file);
  }

  /**
   * Waits until everything appended so far is on the disk.
   *
   * @throws {Failure} When it cannot be written.
   */
  async flush(): Promise<void> {
    await this.#writer.flush();
    await this.#store.settle(this.#writer.durable);
  }

  /**
   * Flushes, closes and gives the folder back. Safe to call twice.
   *
   * @throws {Failure} When what was appended cannot be written.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      try {
        await this.#writer.close();
      } finally {
        await this.#store.settle(this.#writer.durable);
        if (this.#writer.endsThere) await this.#store.takeBack();
      }
      this.#save(Infinity);
    } finally {
      this.state.close();
      this.#lock[Symbol.dispose]();
    }
  }
}
