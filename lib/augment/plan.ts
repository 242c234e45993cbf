/**
 * How many copies each parent yields.
 *
 * @module
 */

import { Seeded } from "../base/seeded.ts";

/** What one species is to have. */
export interface SpeciesPlan {
  /** How many copies of each parent there are to be, in the order of the parents. */
  readonly quotas: readonly number[];
  /** The greatest of them. */
  readonly most: number;
  /** How many images are missing to what was wanted, because of the cap. */
  readonly short: number;
}

/**
 * Deals the copies of a species out to its parents, as evenly as can be.
 *
 * @param parents The parents' hashes.
 * @param to How many images, parents and copies together, there are to be.
 * @param maxCopies How many copies one parent yields at the most.
 * @param seed Decides which parents yield one more than others.
 */
export function planSpecies(
  parents: readonly string[],
  to: number,
  maxCopies: number,
  seed: number,
): SpeciesPlan {
  if (parents.length === 0) return { quotas: [], most: 0, short: to };
  const wanted = Math.max(0, to - parents.length);
  const each = Math.floor(wanted / parents.length);
  const more = wanted - each * parents.length;
  const order = parents.map((sha256, at) => ({
    at,
    draw: new Seeded(`${seed} quota ${sha256}`).next(),
  })).sort((one, other) => one.draw - other.draw || one.at - other.at);
  const quotas = new Array<number>(parents.length).fill(Math.min(each, maxCopies));
  for (const { at } of order.slice(0, more)) quotas[at] = Math.min(each + 1, maxCopies);
  const made = quotas.reduce((sum, quota) => sum + quota, 0);
  return { quotas, most: Math.max(...quotas), short: wanted - made };
}
