/**
 * Finds the species that a person names, by Latin name, id or common name.
 *
 * @module
 */

import { distance } from "../base/distance.ts";
import { fold } from "./name_text.ts";
import type { Species } from "./species.ts";

/** What a name on a list means. */
export type Lookup =
  | { readonly kind: "found"; readonly by: "latin" | "common"; readonly species: Species }
  /** A common name of several species. */
  | { readonly kind: "ambiguous"; readonly species: readonly Species[] }
  /** No species; `near` has those with a similar name, the most similar first. */
  | { readonly kind: "unknown"; readonly near: readonly Near[] };

/** A Latin or common name that is similar to the one that was looked for, and its species. */
export interface Near {
  readonly name: string;
  readonly species: Species;
}

/** How many similar names are suggested. */
const MAX_NEAR = 3;

/**
 * Prepares to look up names on a list. Case, accents, hyphens and underscores do not matter. A
 * common name counts only if one species has it.
 */
export function createLookup(list: readonly Species[]): (name: string) => Lookup {
  const byLatin = new Map<string, Species>();
  const byCommon = new Map<string, Set<Species>>();
  const names: (Near & { readonly key: string })[] = [];
  for (const species of list) {
    const { id, latin, search = "", common } = species;
    for (const key of [id, latin, search].map(keyOf)) {
      if (!byLatin.has(key)) byLatin.set(key, species);
    }
    for (const key of common.map(keyOf)) {
      byCommon.set(key, (byCommon.get(key) ?? new Set()).add(species));
    }
    names.push(...[latin, ...common].map((name) => ({ name, species, key: keyOf(name) })));
  }
  return (name) => {
    const key = keyOf(name);
    const known = byLatin.get(key);
    if (known !== undefined && key !== "") return { kind: "found", by: "latin", species: known };
    const [species, ...others] = byCommon.get(key) ?? [];
    if (species === undefined) return { kind: "unknown", near: findNear(names, key) };
    return others.length === 0
      ? { kind: "found", by: "common", species }
      : { kind: "ambiguous", species: [species, ...others] };
  };
}

/** A sentence's end with similar names: `did you mean Neon tetra (Paracheirodon innesi)?` */
export function suggest(near: readonly Near[]): string {
  const names = near.map(({ name, species: { latin } }) =>
    name === latin || latin === "" ? name : `${name} (${latin})`
  );
  return `did you mean ${names.join(", or ")}?`;
}

function findNear(names: readonly (Near & { readonly key: string })[], wanted: string): Near[] {
  if (wanted.length < 4) return [];
  const most = Math.min(3, Math.floor(wanted.length / 4));
  const bySpecies = new Map<Species, Near>();
  // Who mistypes a name still begins it with the right letter.
  names.filter(({ key }) => key[0] === wanted[0])
    .map(({ name, species, key }) => {
      const changes = key.startsWith(wanted) ? 1 : distance(wanted, key, most);
      return { name, species, changes };
    })
    .filter(({ changes }) => changes <= most)
    .sort((one, other) => one.changes - other.changes)
    .forEach(({ name, species }) => {
      if (!bySpecies.has(species)) bySpecies.set(species, { name, species });
    });
  return [...bySpecies.values()].slice(0, MAX_NEAR);
}

function keyOf(name: string): string {
  return fold(name).replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}
