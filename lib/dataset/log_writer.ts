/**
 * Appends events to the log, in batches that are flushed to the disk.
 *
 * @module
 */

import { Failure } from "../base/failure.ts";
import { diskFailure } from "../base/disk_failure.ts";
import { formatLogLine, type LogEvent } from "./event.ts";
import type { LinePlace } from "./log_reader.ts";
import { writeAll } from "../base/files.ts";

/** What the writer needs of a file that is open for appending. */
export type LogFile = Pick<Deno.FsFile, "write" | "syncData" | "truncate" | "close">;

/** How long an event may wait for others, in milliseconds; with the flush itself under 200. */
const BATCH_MS = 100;
/** A batch of this many bytes does not wait. */
const BATCH_BYTES = 1 << 18;

interface QueuedLine {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * The one way into the log. After the first error everything that is appended or flushed is refused
 * with the same failure, so that nothing is believed to be logged that is not.
 */
export class LogWriter {
  readonly #file: LogFile;
  readonly #path: string;
  readonly #check: (size: number) => Promise<void>;
  readonly #now: () => Date;
  readonly #encoder = new TextEncoder();
  #queue: QueuedLine[] = [];
  #queuedBytes = 0;
  /** The batch that is being written now. */
  #writing: readonly QueuedLine[] = [];
  #offset: number;
  #durable: number;
  #endsThere = true;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  #failure: Failure | undefined;
  #closed = false;
  /** Called whenever all that was appended is on the disk. */
  onWritten: () => void = () => {};
  /** Called before lines are written: it flushes what those appended so far speak of. */
  onBatch: () => Promise<void> = () => Promise.resolve();

  /**
   * @param path For messages.
   * @param size The file's size in bytes.
   * @param check Called after every batch with the size that the file must have; throws where the
   * path is another file or has another size.
   */
  constructor(
    file: LogFile,
    path: string,
    size: number,
    check: (size: number) => Promise<void>,
    now: () => Date = () => new Date(),
  ) {
    this.#file = file;
    this.#path = path;
    this.#offset = size;
    this.#durable = size;
    this.#check = check;
    this.#now = now;
  }

  /** Up to which byte the log is on the disk. */
  get durable(): number {
    return this.#durable;
  }

  /** Whether the file ends there, as far as we know: not where others have changed it. */
  get endsThere(): boolean {
    return this.#endsThere;
  }

  /** What went wrong, if something did. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /**
   * Queues one event; it is on the disk within about 200 ms, or after `flush`.
   *
   * @returns Where its line will stand.
   * @throws {Failure} When the log could not be written before.
   */
  append(event: LogEvent): LinePlace {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closed) throw new Error(`The log ${this.#path} is closed.`);
    const bytes = this.#encoder.encode(formatLogLine(event, this.#now()));
    const place: LinePlace = { offset: this.#offset, length: bytes.length - 1 };
    this.#queue.push({ offset: this.#offset, bytes });
    this.#offset += bytes.length;
    this.#queuedBytes += bytes.length;
    if (this.#queuedBytes >= BATCH_BYTES) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), BATCH_MS);
    return place;
  }

  /**
   * Waits until everything appended so far is on the disk.
   *
   * @throws {Failure} When it cannot be written.
   */
  async flush(): Promise<void> {
    const wanted = this.#offset;
    while (this.#durable < wanted && this.#failure === undefined) {
      this.#start();
      await this.#running;
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** The bytes of a line that is not yet in the file, if the place is such a line's. */
  pending(place: LinePlace): Uint8Array | undefined {
    if (place.offset < this.#durable) return undefined;
    const isIt = (line: QueuedLine): boolean => line.offset === place.offset;
    return (this.#writing.find(isIt) ?? this.#queue.find(isIt))?.bytes.subarray(0, place.length);
  }

  /**
   * Flushes and closes. Safe to call twice.
   *
   * @throws {Failure} When what was queued cannot be written; the file is closed all the same.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.flush();
    } finally {
      clearTimeout(this.#timer);
      await this.#running;
      this.#file.close();
    }
  }

  /** Starts writing what is queued, unless that is under way. */
  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running ??= this.#drain().finally(() => this.#running = undefined);
  }

  /** Writes batch after batch until the queue is empty. Never rejects: it sets the failure. */
  async #drain(): Promise<void> {
    while (this.#queue.length > 0 && this.#failure === undefined) {
      this.#writing = this.#queue;
      this.#queue = [];
      this.#queuedBytes = 0;
      await this.#writeBatch(this.#writing);
      this.#writing = [];
    }
    if (this.#failure !== undefined) return;
    try {
      this.onWritten();
    } catch (error) {
      this.#failure = diskFailure(`write the log ${this.#path}`, error);
    }
  }

  async #writeBatch(lines: readonly QueuedLine[]): Promise<void> {
    const batch = new Uint8Array(lines.reduce((sum, line) => sum + line.bytes.length, 0));
    for (const { offset, bytes } of lines) batch.set(bytes, offset - this.#durable);
    let written = 0;
    try {
      await this.onBatch();
      await writeAll(this.#file, batch, (sofar) => written = sofar);
      await this.#file.syncData();
    } catch (error) {
      this.#failure = diskFailure(`write the log ${this.#path}`, error);
      return await this.#cutBack(lines, this.#durable + written);
    }
    try {
      await this.#check(this.#durable + batch.length);
      this.#durable += batch.length;
    } catch (error) {
      // What others have done to the file is left as it is.
      this.#endsThere = false;
      this.#failure = diskFailure(`write the log ${this.#path}`, error);
    }
  }

  /** Ends the file after its last complete line: a full disk may have taken part of the batch. */
  async #cutBack(lines: readonly QueuedLine[], end: number): Promise<void> {
    const complete = lines.map(({ offset, bytes }) => offset + bytes.length)
      .findLast((lineEnd) => lineEnd <= end) ?? this.#durable;
    try {
      await this.#file.truncate(complete);
      await this.#file.syncData();
      this.#durable = complete;
    } catch (error) {
      // The first failure is reported; the next start cuts the torn line off.
      if (!(error instanceof Error)) throw error;
      this.#endsThere = false;
    }
  }
}
