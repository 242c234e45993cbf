/**
 * Plans the files of an export in each format.
 *
 * @module
 */

import { join, relative, resolve } from "@std/path";
import { type Side, SIDES } from "../split/side.ts";
import { type FormatInput, type FormatPlan, imagesOf, sideName } from "./format.ts";
import type { ExportImage } from "./images.ts";
import type { ExportedFile } from "./manifest.ts";
import { formatCsv, formatJsonLines, makeRow, type Row } from "./rows.ts";
import { makeShards } from "./shards.ts";

export async function planFormat(input: FormatInput): Promise<FormatPlan> {
  switch (input.format) {
    case "imagefolder":
      return planFiles(input, {
        folderOf: ({ photo }) => `${sideName(photo.side, input)}/${photo.species}`,
        rowName: ({ photo }, name) => `${photo.species}/${name}`,
        listPath: (side) => `${side}/metadata.jsonl`,
        format: formatJsonLines,
      });
    case "webdataset":
    case "parquet":
      return await makeShards(input.format, input);
    case "csv":
      return planFiles(input, { ...besideTheData(input, "csv"), format: formatCsv });
    case "jsonl":
      return planFiles(input, { ...besideTheData(input, "jsonl"), format: formatJsonLines });
    case "list":
      return planFiles(input, {
        ...besideTheData(input, "jsonl"),
        keptName: (file) => file.replace(/^images\//, ""),
        format: formatJsonLines,
      });
  }
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

/** `train.csv` and so on: only copies are files of the export. */
function besideTheData({ dir, out }: FormatInput, ending: string): Omit<Layout, "format"> {
  const toData = relative(resolve(out), resolve(dir));
  return {
    folderOf: ({ photo }) => `copies/${photo.species}`,
    keptName: (file) => join(toData, file).replaceAll("\\", "/"),
    rowName: ({ photo }, name) => `copies/${photo.species}/${name}`,
    listPath: (side) => `${side}.${ending}`,
  };
}

function planFiles(input: FormatInput, layout: Layout): FormatPlan {
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
