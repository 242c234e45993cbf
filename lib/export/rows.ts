/**
 * What an export says of each image, and how that is written as JSON lines or CSV.
 *
 * @module
 */

import { stringify } from "@std/csv";
import { withoutFormula } from "../species/csv.ts";
import type { Label } from "../split/labels.ts";
import type { Side } from "../split/side.ts";
import type { ExportImage } from "./images.ts";
import type { FileFacts } from "./manifest.ts";

/** The fields of a row in order: name, kind, description for the card and Croissant. */
export const ROW_FIELDS = [
  ["file_name", "text", "The image's path from here"],
  ["label", "number", "The species' number by the alphabet, as readers of folders count them"],
  ["stable_label", "number", "The species' number that stays the same when species are added"],
  ["species", "text", "The species' id, or `unknown`"],
  ["latin", "text", "The Latin name"],
  ["genus", "text", "The genus"],
  ["family", "text", "The family, where GBIF knows it"],
  ["order", "text", "The order, where GBIF knows it"],
  ["common_names", "text", "Common names, separated by semicolons"],
  ["split", "text", "train, validation or test"],
  ["split_group", "text", "Images of one group are never on two sides"],
  ["source", "text", "The source that found the image"],
  ["url", "url", "Where the image was"],
  ["page", "url", "The page it stood on"],
  ["author", "text", "Who took it, where known"],
  ["license", "text", "SPDX or Creative Commons id, or unknown"],
  ["license_text", "text", "The licence in the page's words"],
  ["title", "text", "Caption or page title"],
  ["kind", "text", "synthetic, drawing …; empty for a photo"],
  ["flags", "text", "What may be wrong with it, separated by semicolons: see the card"],
  ["observation", "text", "The sighting it belongs to, where known"],
  ["sha256", "text", "SHA-256 of the kept photo"],
  ["parent", "text", "For a varied copy, the SHA-256 of its photo; otherwise empty"],
  ["operations", "text", "For a varied copy, what was done to its photo, as JSON; otherwise empty"],
  ["width", "number", "In pixels"],
  ["height", "number", "In pixels"],
  ["bytes", "number", "The file's size"],
] as const;

type Field = typeof ROW_FIELDS[number];

/** One image of an export. Unknown texts are empty, so that every line has every field. */
export type Row =
  & { readonly [F in Field as F[0]]: F[1] extends "number" ? number : string }
  & { readonly split: Side };

/**
 * Makes the row of an image.
 *
 * @param fileName The file's path from where the row stands.
 * @param file The exported file, where it is not the kept one.
 */
export function makeRow(
  { photo, copy }: ExportImage,
  label: Label | undefined,
  fileName: string,
  file?: FileFacts,
): Row {
  const name = photo.of ?? label;
  return {
    file_name: fileName,
    label: label?.index ?? -1,
    stable_label: label?.stable ?? -1,
    species: photo.species,
    latin: name?.latin ?? photo.species,
    genus: name?.genus ?? "",
    family: name?.family ?? "",
    order: name?.order ?? "",
    common_names: (name?.common ?? []).join("; "),
    split: photo.side,
    split_group: photo.group,
    source: photo.source,
    url: photo.url,
    page: photo.page,
    author: photo.author,
    license: photo.license,
    license_text: photo.licenseText,
    title: photo.title,
    kind: photo.kind,
    flags: photo.flags.join("; "),
    observation: photo.observation,
    sha256: photo.sha256,
    parent: copy === undefined ? "" : photo.sha256,
    operations: copy === undefined ? "" : JSON.stringify(copy.operations()),
    width: file?.width ?? photo.width,
    height: file?.height ?? photo.height,
    bytes: file?.bytes ?? photo.bytes,
  };
}

/** Rows as lines of JSON. */
export function* formatJsonLines(rows: Iterable<Row>): Generator<string, void, void> {
  for (const row of rows) yield `${JSON.stringify(row)}\n`;
}

/** Rows as CSV with a header. */
export function* formatCsv(rows: Iterable<Row>): Generator<string, void, void> {
  const names = ROW_FIELDS.map(([name]) => name);
  yield csvLine(names);
  for (const row of rows) yield csvLine(names.map((name) => row[name]));
}

const ATTRIBUTION_FIELDS = ["title", "author", "license", "license_text", "page", "url"] as const;

/** Who made each photo and under which licence, as CSV with a header. Copies are left out. */
export function* formatAttribution(rows: Iterable<Row>): Generator<string, void, void> {
  yield csvLine(["file", "species", ...ATTRIBUTION_FIELDS]);
  for (const row of rows) {
    if (row.parent !== "") continue;
    const file = row.split + "/" + row.file_name;
    yield csvLine([file, row.latin, ...ATTRIBUTION_FIELDS.map((name) => row[name])]);
  }
}

/**
 * One line of CSV. Spreadsheets take a cell that begins like a formula for one, and a lone carriage
 * return for the end of a line: the first gets an apostrophe, the second becomes a space.
 */
export function csvLine(cells: readonly (string | number)[]): string {
  const safe = cells.map((cell) =>
    typeof cell === "number" ? cell : withoutFormula(cell).replace(/\r\n?/g, " ")
  );
  return stringify([safe], { headers: false, crlf: true });
}
