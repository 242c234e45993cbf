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
  genus family order unnamed undefined null missing error invalid script template module page
  article list needed intergeneric intraspecific intrageneric
  cichlid cichlids catfish goldfish tetra tetras molly mollies platy swordtail guppy koi`.split(
    /\s+/,
  ),
);

/**
 * English words for kinds of fish that stand where an epithet would: `Clown loach` in a column of
 * Latin names is none. Words that are epithets too are not among them: `Symphysodon discus`,
 * `Rasbora rasbora`, `Aplocheilus panchax`.
 */
const KINDS: ReadonlySet<string> = new Set(
  `danio danios loach loaches barb barbs gourami gouramis pleco plecos cory corys shark sharks minnow
  minnows goby gobies eel eels killi killies bichir bichirs piranha piranhas mouthbrooder stingray
  stingrays puffer puffers fighter fighters livebearer livebearers lyretail halfbeak halfbeaks
  gudgeon gudgeons squeaker squeakers darter darters shrimp snail perch bass rasboras bettas rainbow
  rainbows swordtails guppies platies platys plec plecs carp pike shiner shiners dace`.split(/\s+/),
);

/** Whether a word is English for a kind of fish. */
export function isKindOfFish(word: string): boolean {
  return KINDS.has(word) || NO_NAME.has(word) || /fish(?:es)?$/.test(word);
}

/** Endings that Latin epithets have and English words seldom. */
export const LATIN_ENDING: RegExp =
  /(?:us|um|is|i|ae|a|ns|ax|ops|es|oides|ensis|ata|on|or|er|ix|ex|ys|io)$/;
/** Names of families and what else is above the genus. */
export const FAMILY: RegExp = /^\p{Lu}\p{Ll}+(?:idae|inae|iformes|oidei|oidea)$/u;
/** A capitalised epithet, as in `Corydoras Paleatus`: told from a trade name by its Latin ending. */
export const CAPPED_EPITHET: RegExp = /^\p{Lu}\p{Ll}{3,}(?:us|um|is|i|ae|a|ns|ax|ops|es|oides)$/u;
/** A word that may be an epithet. */
export const EPITHET: RegExp = /^\p{Ll}[\p{Ll}'-]*\p{Ll}$/u;
