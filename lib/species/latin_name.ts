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
  dropAuthorship,
  EPITHET,
  FAMILY,
  isAuthorship,
  isEnglishWord,
  LATIN_ENDING,
  NO_NAME,
  QUALIFIERS,
} from "./latin_words.ts";
import { dropAccents, dropFootnotes, excerpt, replaceBrackets, tidy } from "./name_text.ts";
import type { Rank } from "./species.ts";

/** What a Latin-name cell says. */
export interface LatinName {
  /** The cleaned name, for people; empty if the cell has none. */
  readonly latin: string;
  /** What the name stands for. */
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
}

/** One name out of a cell. */
interface Name {
  readonly latin: string;
  readonly rank: Rank;
  readonly search?: string;
  readonly reason?: string;
  /** The genus, if it is written in full. */
  readonly genus?: string;
}

const HYBRID = /\b(?:hybrids?|cross(?:es|breeds?)?|crossbred|interspecific|man-?made)\b/i;
/** Words before a synonym. */
const SYNONYM =
  /^(?:(?:also|formerly|previously|earlier|syn|synonyms?|was|were|ex|now|aka|a\.k\.a|old name|or|as)(?![\p{L}-])\.?|=)[:\s]*/iu;
/** What separates two names in one line. */
const BETWEEN_NAMES =
  /\s*[;,=]\s*|(?<!\bspp?\.?) -+ | \+ |\s*(?:(?<!\d)\/|\/(?!\d))\s*|:\s+|\s+(?:or|and|&|syn\.?|formerly|also|aka)\s+(?=\p{Lu}|\p{Ll}{4,}$)/u;
/** Ranks worth mentioning as a further name: more exact than a genus. */
const EXACT: ReadonlySet<Rank> = new Set(["species", "subspecies", "undescribed", "hybrid"]);
/** How many characters of a cell are read; the longest name of the list has 41. */
const MAX_CELL = 600;

/**
 * Reads a Latin-name cell.
 *
 * @param cell The cell's text with footnotes and all; `\n` for the page's line breaks.
 *
 * @example
 * ```ts
 * import { readLatinName } from "./latin_name.ts";
 *
 * console.log(readLatinName("Misgurnus anguillicaudatus[54]").latin); // Misgurnus anguillicaudatus
 * console.log(readLatinName("Ancistrus sp.").search); // Ancistrus
 * ```
 */
export function readLatinName(cell: string): LatinName {
  const text = cleanCell(cell.slice(0, MAX_CELL));
  const { rest, synonyms, ...brackets } = takeBrackets(text);
  const parts = splitNames(rest);
  const hybrid = brackets.hybrid || parts.some((part) => /^hybrids?$/i.test(part));
  const names: Name[] = [];
  for (const part of parts) {
    const name = readName(part, names[0]?.genus, hybrid);
    if (name !== undefined) names.push(name);
  }
  const best = mostExact(names);
  const others = names.filter((name) => name !== best);
  for (const synonym of synonyms) {
    const name = readName(synonym, best?.genus, false);
    if (name !== undefined) others.push(name);
  }
  const also = others.filter(({ rank }) => EXACT.has(rank)).map(nameInFull);
  if (best === undefined) {
    // `Neon tetra (Paracheirodon innesi)`: the brackets hold the only Latin name.
    const [held, ...further] = also;
    if (held !== undefined) return { ...readLatinName(held), also: further };
    return { latin: "", ...whyNameless(text, hybrid), also };
  }
  const { latin, rank, search, reason = `“${latin}” cannot be searched` } = best;
  return {
    latin,
    rank,
    ...(search === undefined ? { reason } : { search }),
    also: [...new Set(also)].filter((name) => name !== latin),
  };
}

function nameInFull({ rank, latin, search }: Name): string {
  return rank === "species" || rank === "subspecies" ? search ?? latin : latin;
}

function whyNameless(
  text: string,
  hybrid: boolean,
): { readonly rank: Rank; readonly reason: string } {
  const shown = `“${excerpt(text)}”`;
  if (hybrid || HYBRID.test(text)) {
    return { rank: "hybrid", reason: `the Latin-name cell says ${shown} and names no parents` };
  }
  const reason = text === "" ? "the row has no Latin name" : `${shown} is not a Latin name`;
  return { rank: "unknown", reason };
}

function mostExact(names: readonly Name[]): Name | undefined {
  const level = ({ search, rank }: Name) =>
    search === undefined ? 3 : EXACT.has(rank) ? 0 : rank === "genus" ? 1 : 2;
  return names.toSorted((one, other) => level(one) - level(other))[0];
}

/** The cell without footnotes and editorial marks, with straight quotes and single dashes. */
function cleanCell(cell: string): string {
  return tidy(dropFootnotes(tidy(cell)).replace(/''+/g, " ").replace(/[†‡*§¶?!_|]/g, " "))
    .replace(/(^|[\s(])'([^'\n]+)'(?=$|[\s,.;/)])/g, '$1"$2"')
    .replace(/" *([^"\n]*?) *"/g, '"$1"')
    .replace(/[‐‑‒–—]/g, "-")
    .replace(/^[-.,;:\s]+$/, "")
    // A line break between genus and epithet.
    .replace(/(^|× |\()(\p{Lu}[\p{Ll}-]+)\n(?=\p{Ll})/gu, "$1$2 ");
}

/** Takes off brackets, which hold authors, synonyms, subgenera, crosses, remarks. */
function takeBrackets(
  text: string,
): { readonly rest: string; readonly synonyms: readonly string[]; readonly hybrid: boolean } {
  const synonyms: string[] = [];
  let hybrid = false;
  // Brackets around everything, as around the hybrids of the list, hold the name itself.
  const bare = text.replace(/^\(([^()]*(?:\([^()]*\)[^()]*)*)\)$/, "$1").trim();
  const rest = replaceBrackets(bare, (held, before) => {
    if (/^hybrids?$/i.test(held)) hybrid = true;
    else if (isPartOfName(held, before)) return held;
    else if (isSynonym(held)) {
      const names = held.replace(SYNONYM, "").split(/[,;/]| or | and /);
      synonyms.push(...names.map((name) => name.trim()));
    }
    return "";
  });
  return { rest, synonyms, hybrid };
}

/** Whether the text in brackets is the name itself, or a trade name after `sp.`. */
function isPartOfName(held: string, before: string): boolean {
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
    .flatMap((line) => dropAuthorship(line).split(BETWEEN_NAMES))
    .map((part) => dropAuthorship(part).replace(SYNONYM, "").trim())
    .filter((part) => part !== "");
}

/** Reads one name without author and brackets. */
function readName(
  text: string,
  genusBefore: string | undefined,
  hybrid: boolean,
): Name | undefined {
  const crossed = text.replace(/\s*×\s*/g, " × ").replace(/(?<=\S) [xX] (?=\S)/g, " × ")
    .replace(/^[xX] (?=\p{Lu}\p{Ll}{2})/u, "× ").trim();
  if (crossed.includes("×")) return readCross(crossed, genusBefore);
  // `Betta Splendens` and `BETTA SPLENDENS`, as people type them.
  const lower = crossed.toLowerCase();
  const capped = /^\p{Lu}\p{L}+ \p{Lu}\p{L}{3,}$/u.test(crossed) && LATIN_ENDING.test(lower);
  const words = splitWords(capped ? lower : crossed);
  // The second of two epithets, as in `Pterophyllum scalare/altum`.
  const [epithet = "", ...others] = words;
  const bare = others.length === 0 && EPITHET.test(epithet) && !isEnglishWord(epithet);
  return readWords(bare && genusBefore ? [genusBefore, epithet] : words, genusBefore, hybrid);
}

/** `Genus one × Genus two`, `Genus one × two`, `Genus × hybrida`, `× Genus`. */
function readCross(text: string, genusBefore: string | undefined): Name | undefined {
  const [head = "", ...others] = text.split("×").map((part) => part.trim())
    .filter((part) => part !== "");
  const first = readWords(splitWords(head), genusBefore, false);
  if (first === undefined) return undefined;
  const parents = others.map((part) => {
    const parent = EPITHET.test(part) ? undefined : readWords(splitWords(part), first.genus, false);
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

/** The words of a name; a trade name in quotation marks is one word and keeps them. */
function splitWords(text: string): string[] {
  // Quotation marks around the first word or the full name do not mark a trade name.
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
  const [head, ...rest] = words;
  if (head === undefined) return undefined;
  const abbreviated = /^\p{Lu}\p{Ll}{0,2}\.$/u.test(head);
  const initial = head.slice(0, -1);
  const genus = !abbreviated
    ? readGenus(head, rest, genusBefore)
    : genusBefore?.startsWith(initial)
    ? genusBefore
    : undefined;
  if (genus === undefined && !abbreviated) return undefined;
  const below = readBelowGenus(rest);
  if (below === undefined) return undefined;
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

function readBelowGenus(rest: readonly string[]): BelowGenus | undefined {
  const shown: string[] = [];
  const epithets: string[] = [];
  const qualifiers = new Set<string>();
  const trade: string[] = [];
  let hybrid = false;
  for (const [index, word] of rest.entries()) {
    const key = keyOf(word);
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
      trade.push(word.replace(/[,;:]+$/, ""));
      shown.push(word.replace(/[,;:]+$/, ""));
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
