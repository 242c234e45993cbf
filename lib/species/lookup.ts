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
  /** Exactly one species, or several of the same Latin name. */
  | { readonly kind: "found"; readonly by: "latin" | "common"; readonly species: Species }
  /** A common name of several species. */
  | { readonly kind: "ambiguous"; readonly species: readonly Species[] }
  /** No species; `near` has those with a similar name, the most similar first. */
  | { readonly kind: "unknown"; readonly near: readonly Near[] };

/** A name of a species that is similar to the one that was looked for. */
export interface Near {
  readonly name: string;
  readonly species: Species;
}

/** How many similar names are suggested. */
const MAX_NEAR = 3;

/**
 * Finds the species that a name means. Case, accents, hyphens and underscores do not matter. A
 * common name counts only if one species has it.
 *
 * @param list The species to choose from.
 * @param name A Latin name, an id or a common name.
 */
export function lookUp(list: readonly Species[], name: string): Lookup {
  const key = keyOf(name);
  const byLatin = list.find(({ id, latin, search = "" }) =>
    [id, latin, search].some((known) => keyOf(known) === key)
  );
  if (byLatin !== undefined) return { kind: "found", by: "latin", species: byLatin };
  const [first, ...others] = list.filter(({ common }) =>
    common.some((known) => keyOf(known) === key)
  );
  if (first === undefined) return { kind: "unknown", near: findNear(list, key) };
  return others.length === 0
    ? { kind: "found", by: "common", species: first }
    : { kind: "ambiguous", species: [first, ...others] };
}

/** A sentence's end with similar names: `did you mean Neon tetra (Paracheirodon innesi)?` */
export function suggest(near: readonly Near[]): string {
  const names = near.map(({ name, species: { latin } }) =>
    name === latin || latin === "" ? name : `${name} (${latin})`
  );
  return `did you mean ${names.join(", or ")}?`;
}

function findNear(list: readonly Species[], key: string): Near[] {
  if (key.length < 4) return [];
  const most = Math.min(3, Math.floor(key.length / 4));
  const scored = list.flatMap((species) =>
    [species.latin, ...species.common].map((name) => {
      const known = keyOf(name);
      const changes = distance(key, known, most);
      // The beginning of a name is near it too.
      return { name, species, changes: known.startsWith(key) ? Math.min(changes, most) : changes };
    })
  ).filter(({ changes }) => changes <= most).sort((one, other) => one.changes - other.changes);
  const bySpecies = new Map<Species, Near>();
  for (const { name, species } of scored) {
    if (!bySpecies.has(species)) bySpecies.set(species, { name, species });
  }
  return [...bySpecies.values()].slice(0, MAX_NEAR);
}

function keyOf(name: string): string {
  return fold(name).replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}
