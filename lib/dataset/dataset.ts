/**
 * A data folder: what is kept, and the log that says so.
 *
 * @module
 */

import { join } from "@std/path";
import { Failure } from "../base/failure.ts";
import type { Notice } from "../sources/source.ts";
import { LOG_NAME, makeDataFolder, openLog, refuseLostLog, tellLog } from "./data_folder.ts";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import { makeFolderInside } from "../base/inside.ts";
import type { LogEvent } from "./event.ts";
import { type Lock, takeLock } from "./lock.ts";
import { type LinePlace, type LogReading, readLog } from "./log_reader.ts";
import { readLinesAt } from "./log_text.ts";
import type { LogWriter } from "./log_writer.ts";
import { savePage } from "./pages.ts";
import { DatasetState } from "./state.ts";
import { type ImageFile, Store } from "./store.ts";
import { syncFolder } from "../base/files.ts";
import { missingEvent, type Sweep, sweep } from "./sweep.ts";

export { LOG_NAME } from "./data_folder.ts";

/** How a data folder is opened for writing. */
export interface DatasetOptions {
  /** The data folder; it is made where there is none. */
  readonly dir: string;
  /** The script's name, for the log and the lock. */
  readonly script: string;
  /** The program's version, for the log. */
  readonly version: string;
  /** The flags of the run, for the log. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** Hears what was mended and what was found wrong. */
  readonly notice: Notice;
}

/** A data folder as its log tells it, read without changing or locking anything. */
export interface DatasetReading {
  /** What the log says. */
  readonly state: DatasetState;
  /** What reading it told besides. */
  readonly log: LogReading;
}

/**
 * Opens a data folder for writing: takes its lock, replays the log, cuts off a torn end, removes
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
  return await open(options, async (dataset) => {
    const swept = await sweep(options.dir, dataset.state);
    tellSweep(swept, options.notice);
    logRun(dataset, options);
    for (const line of dataset.state.lines(swept.missing)) {
      dataset.append(missingEvent(line, "file missing from the data folder"));
    }
  });
}

/**
 * Opens a data folder as {@link openDataset} does, but leaves its image files as they are, for
 * mending them.
 *
 * @throws {Failure} As `openDataset`.
 */
export async function openUnswept(options: DatasetOptions): Promise<Dataset> {
  return await open(options, (dataset) => {
    logRun(dataset, options);
    return Promise.resolve();
  });
}

async function open(
  options: DatasetOptions,
  begin: (dataset: Dataset) => Promise<void>,
): Promise<Dataset> {
  const { dir, notice } = options;
  await makeDataFolder(dir);
  const lock = await takeLock(dir, options.script);
  try {
    const dataset = await replay(dir, lock, notice);
    try {
      await begin(dataset);
      await dataset.flush();
      await syncFolder(dir);
      return dataset;
    } catch (error) {
      await dataset.close().catch((closing: unknown) => ignoreAfter(error, closing));
      throw error;
    }
  } catch (error) {
    await lock.release();
    throw diskFailure(`open the data folder ${dir}`, error);
  }
}

function logRun(dataset: Dataset, { script, version, flags }: DatasetOptions): void {
  dataset.append({ event: "run", script, version, flags });
}

/** Reads the log and opens it for appending, its torn end cut off. */
async function replay(dir: string, lock: Lock, notice: Notice): Promise<Dataset> {
  const path = join(dir, LOG_NAME);
  const late: { writer?: LogWriter } = {};
  const state = new DatasetState((places) =>
    readLinesAt(path, places, (place) => late.writer?.pending(place))
  );
  const reading = await readLog(path, (line, place) => state.apply(line, place, line.time));
  if (state.sources.length === 0) await refuseLostLog(dir);
  tellLog(path, reading, notice);
  await makeFolderInside(dir, "images");
  late.writer = await openLog(path, reading, notice);
  return new Dataset(dir, state, late.writer, lock);
}

/**
 * Reads a data folder without changing or locking it, also while a run goes on.
 *
 * @param dir The data folder.
 * @throws {Failure} When there is no such folder, or its log cannot be read.
 */
export async function readDataset(dir: string): Promise<DatasetReading> {
  const path = join(dir, LOG_NAME);
  const state = new DatasetState((places) => readLinesAt(path, places));
  try {
    if (!(await Deno.stat(dir)).isDirectory) {
      throw new Failure(`Cannot read ${dir}: it is a file, not a data folder.`, 2);
    }
  } catch (error) {
    if (!isMissing(error)) throw diskFailure(`read the data folder ${dir}`, error);
    throw new Failure(
      `There is no data folder ${dir}. Name another with --data, or run scrape first.`,
      2,
    );
  }
  const log = await readLog(path, (line, place) => state.apply(line, place, line.time));
  return { state, log };
}

/** A data folder that this process writes. */
export class Dataset {
  /** The data folder. */
  readonly dir: string;
  /** What the log says, every appended event included. */
  readonly state: DatasetState;
  readonly #writer: LogWriter;
  readonly #lock: Lock;
  readonly #store: Store;
  /** Image files that were placed and whose line is not yet known to be on the disk. */
  #placed: { readonly file: string; readonly offset: number }[] = [];
  #settling: Promise<void> = Promise.resolve();
  #unsettled: unknown;

  /** Use {@link openDataset}. */
  constructor(dir: string, state: DatasetState, writer: LogWriter, lock: Lock) {
    this.dir = dir;
    this.state = state;
    this.#writer = writer;
    this.#lock = lock;
    this.#store = new Store(dir, (file, sha256) => this.#taken(file, sha256));
  }

  /**
   * Takes an event into the state and queues its line, which is on the disk within some 200 ms.
   *
   * @throws {Failure} When an earlier line could not be written.
   */
  append(event: LogEvent): void {
    const place: LinePlace = this.#writer.append(event);
    this.state.apply(event, place, new Date().toISOString());
    if (event.event === "image" && event.outcome === "kept" && event.file !== undefined) {
      this.#placed.push({ file: event.file, offset: place.offset });
    }
    this.#settle();
  }

  /**
   * Puts an image's file into its place, whole and flushed. Append its `kept` event afterwards,
   * with the path that is returned.
   *
   * @param species The species' id.
   * @param image The image.
   * @returns The path within the data folder, with `/`.
   * @throws {Failure} When the disk does not let us, or the log could not be written before.
   */
  async place(species: string, image: ImageFile): Promise<string> {
    if (this.#writer.failure !== undefined) throw this.#writer.failure;
    return await this.#store.place(species, image);
  }

  /**
   * Removes the file of an image that was replaced or withdrawn, after the events that say so are
   * on the disk. Does nothing while a kept image still has the path.
   *
   * @param file The path within the data folder.
   * @throws {Failure} When the log or the folder cannot be written.
   */
  async removeFile(file: string): Promise<void> {
    await this.flush();
    if (!this.#taken(file, "")) await this.#store.remove(file);
  }

  /**
   * Waits until everything appended so far is on the disk.
   *
   * @throws {Failure} When it cannot be written.
   */
  async flush(): Promise<void> {
    await this.#writer.flush();
    this.#settle();
    await this.#settling;
    if (this.#unsettled !== undefined) throw this.#unsettled;
  }

  /** Lets the store know of the images whose lines are on the disk now. */
  #settle(): void {
    const logged = this.#placed.filter(({ offset }) => offset < this.#writer.durable);
    if (logged.length === 0) return;
    this.#placed = this.#placed.filter(({ offset }) => offset >= this.#writer.durable);
    this.#settling = this.#settling
      .then(async () => {
        for (const { file } of logged) await this.#store.logged(file);
      })
      .catch((error: unknown) => {
        this.#unsettled ??= error;
      });
  }

  /**
   * Saves a page for a person to look at, under `pages/`. At most ten are kept.
   *
   * @param name What to call it.
   * @param bytes The page.
   * @returns The path within the data folder, with `/`.
   * @throws {Failure} When the disk does not let us.
   */
  async saveReportPage(name: string, bytes: Uint8Array): Promise<string> {
    return await savePage(this.dir, name, bytes);
  }

  /**
   * Flushes, closes and gives the folder back. Safe to call twice.
   *
   * @throws {Failure} When what was appended cannot be written.
   */
  async close(): Promise<void> {
    try {
      try {
        await this.#writer.close();
      } finally {
        this.#settle();
        await this.#settling;
      }
      if (this.#unsettled !== undefined) throw this.#unsettled;
    } finally {
      await this.#lock.release();
    }
  }

  /** Whether a kept image with another hash has a path. */
  #taken(file: string, sha256: string): boolean {
    for (const image of this.state.keptImages(file.split("/")[1] ?? "")) {
      if (image.file === file && image.sha256 !== sha256) return true;
    }
    return false;
  }
}

/** Closing failed after something else did: the first failure is the one that is told. */
function ignoreAfter(first: unknown, closing: unknown): void {
  if (!(first instanceof Error) || !(closing instanceof Error)) throw closing;
}

function tellSweep(swept: Sweep, notice: Notice): void {
  const { temporaries, removed, strays, missing } = swept;
  if (temporaries > 0) notice(`Removed ${temporaries} half-written files of an earlier run.`);
  if (removed.length > 0) {
    notice(`Removed ${removed.length} files that no kept image has, such as ${removed[0]}.`);
  }
  if (strays.length > 0) {
    notice(
      `${strays.length} files are not in the log, such as ${
        strays[0]
      }; they are left alone. To remove them: verify --repair --prune.`,
    );
  }
  const [first] = missing;
  if (first !== undefined) {
    notice(
      `${missing.length} kept images are not on the disk any more, such as ${first.file}; they are fetched again.`,
    );
  }
}
