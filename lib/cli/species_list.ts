/**
 * The species list of a run, and which species of it the run works on.
 *
 * @module
 */

import { Failure } from "../base/failure.ts";
import { inShard, type Shard } from "../dataset/shard.ts";
import { readSpeciesList } from "../species/file.ts";
import { readSpeciesInput, type SpeciesInput } from "../species/input.ts";
import { createLookup, type Lookup, suggest } from "../species/lookup.ts";
import { nameOf, type Species } from "../species/species.ts";
import { DEFAULT_LIST_URL, fetchSpeciesList } from "../species/wikipedia/fetch.ts";
import type { Client } from "../web/client.ts";
import type { ScriptContext } from "./script.ts";

/**
 * The species list of a data folder that another script has fetched.
 *
 * @throws {Failure} When there is none.
 */
export async function presentList(data: string): Promise<readonly Species[]> {
  const list = await readSpeciesList(data);
  if (list !== undefined) return list;
  throw new Failure(
    `There is no species list in ${data}. Fetch it first: deno task species --data ${data}`,
  );
}

/** A new list: from a file of the user's, where one is named, or else from Wikipedia. */
export async function readNewList(
  { list: url = DEFAULT_LIST_URL, "species-file": file }: {
    readonly list: string | undefined;
    readonly "species-file": string | undefined;
  },
  previous: readonly Species[] | undefined,
  client: Client,
  { say, signal }: ScriptContext,
): Promise<SpeciesInput & { readonly from: string }> {
  if (file !== undefined) return { ...await readSpeciesInput(file, previous), from: file };
  say(`Fetching the species list: ${url}`);
  const { species, rows } = await fetchSpeciesList(client, url, signal);
  say(`The list has ${rows} rows with ${species.length} names.`);
  return { species, unused: [], taken: [], from: url };
}

export interface SpeciesChoice {
  /** Latin names, ids or common names; the whole list if there are none. */
  readonly only: readonly string[];
  readonly limit: number | undefined;
  readonly shard: Shard | undefined;
}

const MAX_NAMED = 5;

/**
 * The species a run works on: those named, of these the first so many, of these the share. So
 * `--limit 4 --shard 1/2` and `--limit 4 --shard 2/2` divide the first four.
 *
 * @throws {Failure} With status 2 if a name is not on the list or names several species.
 */
export function chooseSpecies(
  list: readonly Species[],
  { only, limit, shard }: SpeciesChoice,
  say: (text: string) => void,
): Species[] {
  const lookUp = createLookup(list);
  const named = only.length === 0
    ? list
    : [...new Set(only.map((name) => chooseFound(list, name, lookUp(name), say)))];
  const first = named.slice(0, limit);
  const share = shard === undefined ? first : first.filter(({ id }) => inShard(id, shard));
  if (share.length === 0 && first.length > 0) say("None of these species is in this shard.");
  return share;
}

function chooseFound(
  list: readonly Species[],
  name: string,
  found: Lookup,
  say: (text: string) => void,
): Species {
  switch (found.kind) {
    case "found":
      if (found.by === "common") say(`"${name}" is taken as ${nameOf(found.species)}.`);
      return found.species;
    case "ambiguous": {
      const latin = found.species.slice(0, MAX_NAMED).map(nameOf).join(", ");
      throw new Failure(
        `"${name}" is the name of ${found.species.length} species on the list (${latin}): give ` +
          `the Latin name.`,
        2,
      );
    }
    case "unknown": {
      const hint = found.near.length > 0 ? suggest(found.near) : hintAtGenus(list, name);
      throw new Failure(`There is no "${name}" on the species list; ${hint}`, 2);
    }
  }
}

function hintAtGenus(list: readonly Species[], name: string): string {
  const genus = name.trim().split(/[\s_]+/)[0]?.toLowerCase() ?? "";
  const related = list.filter(({ latin }) => latin.toLowerCase().startsWith(`${genus} `))
    .slice(0, MAX_NAMED);
  return related.length === 0
    ? "see species.csv in the data folder."
    : `of its genus the list has ${related.map(nameOf).join(", ")}.`;
}
