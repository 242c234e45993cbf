/**
 * Reads a log as a stream and finds where its sound part ends.
 *
 * @module
 */

import { Buffer, isAscii } from "node:buffer";
import { diskFailure } from "../base/disk_failure.ts";
import { Failure } from "../base/failure.ts";
import { linesOf, openIfThere } from "../base/files.ts";
import { type LogLine, type ParsedLine, parseLogLine } from "./event.ts";

/** Where a line is in the log, in bytes; its line break does not count. */
export interface LinePlace {
  /** Bytes before the line. */
  readonly offset: number;
  /** Bytes of the line. */
  readonly length: number;
}

/** A line that could not be understood. */
export interface LogProblem {
  /** From 1. */
  readonly number: number;
  /** What is wrong. */
  readonly why: string;
}

/** What a log holds besides its events. */
export interface LogReading {
  /** Whether there is a log at all. */
  readonly exists: boolean;
  /** In bytes. */
  readonly size: number;
  /** Where the sound part ends: from here on the file is torn, garbled or zero-filled. */
  readonly end: number;
  /** The last sound line lacks its line break. */
  readonly unterminated: boolean;
  /** How many lines the sound part has. */
  readonly lines: number;
  /** The first lines that could not be understood, at most 20. The torn tail does not count. */
  readonly problems: readonly LogProblem[];
  /** How many lines have one. */
  readonly problemCount: number;
  /** How many events of each kind that this version does not know. */
  readonly unknown: ReadonlyMap<string, number>;
}

/** The reading of a log that is not there, or was not read yet. */
export const UNREAD: LogReading = {
  exists: false,
  size: 0,
  end: 0,
  unterminated: false,
  lines: 0,
  problems: [],
  problemCount: 0,
  unknown: new Map(),
};

export const LOG_NAME = "log.jsonl";

const BLOCK = 1 << 22;
const MOST_PROBLEMS = 20;
const LINE_FEED = 10;
const BEYOND_ASCII = /[\x80-\xff]/;

/** Called with every event in the log's order. */
type TakeLine = (line: LogLine, place: LinePlace) => void;

/**
 * Reads a log. It is not changed; a line that is being written at the moment is not yet seen.
 *
 * @param path Where there is no file, the reading is empty.
 * @param before What was read earlier: reading goes on from there.
 * @throws {Failure} When the log cannot be read, is of a newer version, or is not one of Aquaset.
 */
export async function readLog(
  path: string,
  take: TakeLine,
  before: LogReading = UNREAD,
): Promise<LogReading> {
  try {
    using file = await openIfThere(path);
    if (file === undefined) return UNREAD;
    await file.seek(before.end, Deno.SeekMode.Start);
    const lines = new Lines(take, before);
    let buffer = new Uint8Array(BLOCK);
    let filled = 0;
    for (;;) {
      const read = await file.read(buffer.subarray(filled));
      if (read === null) break;
      filled += read;
      const used = lines.read(buffer.subarray(0, filled));
      buffer.copyWithin(0, used, filled);
      filled -= used;
      if (filled === buffer.length) buffer = new Uint8Array(buffer.buffer.transfer(2 * filled));
    }
    lines.readLast(buffer.subarray(0, filled));
    return lines.reading();
  } catch (error) {
    if (error instanceof Failure) {
      throw new Failure(`Cannot use the log ${path}: ${error.message}`, error.status, error);
    }
    throw diskFailure(`read the log ${path}`, error);
  }
}

/** Reads the log block by block. */
class Lines {
  readonly #take: TakeLine;
  readonly #utf8 = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
  /** What was found, up to and including the last sound line. */
  readonly #sound: { -readonly [Key in keyof LogReading]: LogReading[Key] };
  readonly #unknown: Map<string, number>;
  /** Garbled lines since the last sound one: the tail, if nothing sound follows. */
  #garbled: LogProblem[] = [];
  #garbledCount = 0;
  #number: number;
  #offset: number;
  /** What the first garbled line of a log without a sound one looks like. */
  #start: "torn" | "zeros" | "other" = "torn";

  constructor(take: TakeLine, before: LogReading) {
    this.#take = take;
    this.#sound = { ...before, exists: true };
    this.#unknown = new Map(before.unknown);
    this.#number = before.lines;
    this.#offset = before.end;
  }

  /** Reads the complete lines of a block; returns how many bytes that were. */
  read(bytes: Uint8Array): number {
    const used = bytes.lastIndexOf(LINE_FEED) + 1;
    // One character a byte: positions are the same, and V8 stores it as compactly.
    const text = latin1(bytes.subarray(0, used));
    const ascii = isAscii(bytes.subarray(0, used));
    for (let at = 0; at < used;) {
      const next = text.indexOf("\n", at);
      this.#line(text.slice(at, next), bytes.subarray(at, next), ascii, 1);
      at = next + 1;
    }
    return used;
  }

  /** Reads what comes after the last line break. */
  readLast(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#line(latin1(bytes), bytes, false, 0);
  }

  reading(): LogReading {
    const isTornStart = this.#start === "zeros" ||
      (this.#start === "torn" && this.#garbledCount === 1);
    if (this.#sound.end === 0 && this.#garbledCount > 0 && !isTornStart) {
      throw new Failure(
        "it holds no line of Aquaset. Nothing was changed; move it away, or choose another data folder with --data.",
      );
    }
    return { ...this.#sound, size: this.#offset, unknown: this.#unknown };
  }

  #line(raw: string, bytes: Uint8Array, ascii: boolean, lineBreak: 0 | 1): void {
    const offset = this.#offset;
    this.#offset += bytes.length + lineBreak;
    this.#number++;
    if (raw.length <= 1 && raw.trim() === "") return;
    const text = ascii || !BEYOND_ASCII.test(raw) ? raw : this.#decode(bytes);
    if (text === undefined) return this.#garble("it is no UTF-8", bytes);
    const bom = text.startsWith("\uFEFF") ? 3 : 0;
    const parsed = parseLogLine(bom > 0 ? text.slice(1) : text);
    if (parsed.kind === "garbled") return this.#garble(parsed.why, bytes);
    this.#soundLine(lineBreak === 0, parsed.kind === "bad" ? parsed.why : undefined);
    if (parsed.kind === "event") {
      this.#take(parsed.line, { offset: offset + bom, length: bytes.length - bom });
    } else if (parsed.kind === "unknown") {
      this.#unknown.set(parsed.event, (this.#unknown.get(parsed.event) ?? 0) + 1);
    }
  }

  /** A sound line, of use or not: garbled lines before it were no torn tail. */
  #soundLine(unterminated: boolean, why: string | undefined): void {
    this.#sound.end = this.#offset;
    this.#sound.lines = this.#number;
    this.#sound.unterminated = unterminated;
    const own = why === undefined ? [] : [{ number: this.#number, why }];
    if (own.length + this.#garbledCount === 0) return;
    const problems = [...this.#sound.problems, ...this.#garbled, ...own];
    this.#sound.problems = problems.slice(0, MOST_PROBLEMS);
    this.#sound.problemCount += this.#garbledCount + own.length;
    this.#garbled = [];
    this.#garbledCount = 0;
  }

  #garble(why: string, bytes: Uint8Array): void {
    if (this.#garbledCount++ === 0) this.#start = startOf(bytes);
    if (this.#garbled.length < MOST_PROBLEMS) this.#garbled.push({ number: this.#number, why });
  }

  #decode(bytes: Uint8Array): string | undefined {
    try {
      return this.#utf8.decode(bytes);
    } catch (error) {
      if (error instanceof TypeError) return undefined;
      throw error;
    }
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** Whether bytes may be the first line of a log that a crash cut short. */
function startOf(bytes: Uint8Array): "torn" | "zeros" | "other" {
  if (bytes.every((byte) => byte === 0)) return "zeros";
  const line = '{"v":1,"time":"';
  return line.startsWith(latin1(bytes.subarray(0, line.length))) ? "torn" : "other";
}

/**
 * The lines of a log as texts, with what each says: all but empty ones, the torn end too. Nothing where
 * there is no log.
 *
 * @throws {Failure} When the log cannot be read, or is of a newer version.
 */
export async function* readTexts(
  path: string,
): AsyncGenerator<{ readonly text: string; readonly parsed: ParsedLine }, void, void> {
  try {
    for await (const line of linesOf(path)) {
      const text = line.trim();
      if (text !== "") yield { text, parsed: parseLogLine(text) };
    }
  } catch (error) {
    throw diskFailure(`read the log ${path}`, error);
  }
}

/**
 * Reads single lines of a log again, in the order of their places.
 *
 * @param pending Gives the bytes of lines that are queued but not yet in the file.
 * @throws {Failure} When the log cannot be read, or was changed since.
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
        `Cannot read the log ${path} again: its line at byte ${place.offset} was changed by another program, or the index is damaged. Remove index.sqlite beside it and run again.`,
      );
    });
  } catch (error) {
    throw diskFailure(`read the log ${path}`, error);
  }
}

function bytesAt(file: Deno.FsFile, { offset, length }: LinePlace): Uint8Array {
  const bytes = new Uint8Array(length);
  file.seekSync(offset, Deno.SeekMode.Start);
  let filled = 0;
  while (filled < length) {
    const read = file.readSync(bytes.subarray(filled));
    if (read === null) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}
