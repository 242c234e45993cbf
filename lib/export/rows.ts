/**
 * What an export says of each image.
 *
 * @module
 */

import type { ExportedFile } from "./manifest.ts";
import type { SplitDataset, SplitImage } from "../split/split_dataset.ts";
import type { Side } from "../split/side.ts";

/** One image in an export. Texts that are not known are empty, so that every line has every field. */
export interface Row {
  /** The file's path from where the list of rows is, with `/`. */
  readonly file_name: string;
  /** The species' number in `labels.json`. */
  readonly label: number;
  /** The species' id. */
  readonly species: string;
  /** The Latin name. */
  readonly latin: string;
  /** Common names, with `; ` between. */
  readonly common_names: string;
  /** `train`, `validation` or `test`. */
  readonly split: Side;
  /** Images of the same group are on the same side: the least hash in it. */
  readonly split_group: string;
  /** The source that found it. */
  readonly source: string;
  /** The image's URL. */
  readonly url: string;
  /** The page it stands on. */
  readonly page: string;
  /** Who took it. */
  readonly author: string;
  /** SPDX or Creative Commons id, or `unknown`. */
  readonly license: string;
  /** The licence in the page's words. */
  readonly license_text: string;
  /** Caption or page title. */
  readonly title: string;
  /** SHA-256 of the image as it was found. */
  readonly sha256: string;
  /** The perceptual fingerprint. */
  readonly fingerprint: string;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** The size of the file. */
  readonly bytes: number;
}

/** The fields of a row, in order, and what kind each is: for `dataset_info` and Croissant. */
export const ROW_FIELDS: readonly (readonly [keyof Row, "text" | "number" | "url", string])[] = [
  ["file_name", "text", "The image's path from here"],
  ["label", "number", "The species' number in labels.json"],
  ["species", "text", "The species' id"],
  ["latin", "text", "The Latin name"],
  ["common_names", "text", "Common names, with semicolons between"],
  ["split", "text", "train, validation or test"],
  ["split_group", "text", "Images of the same group are never on two sides"],
  ["source", "text", "The source that found it"],
  ["url", "url", "Where the image was"],
  ["page", "url", "The page it stood on"],
  ["author", "text", "Who took it, where known"],
  ["license", "text", "SPDX or Creative Commons id, or unknown"],
  ["license_text", "text", "The licence in the page's words"],
  ["title", "text", "Caption or page title"],
  ["sha256", "text", "SHA-256 of the image as it was found"],
  ["fingerprint", "text", "Perceptual fingerprint"],
  ["width", "number", "Pixels"],
  ["height", "number", "Pixels"],
  ["bytes", "number", "The size of the file"],
];

/** Makes the rows of a data folder's images. */
export class RowMaker {
  readonly #labels: ReadonlyMap<string, SplitDataset["labels"][number]>;

  /** Makes rows with a data folder's labels. */
  constructor(labels: SplitDataset["labels"]) {
    this.#labels = new Map(labels.map((label) => [label.id, label]));
  }

  /**
   * The row of an image.
   *
   * @param image The image.
   * @param fileName The file's path from where the list of rows is.
   * @param file The exported file, where it is another than the image's own.
   */
  row(image: SplitImage, fileName: string, file?: Omit<ExportedFile, "path" | "key">): Row {
    const label = this.#labels.get(image.species);
    return {
      file_name: fileName,
      label: label?.index ?? -1,
      species: image.species,
      latin: label?.latin ?? image.species,
      common_names: (label?.common ?? []).join("; "),
      split: image.side,
      split_group: image.group,
      source: image.source,
      url: image.url,
      page: image.page,
      author: image.author,
      license: image.license,
      license_text: image.licenseText,
      title: image.title,
      sha256: image.sha256,
      fingerprint: image.dhash,
      width: file?.width ?? image.width,
      height: file?.height ?? image.height,
      bytes: file?.bytes ?? image.bytes,
    };
  }
}

/**
 * Rows as lines of JSON.
 *
 * @param rows The rows.
 */
export function formatRows(rows: readonly Row[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}
