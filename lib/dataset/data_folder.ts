/**
 * The data folder itself: made where there is none, refused where it is not sound, its log opened.
 *
 * @module
 */

import { basename, dirname, join } from "@std/path";
import { Failure } from "../base/failure.ts";
import type { Notice } from "../sources/source.ts";
import { diskFailure } from "../base/disk_failure.ts";
import { folderInside, writableInside } from "../base/inside.ts";
import { type LogReading, readLog } from "./log_reader.ts";
import { LogWriter } from "./log_writer.ts";
import { TEMPORARY_PREFIX } from "../base/files.ts";
import { speciesFolders } from "./sweep.ts";

/** The log's name in a data folder. */
export const LOG_NAME = "log.jsonl";

const IMAGE_NAME = /^[0-9a-f]{16,64}\.(?:jpg|png|webp|gif)$/;

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

/**
 * Refuses a folder whose images no log accounts for.
 *
 * @param dir The data folder.
 * @throws {Failure} When there are images, but not one line about an image.
 */
export async function refuseLostLog(dir: string): Promise<void> {
  let images = 0;
  const { exists } = await readLog(join(dir, LOG_NAME), (line) => {
    if (line.event === "image") images++;
  });
  if (images > 0) return;
  for (const species of await speciesFolders(dir)) {
    const folder = await folderInside(dir, `images/${species}`);
    const names: string[] = [];
    for await (const { name, isFile } of Deno.readDir(folder)) if (isFile) names.push(name);
    // What was placed but not yet logged by a run's first instants has a second name.
    const leftovers = exists ? names.filter((name) => name.startsWith(TEMPORARY_PREFIX)).length : 0;
    if (names.filter((name) => IMAGE_NAME.test(name)).length <= leftovers) continue;
    throw new Failure(
      `The data folder ${dir} has images, but its ${LOG_NAME}, which alone says where they are from, is lost or empty. Put the log back, or move images/ away.`,
    );
  }
}

/**
 * Opens the log for appending and makes it end with a whole line.
 *
 * @param path The log's path.
 * @param reading What reading it told.
 * @param notice Hears what was cut off.
 */
export async function openLog(
  path: string,
  reading: LogReading,
  notice: Notice,
): Promise<LogWriter> {
  await writableInside(dirname(path), basename(path));
  const file = await Deno.open(path, { read: true, append: true, create: true });
  try {
    const opened = await file.stat();
    if (reading.size > reading.end) {
      await file.truncate(reading.end);
      notice(
        `Cut ${
          reading.size - reading.end
        } bytes off the end of ${path}: a line that an earlier run could not finish.`,
      );
    }
    let size = reading.end;
    if (reading.unterminated) size += await file.write(new Uint8Array([10]));
    const check = async (expected: number): Promise<void> => {
      const named = await Deno.stat(path);
      if (named.ino === opened.ino && named.dev === opened.dev) {
        if (named.size === expected) return;
        throw new Failure(
          `The log ${path} was changed by another program while this run was writing it: it has ${named.size} bytes in place of ${expected}. Look whether lines are missing, then run again.`,
        );
      }
      throw new Failure(
        `The log ${path} was replaced by another file while this run was writing it. Look which one is whole, then run again.`,
      );
    };
    return new LogWriter(file, path, size, check);
  } catch (error) {
    file.close();
    throw error;
  }
}

/**
 * Tells which lines of a log could not be understood.
 *
 * @param path The log's path.
 * @param reading What reading it told.
 * @param notice Hears of it.
 */
export function tellLog(path: string, reading: LogReading, notice: Notice): void {
  for (const { number, why } of reading.problems) {
    notice(`Line ${number} of ${path} is left out: ${why}.`);
  }
  const more = reading.problemCount - reading.problems.length;
  if (more > 0) notice(`${more} more lines of ${path} are left out.`);
  for (const [event, count] of reading.unknown) {
    notice(`${count} lines of ${path} are of a kind this version does not know: ${event}.`);
  }
}
