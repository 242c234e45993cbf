/**
 * What a format of an export is made from and comes to.
 *
 * @module
 */

import type { Copy } from "../augment/copies.ts";
import type { Label } from "../split/labels.ts";
import type { Side } from "../split/side.ts";
import type { SplitImage } from "../split/split_dataset.ts";
import type { ExportImage, ExportImages } from "./images.ts";
import type { ExportedFile } from "./manifest.ts";
import type { ExportOptions } from "./options.ts";
import type { Row } from "./rows.ts";
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
