/**
 * Joins logs into one, the same whatever the order they are named in and however often it is done.
 *
 * Lines are ordered by time. Where a clock was set back, a line counts as late as the latest line
 * before it, so that the order within each log stands; lines of the same instant are ordered by
 * what they are about, then as their log has them, then by their text. Lines with the same text
 * are one. `done` lines are taken out, the latest of each job is put back with the number of images
 * that are kept in the end.
 *
 * @module
 */

import { TextLineStream } from "@std/streams";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import type { DoneEvent, LogLine } from "./event.ts";
import { HashIndex } from "./hash_index.ts";
import { parseLogLine } from "./log_line.ts";
import { DatasetState } from "./state.ts";

/** A line of the joined log. */
export interface MergedLine {
  /** The line without its line break. */
  readonly text: string;
  /** Its event; absent where this version does not know the kind. */
  readonly event?: LogLine;
}

/** The state of the joined log, and the `done` lines that belong into it. */
export interface MergedState {
  /** What the joined log says. Its lines cannot be read again. */
  readonly state: DatasetState;
  /** The last `done` line of each job, recomputed, in the order of time. */
  readonly done: readonly string[];
}

interface Entry extends MergedLine {
  /** When the line counts as written: milliseconds. */
  readonly time: number;
  /** Whether that is the time it has itself. */
  readonly isOfItsTime: boolean;
  readonly subject: string;
}

const NOWHERE = { offset: 0, length: 0 };

/**
 * Reads logs as if they were joined.
 *
 * @param paths The logs; one that is not there is empty.
 * @throws {Failure} When one cannot be read or is of a newer version.
 */
export async function mergedState(paths: readonly string[]): Promise<MergedState> {
  const state = new DatasetState(() => []);
  const latest = new Map<string, { line: LogLine & DoneEvent; rank: string; time: number }>();
  const takeDone = (line: LogLine & DoneEvent): void => {
    const job = `${line.species} ${line.source}`;
    const time = timeOf(line.time);
    const rank = JSON.stringify({ ...line, kept: 0 });
    const known = latest.get(job);
    if (known === undefined || time > known.time || (time === known.time && rank > known.rank)) {
      latest.set(job, { line, rank, time });
    }
  };
  for await (const { event } of mergedLines(paths, [], takeDone)) {
    if (event !== undefined) state.apply(event, NOWHERE, event.time);
  }
  const done = [...latest.values()].map(({ line, time }) => {
    const recomputed = { ...line, kept: state.kept(line.species) };
    state.apply(recomputed, NOWHERE, line.time);
    return { time, text: JSON.stringify(recomputed) };
  });
  done.sort((one, other) => one.time - other.time || compare(one.text, other.text));
  return { state, done: done.map((each) => each.text) };
}

/**
 * The lines of logs in the order of the joined log, each once.
 *
 * @param paths The logs; one that is not there is empty.
 * @param done `done` lines in the order of time, put in where they belong.
 * @param takeDone Is given the `done` lines of the logs, which are left out.
 * @throws {Failure} When a log cannot be read or is of a newer version.
 */
export async function* mergedLines(
  paths: readonly string[],
  done: readonly string[],
  takeDone: (line: LogLine & DoneEvent) => void = () => {},
): AsyncGenerator<MergedLine, void, void> {
  const sources = [
    ...paths.map((path) => entries(linesOf(path), takeDone)),
    entries(linesIn(done), undefined),
  ];
  try {
    yield* joined(await Promise.all(sources.map(Cursor.of)));
  } finally {
    await Promise.all(sources.map((source) => source.return()));
  }
}

interface Placed {
  readonly entry: Entry;
  /** How many lines about the same thing stand before it at this instant. */
  readonly position: number;
}

/**
 * The lines of an instant: subject by subject, each as its log has it. What begins with a line
 * that was truly written then comes first, so that whoever reads the joined log counts the lines
 * behind it as late as they are counted here.
 */
function ordered(group: readonly Placed[]): Placed[] {
  const sorted = group.toSorted((one, other) =>
    compare(one.entry.subject, other.entry.subject) || one.position - other.position ||
    compare(one.entry.text, other.entry.text)
  );
  const late = new Set<string>();
  sorted.forEach(({ entry }, at) => {
    if (entry.subject !== sorted[at - 1]?.entry.subject && !entry.isOfItsTime) {
      late.add(entry.subject);
    }
  });
  return sorted.toSorted((one, other) =>
    Number(late.has(one.entry.subject)) - Number(late.has(other.entry.subject))
  );
}

async function* joined(cursors: readonly Cursor[]): AsyncGenerator<MergedLine, void, void> {
  const seen = new HashIndex();
  for (;;) {
    const heads = cursors.flatMap(({ head }) => head === undefined ? [] : [head.time]);
    if (heads.length === 0) return;
    const now = Math.min(...heads);
    const group = new Map<string, Placed>();
    for (const cursor of cursors) await cursor.takeInto(group, now);
    for (const { entry } of ordered([...group.values()])) {
      const before = seen.size;
      if (seen.add(entry.text) === before) yield entry;
    }
  }
}

/** One log, at the line that comes next. */
class Cursor {
  readonly #entries: AsyncGenerator<Entry, void, void>;
  head: Entry | undefined;

  private constructor(entries: AsyncGenerator<Entry, void, void>) {
    this.#entries = entries;
  }

  static async of(this: void, entries: AsyncGenerator<Entry, void, void>): Promise<Cursor> {
    const cursor = new Cursor(entries);
    await cursor.#advance();
    return cursor;
  }

  /** Moves the lines of an instant into a group, where each text is once, as late as any has it. */
  async takeInto(
    group: Map<string, Placed>,
    time: number,
  ): Promise<void> {
    const positions = new Map<string, number>();
    const own = new Set<string>();
    for (let entry = this.head; entry !== undefined && entry.time === time; entry = this.head) {
      if (!own.has(entry.text)) {
        own.add(entry.text);
        const position = positions.get(entry.subject) ?? 0;
        positions.set(entry.subject, position + 1);
        const known = group.get(entry.text);
        if (known === undefined || known.position < position) {
          group.set(entry.text, { entry, position });
        }
      }
      await this.#advance();
    }
  }

  async #advance(): Promise<void> {
    const next = await this.#entries.next();
    this.head = next.done === true ? undefined : next.value;
  }
}

async function* entries(
  lines: AsyncGenerator<string, void, void>,
  takeDone: ((line: LogLine & DoneEvent) => void) | undefined,
): AsyncGenerator<Entry, void, void> {
  let latest = -Infinity;
  for await (const raw of lines) {
    const text = raw.trim().replace(/^\uFEFF/, "");
    if (text === "") continue;
    const parsed = parseLogLine(text);
    if (parsed.kind === "garbled" || parsed.kind === "bad") continue;
    const event = parsed.kind === "event" ? parsed.line : undefined;
    if (event?.event === "done" && takeDone !== undefined) {
      takeDone(event);
      continue;
    }
    const time = timeOf(parsed.kind === "event" ? parsed.line.time : parsed.time);
    latest = Math.max(latest, time);
    yield {
      text,
      ...(event === undefined ? {} : { event }),
      time: latest,
      isOfItsTime: time === latest,
      subject: parsed.kind === "event" ? subjectOf(parsed.line) : `unknown ${parsed.event}`,
    };
  }
}

/** What a line is about: lines about different things do not mind their order. */
function subjectOf(line: LogLine): string {
  switch (line.event) {
    case "image":
      return `image ${line.species} ${line.replaces ?? line.url}`;
    case "rejected":
    case "accepted":
      return `verdict ${line.species} ${line.sha256}`;
    case "done":
      return `done ${line.species} ${line.source}`;
    case "run":
    case "stopped":
      // What ended a run stands behind its beginning.
      return "run";
  }
}

async function* linesOf(path: string): AsyncGenerator<string, void, void> {
  try {
    const file = await Deno.open(path, { read: true });
    yield* file.readable.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  } catch (error) {
    if (!isMissing(error)) throw diskFailure(`read the log ${path}`, error);
  }
}

async function* linesIn(lines: readonly string[]): AsyncGenerator<string, void, void> {
  yield* lines;
}

function timeOf(text: string): number {
  const time = Date.parse(text);
  return Number.isNaN(time) ? -Infinity : time;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
