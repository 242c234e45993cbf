/**
 * Exports a data folder as training code reads it.
 *
 * @module
 */

import { defined } from "../base/defined.ts";
import { plural } from "../base/plural.ts";
import { basename, dirname, relative, resolve } from "@std/path";
import { type Copy, CopyMaker, planSpecies } from "../augment/copies.ts";
import { Failure } from "../base/failure.ts";
import { folderInside, isWithin } from "../base/inside.ts";
import { readAudit } from "../dataset/audit.ts";
import { checkDataFolder } from "../dataset/dataset.ts";
import { probe } from "../embed/probe.ts";
import { readEmbeddings } from "../embed/store.ts";
import { takeLock } from "../dataset/lock.ts";
import { createRenderer } from "../image/create_renderer.ts";
import {
  formatLabels,
  LABELS_FILE,
  readStableIds,
  UNKNOWN_ID,
  writeStableIds,
} from "../split/labels.ts";
import { type SplitDataset, splitDataset, type SplitImage } from "../split/split_dataset.ts";
import { formatCard } from "./card.ts";
import { chooseClasses, type Classes } from "./classes.ts";
import { CROISSANT_FILE, formatCroissant } from "./croissant.ts";
import { countRows, countUnlicensed, type ExportCounts, isLicensed } from "./figures.ts";
import type { ExportOptions } from "./options.ts";
import { planFiles } from "./formats.ts";
import { ExportImages, type LeftOut } from "./images.ts";
import { type ExportedFile, readManifest } from "./manifest.ts";
import { formatAttribution } from "./rows.ts";
import { digestInputs, recallExport } from "./unchanged.ts";
import { planShards } from "./shards.ts";
import { buildingFolder, digestText, makeTree, type TextFile, type TreeChanges } from "./tree.ts";

/** What an export came to. */
export interface ExportReport extends ExportCounts {
  /** The export's folder. */
  readonly out: string;
  /** Images that could not be read, with the reason. */
  readonly leftOut: readonly LeftOut[];
  /** How many files were made, used again and removed. */
  readonly changes: TreeChanges;
}

/** The memory a worker's codec may keep, in bytes; one that has taken more is replaced. */
const WORKER_MEMORY = 160 * 2 ** 20;
/** A network may learn a photo by heart that has more copies than this. */
const MANY_COPIES = 20;

/**
 * Exports a data folder. What is there already and has not changed stays as it is.
 *
 * @throws {Failure} With a sentence for the user.
 * @throws The signal's reason. What was made so far is used by the next run.
 */
export async function exportDataset(options: ExportOptions): Promise<ExportReport> {
  const { dir, out } = options;
  refusePlace(dir, out);
  await refuseLinks(dir, out);
  if (options.format === "list" && options.copies !== undefined) {
    throw new Failure("--format list shares addresses, not images: leave --augment out.", 2);
  }
  // Fails where there is no data folder, before the lock would create one.
  await checkDataFolder(dir);
  using _lock = await takeLock(dir, "export");
  const known = await recallExport(options);
  if (known === undefined) return await exportLocked(options);
  const changes = { made: 0, reused: known.reused, removed: 0 };
  return { out, ...known.counts, leftOut: [], changes };
}

/** Refuses the data folder's own folders, and folders that contain it. */
function refusePlace(dir: string, out: string): void {
  for (const own of ["images", "pages", "report", "cache"]) {
    if (!isWithin(out, `${dir}/${own}`)) continue;
    throw new Failure(`Cannot export to ${out}: the data folder uses it for something else.`, 2);
  }
  if (isWithin(dir, out)) {
    throw new Failure(`Cannot export to ${out}: the data folder is that folder or inside it.`, 2);
  }
}

/** Refuses links where the export, or the folder it is built in, has its place. */
async function refuseLinks(dir: string, out: string): Promise<void> {
  for (const folder of [out, buildingFolder(out)]) {
    if (isWithin(folder, dir)) {
      await folderInside(dir, relative(resolve(dir), resolve(folder)).replaceAll("\\", "/"));
    } else {
      await folderInside(dirname(folder), basename(folder));
    }
  }
}

async function exportLocked(options: ExportOptions): Promise<ExportReport> {
  const { dir, out, license, copies } = options;
  // To be said again where nothing has changed.
  const notices: string[] = [];
  const notice = (text: string): void => {
    notices.push(text);
    options.notice(text);
  };
  const dataset = await splitDataset({ ...options, notice });
  const isSynthetic = ({ kind }: SplitImage) => !options.allowSynthetic && kind === "synthetic";
  const isFlagged = ({ flags }: SplitImage) => options.photosOnly && flags.length > 0;
  const chosen = dataset.images.filter((image) =>
    isLicensed(image.license, license) && !isSynthetic(image) && !isFlagged(image)
  );
  if (chosen.length === 0) {
    throw new Failure(
      `None of the ${dataset.images.length} images has such a licence: nothing was exported. See --license.`,
    );
  }
  const concurrency = options.workers ?? navigator.hardwareConcurrency;
  const renderer = createRenderer({
    ...defined({ workers: options.workers }),
    heapLimit: WORKER_MEMORY,
  });
  try {
    const images = new ExportImages({ ...options, copySize: copies?.recipe.size ?? 0, renderer });
    const classes = await classesOf(options, dataset, await images.present(chosen));
    const { photos, labels } = classes;
    const { copiesOf, short } = planCopies(photos, { ...options, notice });
    const { seed } = dataset;
    const input = { ...options, photos, copiesOf, labels, images, seed };
    const plan = options.format === "webdataset" || options.format === "parquet"
      ? await planShards(options.format, input)
      : planFiles(input);
    const wanted = photos.reduce((sum, photo) => sum + copiesOf(photo).length, 0);
    await confirmFewerCopies(options, wanted);
    const audit = await readAudit(dir);
    const embeddings = await readEmbeddings(dir);
    const probed = embeddings && probe(photos, embeddings);
    const inputs = await digestInputs(options);
    const finish = (files: ReadonlyMap<string, ExportedFile>) => {
      const figures = countRows(plan.rows(files));
      const unlicensed = countUnlicensed(dataset.images, license);
      const report: ExportCounts = {
        figures,
        unlicensed,
        groups: dataset.groups.count,
        fewImages: classes.leftOut,
        unknown: classes.unknown,
        short,
        synthetic: dataset.images.filter(isSynthetic).length,
        flagged: dataset.images.filter(isFlagged).length,
      };
      const { leftOut } = images;
      const minImages = options.classes?.minImages ?? 0;
      const about = { dataset, classes, minImages, unlicensed, leftOut, audit, probe: probed };
      const lists = plan.lists(files);
      const listed = lists.map((list) => ({ path: list.path, ...digestText(list) }));
      const croissant = { figures, time: dataset.time, lists: listed, files };
      // What is damaged may be repaired without a change of the log.
      const isSure = dataset.isSettled && leftOut.length + dataset.unreadable.length === 0;
      return {
        report,
        note: {
          ...defined({ madeBy: options.madeBy }),
          ...(isSure ? { inputs, report, notices } : {}),
        },
        texts: [
          ...lists,
          textFile(LABELS_FILE, formatLabels(labels)),
          textFile("README.md", formatCard({ ...options, ...about, figures })),
          textFile(CROISSANT_FILE, formatCroissant({ ...options, ...croissant })),
          { path: "ATTRIBUTION.csv", pieces: () => formatAttribution(plan.rows(files)) },
        ],
      };
    };
    const { end: { report }, changes } = await makeTree({
      ...options,
      batches: plan.batches,
      finish,
      concurrency: concurrency + 6,
    });
    return { out, ...report, leftOut: images.leftOut, changes };
  } finally {
    renderer.close();
  }
}

/** The classes of an export. The class `unknown` has a number in the data folder from then on. */
async function classesOf(
  { dir, classes: rules = { minImages: 0, unknown: false } }: ExportOptions,
  { labels, list }: SplitDataset,
  photos: readonly SplitImage[],
): Promise<Classes> {
  if (rules.unknown && labels.some(({ id }) => id === UNKNOWN_ID)) {
    throw new Failure(`A species has the id ${UNKNOWN_ID}: leave --unknown out.`, 2);
  }
  const ids = await readStableIds(dir);
  const known = ids.indexOf(UNKNOWN_ID);
  const classes = chooseClasses(photos, labels, rules, known < 0 ? ids.length : known);
  if (classes.labels.length === 0) {
    throw new Failure(
      `None of the ${labels.length} species has ${rules.minImages} images: nothing was exported. See --min-images.`,
    );
  }
  if (classes.unknown.length > 0 && known < 0) {
    await writeStableIds(dir, [...ids, UNKNOWN_ID], list);
  }
  return classes;
}

/** Copies cost time: they are not removed by a smaller number without asking. */
async function confirmFewerCopies({ out, confirm }: ExportOptions, wanted: number): Promise<void> {
  if (confirm === undefined) return;
  const files = (await readManifest(out))?.files.values() ?? [];
  const before = [...files].filter(({ key }) => key.startsWith("copy "));
  const surplus = before.length - wanted;
  if (surplus <= 0 || await confirm(surplus)) return;
  throw new Failure("Nothing was changed, because you said no.");
}

function textFile(path: string, text: string): TextFile {
  return { path, pieces: () => [text] };
}

/** The copies of each photo: of those for training, and of none where no copies are wanted. */
function planCopies(
  photos: readonly SplitImage[],
  { copies, notice }: ExportOptions,
): { copiesOf: (photo: SplitImage) => readonly Copy[]; short: number } {
  if (copies === undefined) return { copiesOf: () => [], short: 0 };
  const maker = new CopyMaker(copies);
  const counts = new Map<SplitImage, number>();
  const many: string[] = [];
  let short = 0;
  const training = photos.filter(({ side }) => side === "train");
  for (const [species, own] of Map.groupBy(training, (photo) => photo.species)) {
    const flagged = new Set(own.flatMap(({ sha256, flags }) => flags.length > 0 ? [sha256] : []));
    const plan = planSpecies(own.map(({ sha256 }) => sha256), copies, flagged);
    own.forEach((photo, at) => counts.set(photo, plan.counts[at] ?? 0));
    short += plan.short;
    if (plan.most > MANY_COPIES) {
      many.push(`${species} (${plural(own.length, "photo")}, ${plan.most} copies each)`);
    }
  }
  if (many.length > 0) {
    notice(
      `${
        plural(many.length, "species", "species")
      } with few photos for training, which a network ` +
        `may learn by heart: ${many.slice(0, 3).join(", ")}${many.length > 3 ? " …" : ""}. ` +
        "--max-copies limits the copies.",
    );
  }
  const copiesOf = (photo: SplitImage): Copy[] =>
    Array.from({ length: counts.get(photo) ?? 0 }, (_, at) => maker.copy(photo, at + 1));
  return { copiesOf, short };
}
