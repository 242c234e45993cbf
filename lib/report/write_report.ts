/**
 * Writing the report of a data folder: its thumbnails, a contact sheet of each species, its page.
 *
 * @module
 */

import { basename, join, resolve } from "@std/path";
import { diskFailure } from "../base/disk_failure.ts";
import { removeIfThere, replaceFile, writeFileAtomic } from "../base/files.ts";
import { folderInside, makeFolderInside, pathInside, writableInside } from "../base/inside.ts";
import { readDataset } from "../dataset/dataset.ts";
import type { DatasetState } from "../dataset/state.ts";
import type { Thumbnailer } from "../image/create_renderer.ts";
import { reportDocument } from "./document.ts";
import { type Overview, overviewOf } from "./gather.ts";
import { brief } from "./html.ts";
import { type SheetImage, sheetImage, sheetScript, withLines } from "./sheet.ts";
import { REPORT_FOLDER, Thumbnails } from "./thumbnails.ts";

export interface ReportOptions {
  readonly dir: string;
  /** Makes the thumbnails; not closed here. */
  readonly thumbnailer: Thumbnailer;
  readonly made: Date;
  /** Hears how many of the thumbnails there are. */
  progress(done: number, all: number): void;
  readonly signal: AbortSignal;
}

export interface ReportWritten {
  readonly path: string;
  readonly overview: Overview;
  readonly made: number;
  /** Images that cannot be shown: their file is missing or does not decode. */
  readonly failed: readonly string[];
}

const SHEETS = `${REPORT_FOLDER}/sheets`;

/**
 * Writes the report. The data folder is not locked: a scrape may go on meanwhile.
 *
 * @throws {Failure} When the data folder cannot be read, or the report not be written.
 */
export async function writeReport(options: ReportOptions): Promise<ReportWritten> {
  const { dir, thumbnailer, signal } = options;
  const { state } = await readDataset(dir);
  try {
    const overview = await overviewOf(dir, state);
    await onDisk(dir, () => makeFolderInside(dir, SHEETS));
    const images = [...state.keptImages()];
    const thumbnails = new Thumbnails(dir, thumbnailer);
    const { made, failed } = await thumbnails.ensureAll(
      images,
      signal,
      (done) => options.progress(done, images.length),
    );
    const licenses = await writeSheets(dir, overview, state, signal);
    const name = reportName(dir);
    const document = await reportDocument({ name, overview, licenses, made: options.made });
    const path = await writableInside(dir, `${REPORT_FOLDER}/index.html`);
    await replaceFile(path, document);
    await thumbnails.removeStale(images);
    return { path, overview, made, failed };
  } finally {
    state.close();
  }
}

async function onDisk<Result>(dir: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw diskFailure(`write the report ${join(dir, REPORT_FOLDER)}`, error);
  }
}

export function reportName(dir: string): string {
  return brief(basename(resolve(dir)), 80);
}

/**
 * The images of a species' contact sheet, what a person has rejected at its end.
 *
 * @throws {Failure} When the log cannot be read.
 */
export function sheetOf(state: DatasetState, species: string): SheetImage[] {
  return withLines(state, [...state.keptImages(species)]).map(sheetImage)
    .sort((one, other) => Number(one.rejected ?? false) - Number(other.rejected ?? false));
}

/** Counts licences: takes the images of one contact sheet after the other. */
export class LicenseCounts {
  readonly images = new Map<string, number>();
  /** How many images of each species are under a known licence. */
  readonly known = new Map<string, number>();

  add(species: string, images: readonly SheetImage[]): void {
    const kept = images.filter(({ rejected }) => !rejected);
    this.known.set(species, kept.filter(({ license }) => license !== undefined).length);
    for (const { license = "unknown" } of kept) {
      const name = brief(license, 60);
      this.images.set(name, (this.images.get(name) ?? 0) + 1);
    }
  }
}

/** Writes the sheets, removes those of species that are gone, and counts licences. */
async function writeSheets(
  dir: string,
  { species }: Overview,
  state: DatasetState,
  signal: AbortSignal,
): Promise<LicenseCounts> {
  const licenses = new LicenseCounts();
  const written = new Set<string>();
  for (const { id } of species) {
    signal.throwIfAborted();
    const images = sheetOf(state, id);
    if (images.length === 0) continue;
    licenses.add(id, images);
    const file = `${id}.js`;
    written.add(file);
    const script = await sheetScript(id, images);
    await onDisk(dir, async () => {
      const path = await writableInside(dir, `${SHEETS}/${file}`);
      await writeFileAtomic(path, script, { flush: "nothing" });
    });
  }
  await onDisk(dir, async () => {
    for await (const { name, isFile } of Deno.readDir(await folderInside(dir, SHEETS))) {
      if (isFile && !written.has(name)) {
        await removeIfThere(await pathInside(dir, `${SHEETS}/${name}`));
      }
    }
  });
  return licenses;
}
