/**
 * One Latin name, word by word.
 *
 * @module
 */

import {
  CAPPED_EPITHET,
  EPITHET,
  FAMILY,
  isKindOfFish,
  LATIN_ENDING,
  NO_NAME,
  QUALIFIERS,
} from "./latin_vocabulary.ts";
import { withoutMarksOnLetters } from "./name_text.ts";
import { uncapped, words } from "./latin_split.ts";
import type { Rank } from "./species.ts";
import { isTradeCode } from "./trade_code.ts";

/** One name that was understood. */
export interface OneName {
  /** The cleaned name. */
  readonly latin: string;
  /** How exactly it says what the fish is. */
  readonly rank: Rank;
  /** What to search by. */
  readonly search?: string;
  /** Why there is nothing to search by. */
  readonly reason?: string;
  /** The genus, where there is one in full. */
  readonly genus?: string;
  /** Trade numbers beside a described species. */
  readonly codes: readonly string[];
}

/**
 * Reads one name that has neither author nor bracket any more.
 *
 * @param text The name.
 * @param context The genus named before it in the same cell, for `C. aeneus` behind it.
 * @param hybrid Whether the cell says that the fish is a hybrid.
 * @returns The name, or nothing where the text is none.
 */
export function readOneName(
  text: string,
  context: string | undefined,
  hybrid: boolean,
): OneName | undefined {
  const crossed = text.replace(/\s*×\s*/g, " × ").replace(/(?<=\S) [xX] (?=\S)/g, " × ")
    .replace(/^[xX] (?=\p{Lu}\p{Ll}{2})/u, "× ").trim();
  if (crossed.includes("×")) return readCross(crossed, context);
  const all = words(uncapped(crossed));
  const [genus = "", epithet = ""] = all;
  const cappedEpithet = CAPPED_EPITHET.test(epithet) ||
    /^\p{Lu}{4,}$/u.test(epithet) && LATIN_ENDING.test(epithet.toLowerCase());
  if (all.length === 2 && /^\p{L}\p{Ll}+$/u.test(genus) && cappedEpithet) {
    return readWords([genus, epithet.toLowerCase()], context, hybrid);
  }
  // The second of two epithets, as in `Pterophyllum scalare/altum`.
  if (all.length === 1 && context !== undefined && EPITHET.test(genus) && !isKindOfFish(genus)) {
    return readWords([context, genus], context, hybrid);
  }
  return readWords(all, context, hybrid);
}

/** `Genus one × Genus two`, `Genus one × two`, `Genus × hybrida`, `× Genus`. */
function readCross(text: string, context: string | undefined): OneName | undefined {
  const parts = text.split("×").map((part) => part.trim()).filter((part) => part !== "");
  const first = readWords(words(uncapped(parts[0] ?? "")), context, false);
  if (first === undefined) return undefined;
  const shown = [first.latin];
  const searched = [first.search ?? first.latin];
  for (const part of parts.slice(1)) {
    const parent = readWords(words(uncapped(part)), first.genus, false);
    if (parent === undefined || EPITHET.test(part)) {
      shown.push(part);
      searched.push(part);
    } else {
      shown.push(parent.latin);
      searched.push(parent.search ?? parent.latin);
    }
  }
  if (parts.length === 1) shown[0] = `× ${shown[0]}`;
  return {
    latin: shown.join(" × "),
    rank: "hybrid",
    search: searched.join(" × "),
    ...(first.genus === undefined ? {} : { genus: first.genus }),
    codes: [],
  };
}

interface Parts {
  /** The words behind the genus as they are shown. */
  readonly shown: string[];
  readonly epithets: string[];
  readonly qualifiers: Set<string>;
  /** Trade names, localities and numbers. */
  readonly trade: string[];
  readonly hybrid: boolean;
}

function readWords(
  all: readonly string[],
  context: string | undefined,
  hybrid: boolean,
): OneName | undefined {
  const { head, rest, qualifier } = openers(all);
  if (head === undefined) return undefined;
  const abbreviated = /^\p{Lu}\p{Ll}{0,2}\.$/u.test(head);
  const genus = abbreviated ? spelledOut(head, context) : genusOf(head, rest, context);
  if (genus === undefined && !abbreviated) return undefined;
  const parts = behindGenus(rest, head.slice(0, 1).toUpperCase());
  if (parts === undefined) return undefined;
  if (qualifier !== undefined) {
    parts.qualifiers.add(qualifier);
    parts.shown.unshift(qualifier);
  }
  // A cross must not be taken for its parent of the same name.
  if (hybrid && !parts.hybrid) parts.shown.push("hybrid");
  const latin = [genus ?? head, ...parts.shown].join(" ");
  if (genus === undefined) {
    if (parts.epithets.length === 0) return undefined;
    const reason = `the genus in “${latin}” is cut short and cannot be told`;
    return { latin, rank: "unknown", reason, codes: [] };
  }
  const rank = rankOf(genus, parts, hybrid || parts.hybrid);
  const below = parts.epithets.length > 0;
  const searched = parts.shown.filter((word) => !(below && CONNECTOR.test(word)));
  const search = rank === "genus" ? unmarked(genus) : unmarked([genus, ...searched].join(" "));
  return { latin, rank, search, genus, codes: [] };
}

/** Plain letters outside of quotation marks: what databases of Latin names have. */
function unmarked(name: string): string {
  return name.replace(
    /"[^"]*"|[^"]+/g,
    (part) => part.startsWith('"') ? part : withoutMarksOnLetters(part),
  );
}

/** Leaves out words before the name, such as `various` and `cf.`. */
function openers(
  all: readonly string[],
): { head: string | undefined; rest: readonly string[]; qualifier?: string } {
  let start = 0;
  let qualifier: string | undefined;
  for (; start < all.length; start++) {
    const word = plain(all[start] ?? "");
    const next = all[start + 1] ?? "";
    if ((word === "cf" || word === "aff") && /^\p{Lu}/u.test(next)) qualifier = `${word}.`;
    else if (
      !(NO_NAME.has(word) && /^\p{Lu}\p{Ll}{3,}$/u.test(next) && !NO_NAME.has(plain(next)))
    ) {
      // A family before the name, as in a column called Taxonomy.
      if (!FAMILY.test(all[start] ?? "") || !/^\p{Lu}\p{Ll}+$/u.test(next)) break;
    }
  }
  const found = { head: all[start], rest: all.slice(start + 1) };
  return qualifier === undefined ? found : { ...found, qualifier };
}

function plain(word: string): string {
  return word.toLowerCase().replace(/[.:,]+$/, "");
}

function spelledOut(head: string, context: string | undefined): string | undefined {
  return context?.startsWith(head.slice(0, -1)) ? context : undefined;
}

/** The genus in its usual spelling, or nothing where the word can be none. */
function genusOf(
  head: string,
  rest: readonly string[],
  context: string | undefined,
): string | undefined {
  const word = head.replace(/[.,:]+$/, "");
  if (!/^\p{L}{3,}(?:-\p{L}+)*$/u.test(word) || NO_NAME.has(word.toLowerCase())) return undefined;
  if (Object.hasOwn(QUALIFIERS, word.toLowerCase())) return undefined;
  if (/^\p{Lu}/u.test(word)) return word.slice(0, 1) + word.slice(1).toLowerCase();
  const next = rest[0];
  if (next === undefined) return undefined;
  const follows = EPITHET.test(next) || Object.hasOwn(QUALIFIERS, plain(next));
  if (!follows || context !== undefined || NO_NAME.has(plain(next)) && plain(next) !== "species") {
    return undefined;
  }
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

/** Says that the next word is a rank below the species. */
const CONNECTOR = /^(?:subsp|var|f)\.$/;

/** Reads the words behind the genus; `initial` is the genus' first letter, in `cf. C. aeneus` again. */
function behindGenus(rest: readonly string[], initial: string): Parts | undefined {
  const shown: string[] = [];
  const epithets: string[] = [];
  const qualifiers = new Set<string>();
  const trade: string[] = [];
  let hybrid = false;
  for (const [index, word] of rest.entries()) {
    if (word === `${initial}.`) continue;
    const low = plain(word);
    const qualifier = Object.hasOwn(QUALIFIERS, low) ? QUALIFIERS[low] : undefined;
    const dotted = word.endsWith(".") || low.length > 1;
    if (/^hybrids?$/.test(low)) {
      hybrid = true;
      shown.push("hybrid");
    } else if (low === "complex" || low === "group" || low === "species-group") {
      continue;
    } else if (qualifier !== undefined && dotted && /^\p{Ll}/u.test(word) && trade.length === 0) {
      const plural = low === "species" && index === 0 && rest.length === 1;
      qualifiers.add(plural ? "spp." : qualifier);
      shown.push(plural ? "spp." : qualifier);
    } else if (NO_NAME.has(low) && epithets.some((epithet) => LATIN_ENDING.test(epithet))) {
      // The name is over: `Betta splendens is kept alone`. Not so in `Cyprinus carpio var. koi`.
      if (!CONNECTOR.test(shown.at(-1) ?? "")) break;
      trade.push(word);
      shown.push(word);
    } else if (EPITHET.test(word) && trade.length === 0) {
      if (isKindOfFish(low)) return undefined;
      // A word behind the epithet that is no Latin tells a form: `Corydoras aeneus albino`.
      const form = epithets.length > 0 && !LATIN_ENDING.test(word) &&
        !CONNECTOR.test(shown.at(-1) ?? "");
      (form ? trade : epithets).push(word);
      shown.push(word);
    } else {
      const designation = isTradeCode(word) ? word : word.replace(/[,;:]+$/, "");
      trade.push(designation);
      shown.push(designation);
    }
  }
  if (epithets.length > 3 || shown.length > 10) return undefined;
  // `Siamese Fighting Fish`: not a genus with a trade name, but a common name.
  const open = epithets.length === 0 && qualifiers.size === 0;
  if (open && trade.some((word) => isKindOfFish(word.toLowerCase()))) return undefined;
  return { shown, epithets, qualifiers, trade, hybrid };
}

function rankOf(genus: string, parts: Parts, hybrid: boolean): Rank {
  const { epithets, qualifiers, trade } = parts;
  if (hybrid) return "hybrid";
  if (["cf.", "aff.", "nr.", "gr."].some((open) => qualifiers.has(open))) return "undescribed";
  if (FAMILY.test(genus)) return qualifiers.size + trade.length > 1 ? "undescribed" : "unknown";
  if (epithets.length === 0 || qualifiers.has("sp.") || qualifiers.has("spp.")) {
    return trade.length > 0 || epithets.length > 0 ? "undescribed" : "genus";
  }
  if (epithets.length > 1) return "subspecies";
  return "species";
}
