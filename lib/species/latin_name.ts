/**
 * Latin names as people write them into tables: cleaned, ranked, and made ready for a search.
 *
 * One cell may hold more than one name: a synonym in brackets, an alternative after a slash, the
 * family above. The first of the most exact names counts; the others go into `also`.
 *
 * @module
 */

import {
  BELOW_SPECIES,
  CAPPED_EPITHET,
  dropAuthorship,
  EPITHET,
  FAMILY,
  isAuthorship,
  isEnglishWord,
  LATIN_ENDING,
  NO_NAME,
  QUALIFIERS,
} from "./latin_words.ts";
import {
  dropAccents,
  dropFootnotes,
  excerpt,
  isTradeCode,
  normalTradeCode,
  stripMarkup,
  takeTradeCodes,
  tidy,
} from "./name_text.ts";
import type { Rank } from "./species.ts";

/** What a Latin-name cell says. */
export interface LatinName {
  /** The cleaned name, for people; empty if the cell has none. */
  readonly latin: string;
  /** How exactly `latin` says what it is. */
  readonly rank: Rank;
  /**
   * What to type into a search: the genus if only the genus is known, the name without `var.` and
   * `subsp.` for what is below a species, else the name itself. Trade names keep their quotation
   * marks: a search for `Labidochromis sp. "Hongi"` must contain the word Hongi, which a search for
   * the genus would not.
   */
  readonly search?: string;
  /** Why there is nothing to search by; present exactly when `search` is absent. */
  readonly reason?: string;
  /** Further Latin names in the cell: synonyms, alternatives. */
  readonly also: readonly string[];
  /** Trade numbers beside a described species, as they are spelt: `L-046`. */
  readonly codes: readonly string[];
}

/** One name out of a cell. */
interface Name {
  readonly latin: string;
  readonly rank: Rank;
  readonly search?: string;
  readonly reason?: string;
  /** The genus, if it is written in full. */
  readonly genus?: string;
  readonly codes?: readonly string[];
}

const HYBRID = /\b(?:hybrids?|cross(?:es|breeds?)?|crossbred|interspecific|man-?made)\b/i;
/** Words before a synonym. */
const SYNONYM =
  /^(?:(?:also|formerly|previously|earlier|syn|synonyms?|was|were|ex|now|aka|a\.k\.a|old name|or|as)(?![\p{L}-])\.?|=)[:\s]*/iu;
const LABEL =
  /^(?:(?:family|order|subfamily|tribe|genus|scientific name|latin name|species)\s*:|(?:family|order|subfamily|tribe|genus)\s(?=\p{Lu}))\s*/iu;
/** What separates two names in one line. */
const BETWEEN_NAMES =
  /\s*[;,=]\s*|(?<!\bspp?\.?) -+ | \+ |\s*(?:(?<!\d)\/|\/(?!\d))\s*|:\s+|\s+(?:or|and|&|syn\.?|formerly|also|aka)\s+(?=\p{Lu}|\p{Ll}{4,}$)/u;
/** The Red List's category after a name. */
const RED_LIST = / (?:LC|NT|VU|EN|CR|EW|EX|DD|NE)$/;

/** Ranks worth mentioning as a further name: more exact than a genus. */
const EXACT: ReadonlySet<Rank> = new Set(["species", "subspecies", "undescribed", "hybrid"]);
/** How many characters of a cell are read; the longest name of the list has 41. */
const MAX_CELL = 600;

/**
 * Reads a Latin-name cell.
 *
 * @param cell The cell's text with footnotes and all; `\n` for the page's line breaks.
 * @param titles The titles of the cell's links. They are used only if they spell the same name in
 * full: `Corydoras paleatus` for `CorydorasPaleatus` or `C. paleatus`.
 *
 * @example
 * ```ts
 * import { readLatinName } from "./latin_name.ts";
 *
 * console.log(readLatinName("Misgurnus anguillicaudatus[54]").latin); // Misgurnus anguillicaudatus
 * console.log(readLatinName("Ancistrus sp.").search); // Ancistrus
 * ```
 */
export function readLatinName(cell: string, titles: readonly string[] = []): LatinName {
  const text = spellLikeTitle(cleanCell(cell.slice(0, MAX_CELL)), titles);
  const { rest, synonyms, codes, ...brackets } = takeBrackets(text);
  const parts = splitNames(rest);
  const hybrid = brackets.hybrid || parts.some((part) => /^hybrids?$/i.test(part));
  const names: Name[] = [];
  for (const part of parts) {
    const name = readPart(part, names[0]?.genus, hybrid);
    if (name !== undefined) names.push(name);
    else if (isTradeCode(part)) codes.push(part);
  }
  const best = mostExact(names);
  const others = names.filter((name) => name !== best);
  for (const synonym of synonyms) {
    const name = readPart(synonym, best?.genus, false);
    if (name !== undefined) others.push(name);
  }
  const also = others.filter(({ rank }) => EXACT.has(rank)).map(nameInFull);
  if (best === undefined) {
    // `Neon tetra (Paracheirodon innesi)`: the brackets hold the only Latin name.
    const [held, ...further] = also;
    if (held !== undefined) return { ...readLatinName(held), also: further, codes };
    return { latin: "", ...whyNameless(text, hybrid, codes), also, codes };
  }
  const { latin, rank, search, reason = `“${latin}” cannot be searched` } = best;
  return {
    latin,
    rank,
    ...(search === undefined ? { reason } : { search }),
    also: [...new Set(also)].filter((name) => name !== latin),
    codes: [...codes, ...best.codes ?? []],
  };
}

/** The name without `var.` and with its genus in full. */
function nameInFull({ rank, latin, search }: Name): string {
  return rank === "species" || rank === "subspecies" ? search ?? latin : latin;
}

function whyNameless(
  text: string,
  hybrid: boolean,
  codes: readonly string[],
): { readonly rank: Rank; readonly reason: string } {
  const shown = `“${excerpt(text)}”`;
  if (hybrid || HYBRID.test(text)) {
    return { rank: "hybrid", reason: `the Latin-name cell says ${shown} and names no parents` };
  }
  if (text === "") return { rank: "unknown", reason: "the row has no Latin name" };
  const reason = codes.length === 0
    ? `${shown} is not a Latin name`
    : `the Latin-name cell holds the trade number ${codes.join(", ")} and no Latin name`;
  return { rank: "unknown", reason };
}

function mostExact(names: readonly Name[]): Name | undefined {
  const level = ({ search, rank }: Name) =>
    search === undefined ? 3 : EXACT.has(rank) ? 0 : rank === "genus" ? 1 : 2;
  return names.toSorted((one, other) => level(one) - level(other))[0];
}

/** The cell without footnotes and editorial marks, with straight quotes and single dashes. */
function cleanCell(cell: string): string {
  const text = dropFootnotes(stripMarkup(tidy(cell)));
  return tidy(text.replace(/''+/g, " ").replace(/[†‡*§¶#°™®?!_~|♀♂]/g, " "))
    .replace(/(^|[\s(])'([^'\n]+)'(?=$|[\s,.;/)])/g, '$1"$2"')
    .replace(/" *([^"\n]*?) *"/g, '"$1"')
    .replace(/[‐‑‒–—]/g, "-")
    .replace(/^[-.,;:\s]+$/, "")
    // A line break between genus and epithet.
    .replace(/(^|× |\()(\p{Lu}[\p{Ll}-]+)\n(?=\p{Ll})/gu, "$1$2 ")
    // Lost spaces: `cf.aeneus`, `sp."Hongi"`, `C.aeneus`.
    .replace(/(?<!\S)(?:spp?|cf|aff|var|s?subsp|ssp|nov|n)\.(?=[^\s.])/g, "$& ")
    .replace(/(?<!\S)\p{Lu}\.(?=\p{Ll}{3})/gu, "$& ")
    .replace(/ (?:sensu (?:lato|stricto)|s\. ?(?:l|s|str|lat)\.|auct\.)(?=$|[\s,;)])/g, "")
    .replace(RED_LIST, "");
}

/** Takes a link's title if it is the same name with a lost space or the genus in full. */
function spellLikeTitle(text: string, titles: readonly string[]): string {
  const squeeze = (name: string) => name.replace(/\s+/g, "").toLowerCase();
  for (const given of titles) {
    const title = tidy(given).replace(/ \(page does not exist\)$/, "").replace(/_/g, " ");
    if (!/^\p{Lu}\p{Ll}+ \p{Ll}[\p{Ll}-]+(?: \p{Ll}[\p{Ll}-]+)?$/u.test(title)) continue;
    if (!/\s/.test(text) && squeeze(title) === squeeze(text)) return title;
    const [, initial, below] = /^(\p{Lu}\p{Ll}{0,2})\. ?(\p{Ll}.*)$/u.exec(text) ?? [];
    if (initial === undefined || below === undefined) continue;
    const [genus = "", ...epithets] = title.split(" ");
    if (genus.startsWith(initial) && below.startsWith(epithets.join(" "))) {
      return `${genus} ${below}`;
    }
  }
  return text;
}

/** Brackets hold authors, synonyms, subgenera, crosses, trade numbers, remarks. */
interface Brackets {
  /** The text without brackets, but with those of their words that belong to the name. */
  readonly rest: string;
  readonly synonyms: string[];
  readonly codes: string[];
  readonly hybrid: boolean;
}

function takeBrackets(text: string): Brackets {
  const synonyms: string[] = [];
  const codes: string[] = [];
  let hybrid = false;
  // Brackets around everything, as around the hybrids of the list, hold the name itself.
  let rest = text.replace(/^\(([^()]*(?:\([^()]*\)[^()]*)*)\)$/, "$1").trim();
  const bracket = /\(([^()]*)(?:\)|$)/;
  for (let found = bracket.exec(rest); found !== null; found = bracket.exec(rest)) {
    const held = (found[1] ?? "").trim();
    const before = rest.slice(0, found.index);
    let kept = " ";
    if (/^hybrids?$/i.test(held)) hybrid = true;
    else if (isTradeCode(held) || isPartOfName(held, before)) kept = ` ${held} `;
    else if (isSynonym(held)) {
      const names = held.replace(SYNONYM, "").split(/[,;/]| or | and /);
      synonyms.push(...names.map((name) => name.trim()));
    } else codes.push(...takeTradeCodes(held).codes);
    rest = `${before}${kept}${rest.slice(found.index + found[0].length)}`;
  }
  rest = rest.replace(/[()]/g, " ").replace(/[^\S\n]+/g, " ").trim();
  return { rest, synonyms, codes, hybrid };
}

/** Whether the text in brackets is a cross, a qualifier, a trade name or the name itself. */
function isPartOfName(held: string, before: string): boolean {
  if (/×| [xX] /.test(held) || /^"[^"]+"$/.test(held)) return true;
  if (/^(?:cf|aff|sp|spp|var|subsp|ssp)\b\.?/i.test(held)) return true;
  if (isAuthorship(held)) return false;
  if (before.trim() === "") return /^\p{L}{3,} \p{Ll}{3,}$/u.test(held);
  return /\bspp?\.? *$/i.test(before) && /^[\p{Lu}\p{N}]/u.test(held) && !SYNONYM.test(held);
}

function isSynonym(held: string): boolean {
  if (isAuthorship(held)) return false;
  return SYNONYM.test(held) || /^\p{Lu}(?:\p{Ll}{2,} |\. ?)\p{Ll}{3,}/u.test(held);
}

/** The names in a cell, each without author and year. */
function splitNames(text: string): string[] {
  return text.split("\n")
    .flatMap((line) => dropAuthorship(line.replace(LABEL, "")).split(BETWEEN_NAMES))
    .map((part) => dropAuthorship(part).replace(SYNONYM, "").trim())
    .filter((part) => part !== "");
}

function readPart(part: string, genusBefore: string | undefined, hybrid: boolean) {
  const { rest, codes } = takeTradeCodes(part);
  const name = readName(rest, genusBefore, hybrid);
  const [code] = codes;
  if (code === undefined || name === undefined) return name;
  if (name.rank !== "genus" && name.rank !== "undescribed") return { ...name, codes };
  // Without a described species the trade number is part of the name: `Hypancistrus sp. L333`.
  const numbered = part.trim().startsWith(code)
    ? `${rest} ${normalTradeCode(code)}`
    : codes.reduce((text, each) => text.replace(each, normalTradeCode(each)), part);
  return readName(numbered, genusBefore, hybrid) ?? name;
}

/**
 * Reads one name without author and brackets.
 *
 * @param genusBefore The genus named before it in the same cell, for `C. aeneus` after it.
 * @param hybrid Whether the cell says that it is a hybrid.
 */
function readName(
  text: string,
  genusBefore: string | undefined,
  hybrid: boolean,
): Name | undefined {
  const crossed = text.replace(/\s*×\s*/g, " × ").replace(/(?<=\S) [xX] (?=\S)/g, " × ")
    .replace(/^[xX] (?=\p{Lu}\p{Ll}{2})/u, "× ").trim();
  if (crossed.includes("×")) return readCross(crossed, genusBefore);
  const words = splitWords(lowerCapitals(crossed));
  const [genus = "", epithet = ""] = words;
  const capped = CAPPED_EPITHET.test(epithet) ||
    /^\p{Lu}{4,}$/u.test(epithet) && LATIN_ENDING.test(epithet.toLowerCase());
  if (words.length === 2 && /^\p{L}\p{Ll}+$/u.test(genus) && capped) {
    return readWords([genus, epithet.toLowerCase()], genusBefore, hybrid);
  }
  // The second of two epithets, as in `Pterophyllum scalare/altum`.
  if (
    words.length === 1 && genusBefore !== undefined && EPITHET.test(genus) && !isEnglishWord(genus)
  ) return readWords([genusBefore, genus], genusBefore, hybrid);
  return readWords(words, genusBefore, hybrid);
}

/** `Genus one × Genus two`, `Genus one × two`, `Genus × hybrida`, `× Genus`. */
function readCross(text: string, genusBefore: string | undefined): Name | undefined {
  const [head = "", ...others] = text.split("×").map((part) => part.trim())
    .filter((part) => part !== "");
  const first = readWords(splitWords(lowerCapitals(head)), genusBefore, false);
  if (first === undefined) return undefined;
  const parents = others.map((part) => {
    const parent = EPITHET.test(part)
      ? undefined
      : readWords(splitWords(lowerCapitals(part)), first.genus, false);
    return parent ?? { latin: part, search: part };
  });
  const sign = others.length === 0 ? "× " : "";
  return {
    ...first,
    latin: sign + [first, ...parents].map(({ latin }) => latin).join(" × "),
    rank: "hybrid",
    search: [first, ...parents].map(({ latin, search }) => search ?? latin).join(" × "),
  };
}

/** A name all in capitals in the usual letters; trade names in quotation marks stay. */
function lowerCapitals(text: string): string {
  const unquoted = text.replace(/"[^"]*"/g, "").replace(/\b(?:SP|SPP|CF|AFF)\b\.?/g, "");
  if (/\p{Ll}/u.test(unquoted) || !/^\p{Lu}{3,}/u.test(unquoted.trim())) return text;
  return text.replace(/"[^"]*"|[^"]+/g, (part) => part.startsWith('"') ? part : part.toLowerCase())
    .replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
}

/** The words of a name; a trade name in quotation marks is one word and keeps them. */
function splitWords(text: string): string[] {
  // Quotation marks around the first word or the whole name are no trade name's.
  return text.replace(/^\s*"([^"]*)"/, "$1").match(/"[^"]*"|[^\s"]+/g)?.map(dropTail)
    .filter((word) => /[\p{L}\p{N}]/u.test(word)) ?? [];
}

/** An epithet without the full stop or the footnote's number at its end: `splendens1.` */
function dropTail(word: string): string {
  const [, bare = word] = /^(\p{Ll}{4,}?)(?:\d{1,3})?\.?$/u.exec(word) ?? [];
  return QUALIFIERS.has(bare) ? word : bare;
}

function readWords(
  words: readonly string[],
  genusBefore: string | undefined,
  hybrid: boolean,
): Name | undefined {
  const { start, qualifier } = skipOpeners(words);
  const head = words[start];
  if (head === undefined) return undefined;
  const rest = words.slice(start + 1);
  const abbreviated = /^\p{Lu}\p{Ll}{0,2}\.$/u.test(head);
  const initial = head.slice(0, -1);
  const genus = !abbreviated
    ? readGenus(head, rest, genusBefore)
    : genusBefore?.startsWith(initial)
    ? genusBefore
    : undefined;
  if (genus === undefined && !abbreviated) return undefined;
  const below = readBelowGenus(rest, head.slice(0, 1).toUpperCase());
  if (below === undefined) return undefined;
  if (qualifier !== undefined) {
    below.qualifiers.add(qualifier);
    below.shown.unshift(qualifier);
  }
  // A cross must not be taken for its parent of the same name.
  if (hybrid && !below.hybrid) below.shown.push("hybrid");
  const latin = [genus ?? head, ...below.shown].join(" ");
  if (genus === undefined) {
    if (below.epithets.length === 0) return undefined;
    return { latin, rank: "unknown", reason: `“${latin}” does not give its genus in full` };
  }
  const rank = rankOf(genus, below, hybrid || below.hybrid);
  const searched = below.epithets.length === 0
    ? below.shown
    : below.shown.filter((word) => !BELOW_SPECIES.test(word));
  const search = rank === "genus" ? genus : [genus, ...searched].join(" ");
  return { latin, rank, search: dropAccentsOutsideQuotes(search), genus };
}

/** Databases of Latin names have no accents. */
function dropAccentsOutsideQuotes(name: string): string {
  return name.replace(
    /"[^"]*"|[^"]+/g,
    (part) => part.startsWith('"') ? part : dropAccents(part),
  );
}

/** Skips words before the name, such as `various`, a family and `cf.`. */
function skipOpeners(words: readonly string[]): { start: number; qualifier?: string } {
  let qualifier: string | undefined;
  let start = 0;
  for (; start < words.length; start++) {
    const word = words[start] ?? "";
    const next = words[start + 1] ?? "";
    const key = keyOf(word);
    const english = NO_NAME.has(key) && /^\p{Lu}\p{Ll}{3,}$/u.test(next) &&
      !NO_NAME.has(keyOf(next));
    if ((key === "cf" || key === "aff") && /^\p{Lu}/u.test(next)) qualifier = `${key}.`;
    else if (!english && !(FAMILY.test(word) && /^\p{Lu}\p{Ll}+$/u.test(next))) break;
  }
  return qualifier === undefined ? { start } : { start, qualifier };
}

function keyOf(word: string): string {
  return word.toLowerCase().replace(/[.:,]+$/, "");
}

/** The genus in its usual spelling, or nothing if the word cannot be one. */
function readGenus(
  head: string,
  rest: readonly string[],
  genusBefore: string | undefined,
): string | undefined {
  const word = head.replace(/[.,:]+$/, "");
  const key = word.toLowerCase();
  if (!/^\p{L}{3,}(?:-\p{L}+)*$/u.test(word) || NO_NAME.has(key) || QUALIFIERS.has(key)) {
    return undefined;
  }
  const genus = word.slice(0, 1).toUpperCase() + word.slice(1);
  if (/^\p{Lu}/u.test(word)) return genus.slice(0, 1) + genus.slice(1).toLowerCase();
  const [next] = rest;
  if (next === undefined || genusBefore !== undefined) return undefined;
  const follows = EPITHET.test(next) && !NO_NAME.has(keyOf(next)) || QUALIFIERS.has(keyOf(next));
  return follows ? genus : undefined;
}

/** The words after the genus. */
interface BelowGenus {
  /** All of them as they are shown. */
  readonly shown: string[];
  readonly epithets: string[];
  readonly qualifiers: Set<string>;
  /** Trade names, localities and numbers. */
  readonly trade: string[];
  readonly hybrid: boolean;
}

/** Reads the words after the genus; `initial` is the genus' first letter, as in `cf. C. aeneus`. */
function readBelowGenus(rest: readonly string[], initial: string): BelowGenus | undefined {
  const shown: string[] = [];
  const epithets: string[] = [];
  const qualifiers = new Set<string>();
  const trade: string[] = [];
  let hybrid = false;
  for (const [index, word] of rest.entries()) {
    const key = keyOf(word);
    if (word === `${initial}.` || /^(?:complex|group|species-group)$/.test(key)) continue;
    const qualifier = QUALIFIERS.get(key);
    const dotted = word.endsWith(".") || key.length > 1;
    const afterRank = BELOW_SPECIES.test(shown.at(-1) ?? "");
    if (/^hybrids?$/.test(key)) {
      hybrid = true;
      shown.push("hybrid");
    } else if (qualifier !== undefined && dotted && /^\p{Ll}/u.test(word) && trade.length === 0) {
      const plural = key === "species" && index === 0 && rest.length === 1;
      qualifiers.add(plural ? "spp." : qualifier);
      shown.push(plural ? "spp." : qualifier);
    } else if (NO_NAME.has(key) && epithets.some((epithet) => LATIN_ENDING.test(epithet))) {
      // `Betta splendens is kept alone` ends here, `Cyprinus carpio var. koi` does not.
      if (!afterRank) break;
      trade.push(word);
      shown.push(word);
    } else if (EPITHET.test(word) && trade.length === 0) {
      if (isEnglishWord(key)) return undefined;
      // A word after the epithet that is not Latin names a form: `Corydoras aeneus albino`.
      const form = epithets.length > 0 && !LATIN_ENDING.test(word) && !afterRank;
      (form ? trade : epithets).push(word);
      shown.push(word);
    } else {
      const bare = isTradeCode(word) ? word : word.replace(/[,;:]+$/, "");
      trade.push(bare);
      shown.push(bare);
    }
  }
  if (epithets.length > 3 || shown.length > 10) return undefined;
  // `Siamese Fighting Fish` is a common name, not a genus with a trade name.
  const bareGenus = epithets.length === 0 && qualifiers.size === 0;
  if (bareGenus && trade.some((word) => isEnglishWord(word.toLowerCase()))) return undefined;
  return { shown, epithets, qualifiers, trade, hybrid };
}

function rankOf(genus: string, below: BelowGenus, hybrid: boolean): Rank {
  const { epithets, qualifiers, trade } = below;
  if (hybrid) return "hybrid";
  if (["cf.", "aff.", "nr.", "gr."].some((open) => qualifiers.has(open))) return "undescribed";
  if (FAMILY.test(genus)) return qualifiers.size + trade.length > 1 ? "undescribed" : "unknown";
  if (epithets.length === 0 || qualifiers.has("sp.") || qualifiers.has("spp.")) {
    return trade.length > 0 || epithets.length > 0 ? "undescribed" : "genus";
  }
  return epithets.length > 1 ? "subspecies" : "species";
}
