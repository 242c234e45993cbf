/**
 * Which of FishBase's names a name of a list means.
 *
 * @module
 */

import { defined } from "../../base/defined.ts";
import { isMisspelling, type NameOrigin } from "../search_name.ts";

/** Why a name of FishBase is taken for the one that was looked for. */
export type How =
  | "synonym"
  | "gender ending"
  | "spelling"
  | "changed genus"
  | "genus spelling"
  | "species of the subspecies"
  | NameOrigin;

/** A name of FishBase's tables. */
export interface ListedName {
  /** The name as it was published, valid or a synonym, in lower case. */
  readonly words: readonly string[];
  /** The valid name that it stands for. */
  readonly valid: readonly string[];
  readonly code: number;
}

/** The result of looking a name up. */
export type Match =
  | { readonly found: "one"; readonly name: ListedName; readonly how?: How }
  /** Several species are as near: none of them is chosen. */
  | { readonly found: "several"; readonly names: readonly string[] }
  | { readonly found: "none" };

/** All names that FishBase knows: some 35,000 valid ones and 100,000 synonyms. */
export class NameIndex {
  /** The valid name of each species. */
  readonly #valid = new Map<number, string>();
  /** The species that have had a name, by the name in lower case. */
  readonly #codes = new Map<string, number[]>();

  /** Adds a species under its valid name; those come before the synonyms. */
  addValid(name: string | undefined, code: number | undefined): void {
    if (name === undefined || code === undefined) return;
    this.#valid.set(code, name);
    this.addSynonym(name, code);
  }

  /** Adds a name that a species has had; one of an unknown species is ignored. */
  addSynonym(name: string | undefined, code: number | undefined): void {
    if (name === undefined || code === undefined || !this.#valid.has(code)) return;
    const codes = this.#codes.getOrInsert(name.toLowerCase(), [code]);
    if (!codes.includes(code)) codes.push(code);
  }

  /** The species that has exactly this name; a valid name counts before a synonym. */
  exact(words: readonly string[]): Match {
    const name = words.join(" ").toLowerCase();
    const same = this.#listed(name);
    const valid = same.filter((one) => one.valid.join(" ").toLowerCase() === name);
    return single(valid.length > 0 ? valid : same, (one) => howOf(words, one));
  }

  /** The one species whose name is near: another ending, another spelling, another genus. */
  near(words: readonly string[]): Match {
    const [genus = "", epithet = ""] = words.map((word) => word.toLowerCase());
    const kin: ListedName[] = [];
    const elsewhere: ListedName[] = [];
    for (const name of this.#codes.keys()) {
      const of = name.startsWith(`${genus} `)
        ? kin
        : name.includes(` ${epithet.slice(0, 3)}`)
        ? elsewhere
        : undefined;
      of?.push(...this.#listed(name).filter((one) => one.words.length === words.length));
    }
    const gender = kin.filter((one) => hasStem(one, epithet));
    if (gender.length > 0) return single(gender, () => "gender ending");
    const spelt = kin.filter((one) => isMisspelling(one.words[1] ?? "", epithet));
    if (spelt.length > 0) return single(spelt, () => "spelling");
    const moved = elsewhere.filter((one) => hasStem(one, epithet));
    const alike = moved.filter((one) =>
      isMisspelling(genus, one.words[0] ?? "") || isMisspelling(genus, one.valid[0] ?? "")
    );
    if (alike.length > 0) return single(alike, () => "genus spelling");
    return single(moved, () => "changed genus");
  }

  #listed(name: string): readonly ListedName[] {
    return (this.#codes.get(name) ?? []).map((code) => ({
      words: name.split(" "),
      valid: (this.#valid.get(code) ?? "").split(" "),
      code,
    }));
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

function hasStem({ words, valid }: ListedName, epithet: string): boolean {
  const wanted = stem(epithet);
  return stem(words[1] ?? "") === wanted || stem(valid[1] ?? "") === wanted;
}

function howOf(asked: readonly string[], { valid, words }: ListedName): How | undefined {
  if (valid.join(" ").toLowerCase() === asked.join(" ").toLowerCase()) return undefined;
  const moved = valid[0] !== asked[0] && stem(valid[1] ?? "") === stem(words[1] ?? "");
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
  return { found: "one", name: first, ...defined({ how: how(first) }) };
}
