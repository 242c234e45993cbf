/**
 * Common names: the cell of a list as a list of names.
 *
 * @module
 */

import { dropFootnotes, fold, replaceBrackets, tidy } from "./name_text.ts";

const MAX_CELL = 1000;

/** Words for a kind of fish. In `Adolfo's catfish/corydoras` they share the word before them. */
const KINDS: ReadonlySet<string> = new Set(
  `catfish cat cory corys corydoras tetra tetras cichlid cichlids barb barbs loach loaches pleco
  plecos danio danios rasbora rasboras gourami gouramis killifish killi goby gobies puffer
  pufferfish fish eel livebearer molly platy swordtail rainbowfish rainbow blue-eye shark minnow
  darter bichir knifefish hatchetfish pencilfish pacu piranha piranhas mouthbrooder mouth-brooder
  stingray gar perch bass sunfish crab oto syno squeaker angelfish discus severum acara betta
  labyrinthfish panchax lyretail guppy halfbeak half-beak gudgeon sleeper glassfish archerfish`
    .split(/\s+/),
);

/** Words in brackets that are no name: `Flying fox (fish)`, `(juvenile)`, `(US)`. */
const REMARKS: ReadonlySet<string> = new Set(
  `fish fishes genus species family male female males females m f juvenile juveniles adult adults
  wild wild-type wildtype hybrid freshwater brackish marine usa us uk u.s. u.k. australia america
  asia africa europe india brazil peru colombia venezuela germany german japan japanese trade
  rare various sp sp. spp spp. animal disambiguation plural obsolete unofficial name names
  common disputed extinct captive-bred tank-raised line-bred ornamental aquarium variety form
  morph strain`.split(/\s+/),
);

/** Words that introduce another name: `also known as`, `sometimes`. */
const ALIAS =
  /^(?:(?:sometimes|also|often|usually|formerly|previously|or|and|aka|a\.k\.a\.|called|known|named|as|sold|i\.e\.|e\.g\.|in the trade|commonly)(?![\p{L}-])[:,]?\s*)+/iu;
/** Words that say where or how a name is used. */
const USAGE =
  /^(?:esp|especially|in|from|not|see|usually|mainly|chiefly|for|when|with)(?![\p{L}-])/iu;
/** What separates two names for one fish. */
const ALTERNATIVE = /\s*\/\s*|\s+(?:or|aka|a\.k\.a\.|also known as|also called|syn\.)\s+|\s+=\s+/i;

/**
 * The common names in a cell, as the page spells and orders them, each once.
 *
 * Cells are split at line breaks, semicolons, commas, slashes, `or`, and at brackets that hold
 * another name: `Figure 8 pufferfish` and `Head and tail light tetra` stay as they are, and
 * `Adolfo's catfish/corydoras` gives two full names. A trade number such as `L-046` is an entry of
 * its own, in the page's spelling.
 */
export function readCommonNames(cell: string): string[] {
  const text = dropFootnotes(tidy(cell.slice(0, MAX_CELL)))
    .replace(/''+|[†‡*§]/g, "");
  if (isNoName(text)) return [];
  const names = new Map<string, string>();
  for (const piece of text.split(/[\n;•·|]/).flatMap(readLine)) {
    const name = trimName(piece);
    const key = fold(name).replace(/[ -]/g, "");
    if (key !== "" && !isNoName(name) && !names.has(key)) names.set(key, name);
  }
  return [...names.values()];
}

function readLine(line: string): string[] {
  const inside: string[] = [];
  // Before a word, brackets hold a part of the name, after one something else.
  const outside = replaceBrackets(line, (held, before, after) => {
    const isBeforeWord = /(?:^|[,;/])\s*$/.test(before) && /^\s*[\p{L}\p{N}]/u.test(after);
    return isBeforeWord ? held : (inside.push(held), "");
  }).replaceAll(" ,", ",");
  return [...splitNames(outside), ...inside.flatMap(readBrackets)].flatMap(splitTradeCodes);
}

function readBrackets(held: string): string[] {
  return splitNames(held).map((piece) => piece.replace(ALIAS, "").trim()).filter((piece) => {
    const words = piece.toLowerCase().split(/\s+/);
    if (piece === "" || USAGE.test(piece)) return false;
    if (piece.match(TRADE_CODE) !== null) return true;
    if (words.every((word) => REMARKS.has(word))) return false;
    return !REMARKS.has(words.at(-1) ?? "") &&
      (words.length > 1 || /^\p{Lu}\p{L}{3,}/u.test(piece));
  });
}

/** Splits at commas, slashes and `or`. */
function splitNames(text: string): string[] {
  return text.split(/\s*,\s*(?!\d)/).flatMap(splitAlternatives);
}

function splitAlternatives(text: string): string[] {
  const name = text.replace(/^(?:and|or|&)\s+/i, "");
  const [first = "", ...others] = name.split(ALTERNATIVE).filter((part) => part.trim() !== "");
  if (others.length === 0) return [name];
  const shareable = /\s/.test(first.trim());
  return [
    first,
    ...others.map((part) =>
      shareable && KINDS.has(part.toLowerCase()) ? first.trim().replace(/\S+$/, part) : part
    ),
  ];
}

function trimName(name: string): string {
  return name.replace(ALIAS, "").replace(/^[\s,.:;/&-]+|[\s,:;/&-]+$/g, "")
    .replace(/\s+/g, " ").replace(/^(?:and|or)$/i, "").replace(/^"([^"]*)"$/, "$1").trim();
}

function isNoName(name: string): boolean {
  return !/\p{L}/u.test(name) || /^(?:n\/?a|none|unknown|tba|tbd|-)$/i.test(name);
}

/** Numbers that magazines gave to undescribed catfish: L046, LDA01, C120, CW010. Capitals only. */
const TRADE_CODE = /(?<![\p{L}\p{N}-])(?:LDA|LG|CW|L|C)[ -]?\d{1,4}[a-z]?(?![\p{L}\p{N}-])/gu;

/** `Zebra pleco L046` is a name and a number. */
function splitTradeCodes(name: string): string[] {
  const rest = name.replace(TRADE_CODE, " ").replace(/\s+/g, " ").trim();
  return [rest.replace(/\b(?:and|&)\s*$/i, ""), ...name.match(TRADE_CODE) ?? []];
}
