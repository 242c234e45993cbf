/**
 * The words that stand in Latin-name cells: qualifiers, English words, authors.
 *
 * @module
 */

/** How each way to write a qualifier is spelt in a cleaned name. */
export const QUALIFIERS: ReadonlyMap<string, string> = new Map(
  `sp:sp. spec:sp. species:sp. spp:spp. cf:cf. aff:aff. affin:aff. nr:nr. gr:gr. ssp:subsp.
  subsp:subsp. subspecies:subsp. var:var. varietas:var. f:f. fo:f. forma:f. morph:morph nov:nov.
  n:n. indet:indet.`.split(/\s+/).map((pair): [string, string] => {
    const [written = "", spelt = ""] = pair.split(":");
    return [written, spelt];
  }),
);

/** English words in a Latin-name column that name nothing. */
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
 * English words for kinds of fish where an epithet would stand, as in `Clown loach`. Words that are
 * epithets too are not among them: `Symphysodon discus`, `Rasbora rasbora`.
 */
const KINDS: ReadonlySet<string> = new Set(
  `danio danios loach loaches barb barbs gourami gouramis pleco plecos cory corys shark sharks minnow
  minnows goby gobies eel eels killi killies bichir bichirs piranha piranhas mouthbrooder stingray
  stingrays puffer puffers fighter fighters livebearer livebearers lyretail halfbeak halfbeaks
  gudgeon gudgeons squeaker squeakers darter darters shrimp snail perch bass rasboras bettas rainbow
  rainbows swordtails guppies platies platys plec plecs carp pike shiner shiners dace`.split(/\s+/),
);

/** Whether a word is English for a kind of fish, or names nothing. */
export function isEnglishWord(word: string): boolean {
  return KINDS.has(word) || NO_NAME.has(word) || /fish(?:es)?$/.test(word);
}

/** Endings that Latin epithets have and English words seldom do. */
export const LATIN_ENDING: RegExp =
  /(?:us|um|is|i|ae|a|ns|ax|ops|es|oides|ensis|ata|on|or|er|ix|ex|ys|io)$/;
/** Names of families and other ranks above the genus. */
export const FAMILY: RegExp = /^\p{Lu}\p{Ll}+(?:idae|inae|iformes|oidei|oidea)$/u;
/** A word that may be an epithet. */
export const EPITHET: RegExp = /^\p{Ll}[\p{Ll}'-]*\p{Ll}$/u;
/** A qualifier that gives the rank below the species. */
export const BELOW_SPECIES: RegExp = /^(?:subsp|var|f)\.$/;

// Authors count with a year only: `Symphysodon discus Turquoise` must keep its strain.
const PARTICLE = String.raw`(?:von|van|der|den|de|du|da|dos|la|le|del|di|zu|ten|ter)`;
const WORD = String.raw`(?:(?:\p{Lu}\.)+-?\p{Lu}?\.?|(?:d'|O'|Mc)?\p{Lu}[\p{L}'-]*\.?)`;
const ONE = String.raw`(?:${PARTICLE} )*${WORD}(?: ${WORD})*(?: (?:Jr|Sr)\.?)?`;
const JOIN = String.raw`(?: ?, ?(?:& |and )?| ?& ?| and | et | in | ex )`;
const MANY = String.raw`${ONE}(?:${JOIN}${ONE})*(?:,? et al\.?)?`;
const YEAR = String.raw`[(\[]?1[789]\d\d[a-z]?[)\]]?|[(\[]?20[0-4]\d[a-z]?[)\]]?`;

const DATED = new RegExp(
  String.raw`(?<=[\p{Ll}".)] ?),? ?(?<![\p{L}])${MANY},? ?(?:${YEAR})`,
  "gu",
);
const LONE_YEAR = new RegExp(String.raw`,? ?(?<![\p{L}\p{N}])(?:${YEAR})(?![\p{L}\p{N}])`, "gu");
const LINNAEUS = /,? L(?:inn)?\.$/;

/** Whether the text in brackets is an author: `Linnaeus, 1758`, `L.`. */
export function isAuthorship(text: string): boolean {
  return new RegExp(`^(?:(?:${MANY})?,? ?(?:${YEAR})|L(?:inn)?\\.)$`, "u").test(text.trim());
}

/** A Latin name without the author and year after it: `Betta splendens Regan, 1910`. */
export function dropAuthorship(name: string): string {
  return name.replace(DATED, " ").replace(LONE_YEAR, " ").trim().replace(LINNAEUS, "")
    .replace(/ +/g, " ").replace(/[ ,]+$/, "").trim();
}
