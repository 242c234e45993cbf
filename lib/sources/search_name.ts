/**
 * What of a list's name a source can be asked for.
 *
 * @module
 */

import { distance } from "../base/distance.ts";
import type { Species } from "../species/species.ts";

/** What a name that is not the list's own was made of. */
export type NameOrigin = "cf." | "hybrid name";

/** What to ask for, or why there is nothing to ask for. */
export type SearchName =
  | {
    readonly found: true;
    /** Genus, epithet, and for a subspecies its epithet. */
    readonly words: readonly string[];
    /** What the name was made of, where it is not the list's own. */
    readonly how?: NameOrigin;
  }
  | { readonly found: false; readonly why: "no-latin-name" | "not-found"; readonly reason: string };

/**
 * The name to look for on a site that sorts its photos by described species: genera, undescribed
 * fishes and hybrids have none.
 *
 * @param species The fish.
 * @param site The site's name, for the reason why there is nothing to look for.
 */
export function searchName(
  { latin, rank, search, reason }: Species,
  site: string,
): SearchName {
  if (search === undefined || search.trim() === "") {
    return {
      found: false,
      why: "no-latin-name",
      reason: reason ?? "the list gives no Latin name",
    };
  }
  if (rank === "hybrid") {
    return partOf(latin, /^(\p{Lu}[\p{Ll}-]+) [×x]\s*(\p{Ll}[\p{Ll}-]+)$/u, "hybrid name") ??
      notFound(`“${latin}” is a hybrid, and ${site} lists no hybrids`);
  }
  if (rank === "undescribed") {
    const is = /\baff\.? /.test(latin)
      ? "is near a described species but not it"
      : "is not described";
    return partOf(latin, /^(\p{Lu}[\p{Ll}-]+) cf\.? (\p{Ll}[\p{Ll}-]+)/u, "cf.") ??
      notFound(`“${latin}” ${is}, and ${site} lists described species only`);
  }
  // Some names carry their rank: `Betta splendens var. alba`, `subsp.`
  const words = readName(search.replace(/\b(?:var|subsp|ssp|f|forma)\.?\s+/g, "").trim());
  if (words !== undefined && rank !== "genus") return { found: true, words };
  return notFound(`“${latin}” names a genus, and ${site} sorts its photos by species`);
}

function partOf(latin: string, pattern: RegExp, how: NameOrigin): SearchName | undefined {
  const [, genus, epithet] = pattern.exec(latin.trim()) ?? [];
  if (genus === undefined || epithet === undefined) return undefined;
  return { found: true, words: [genus, epithet], how };
}

function notFound(reason: string): SearchName {
  return { found: false, why: "not-found", reason };
}

/** Words that follow a name, or look like its second word, and are no part of it. */
const NO_EPITHET =
  /^(?:aff|auct|and|bei|by|cf|da|de|del|della|den|der|des|di|do|dos|du|et|ex|from|in|la|le|nec|non|of|sensu|ssp|subsp|ter|und|van|var|vom|von|y|zu|zur)$/;

/**
 * `Gadus morhua Linnaeus, 1758` as its words, a subgenus left out.
 *
 * @returns Genus, epithet, and for a subspecies its epithet; `undefined` where there are not two.
 */
export function readName(text: string): readonly string[] | undefined {
  const clean = text.replace(/[\s\u00a0]+/g, " ").replace(/^(\S+) \(\p{Lu}\p{Ll}+\) /u, "$1 ")
    .trim();
  const match = /^(\p{Lu}[\p{Ll}-]+) (\p{Ll}[\p{Ll}-]+)(?: (\p{Ll}[\p{Ll}-]+))?(?=$|[\s,;.(])/u
    .exec(clean);
  const [, genus = "", epithet = "", third = ""] = match ?? [];
  if (match === null || NO_EPITHET.test(epithet)) return undefined;
  return third === "" || NO_EPITHET.test(third) ? [genus, epithet] : [genus, epithet, third];
}

/** Whether a word is a likely misspelling of another: one letter in short words, two in longer. */
export function isMisspelling(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  const most = Math.min(a.length, b.length) < 7 ? 1 : 2;
  return distance(a, b, most) <= most;
}
