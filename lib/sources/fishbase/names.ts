/**
 * Names: what of a list's name FishBase can be asked for, and which of FishBase's names it means.
 *
 * @module
 */

import type { Species } from "../../species/species.ts";
import { distance } from "../../base/distance.ts";

/** Why a name of FishBase is taken for the one that was looked for. */
export type How =
  | "synonym"
  | "gender ending"
  | "spelling"
  | "changed genus"
  | "genus spelling"
  | "species of the subspecies"
  | "cf."
  | "hybrid name";

/** What to ask for, or why there is nothing to ask for. */
export type SearchName =
  | {
    readonly found: true;
    /** Genus, epithet, and for a subspecies its epithet. */
    readonly words: readonly string[];
    /** How the name was made of the list's, where it is not the same. */
    readonly how?: How;
  }
  | { readonly found: false; readonly why: "no-latin-name" | "not-found"; readonly reason: string };

/**
 * What of a fish's name FishBase can be asked for: it lists described species and subspecies, no
 * genera, no undescribed fishes and no hybrids.
 */
export function searchName({ latin, rank, search, reason }: Species): SearchName {
  if (search === undefined || search.trim() === "") {
    return {
      found: false,
      why: "no-latin-name",
      reason: reason ?? "the list gives no Latin name",
    };
  }
  if (rank === "hybrid") {
    return partOf(latin, /^(\p{Lu}[\p{Ll}-]+) [×x]\s*(\p{Ll}[\p{Ll}-]+)$/u, "hybrid name") ??
      notFound(`“${latin}” is a hybrid, and FishBase lists no hybrids`);
  }
  if (rank === "undescribed") {
    const is = /\baff\.? /.test(latin)
      ? "is near a described species but not it"
      : "is not described";
    return partOf(latin, /^(\p{Lu}[\p{Ll}-]+) cf\.? (\p{Ll}[\p{Ll}-]+)/u, "cf.") ??
      notFound(`“${latin}” ${is}, and FishBase lists described species only`);
  }
  // Some names carry their rank: `Betta splendens var. alba`, `subsp.`
  const words = readName(search.replace(/\b(?:var|subsp|ssp|f|forma)\.?\s+/g, "").trim());
  if (words !== undefined && rank !== "genus") return { found: true, words };
  return notFound(`“${latin}” names a genus, and FishBase's photos are sorted by species`);
}

function partOf(latin: string, pattern: RegExp, how: How): SearchName | undefined {
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

/** A name of FishBase's tables. */
export interface ListedName {
  /** The name as it was published: valid or a synonym. */
  readonly words: readonly string[];
  /** The valid name that it stands for. */
  readonly valid: readonly string[];
  /** FishBase's number of that species. */
  readonly code: number;
}

/** What looking a name up comes to. */
export type Match =
  | { readonly found: "one"; readonly name: ListedName; readonly how?: How }
  /** Several species are as near: none of them is chosen. */
  | { readonly found: "several"; readonly names: readonly string[] }
  | { readonly found: "none" };

/** All names that FishBase knows. */
export class NameIndex {
  readonly #byName = new Map<string, ListedName[]>();
  readonly #byGenus = new Map<string, ListedName[]>();

  /**
   * Builds the index.
   *
   * @param names Valid names and synonyms.
   */
  constructor(names: Iterable<ListedName>) {
    for (const name of names) {
      push(this.#byName, keyOf(name.words), name);
      push(this.#byGenus, (name.words[0] ?? "").toLowerCase(), name);
    }
  }

  /** The species that has exactly this name; a valid name counts before a synonym. */
  exact(words: readonly string[]): Match {
    const same = this.#byName.get(keyOf(words)) ?? [];
    const valid = same.filter((name) => keyOf(name.valid) === keyOf(words));
    if (valid.length > 0) return single(valid, () => undefined);
    return single(same, (name) => howOf(words[0] ?? "", name));
  }

  /** The one species whose name is near: another ending, another spelling, another genus. */
  near(words: readonly string[]): Match {
    const [genus = "", epithet = ""] = words;
    const kin = (this.#byGenus.get(genus.toLowerCase()) ?? [])
      .filter((name) => name.words.length === words.length);
    const gender = kin.filter((name) => hasStem(name, epithet));
    if (gender.length > 0) return single(gender, () => "gender ending");
    const spelt = kin.filter((name) => isMisspelling(name.words[1] ?? "", epithet));
    if (spelt.length > 0) return single(spelt, () => "spelling");
    const start = epithet.slice(0, 3).toLowerCase();
    const elsewhere = [...this.#byGenus.values()].flat().filter((name) =>
      name.words.length === 2 && name.words[1]?.startsWith(start) && hasStem(name, epithet)
    );
    const alike = elsewhere.filter((name) =>
      isMisspelling(genus, name.words[0] ?? "") || isMisspelling(genus, name.valid[0] ?? "")
    );
    if (alike.length > 0) return single(alike, () => "genus spelling");
    return single(elsewhere, () => "changed genus");
  }
}

/**
 * Whether a name that FishBase gives in place of another may be the same fish: synonyms share their
 * genus or their epithet, a page about some other fish does not.
 */
export function sharesWord(asked: readonly string[], given: readonly string[]): boolean {
  const [genus = "", ...epithets] = asked;
  return genus.toLowerCase() === given[0]?.toLowerCase() ||
    epithets.some((one) =>
      given.slice(1).some((other) => stem(one) === stem(other) || isMisspelling(one, other))
    );
}

/**
 * An epithet without its ending: `maculatus`, `maculata` and `maculatum` agree with the genus and
 * are the same word; so are `schwartzi` and `schwartzii`.
 */
export function stem(epithet: string): string {
  const word = epithet.toLowerCase().replaceAll("-", "");
  if (word.length < 4) return word;
  return word.replace(/(?:ensis|ense)$/, "ens=")
    .replace(/(?:ii|iae)$/, "i=").replace(/(?:[^i])(?:i|ae)$/, (end) => `${end[0]}i=`)
    .replace(/er$/, "r=").replace(/(?:us|a|um|os|on)$/, "=").replace(/(?:is|e)$/, "=");
}

/** Whether a word is a likely misspelling of another: one letter in short words, two in longer. */
export function isMisspelling(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  const most = Math.min(a.length, b.length) < 7 ? 1 : 2;
  return distance(a, b, most) <= most;
}

function hasStem({ words, valid }: ListedName, epithet: string): boolean {
  const wanted = stem(epithet);
  return stem(words[1] ?? "") === wanted || stem(valid[1] ?? "") === wanted;
}

function howOf(genus: string, { valid, words }: ListedName): How {
  const moved = valid[0] !== genus && stem(valid[1] ?? "") === stem(words[1] ?? "");
  return moved ? "changed genus" : "synonym";
}

/** One species, however many of its names are among these. */
function single(
  names: readonly ListedName[],
  how: (name: ListedName) => How | undefined,
): Match {
  const species = new Map(names.map((name) => [name.code, name]));
  const [first] = species.values();
  if (first === undefined) return { found: "none" };
  if (species.size > 1) {
    return { found: "several", names: [...species.values()].map(({ valid }) => valid.join(" ")) };
  }
  const why = how(first);
  return { found: "one", name: first, ...(why !== undefined && { how: why }) };
}

function keyOf(words: readonly string[]): string {
  return words.join(" ").toLowerCase();
}

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const before = map.get(key);
  if (before === undefined) map.set(key, [value]);
  else before.push(value);
}
