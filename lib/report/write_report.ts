/**
 * Writing the report of a data folder: its thumbnails, then its page.
 *
 * @module
 */

import { basename, join, resolve } from "@std/path";
import { diskFailure } from "../base/disk_failure.ts";
import { makeFolderInside } from "../base/inside.ts";
import type { Thumbnailer } from "../image/create_renderer.ts";
import { replaceFile } from "../base/files.ts";
import { reportDocument } from "./document.ts";
import { gather, type Overview } from "./gather.ts";
import { REPORT_FOLDER, Thumbnails } from "./thumbnails.ts";

/** How a report is written. */
export interface ReportOptions {
  /** The data folder. */
  readonly dir: string;
  /** Makes the thumbnails; not closed here. */
  readonly thumbnailer: Thumbnailer;
  /** When the report is made. */
  readonly made: Date;
  /** Hears how many of the thumbnails there are. */
  told(done: number, all: number): void;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** A report that was written. */
export interface ReportWritten {
  /** The page's path. */
  readonly path: string;
  /** The data folder at a glance. */
  readonly overview: Overview;
  /** How many thumbnails were made now. */
  readonly made: number;
  /** Images that cannot be shown: their file is not there or does not decode. */
  readonly failed: readonly string[];
}

/**
 * Writes the report. The data folder is not locked: a scrape may go on meanwhile.
 *
 * @param options How.
 * @returns What was written.
 * @throws {Failure} When the data folder cannot be read, or the report not be written.
 */
export async function writeReport(options: ReportOptions): Promise<ReportWritten> {
  const { dir, thumbnailer, signal } = options;
  const { overview, state } = await gather(dir);
  const folder = join(dir, REPORT_FOLDER);
  try {
    await makeFolderInside(dir, REPORT_FOLDER);
  } catch (error) {
    throw diskFailure(`make the folder ${folder}`, error);
  }
  const images = [...state.keptImages()];
  const thumbnails = new Thumbnails(dir, thumbnailer);
  const { made, failed } = await thumbnails.ensureAll(
    images,
    signal,
    (done) => options.told(done, images.length),
  );
  const name = basename(resolve(dir));
  const pieces = await reportDocument({ name, overview, state, made: options.made, signal });
  const path = join(folder, "index.html");
  await replaceFile(path, pieces.join(""));
  await thumbnails.removeStale(images);
  return { path, overview, made, failed };
}
