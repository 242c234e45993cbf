/**
 * Words that stand in Latin-name cells, and what they are there for.
 *
 * @module
 */

/** How qualifiers are written in the cleaned name. */
export const QUALIFIERS: Readonly<Record<string, string>> = {
  "sp": "sp.",
  "spec": "sp.",
  "species": "sp.",
  "spp": "spp.",
  "cf": "cf.",
  "aff": "aff.",
  "affin": "aff.",
  "nr": "nr.",
  "ssp": "subsp.",
  "subsp": "subsp.",
  "subspecies": "subsp.",
  "var": "var.",
  "varietas": "var.",
  "f": "f.",
  "fo": "f.",
  "forma": "f.",
  "morph": "morph",
  "nov": "nov.",
  "n": "n.",
  "indet": "indet.",
  "gr": "gr.",
};

/** English words that stand in a Latin-name column without naming anything. */
export const NO_NAME: ReadonlySet<string> = new Set(
  `various several many multiple mixed assorted unknown unidentified undescribed undetermined none
  all any some other others different see the and not name names species varieties variety various
  commercial hybrid hybrids cross crossbreed crossbreeds man-made manmade artificial domestic
  domesticated fish fishes fancy na tba tbd tbc nil yes no from unspecified uncertain numerous
  disputed number numbers multi of in with is are cross-breed interspecific selectively bred form
  forms strain strains breed breeds common same above below ditto idem incertae sedis text applicable
  cichlid cichlids catfish goldfish tetra tetras molly mollies platy swordtail guppy koi`.split(
    /\s+/,
  ),
);

/** Names of families and what else is above the genus. */
export const FAMILY: RegExp = /^\p{Lu}\p{Ll}+(?:idae|inae|iformes|oidei|oidea)$/u;
/** A capitalised epithet, as in `Corydoras Paleatus`: told from a trade name by its Latin ending. */
export const CAPPED_EPITHET: RegExp = /^\p{Lu}\p{Ll}{3,}(?:us|um|is|i|ae|a|ns|ax|ops|es|oides)$/u;
/** A word that may be an epithet. */
export const EPITHET: RegExp = /^\p{Ll}[\p{Ll}'-]*\p{Ll}$/u;
