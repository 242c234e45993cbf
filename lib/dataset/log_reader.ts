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

/** What a log holds besides its events. */
export interface LogReading {
  /** Whether there is a log at all. */
  readonly exists: boolean;
  /** The file's size in bytes. */
  readonly size: number;
  /** Where the sound part ends: from here on the file is torn, garbled or zero-filled. */
  readonly end: number;
  /** Whether the last sound line lacks its line break. */
  readonly unterminated: boolean;
  /** How many lines the sound part has. */
  readonly lines: number;
  /** How many events it has. */
  readonly events: number;
  /** The first lines that could not be understood, at most 20, the torn tail not among them. */
  readonly problems: readonly LogProblem[];
  /** How many lines could not be understood. */
  readonly problemCount: number;
  /** Kinds of events this version does not know, with their number. */
  readonly unknown: ReadonlyMap<string, number>;
}

/** What there is to know of a log that nobody has read yet, or that is not there. */
export const UNREAD: LogReading = {
  exists: false,
  size: 0,
  end: 0,
  unterminated: false,
  lines: 0,
  events: 0,
  problems: [],
  problemCount: 0,
  unknown: new Map(),
};

/** The log's name in a data folder. */
export const LOG_NAME = "log.jsonl";

/** A longer line is no event: nothing we write comes near it. */
const LONGEST_LINE = 1 << 20;
const CHUNK = 1 << 22;
const PROBLEMS_TOLD = 20;
const LINE_FEED = 10;
const BEYOND_ASCII = /[\x80-\xff]/;

/**
 * Reads a log, or what has come since it was read before. It is not changed; a line that is being
 * written at the moment is not yet seen.
 *
 * @param path The log's path. Where there is none, the reading is empty.
 * @param take Is given every event in the log's order.
 * @param before What reading it gave before; unless given, it is read from its start.
 * @throws {Failure} When the log cannot be read, is of a newer version, or is no log of ours.
 */
export async function readLog(
  path: string,
  take: (line: LogLine, place: LinePlace) => void,
  before: LogReading = UNREAD,
): Promise<LogReading> {
  let file: Deno.FsFile | undefined;
  try {
    file = await openIfThere(path);
    if (file === undefined) return UNREAD;
    await file.seek(before.end, Deno.SeekMode.Start);
    return await readOpened(file, new Lines(take, before));
  } catch (error) {
    if (error instanceof Failure) {
      throw new Failure(`Cannot use the log ${path}: ${error.message}`, error.status, error);
    }
    throw diskFailure(`read the log ${path}`, error);
  } finally {
    file?.close();
  }
}

async function readOpened(file: Deno.FsFile, lines: Lines): Promise<LogReading> {
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
  return lines.reading();
}

/** Takes the log block by block and keeps count. */
class Lines {
  readonly #take: (line: LogLine, place: LinePlace) => void;
  readonly #utf8 = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
  readonly #problems: LogProblem[];
  readonly #unknown: Map<string, number>;
  #problemCount: number;
  #events: number;
  #number: number;
  #offset: number;
  /** Where the sound part ends, as far as is known, and with which line. */
  #end: number;
  #lines: number;
  #unterminated: boolean;
  /** Garbled lines since the last sound one: the tail, if nothing sound follows. */
  #tail: LogProblem[] = [];
  #tailCount = 0;
  /** Whether the line at hand has grown too long, so that its rest is skipped. */
  #skipping = false;
  #sound: number;
  /** Whether the block at hand is known to be ASCII throughout. */
  #plain = false;
  #firstTail: "torn" | "zeros" | "other" = "torn";

  constructor(take: (line: LogLine, place: LinePlace) => void, before: LogReading) {
    this.#take = take;
    this.#problems = [...before.problems];
    this.#unknown = new Map(before.unknown);
    this.#problemCount = before.problemCount;
    this.#events = before.events;
    this.#number = this.#lines = before.lines;
    this.#offset = this.#end = before.end;
    this.#unterminated = before.unterminated;
    this.#sound = before.end;
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
  reading(): LogReading {
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
      exists: true,
      size: this.#offset,
      end: this.#end,
      unterminated: this.#unterminated,
      lines: this.#lines,
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
    this.#lines = this.#number;
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

/**
 * Reads single lines of a log again, by where they stand.
 *
 * @param path The log's path.
 * @param places Where the lines stand, as replaying or appending gave them.
 * @param pending Gives the bytes of lines that are queued but not yet in the file.
 * @returns The lines, in the order of the places.
 * @throws {Failure} When the log cannot be read, or is not the one the places are of.
 */
export function readLinesAt(
  path: string,
  places: readonly LinePlace[],
  pending: (place: LinePlace) => Uint8Array | undefined = () => undefined,
): LogLine[] {
  if (places.length === 0) return [];
  const decoder = new TextDecoder();
  try {
    using file = Deno.openSync(path, { read: true });
    return places.map((place) => {
      const bytes = pending(place) ?? bytesAt(file, place);
      const parsed = parseLogLine(decoder.decode(bytes));
      if (parsed.kind === "event") return parsed.line;
      throw new Failure(
        `Cannot read the log ${path} again: its line at byte ${place.offset} was changed by another program. Run again.`,
      );
    });
  } catch (error) {
    throw diskFailure(`read the log ${path}`, error);
  }
}

function bytesAt(file: Deno.FsFile, place: LinePlace): Uint8Array {
  const bytes = new Uint8Array(place.length);
  file.seekSync(place.offset, Deno.SeekMode.Start);
  let filled = 0;
  while (filled < bytes.length) {
    const read = file.readSync(bytes.subarray(filled));
    if (read === null) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}
