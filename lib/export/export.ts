/**
 * Exports a data folder.
 *
 * @module
 */

import { basename, dirname, relative, resolve } from "@std/path";
import { sha256Of } from "../base/files.ts";
import { folderInside } from "../base/inside.ts";
import { takeLock } from "../dataset/lock.ts";
import { checkDataFolder } from "../dataset/dataset.ts";
import { Failure } from "../base/failure.ts";
import { createRenderer, type Renderer } from "../image/create_renderer.ts";
import { formatCard } from "./card.ts";
import { CROISSANT_FILE, formatCroissant } from "./croissant.ts";
import { countRows, type Figures } from "./figures.ts";
import { type Form, type Format, isWithin, makeForm } from "./forms.ts";
import { formatLabels, LABELS_FILE } from "../split/labels.ts";
import { countUnlicensed, isLicensed, type LicenseChoice, type LicenseReport } from "./licences.ts";
import type { ExportedFile } from "./manifest.ts";
import { pooled } from "../base/pooled.ts";
import { type LeftOut, type Resizing, Sources } from "./sources.ts";
import {
  type SplitDataset,
  splitDataset,
  type SplitImage,
  type SplitOptions,
} from "../split/split_dataset.ts";
import { buildingFolder, makeTree, type TextFile, type TreeReport } from "./tree.ts";

/** How a data folder is exported. */
export interface ExportOptions extends SplitOptions {
  /** The form. */
  readonly format: Format;
  /** The export's folder. */
  readonly out: string;
  /** Which licences. */
  readonly license: LicenseChoice;
  /** The size to bring the images to; as they are unless given. */
  readonly resizing?: Resizing;
  /** A second name for the same file, or a file of its own. */
  readonly link: "hard" | "copy";
  /** The greatest size of a shard, in bytes. */
  readonly shardSize: number;
  /** Is told how many files there are now. */
  progress(done: number, of: number): void;
}

/** What an export came to. */
export interface ExportReport {
  /** The export's folder. */
  readonly out: string;
  /** The counts. */
  readonly figures: Figures;
  /** What the choice of licences left out. */
  readonly unlicensed: LicenseReport;
  /** The images whose files were no good. */
  readonly leftOut: readonly LeftOut[];
  /** Files made anew, taken over as they were, and removed. */
  readonly changes: Pick<TreeReport, "made" | "taken" | "removed">;
  /** How many groups the split has. */
  readonly groups: number;
}

/** Files made at a time; the workers take turns at them. */
const AT_ONCE = 8;

/**
 * Exports a data folder. Whatever is there already and unchanged is left as it is.
 *
 * @param options How.
 * @throws {Failure} With a sentence for a person.
 * @throws The signal's reason.
 */
export async function exportDataset(options: ExportOptions): Promise<ExportReport> {
  const { dir, out, license } = options;
  refuseBadPlace(dir, out);
  await refuseLinks(dir, out);
  await checkDataFolder(dir);
  const lock = await takeLock(dir, "export");
  const renderer = createRenderer();
  try {
    const dataset = await splitDataset(options);
    const chosen = dataset.images.filter((image) => isLicensed(image.license, license));
    const unlicensed = countUnlicensed(dataset.images, license);
    if (chosen.length === 0) {
      throw new Failure(
        `None of the ${dataset.images.length} images has such a licence: nothing was exported. See --license.`,
      );
    }
    return await write(options, dataset, chosen, unlicensed, renderer);
  } finally {
    renderer.close();
    await lock.release();
  }
}

/** The folders of the data folder's own, and whatever they are in. */
function refuseBadPlace(dir: string, out: string): void {
  for (const own of ["images", "augmented", "pages"]) {
    if (!isWithin(out, `${dir}/${own}`)) continue;
    throw new Failure(`Cannot export to ${out}: that is a place of the data folder's own.`, 2);
  }
  if (isWithin(dir, out)) {
    throw new Failure(`Cannot export to ${out}: the data folder is in it or is it.`, 2);
  }
}

/** Refuses links where the export, or what it is built in, has its place. */
async function refuseLinks(dir: string, out: string): Promise<void> {
  for (const folder of [out, buildingFolder(out)]) {
    if (isWithin(folder, dir)) {
      await folderInside(dir, relative(resolve(dir), resolve(folder)).replaceAll("\\", "/"));
    } else {
      await folderInside(dirname(folder), basename(folder));
    }
  }
}

async function write(
  options: ExportOptions,
  dataset: SplitDataset,
  chosen: readonly SplitImage[],
  unlicensed: LicenseReport,
  renderer: Renderer,
): Promise<ExportReport> {
  const { dir, out, format, license, link, resizing, signal, shardSize } = options;
  const sources = new Sources({
    dir,
    link,
    renderer,
    signal,
    ...(resizing === undefined ? {} : { resizing }),
  });
  const images = await present(chosen, sources);
  const form = await makeForm(format, { dir, out, images, dataset, sources, shardSize });
  const leftOut = (): LeftOut[] =>
    [...sources.leftOut].sort((one, other) => one.file < other.file ? -1 : 1);
  const texts = async (files: ReadonlyMap<string, ExportedFile>): Promise<TextFile[]> => {
    const { rows, texts } = form.list(files);
    const figures = countRows(rows);
    const lists = await Promise.all(texts.map(hashed));
    const card = { format, figures, dataset, license, unlicensed, leftOut: leftOut(), resizing };
    return [
      ...texts,
      { path: LABELS_FILE, text: formatLabels(dataset.labels) },
      { path: "README.md", text: formatCard(card) },
      {
        path: CROISSANT_FILE,
        text: formatCroissant({ format, figures, time: dataset.time, lists, files }),
      },
    ];
  };
  const { progress } = options;
  const report = await makeTree({
    out,
    files: form.files,
    texts,
    atOnce: AT_ONCE,
    signal,
    progress,
  });
  return {
    out,
    figures: countRows(rowsOf(form, report)),
    unlicensed,
    leftOut: leftOut(),
    changes: { made: report.made, taken: report.taken, removed: report.removed },
    groups: dataset.groups.count,
  };
}

function rowsOf(form: Form, report: TreeReport): ReturnType<Form["list"]>["rows"] {
  return form.list(report.files).rows;
}

/** The images whose files are there. */
async function present(images: readonly SplitImage[], sources: Sources): Promise<SplitImage[]> {
  const there: SplitImage[] = [];
  const looked = pooled(AT_ONCE, images, async (image) => ({
    image,
    isThere: await sources.isThere(image),
  }));
  for await (const { image, isThere } of looked) if (isThere) there.push(image);
  return there;
}

async function hashed(
  { path, text }: TextFile,
): Promise<{ path: string; sha256: string; bytes: number }> {
  const bytes = new TextEncoder().encode(text);
  return { path, sha256: await sha256Of(bytes), bytes: bytes.length };
}
