/**
 * Which species of the list a run works on.
 *
 * @module
 */

import { inShard, type Shard } from "../dataset/shard.ts";
import { Failure } from "../base/failure.ts";
import type { Species } from "../species/species.ts";

/** What narrows the list. */
export interface SpeciesChoice {
  /** Names, Latin or common, or ids; all of the list where there are none. */
  readonly only: readonly string[];
  /** The first so many. */
  readonly limit: number | undefined;
  /** One of several shares. */
  readonly shard: Shard | undefined;
}

/**
 * The species a run works on: those named, of these the share, of these the first so many.
 *
 * @param list The whole list.
 * @param choice What narrows it.
 * @throws {Failure} With status 2, when a name is not on the list.
 */
export function chooseSpecies(list: readonly Species[], choice: SpeciesChoice): Species[] {
  const named = choice.only.length === 0 ? list : unique(
    choice.only.flatMap((name) => speciesNamed(list, name)),
  );
  const { shard } = choice;
  const shared = shard === undefined ? named : named.filter(({ id }) => inShard(id, shard));
  return shared.slice(0, choice.limit);
}

function speciesNamed(list: readonly Species[], name: string): Species[] {
  const wanted = plain(name);
  const found = list.filter(({ id, latin, search }) =>
    [id, latin, search ?? ""].some((known) => plain(known) === wanted)
  );
  if (found.length > 0) return found;
  const common = list.filter((species) => species.common.some((known) => plain(known) === wanted));
  if (common.length > 0) return common;
  const genus = wanted.split(" ")[0] ?? "";
  const near = list.filter(({ latin }) => plain(latin).startsWith(genus)).slice(0, 5);
  const hint = near.length === 0
    ? "see species.csv in the data folder"
    : `of its genus the list has ${near.map(({ latin }) => latin).join(", ")}`;
  throw new Failure(`There is no "${name}" on the species list; ${hint}.`, 2);
}

function unique(species: readonly Species[]): Species[] {
  return [...new Set(species)];
}

function plain(name: string): string {
  return name.normalize("NFKD").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}
