/**
 * Reads a log from its first line to its last as a stream, and finds out where its sound part ends.
 *
 * @module
 */

import { Buffer, isAscii } from "node:buffer";
import { Failure } from "../base/failure.ts";
import type { LogLine } from "./event.ts";
import { diskFailure } from "../base/disk_failure.ts";
import { parseLogLine } from "./log_line.ts";
import { openIfThere } from "../base/files.ts";

/** Where a line stands in the log. */
export interface LinePlace {
  /** The byte the line begins at. */
  readonly offset: number;
  /** Its length in bytes, without the line break. */
  readonly length: number;
}

/** A line that could not be understood. */
export interface LogProblem {
  /** The line's number, from 1. */
  readonly number: number;
  /** What is wrong with it. */
  readonly why: string;
}

/** What reading a log told, besides its events. */
export interface LogReading {
  /** Whether there is a log at all. */
  readonly exists: boolean;
  /** The file's size in bytes. */
  readonly size: number;
  /** Where the sound part ends: from here on the file is torn, garbled or zero-filled. */
  readonly end: number;
  /** Whether the last sound line lacks its line break. */
  readonly unterminated: boolean;
  /** How many events were read. */
  readonly events: number;
  /** The first lines that could not be understood, at most 20, the torn tail not among them. */
  readonly problems: readonly LogProblem[];
  /** How many lines could not be understood. */
  readonly problemCount: number;
  /** Kinds of events this version does not know, with their number. */
  readonly unknown: ReadonlyMap<string, number>;
}

/** A longer line is no event: nothing we write comes near it. */
const LONGEST_LINE = 1 << 20;
const CHUNK = 1 << 22;
const PROBLEMS_TOLD = 20;
const LINE_FEED = 10;
const BEYOND_ASCII = /[\x80-\xff]/;

/**
 * Reads a log. It is not changed; a line that is being written at the moment is not yet seen.
 *
 * @param path The log's path. Where there is none, the reading is empty.
 * @param take Is given every event in the log's order.
 * @throws {Failure} When the log cannot be read, is of a newer version, or is no log of ours.
 */
export async function readLog(
  path: string,
  take: (line: LogLine, place: LinePlace) => void,
): Promise<LogReading> {
  let file: Deno.FsFile | undefined;
  try {
    file = await openIfThere(path);
    return file === undefined ? new Lines(take).reading(false) : await readOpened(file, take);
  } catch (error) {
    if (error instanceof Failure) {
      throw new Failure(`Cannot use the log ${path}: ${error.message}`, error.status, error);
    }
    throw diskFailure(`read the log ${path}`, error);
  } finally {
    file?.close();
  }
}

async function readOpened(
  file: Deno.FsFile,
  take: (line: LogLine, place: LinePlace) => void,
): Promise<LogReading> {
  const lines = new Lines(take);
  let held = new Uint8Array(CHUNK);
  let filled = 0;
  for (;;) {
    if (filled === held.length) {
      const longer = new Uint8Array(held.length * 2);
      longer.set(held);
      held = longer;
    }
    const read = await file.read(held.subarray(filled));
    if (read === null) break;
    filled += read;
    const used = lines.block(held.subarray(0, filled));
    held.copyWithin(0, used, filled);
    filled -= used;
    if (filled > LONGEST_LINE) {
      lines.skip(held.subarray(0, filled));
      filled = 0;
    }
  }
  lines.last(held.subarray(0, filled));
  return lines.reading(true);
}

/** Takes the log block by block and keeps count. */
class Lines {
  readonly #take: (line: LogLine, place: LinePlace) => void;
  readonly #utf8 = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
  readonly #problems: LogProblem[] = [];
  readonly #unknown = new Map<string, number>();
  #problemCount = 0;
  #events = 0;
  #number = 0;
  #offset = 0;
  /** Where the sound part ends, as far as is known. */
  #end = 0;
  #unterminated = false;
  /** Garbled lines since the last sound one: the tail, if nothing sound follows. */
  #tail: LogProblem[] = [];
  #tailCount = 0;
  /** Whether the line at hand has grown too long, so that its rest is skipped. */
  #skipping = false;
  #sound = 0;
  /** Whether the block at hand is known to be ASCII throughout. */
  #plain = false;
  #firstTail: "torn" | "zeros" | "other" = "torn";

  constructor(take: (line: LogLine, place: LinePlace) => void) {
    this.#take = take;
  }

  /** Reads the whole lines of a block; returns how many bytes that were. */
  block(bytes: Uint8Array): number {
    const used = bytes.lastIndexOf(LINE_FEED) + 1;
    if (used === 0) return 0;
    // One character a byte: a text's places are the bytes' places, and V8 keeps it small.
    const text = latin1(bytes, used);
    this.#plain = isAscii(bytes.subarray(0, used));
    for (let at = 0; at < used;) {
      const next = text.indexOf("\n", at);
      this.#line(text.slice(at, next), bytes, at, next, true);
      at = next + 1;
    }
    return used;
  }

  /** Leaves out the start of a line that is too long to be one. */
  skip(bytes: Uint8Array): void {
    if (!this.#skipping) {
      this.#number++;
      this.#garbled("it is longer than any event", bytes);
    }
    this.#skipping = true;
    this.#offset += bytes.length;
  }

  /** Reads what stands after the last line break. */
  last(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#plain = false;
    if (this.#skipping) this.#offset += bytes.length;
    else this.#line(latin1(bytes, bytes.length), bytes, 0, bytes.length, false);
  }

  /** What was found, at the end. */
  reading(exists: boolean): LogReading {
    if (this.#sound === 0 && this.#tailCount > 0) {
      const ours = this.#tailCount === 1 && this.#firstTail === "torn" ||
        this.#firstTail === "zeros";
      if (!ours) {
        throw new Failure(
          "it holds no line of Aquaset. Nothing was changed; move it away, or choose another data folder with --data.",
        );
      }
    }
    return {
      exists,
      size: this.#offset,
      end: this.#end,
      unterminated: this.#unterminated,
      events: this.#events,
      problems: this.#problems,
      problemCount: this.#problemCount,
      unknown: this.#unknown,
    };
  }

  #line(raw: string, block: Uint8Array, from: number, to: number, terminated: boolean): void {
    const offset = this.#offset;
    const length = to - from;
    this.#offset += length + (terminated ? 1 : 0);
    if (this.#skipping) {
      this.#skipping = false;
      return;
    }
    this.#number++;
    if (length <= 1 && raw.trim() === "") return;
    const text = !this.#plain && BEYOND_ASCII.test(raw)
      ? this.#decode(block.subarray(from, to))
      : raw;
    if (text === undefined) {
      this.#garbled("it is no UTF-8", block.subarray(from, to));
      return;
    }
    const bom = text.startsWith("\uFEFF") ? 1 : 0;
    const parsed = parseLogLine(bom === 1 ? text.slice(1) : text);
    if (parsed.kind === "garbled") {
      this.#garbled(parsed.why, block.subarray(from, to));
      return;
    }
    this.#sounds(terminated);
    if (parsed.kind === "event") {
      this.#events++;
      this.#take(parsed.line, { offset: offset + bom * 3, length: length - bom * 3 });
    } else if (parsed.kind === "unknown") {
      this.#unknown.set(parsed.event, (this.#unknown.get(parsed.event) ?? 0) + 1);
    } else {
      this.#problem({ number: this.#number, why: parsed.why });
    }
  }

  /** A line that is a JSON object: what was garbled before it stands in the middle. */
  #sounds(terminated: boolean): void {
    this.#sound++;
    this.#end = this.#offset;
    this.#unterminated = !terminated;
    if (this.#tailCount === 0) return;
    this.#problemCount += this.#tailCount - this.#tail.length;
    for (const problem of this.#tail) this.#problem(problem);
    this.#tail = [];
    this.#tailCount = 0;
  }

  #garbled(why: string, bytes: Uint8Array): void {
    if (this.#tailCount === 0) this.#firstTail = tailKind(bytes);
    this.#tailCount++;
    if (this.#tail.length < PROBLEMS_TOLD) this.#tail.push({ number: this.#number, why });
  }

  #problem(problem: LogProblem): void {
    this.#problemCount++;
    if (this.#problems.length < PROBLEMS_TOLD) this.#problems.push(problem);
  }

  /** The text of UTF-8; `undefined` where the bytes are none. */
  #decode(bytes: Uint8Array): string | undefined {
    try {
      return this.#utf8.decode(bytes);
    } catch (error) {
      if (error instanceof TypeError) return undefined;
      throw error;
    }
  }
}

/** Bytes as a text of one character each, whatever they mean. */
function latin1(bytes: Uint8Array, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, length).toString("latin1");
}

/** What a log without one sound line begins with: a first line cut short, zeros, or anything. */
function tailKind(bytes: Uint8Array): "torn" | "zeros" | "other" {
  if (bytes.every((byte) => byte === 0)) return "zeros";
  const start = '{"v":1,"time":"';
  for (let at = 0; at < Math.min(bytes.length, start.length); at++) {
    if (bytes[at] !== start.charCodeAt(at)) return "other";
  }
  return "torn";
}
