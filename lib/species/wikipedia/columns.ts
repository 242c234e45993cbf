/**
 * What the columns of a table hold, by their headers.
 *
 * @module
 */

import { dropFootnotes, tidy } from "../name_text.ts";

/** What a header names. `maybe-latin` counts only if the cells below hold Latin names. */
export type ColumnKind = "latin" | "maybe-latin" | "genus" | "common" | "more-common" | "other";

const HEADERS: Readonly<Record<ColumnKind, string>> = {
  "latin": "scientific name|scientific|latin name|latin|binomial name|binomial|" +
    "binomial nomenclature|botanical name|taxonomic name|species name|genus and species",
  // The fish list called its column `Taxonomy` until 2022 (seen).
  "maybe-latin": "taxonomy|species|taxon|taxa|scientific classification|classification|epithet",
  "genus": "genus",
  "common": "common name|common|english name|english|vernacular name|popular name|name|fish",
  "more-common":
    "other name|other common name|alternative name|also known as|trade name|local name",
  // Other columns of such lists make a row of plain cells a header row.
  "other": "image|picture|photo|size|max size|maximum size|remarks|notes|description|tank size|" +
    "minimum tank size|temperature|temperature range|ph|ph range|family|order|origin|range|" +
    "distribution|habitat|salinity|reef safe|diet|status|author|authority|year",
};

const KIND_OF: ReadonlyMap<string, ColumnKind> = new Map(
  (["latin", "maybe-latin", "genus", "common", "more-common", "other"] as const)
    .flatMap((kind) => HEADERS[kind].split("|").map((header) => [header, kind] as const)),
);

/** The headers that are looked for, for messages. */
export const LATIN_HEADERS =
  "“Scientific name”, “Latin name”, “Binomial name”, “Species” or “Taxonomy”";

/** A header's text for comparing: lower case, without footnotes and punctuation. */
export function headerText(text: string): string {
  return dropFootnotes(tidy(text)).toLowerCase().replace(/\(s\)/g, "s")
    .replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}

/** What a header names, or nothing if it is not known. */
export function columnKind(text: string): ColumnKind | undefined {
  const header = headerText(text);
  const known = KIND_OF.get(header) ?? KIND_OF.get(header.replace(/s$/, ""));
  if (known !== undefined || header.length > 60) return known;
  // With more words: `Scientific name (synonym)`, `Common name in English`.
  const latin = /\b(?:scientific|latin|binomial) names?\b/.test(header);
  const common = /\b(?:common|english|vernacular) names?\b/.test(header);
  // `Common and scientific name`: the cells decide.
  return latin && common ? "maybe-latin" : latin ? "latin" : common ? "common" : undefined;
}
