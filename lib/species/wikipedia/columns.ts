/**
 * Which column holds what, by what its header says.
 *
 * @module
 */

import { distance } from "../../base/distance.ts";
import { dropFootnotes, tidy } from "../name_text.ts";

/** What a header names. */
export type ColumnKind = "latin" | "maybe-latin" | "genus" | "common" | "more-common" | "other";

/** Headers that name the Latin name beyond doubt. */
const LATIN: ReadonlySet<string> = new Set([
  "scientific name",
  "scientific names",
  "scientific",
  "scientific binomial",
  "latin name",
  "latin names",
  "latin",
  "latin scientific name",
  "scientific latin name",
  "binomial name",
  "binomial names",
  "binomial",
  "binomial nomenclature",
  "binominal name",
  "biological name",
  "botanical name",
  "systematic name",
  "taxonomic name",
  "linnean name",
  "species name",
  "genus and species",
  "genus species",
  "name scientific",
  "species scientific name",
  "species latin name",
  "wissenschaftlicher name",
  "nom scientifique",
  "nombre científico",
  "nome scientifico",
  "nome científico",
  "wetenschappelijke naam",
  "vetenskapligt namn",
  "videnskabeligt navn",
  "vitenskapelig navn",
  "tieteellinen nimi",
  "nazwa naukowa",
  "nazwa łacińska",
  "odborný název",
  "vědecký název",
  "latinský název",
  "tudományos név",
  "научное название",
  "латинское название",
  "наукова назва",
  "学名",
  "學名",
  "학명",
  "lateinischer name",
  "nom latin",
  "nom binomial",
  "nombre latino",
  "binomen",
]);

/**
 * Headers that may name it; the column counts where its cells hold Latin names. The list's own was
 * called `Taxonomy` until 2022 (seen).
 */
const MAYBE_LATIN: ReadonlySet<string> = new Set([
  "taxonomy",
  "species",
  "taxon",
  "taxon name",
  "taxa",
  "taxonomic classification",
  "scientific classification",
  "classification",
  "species subspecies",
  "species or genus",
  "genus or species",
  "genus species or family",
  "epithet",
  "specific epithet",
  "art",
  "artname",
  "espèce",
  "especie",
  "espécie",
  "soort",
]);

const COMMON: ReadonlySet<string> = new Set([
  "common name",
  "common names",
  "common",
  "common english name",
  "common name english",
  "english name",
  "english names",
  "english common name",
  "english",
  "vernacular name",
  "vernacular names",
  "popular name",
  "popular names",
  "usual name",
  "name",
  "names",
  "fish",
  "fish name",
  "name common",
  "deutscher name",
  "trivialname",
  "nom commun",
  "nom vernaculaire",
  "nombre común",
  "nome comum",
  "nome comune",
  "nederlandse naam",
  "nazwa polska",
  "русское название",
  "和名",
]);

const MORE_COMMON: ReadonlySet<string> = new Set([
  "other name",
  "other names",
  "other common name",
  "other common names",
  "alternative name",
  "alternative names",
  "alternate names",
  "also known as",
  "trade name",
  "trade names",
  "local name",
  "local names",
  "nickname",
  "nicknames",
]);

/** Headers of other columns of such lists, that make a row of plain cells a header row. */
const OTHER: ReadonlySet<string> = new Set([
  "image",
  "images",
  "picture",
  "photo",
  "size",
  "max size",
  "maximum size",
  "remarks",
  "notes",
  "description",
  "tank size",
  "minimum tank size",
  "temperature",
  "temperature range",
  "ph",
  "ph range",
  "family",
  "order",
  "origin",
  "distribution",
  "range",
  "habitat",
  "salinity",
  "reef safe",
  "diet",
  "status",
  "author",
  "authority",
  "year",
]);

/** A header's text for comparing: lower case, without footnotes and punctuation. */
export function headerText(text: string): string {
  return dropFootnotes(tidy(text)).toLowerCase().replace(/\(s\)/g, "s")
    .replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}

/**
 * What a header names.
 *
 * @param text The header cell's text, in any case, with any spaces and footnotes.
 *
 * @example
 * ```ts
 * import { columnKind } from "./columns.ts";
 *
 * console.log(columnKind("Scientific\u00a0Name[2]")); // latin
 * ```
 */
export function columnKind(text: string): ColumnKind | undefined {
  const header = headerText(text);
  if (LATIN.has(header)) return "latin";
  if (MAYBE_LATIN.has(header)) return "maybe-latin";
  if (header === "genus") return "genus";
  if (COMMON.has(header)) return "common";
  if (MORE_COMMON.has(header)) return "more-common";
  if (OTHER.has(header)) return "other";
  // With a word more, such as "Scientific name (synonym)" or "Common name in English".
  if (header.length > 60) return undefined;
  const latin = /\b(?:scientific|latin|binomial) names?\b/.test(header);
  const common = /\b(?:common|english|vernacular) names?\b/.test(header);
  if (latin !== common) return latin ? "latin" : "common";
  // `Common and scientific name`: the cells say whether the Latin names are there.
  if (latin) return "maybe-latin";
  return misspelt(header);
}

/** A header one or two letters from a usual one: a table must not be lost by a slip of the pen. */
function misspelt(header: string): ColumnKind | undefined {
  const near = (name: string) => distance(header, name, 2) <= 2;
  if (["scientific name", "latin name", "binomial name", "taxonomy"].some(near)) {
    return "maybe-latin";
  }
  return ["common name", "english name"].some(near) ? "common" : undefined;
}

/** The headers that are looked for, for a person who wonders why a page was not read. */
export const LOOKED_FOR =
  "“Scientific name”, “Latin name”, “Binomial name”, “Species” or “Taxonomy”";
