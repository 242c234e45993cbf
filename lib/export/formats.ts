/**
 * What a format of an export is made from and comes to, and the formats whose images are files.
 *
 * @module
 */

import { join, relative, resolve } from "@std/path";
import { type Side, SIDES } from "../split/side.ts";
import type { Copy } from "../augment/copies.ts";
import type { Label } from "../split/labels.ts";
import type { SplitImage } from "../split/split_dataset.ts";
import type { ExportImage, ExportImages } from "./images.ts";
import type { ExportedFile } from "./manifest.ts";
import type { ExportOptions } from "./options.ts";
import { formatCsv, formatJsonLines, makeRow, type Row } from "./rows.ts";
import type { FileBatch, TextFile } from "./tree.ts";

/** What a format is made from. */
export interface FormatInput
  extends Pick<ExportOptions, "format" | "dir" | "out" | "shardSize" | "validationName"> {
  readonly photos: readonly SplitImage[];
  copiesOf(photo: SplitImage): readonly Copy[];
  readonly labels: readonly Label[];
  readonly images: ExportImages;
  /** What decides the order within shards. */
  readonly seed: number;
}

/** The files of an export in one format. */
export interface FormatPlan {
  /** The files with images in them. */
  readonly batches: readonly FileBatch[];
  /** The rows of the images that were made, in order. Made anew at each call. */
  rows(files: ReadonlyMap<string, ExportedFile>): Iterable<Row>;
  /** The lists of these rows. */
  lists(files: ReadonlyMap<string, ExportedFile>): readonly TextFile[];
}

/** The name of a side's folder or shards. */
export function sideName(
  side: Side,
  { validationName }: Pick<FormatInput, "validationName">,
): string {
  return side === "validation" ? validationName : side;
}

/** A photo and its copies. */
export function imagesOf(
  photo: SplitImage,
  { copiesOf }: Pick<FormatInput, "copiesOf">,
): ExportImage[] {
  return [{ photo }, ...copiesOf(photo).map((copy) => ({ photo, copy }))];
}

/** Images as files, and a list of them for each side. */
interface Layout {
  folderOf(image: ExportImage): string;
  /** What the list calls a photo that stays in the data folder; otherwise photos are exported too. */
  keptName?(file: string): string;
  /** What the list calls a file of the export. */
  rowName(image: ExportImage, name: string): string;
  listPath(side: string): string;
  format(rows: Iterable<Row>): Iterable<string>;
}

function layoutOf(input: FormatInput): Layout {
  const { format, dir, out } = input;
  if (format === "imagefolder") {
    return {
      folderOf: ({ photo }) => `${sideName(photo.side, input)}/${photo.species}`,
      rowName: ({ photo }, name) => `${photo.species}/${name}`,
      listPath: (side) => `${side}/metadata.jsonl`,
      format: formatJsonLines,
    };
  }
  // Only copies are files of the export.
  const toData = relative(resolve(out), resolve(dir));
  return {
    folderOf: ({ photo }) => `copies/${photo.species}`,
    keptName: (file) =>
      format === "list" ? file.replace(/^images\//, "") : join(toData, file).replaceAll("\\", "/"),
    rowName: ({ photo }, name) => `copies/${photo.species}/${name}`,
    listPath: (side) => `${side}.${format === "csv" ? "csv" : "jsonl"}`,
    format: format === "csv" ? formatCsv : formatJsonLines,
  };
}

/** Plans the files of a format that has each image as a file, or a list of images alone. */
export function planFiles(input: FormatInput): FormatPlan {
  const layout = layoutOf(input);
  const { photos, images, labels } = input;
  const labelOf = new Map(labels.map((label) => [label.id, label]));
  const isFile = ({ copy }: ExportImage) => copy !== undefined || layout.keptName === undefined;
  const rowOf = (image: ExportImage, files: ReadonlyMap<string, ExportedFile>): Row | undefined => {
    const { photo } = image;
    const label = labelOf.get(photo.species);
    if (!isFile(image)) return makeRow(image, label, layout.keptName?.(photo.file) ?? photo.file);
    const name = images.nameOf(image);
    const file = files.get(`${layout.folderOf(image)}/${name}`);
    return file && makeRow(image, label, layout.rowName(image, name), file);
  };
  function* rows(files: ReadonlyMap<string, ExportedFile>, side?: Side) {
    for (const photo of photos) {
      if (side !== undefined && photo.side !== side) continue;
      for (const image of imagesOf(photo, input)) {
        const row = rowOf(image, files);
        if (row !== undefined) yield row;
      }
    }
  }
  return {
    batches: photos.flatMap((photo) => [
      ...images.batches(imagesOf(photo, input).filter(isFile), layout.folderOf({ photo })),
    ]),
    rows: (files) => rows(files),
    // A side without rows has no list.
    lists: (files) =>
      SIDES.filter((side) => rows(files, side).next().done !== true).map((side) => ({
        path: layout.listPath(sideName(side, input)),
        pieces: () => layout.format(rows(files, side)),
      })),
  };
}
