/**
 * Latin names as people write them into tables: cleaned, ranked, and told how to search.
 *
 * One cell may hold more than one name: a synonym in brackets, an alternative behind a slash, the
 * family above. The first name that says most exactly what the fish is counts, the others are
 * given beside it.
 *
 * @module
 */

import { dropAuthorship } from "./authorship.ts";
import { SYNONYM, withoutBrackets } from "./latin_brackets.ts";
import { readOneName } from "./latin_words.ts";
import type { OneName } from "./latin_words.ts";
import { dropFootnotes, tidy, withLatinLetters, withoutMarkup } from "./name_text.ts";
import type { Rank } from "./species.ts";
import { isTradeCode, takeTradeCodes, tradeCode } from "./trade_code.ts";

/** What a Latin-name cell says. */
export interface LatinName {
  /** The cleaned name, for people; empty where the cell has none. */
  readonly latin: string;
  /** How exactly `latin` says what the fish is. */
  readonly rank: Rank;
  /**
   * What to type into a search: the genus where only the genus is known, the name without `var.`
   * and `subsp.` for what is below a species, else the name itself. Trade names stay in their
   * quotation marks: `Labidochromis sp. "Hongi"` as a search must contain the word Hongi, which the
   * genus alone would not.
   */
  readonly search?: string;
  /** Why there is nothing to search by; present exactly when `search` is absent. */
  readonly reason?: string;
  /** Further Latin names in the cell: synonyms, alternatives. */
  readonly also: readonly string[];
  /** Trade numbers that stood with a described species, as written: `L-046`. */
  readonly codes: readonly string[];
}

const HYBRID = /\b(?:hybrids?|cross(?:es|breeds?)?|crossbred|interspecific|man-?made)\b/i;
/** `Hybrid of A and B`: the words before the parents. */
const HYBRID_OF = /^.*?\b(?:hybrids?|cross(?:es|breeds?)?) (?:of |between |from )?(?=\p{Lu})/iu;

/** What is worth telling as a further name: more than a genus. */
const EXACT: ReadonlySet<Rank> = new Set(["species", "subspecies", "undescribed", "hybrid"]);
/** The most characters of a cell that are read; the longest name of the list has 41. */
const MAX_CELL = 600;

/**
 * Reads a Latin-name cell.
 *
 * @param cell The cell's text, footnotes and all; `\n` where the page breaks the line.
 * @param titles The titles of the cell's links. They are believed only where they spell the same
 * name: `CorydorasPaleatus` with a lost space, `C. paleatus` with a genus cut short.
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
  const text = mended(withoutMarks(cell.slice(0, MAX_CELL)), titles);
  const { rest, synonyms, codes, ...brackets } = withoutBrackets(text);
  const crossed = HYBRID_OF.test(rest);
  const found = pieces(crossed ? parents(rest) : rest);
  const hybrid = brackets.hybrid || crossed || found.some((piece) => /^hybrids?$/i.test(piece));
  const names: OneName[] = [];
  for (const piece of found) {
    const name = readPiece(piece, names[0]?.genus, hybrid);
    if (name !== undefined) names.push(name);
    else if (isTradeCode(piece)) codes.push(piece);
  }
  const best = bestOf(names);
  const also = names.filter((name) => name !== best && EXACT.has(name.rank))
    .map((name) => expanded(name));
  for (const synonym of synonyms) {
    const name = readPiece(synonym, best?.genus, false);
    if (name !== undefined && EXACT.has(name.rank)) also.push(expanded(name));
  }
  // `Neon tetra (Paracheirodon innesi)`: the brackets hold the only Latin name.
  if (best === undefined && also[0] !== undefined) {
    return { ...readLatinName(also[0]), also: also.slice(1), codes };
  }
  if (best === undefined) return nameless(text, hybrid, also, codes);
  const taken = new Set([best.latin]);
  return {
    latin: best.latin,
    rank: best.rank,
    ...(best.search === undefined
      ? { reason: best.reason ?? `“${best.latin}” cannot be searched` }
      : { search: best.search }),
    also: also.filter((name) => !taken.has(name) && taken.add(name)),
    codes: [...codes, ...best.codes],
  };
}

/** `Hybrid of A and B` as `A × B`. */
function parents(text: string): string {
  return `${text.replace(HYBRID_OF, "").replace(/ (?:and|&|with|by) (?=\p{Lu})/gu, " × ")} `;
}

/** The name with its genus in full: what `also` lists. */
function expanded(name: OneName): string {
  return name.rank === "species" || name.rank === "subspecies"
    ? name.search ?? name.latin
    : name.latin;
}

function nameless(
  text: string,
  hybrid: boolean,
  also: readonly string[],
  codes: readonly string[],
): LatinName {
  if (hybrid || HYBRID.test(text)) {
    const reason = `the Latin-name cell says “${short(text)}” and names no parents`;
    return { latin: "", rank: "hybrid", reason, also, codes };
  }
  const reason = text === ""
    ? "the row has no Latin name"
    : codes.length > 0
    ? `the Latin-name cell holds the trade number ${codes.join(", ")} and no Latin name`
    : `“${short(text)}” is not a Latin name`;
  return { latin: "", rank: "unknown", reason, also, codes };
}

function short(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length <= 80 ? line : `${line.slice(0, 79)}…`;
}

/** The cell without footnotes and editorial marks, with quotation marks of one kind. */
function withoutMarks(cell: string): string {
  const text = withLatinLetters(dropFootnotes(withoutMarkup(tidy(cell))));
  return tidy(text.replace(/''+/g, " ").replace(/[†‡*§¶#°™®?!_~|♀♂]/g, " "))
    .replace(/(^|[\s(])'([^'\n]+)'(?=$|[\s,.;/)])/g, '$1"$2"')
    .replace(/" *([^"\n]*?) *"/g, '"$1"')
    .replace(/[‐‑‒–—]/g, "-")
    .replace(/^[-.,;:\s]+$/, "")
    // A line that ends with the genus goes on with the epithet.
    .replace(/(^|× |\()(\p{Lu}[\p{Ll}-]+)\n(?=\p{Ll})/gu, "$1$2 ")
    // Lost spaces: `cf.aeneus`, `sp."Hongi"`, `C.aeneus`.
    .replace(/(?<!\S)(?:spp?|cf|aff|var|s?subsp|ssp|nov|n)\.(?=[^\s.])/g, "$& ")
    .replace(/(?<!\S)\p{Lu}\.(?=\p{Ll}{3})/gu, "$& ")
    .replace(/ (?:sensu (?:lato|stricto)|s\. ?(?:l|s|str|lat)\.|auct\.)(?=$|[\s,;)])/g, "")
    .replace(STATUS, "");
}

/** The red list's mark behind a name, as some lists have it. */
const STATUS = / (?:LC|NT|VU|EN|CR|EW|EX|DD|NE)$/;

/** Believes a link's title where it is the same name, better spelt. */
function mended(text: string, titles: readonly string[]): string {
  const compact = (name: string) => name.replace(/[\s\u200b]+/g, "").toLowerCase();
  for (const raw of titles) {
    const title = tidy(raw).replace(/ \(page does not exist\)$/, "").replace(/_/g, " ");
    if (!/^\p{Lu}\p{Ll}+ \p{Ll}[\p{Ll}-]+(?: \p{Ll}[\p{Ll}-]+)?$/u.test(title)) continue;
    if (!/\s/.test(text) && compact(title) === compact(text)) return title;
    const cut = /^(\p{Lu}\p{Ll}{0,2})\. ?(\p{Ll}.*)$/u.exec(text);
    if (cut?.[1] === undefined || cut[2] === undefined) continue;
    const [genus = "", ...epithets] = title.split(" ");
    if (genus.startsWith(cut[1]) && cut[2].startsWith(epithets.join(" "))) {
      return `${genus} ${cut[2]}`;
    }
  }
  return text;
}

/** `Several species of the genus Corydoras`: the words before the genus. */
const SPECIES_OF =
  /^(?:\p{L}+ )?(?:species|fish|fishes|members|representatives) (?:of|in|from) (?:the )?(?:genus |genera )?(?=\p{Lu})/iu;

/** The names of a cell, one by one, each without author and year. */
function pieces(text: string): string[] {
  const found: string[] = [];
  for (const line of text.split("\n")) {
    const named = line.replace(
      /^(?:(?:family|order|subfamily|tribe|genus|scientific name|latin name|species)\s*:|(?:family|order|subfamily|tribe|genus)\s(?=\p{Lu}))\s*/iu,
      "",
    ).replace(SPECIES_OF, "");
    const bare = dropAuthorship(named);
    const parts = bare.split(
      /\s*[;,=]\s*|(?<!\bspp?\.?) -+ | \+ |\s*(?:(?<!\d)\/|\/(?!\d))\s*|:\s+|\s+(?:or|and|&|syn\.?|formerly|also|aka)\s+(?=\p{Lu}|\p{Ll}{4,}$)/u,
    );
    for (const part of parts) {
      const name = dropAuthorship(part ?? "").replace(SYNONYM, "").trim();
      if (name !== "") found.push(name);
    }
  }
  return found;
}

function readPiece(
  piece: string,
  context: string | undefined,
  hybrid: boolean,
): OneName | undefined {
  const { rest, codes } = takeTradeCodes(piece);
  const bare = readOneName(rest, context, hybrid);
  if (codes.length === 0 || bare === undefined) return bare;
  if (bare.rank !== "genus" && bare.rank !== "undescribed") return { ...bare, codes };
  // Without a described species the number is the name: Hypancistrus sp. L333.
  const behind = piece.trim().startsWith(codes[0] ?? " ");
  const numbered = behind
    ? `${rest} ${tradeCode(codes[0] ?? "")}`
    : codes.reduce((text, code) => text.replace(code, tradeCode(code)), piece);
  return readOneName(numbered, context, hybrid) ?? bare;
}

function bestOf(names: readonly OneName[]): OneName | undefined {
  // Names below the genus are alike exact, so that the first of them counts.
  const exact = (name: OneName) =>
    name.search === undefined ? 3 : EXACT.has(name.rank) ? 0 : name.rank === "genus" ? 1 : 2;
  let best: OneName | undefined;
  for (const name of names) if (best === undefined || exact(name) < exact(best)) best = name;
  return best;
}
