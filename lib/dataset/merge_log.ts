/**
 * Merges logs into one by time.
 *
 * The lines of one log keep their order: where its clock was set back, a line counts as late as the
 * latest before it. Lines of the same instant are ordered by species, then as their log has them.
 * A line that several logs have at the same instant is taken once, so that merging again changes
 * nothing. Shards have no species in common: for them any order of their lines says the same.
 *
 * @module
 */

import { TextLineStream } from "@std/streams";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import { parseLogLine } from "./log_line.ts";

/** A line and when it counts as written. */
interface Entry {
  readonly text: string;
  /** In milliseconds. */
  readonly time: number;
  readonly species: string;
}

/**
 * The lines of the merged log, without their line breaks.
 *
 * @param paths The logs; one that is not there is empty.
 * @throws {Failure} When a log cannot be read or is of a newer version.
 */
export async function* mergeLogs(paths: readonly string[]): AsyncGenerator<string, void, void> {
  const logs = paths.map(entriesOf);
  try {
    const heads = await Promise.all(logs.map((log) => log.next()));
    for (;;) {
      const times = heads.flatMap(({ value }) => value === undefined ? [] : [value.time]);
      if (times.length === 0) return;
      const now = Math.min(...times);
      const instant = new Map<string, Entry & { readonly position: number }>();
      for (const [at, log] of logs.entries()) {
        const positions = new Map<string, number>();
        for (
          let entry = heads[at]?.value;
          entry !== undefined && entry.time === now;
          entry = heads[at]?.value
        ) {
          const position = (positions.get(entry.species) ?? 0) + 1;
          positions.set(entry.species, position);
          const known = instant.get(entry.text);
          if (known === undefined || known.position < position) {
            instant.set(entry.text, { ...entry, position });
          }
          heads[at] = await log.next();
        }
      }
      const ordered = [...instant.values()].sort((one, other) =>
        compare(one.species, other.species) || one.position - other.position ||
        compare(one.text, other.text)
      );
      for (const { text } of ordered) yield text;
    }
  } finally {
    await Promise.all(logs.map((log) => log.return(undefined)));
  }
}

async function* entriesOf(path: string): AsyncGenerator<Entry, undefined, void> {
  let latest = -Infinity;
  for await (const raw of linesOf(path)) {
    const text = raw.trim().replace(/^\uFEFF/, "");
    if (text === "") continue;
    const parsed = parseLogLine(text);
    if (parsed.kind === "garbled" || parsed.kind === "bad") continue;
    const line = parsed.kind === "event" ? parsed.line : undefined;
    const time = Date.parse(parsed.kind === "event" ? parsed.line.time : parsed.time);
    latest = Math.max(latest, Number.isNaN(time) ? -Infinity : time);
    const species = line !== undefined && "species" in line ? line.species : undefined;
    yield { text, time: latest, species: line?.event === "stopped" ? "" : species ?? "" };
  }
  return undefined;
}

async function* linesOf(path: string): AsyncGenerator<string, void, void> {
  try {
    const file = await Deno.open(path, { read: true });
    yield* file.readable.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  } catch (error) {
    if (!isMissing(error)) throw diskFailure(`read the log ${path}`, error);
  }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
