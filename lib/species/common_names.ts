/**
 * Common names: a cell of the list as a list of names.
 *
 * @module
 */

import { dropFootnotes, fold, tidy, withLatinLetters, withoutMarkup } from "./name_text.ts";
import { isTradeCode, takeTradeCodes } from "./trade_code.ts";

/** The most characters of a cell that are read. */
const MAX_CELL = 1000;

/** Words that are no name without the word behind them: `red, white and blue tetra` is one name. */
const COLOURS: ReadonlySet<string> = new Set(
  `red blue green yellow black white gold golden silver orange pink purple violet brown grey gray
  dwarf giant common false true banded striped spotted marbled albino pearl big small large little
  african asian american south north central eastern western northern southern two three four
  longfin short long upside upside-down tiger fire dark light pale royal`.split(/\s+/),
);

/** Colours alone: before a comma they are the beginning of a name. */
const PLAIN_COLOURS =
  /^(?:red|blue|green|yellow|black|white|gold|silver|orange|purple|brown|gr[ae]y)$/i;

/** Words for a kind of fish: `Adolfo's catfish/corydoras` has this word twice and one name's rest. */
const KINDS: ReadonlySet<string> = new Set(
  `catfish cat cory corys corydoras tetra tetras cichlid cichlids barb barbs loach loaches pleco
  plecos danio danios rasbora rasboras gourami gouramis killifish killi goby gobies puffer
  pufferfish fish eel livebearer molly platy swordtail rainbowfish rainbow blue-eye shark minnow
  darter bichir knifefish hatchetfish pencilfish pacu piranha piranhas mouthbrooder mouth-brooder
  stingray gar perch bass sunfish crab oto syno squeaker angelfish discus severum acara betta
  labyrinthfish panchax lyretail guppy halfbeak half-beak gudgeon sleeper glassfish archerfish`
    .split(/\s+/),
);

/** What brackets may hold that is no name: `Flying fox (fish)`, `(juvenile)`, `(US)`. */
const REMARKS: ReadonlySet<string> = new Set(
  `fish fishes genus species family male female males females m f juvenile juveniles adult adults
  wild wild-type wildtype hybrid freshwater brackish marine usa us uk u.s. u.k. australia america
  asia africa europe india brazil peru colombia venezuela germany german japan japanese trade
  rare various sp sp. spp spp. animal disambiguation plural obsolete unofficial name names
  common disputed extinct captive-bred tank-raised line-bred ornamental aquarium variety form
  morph strain`.split(/\s+/),
);

const ALIAS =
  /^(?:(?:sometimes|also|often|usually|formerly|previously|or|and|aka|a\.k\.a\.|called|known|named|as|sold|i\.e\.|e\.g\.|in the trade|commonly)(?![\p{L}-])[:,]?\s*)+/iu;
/** Says where or how a name is used, and is none itself. */
const USAGE =
  /^(?:esp|especially|in|from|not|see|usually|mainly|chiefly|for|when|with)(?![\p{L}-])/iu;

/**
 * The common names in a cell, as the page spells and orders them, each once.
 *
 * Cells are split at line breaks, semicolons, commas, slashes, `or`, and at brackets that hold
 * another name, but not where a piece would be no name: `Figure 8 pufferfish`, `Head and tail light
 * tetra`, `Red, white and blue tetra` stay whole, and `Adolfo's catfish/corydoras` gives two whole
 * names. A trade number such as `L-046` is an entry of its own, in the page's spelling.
 *
 * @param cell The cell's text; `\n` where the page breaks the line.
 *
 * @example
 * ```ts
 * import { readCommonNames } from "./common_names.ts";
 *
 * console.log(readCommonNames("Sixray corydoras, false corydoras")); // two names
 * console.log(readCommonNames("Zebra pleco, L-046[3]")); // [ "Zebra pleco", "L-046" ]
 * ```
 */
export function readCommonNames(cell: string): string[] {
  const plain = withLatinLetters(withoutMarkup(tidy(cell.slice(0, MAX_CELL))));
  const text = tidy(dropFootnotes(plain).replace(/''+/g, ""))
    .replace(/[†‡*§]/g, "");
  if (isNothing(text)) return [];
  const names: string[] = [];
  const known = new Set<string>();
  for (const name of text.split(/[\n;•·|]/).flatMap(namesOfLine)) {
    const clean = trimmed(name);
    const key = fold(clean).replace(/[ -]/g, "");
    if (key === "" || known.has(key) || isNothing(clean)) continue;
    known.add(key);
    names.push(clean);
  }
  return names;
}

function namesOfLine(line: string): string[] {
  const { outside, inside } = bracketed(line);
  return [...split(outside), ...inside.flatMap(bracketNames)].flatMap(withCodes);
}

/** Takes brackets off. In front of a word they hold a part of the name, behind one something else. */
function bracketed(line: string): { readonly outside: string; readonly inside: string[] } {
  const inside: string[] = [];
  let outside = line;
  const bracket = /\(([^()]*)(?:\)|$)/;
  for (let found = bracket.exec(outside); found !== null; found = bracket.exec(outside)) {
    const held = (found[1] ?? "").trim();
    const before = outside.slice(0, found.index);
    const after = outside.slice(found.index + found[0].length);
    const opens = /(?:^|[,;/])\s*$/.test(before) && /^\s*[\p{L}\p{N}]/u.test(after);
    if (!opens) inside.push(held);
    outside = `${before} ${opens ? held : ""} ${after}`;
  }
  return { outside: outside.replace(/[()]/g, " ").replace(/ +/g, " ").replace(/ ,/g, ","), inside };
}

function bracketNames(held: string): string[] {
  return split(held).map((piece) => piece.replace(ALIAS, "").trim()).filter((piece) => {
    const words = piece.toLowerCase().split(/\s+/);
    if (piece === "" || USAGE.test(piece)) return false;
    if (isTradeCode(piece) || takeTradeCodes(piece).codes.length > 0) return true;
    if (words.every((word) => REMARKS.has(word) || COLOURS.has(word))) return false;
    if (REMARKS.has(words.at(-1) ?? "")) return false;
    return words.length > 1 || /^\p{Lu}\p{L}{3,}/u.test(piece);
  });
}

/** Splits at commas, slashes and `or`, but never inside a name. */
function split(text: string): string[] {
  const quoted: string[] = [];
  // What stands in quotation marks is not split; a private-use character keeps its place.
  const guarded = text.replace(
    /"[^"]*"/g,
    (part) => String.fromCharCode(0xe000 + quoted.push(part) - 1),
  );
  const restore = (part: string) =>
    part.replace(/[\ue000-\uf8ff]/g, (mark) => quoted[mark.charCodeAt(0) - 0xe000] ?? "");
  const commas = guarded.split(/\s*,\s*(?!\d)/);
  const whole = joined(commas).flatMap((part) => alternatives(part));
  return whole.map(restore);
}

/** Joins pieces again that are only the beginning of a name. */
function joined(pieces: readonly string[]): string[] {
  const names: string[] = [];
  let open = "";
  for (const [index, piece] of pieces.entries()) {
    const last = index === pieces.length - 1;
    const candidate = open === "" ? piece : `${open}, ${piece}`;
    if (!last && PLAIN_COLOURS.test(piece.trim())) open = candidate;
    else {
      names.push(candidate);
      open = "";
    }
  }
  return names;
}

function isColour(piece: string): boolean {
  const words = piece.trim().toLowerCase().split(/\s+/);
  return words.length === 1 && COLOURS.has(words[0] ?? "");
}

function alternatives(piece: string): string[] {
  const plain = piece.replace(/^(?:and|or|&)\s+/i, "");
  const parts = plain.split(
    /\s*\/\s*|\s+(?:or|aka|a\.k\.a\.|also known as|also called|syn\.)\s+|\s+=\s+/i,
  ).filter((part) => part.trim() !== "");
  if (parts.length < 2 || parts.slice(0, -1).some(isColour)) return [plain];
  return parts.map((part, index) => {
    const first = parts[0] ?? "";
    const alone = index > 0 && KINDS.has(part.toLowerCase()) && /\s/.test(first.trim());
    return alone ? first.trim().replace(/\S+$/, part) : part;
  });
}

/** `Zebra pleco L046` is a name and a number. */
function withCodes(name: string): string[] {
  const { rest, codes } = takeTradeCodes(name);
  return codes.length === 0 ? [name] : [rest.replace(/\b(?:and|&)\s*$/i, ""), ...codes];
}

function trimmed(name: string): string {
  const bare = name.replace(ALIAS, "").replace(/^[\s,.:;/&-]+|[\s,:;/&-]+$/g, "")
    .replace(/\s+/g, " ").replace(/^(?:and|or)$/i, "");
  const whole = /^"([^"]*)"$/.exec(bare)?.[1];
  return (whole ?? bare).trim();
}

function isNothing(name: string): boolean {
  return !/\p{L}/u.test(name) || /^(?:n\/?a|none|unknown|tba|tbd|-)$/i.test(name);
}
