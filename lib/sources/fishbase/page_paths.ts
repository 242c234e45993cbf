/**
 * The pages of FishBase that are asked for, as path and query.
 *
 * @module
 */

/** The summary page of a name. */
export function summaryPath(words: readonly string[]): string {
  return `/summary/${words.map(encodeURIComponent).join("-")}.html`;
}

/** The summary page of a species by its code. */
export function summaryPathOf(specCode: string): string {
  return `/summary/SpeciesSummary.php?ID=${encodeURIComponent(specCode)}`;
}

/** The page with a species' thumbnails. */
export function thumbnailsPath(
  species: { readonly specCode?: string | undefined; readonly words: readonly string[] },
): string {
  if (species.specCode !== undefined) {
    return `/photos/ThumbnailsSummary.php?ID=${encodeURIComponent(species.specCode)}`;
  }
  return `/photos/ThumbnailsSummary.php?${nameQuery(species.words)}`;
}

/** The page with one picture; `row` counts from 0. */
export function picturePath(
  specCode: string,
  row: number,
  total: number,
  style: "StartRow" | "resultPage",
): string {
  const code = encodeURIComponent(specCode);
  return style === "StartRow"
    ? `/photos/PicturesSummary.php?StartRow=${row}&ID=${code}&what=species&TotRec=${total}`
    : `/photos/PicturesSummary.php?resultPage=${row + 1}&ID=${code}&what=species`;
}

/** The photo service; without a type it answers all types. */
export function servicePath(words: readonly string[]): string {
  return `/webservice/photos/FishPicsList.php?${nameQuery(words)}&type=`;
}

/** The page with a species' stamps and coins. */
export function stampsPath(specCode: string): string {
  return `/photos/SpeciesStampsList.php?speccode=${encodeURIComponent(specCode)}`;
}

/** The names a species has had. */
export function synonymsPath(specCode: string, words: readonly string[]): string {
  const [genus = "", ...rest] = words.map(encodeURIComponent);
  const name = `GenusName=${genus}&SpeciesName=${rest.join("+")}`;
  return `/Nomenclature/SynonymsList.php?ID=${encodeURIComponent(specCode)}&${name}`;
}

/** The names of a genus. */
export function genusPath(genus: string): string {
  return `/Nomenclature/ScientificNameSearchList.php?Genus=${encodeURIComponent(genus)}`;
}

/** The names with an epithet, in all genera (told; the site's own search form has these fields). */
export function epithetPath(epithet: string): string {
  const fields = new URLSearchParams({
    crit1_fieldname: "SYNONYMS.SynGenus",
    crit1_fieldtype: "CHAR",
    crit1_operator: "CONTAINS",
    crit1_value: "",
    crit2_fieldname: "SYNONYMS.SynSpecies",
    crit2_fieldtype: "CHAR",
    crit2_operator: "EQUAL",
    crit2_value: epithet,
    group: "summary",
  });
  return `/Nomenclature/ScientificNameSearchList.php?${fields}`;
}

function nameQuery(words: readonly string[]): string {
  const [genus = "", ...rest] = words;
  return `Genus=${encodeURIComponent(genus)}&Species=${encodeURIComponent(rest.join(" "))}`;
}
