/**
 * Reads single lines of the log again, by where they stand.
 *
 * @module
 */

import { Failure } from "../base/failure.ts";
import { diskFailure } from "../base/disk_failure.ts";
import type { LogLine } from "./event.ts";
import { parseLogLine } from "./log_line.ts";
import type { LinePlace } from "./log_reader.ts";

/**
 * Reads lines of a log.
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
