/**
 * Names that are near to each other: another gender's ending, another spelling, a changed genus.
 *
 * @module
 */

import { distance } from "../../base/distance.ts";
import type { ListedName } from "./genus_list.ts";

/** Why a name of a list is taken for the one that was looked for. */
export type How =
  | "synonym"
  | "gender ending"
  | "spelling"
  | "changed genus"
  | "genus spelling"
  | "species of the subspecies"
  | "cf."
  | "hybrid name";

/** What looking for near names comes to. */
export type NearName =
  | { readonly found: "one"; readonly name: ListedName; readonly how: How }
  | { readonly found: "several"; readonly names: readonly string[] }
  | { readonly found: "none" };

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

/**
 * The name in a genus' list that a name unknown to FishBase stands for.
 *
 * Several that are as near are never guessed among.
 *
 * @param words The name that was looked for.
 * @param list The names listed for its genus.
 */
export function nearInGenus(words: readonly string[], list: readonly ListedName[]): NearName {
  const [genus = "", epithet = ""] = words;
  const full = words.join(" ").toLowerCase();
  const exact = list.filter((name) => name.words.join(" ").toLowerCase() === full);
  if (exact.length > 0) return single(exact, (name) => howOf(genus, name));
  const binomials = words.length === 2 ? list.filter((name) => name.words.length === 2) : list;
  const same = binomials.filter((name) => name.words[1] === epithet || name.valid[1] === epithet);
  if (same.length > 0) return single(same, (name) => howOf(genus, name));
  const gender = binomials.filter((name) => hasStem(name, epithet));
  if (gender.length > 0) return single(gender, () => "gender ending");
  const spelt = binomials.filter((name) => isMisspelling(name.words[1] ?? "", epithet));
  return single(spelt, () => "spelling");
}

/**
 * The name with the same epithet in another genus.
 *
 * @param words The name that was looked for.
 * @param list The names with that epithet, in whatever genus.
 */
export function nearByEpithet(words: readonly string[], list: readonly ListedName[]): NearName {
  const [genus = "", epithet = ""] = words;
  const same = list.filter((name) => name.words.length === 2 && hasStem(name, epithet));
  const spelt = same.filter((name) =>
    isMisspelling(genus, name.words[0] ?? "") || isMisspelling(genus, name.valid[0] ?? "")
  );
  if (spelt.length > 0) return single(spelt, () => "genus spelling");
  return single(same, () => "changed genus");
}

function hasStem({ words, valid }: ListedName, epithet: string): boolean {
  const wanted = stem(epithet);
  return stem(words[1] ?? "") === wanted || stem(valid[1] ?? "") === wanted;
}

function howOf(genus: string, { valid, words }: ListedName): How {
  if (sameName(valid, words)) return valid[0] === genus ? "spelling" : "changed genus";
  const moved = valid[0] !== genus && stem(valid[1] ?? "") === stem(words[1] ?? "");
  return moved ? "changed genus" : "synonym";
}

function sameName(one: readonly string[], other: readonly string[]): boolean {
  return one.join(" ").toLowerCase() === other.join(" ").toLowerCase();
}

/** One species, however often it is listed. */
function single(names: readonly ListedName[], how: (name: ListedName) => How): NearName {
  const valid = new Map(names.map((name) => [name.valid.join(" "), name]));
  const [first] = valid.values();
  if (first === undefined) return { found: "none" };
  if (valid.size > 1) return { found: "several", names: [...valid.keys()] };
  return { found: "one", name: first, how: how(first) };
}
