/**
 * Plans the files of an export in each format.
 *
 * @module
 */

import { join, relative, resolve } from "@std/path";
import { defined } from "../base/defined.ts";
import type { Copy } from "../augment/copies.ts";
import { type Side, SIDES } from "../split/side.ts";
import type { SplitImage } from "../split/split_dataset.ts";
import { type FormatInput, type FormatPlan, sideName } from "./format.ts";
import { type ExportImage, type ExportImages, wantedFile } from "./images.ts";
import { formatCsv, formatJsonLines, makeRow, type Row } from "./rows.ts";
import { makeShards } from "./shards.ts";
import type { ExportedFile, FileBatch, TextFile } from "./tree.ts";

export async function planFormat(input: FormatInput): Promise<FormatPlan> {
  switch (input.format) {
    case "imagefolder":
      return planImageFolder(input);
    case "webdataset":
    case "parquet":
      return await makeShards(input.format, input);
    case "csv":
      return planIndex(input, "csv", formatCsv, pathFromExport(input));
    case "jsonl":
      return planIndex(input, "jsonl", formatJsonLines, pathFromExport(input));
    case "list":
      return planIndex(
        input,
        "jsonl",
        formatJsonLines,
        ({ file }) => file.replace(/^images\//, ""),
      );
  }
}

/** Copies of one photo that are made from one decoding of it. */
const COPIES_AT_ONCE = 8;

/** The rows of one side, or of all. */
type RowsOf = (
  files: ReadonlyMap<string, ExportedFile>,
  side?: Side,
) => Generator<Row, void, void>;

/** `train/<species>/<hash>.jpg` and, beside the species, `metadata.jsonl`. */
function planImageFolder(input: FormatInput): FormatPlan {
  const { photos, copiesOf, images } = input;
  const folderOf = (photo: SplitImage): string => `${sideName(photo.side, input)}/${photo.species}`;
  const batches = photos.flatMap((photo) => [
    photoBatch(photo, folderOf(photo), images),
    ...copyBatches(photo, copiesOf(photo), folderOf(photo), images),
  ]);
  const rows: RowsOf = (files, side) =>
    rowsOf(input, side, (image) => {
      const name = images.nameOf(image);
      const file = files.get(`${folderOf(image.photo)}/${name}`);
      return file === undefined ? undefined : { name: `${image.photo.species}/${name}`, file };
    });
  return {
    batches,
    rows,
    lists: (files) =>
      listsOf(
        input,
        (side) => rows(files, side),
        (side) => `${side}/metadata.jsonl`,
        formatJsonLines,
      ),
  };
}

/** A kept image's path from the export's folder. */
function pathFromExport({ dir, out }: FormatInput): (photo: SplitImage) => string {
  const toData = relative(resolve(out), resolve(dir));
  return ({ file }) => join(toData, file).replaceAll("\\", "/");
}

/** `train.csv` and so on: one line an image. Only copies are files of the export. */
function planIndex(
  input: FormatInput,
  ending: string,
  format: (rows: Iterable<Row>) => Iterable<string>,
  nameOf: (photo: SplitImage) => string,
): FormatPlan {
  const { photos, copiesOf, images } = input;
  const folderOf = (photo: SplitImage): string => `copies/${photo.species}`;
  const rows: RowsOf = (files, side) =>
    rowsOf(input, side, (image) => {
      const { photo, copy } = image;
      if (copy === undefined) return { name: nameOf(photo) };
      const name = `${folderOf(photo)}/${images.nameOf(image)}`;
      const file = files.get(name);
      return file === undefined ? undefined : { name, file };
    });
  return {
    batches: photos.flatMap((photo) =>
      copyBatches(photo, copiesOf(photo), folderOf(photo), images)
    ),
    rows,
    lists: (files) =>
      listsOf(input, (side) => rows(files, side), (side) => `${side}.${ending}`, format),
  };
}

/** The rows of photos and copies that have a place in the export. */
function* rowsOf(
  { photos, copiesOf, labels }: FormatInput,
  side: Side | undefined,
  place: (image: ExportImage) => { name: string; file?: ExportedFile } | undefined,
): Generator<Row, void, void> {
  const labelOf = new Map(labels.map((label) => [label.id, label]));
  for (const photo of photos) {
    if (side !== undefined && photo.side !== side) continue;
    for (const copy of [undefined, ...copiesOf(photo)]) {
      const image = copy === undefined ? { photo } : { photo, copy };
      const found = place(image);
      if (found === undefined) continue;
      yield makeRow(image, labelOf.get(photo.species), found.name, found.file);
    }
  }
}

/** One list for each side that has rows. */
function listsOf(
  input: FormatInput,
  rowsOfSide: (side: Side) => Generator<Row, void, void>,
  pathOf: (side: string) => string,
  format: (rows: Iterable<Row>) => Iterable<string>,
): TextFile[] {
  return SIDES.filter((side) => rowsOfSide(side).next().done !== true).map((side) => ({
    path: pathOf(sideName(side, input)),
    pieces: () => format(rowsOfSide(side)),
  }));
}

function photoBatch(photo: SplitImage, folder: string, images: ExportImages): FileBatch {
  const file = wantedFile(images, { photo }, folder);
  return {
    files: [file],
    async make(_files, targetOf) {
      const facts = await images.place(photo, targetOf(file));
      return new Map(facts === undefined ? [] : [[file.path, facts]]);
    },
    inspect: (_file, target) => images.inspect({ photo }, target),
  };
}

function copyBatches(
  photo: SplitImage,
  copies: readonly Copy[],
  folder: string,
  images: ExportImages,
): FileBatch[] {
  const batches: FileBatch[] = [];
  for (let from = 0; from < copies.length; from += COPIES_AT_ONCE) {
    const files = copies.slice(from, from + COPIES_AT_ONCE)
      .map((copy) => ({ copy, ...wantedFile(images, { photo, copy }, folder) }));
    const copyOf = new Map(files.map(({ path, copy }) => [path, copy]));
    batches.push({
      files,
      make: (wanted, targetOf) =>
        images.placeCopies(
          photo,
          wanted.flatMap((file) => {
            const copy = copyOf.get(file.path);
            return copy === undefined ? [] : [{ copy, path: file.path, target: targetOf(file) }];
          }),
        ),
      inspect: ({ path }, target) =>
        images.inspect({ photo, ...defined({ copy: copyOf.get(path) }) }, target),
    });
  }
  return batches;
}
