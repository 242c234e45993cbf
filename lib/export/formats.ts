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

/**
 * Plans a format that has a list of the images for each side: beside the images, where it is a folder of
 * them; otherwise `train.csv` and so on, and only copies are files of the export.
 */
export function planFiles(input: FormatInput): FormatPlan {
  const { format, dir, out, photos, images, labels } = input;
  const isFolder = format === "imagefolder";
  const toData = relative(resolve(out), resolve(dir));
  const labelOf = new Map(labels.map((label) => [label.id, label]));
  const isFile = ({ copy }: ExportImage) => copy !== undefined || isFolder;
  const folderOf = ({ side, species }: SplitImage): string =>
    isFolder ? `${sideName(side, input)}/${species}` : `copies/${species}`;
  const rowOf = (image: ExportImage, files: ReadonlyMap<string, ExportedFile>): Row | undefined => {
    const { photo } = image;
    const label = labelOf.get(photo.species);
    if (!isFile(image)) {
      const kept = format === "list"
        ? photo.file.replace(/^images\//, "")
        : join(toData, photo.file);
      return makeRow(image, label, kept.replaceAll("\\", "/"));
    }
    const path = `${folderOf(photo)}/${images.nameOf(image)}`;
    const file = files.get(path);
    // From where the list is.
    const name = isFolder ? path.slice(path.indexOf("/") + 1) : path;
    return file && makeRow(image, label, name, file);
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
  const [ending, write] = format === "csv"
    ? ["csv", formatCsv] as const
    : ["jsonl", formatJsonLines] as const;
  return {
    batches: photos.flatMap((photo) => [
      ...images.batches(imagesOf(photo, input).filter(isFile), folderOf(photo)),
    ]),
    rows: (files) => rows(files),
    // A side without rows has no list.
    lists: (files) =>
      SIDES.filter((side) => rows(files, side).next().done !== true).map((side) => ({
        path: `${sideName(side, input)}${isFolder ? "/metadata" : ""}.${ending}`,
        pieces: () => write(rows(files, side)),
      })),
  };
}
