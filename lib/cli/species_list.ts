/**
 * The species list of a run, and which species of it the run works on.
 *
 * @module
 */

import { Failure, type Notice } from "../base/failure.ts";
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

/** Flags that name a new list. */
interface ListFlags {
  readonly list: string | undefined;
  readonly "species-file": string | undefined;
}

export function refuseTwoLists({ list, "species-file": file }: ListFlags): void {
  if (list === undefined || file === undefined) return;
  throw new Failure("The flags --list and --species-file exclude each other: give one.", 2);
}

/** A new list: from a file of the user's, where one is named, or else from Wikipedia. */
export async function readNewList(
  { list: url = DEFAULT_LIST_URL, "species-file": file }: ListFlags,
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

const MAX_NAMED = 5;

/**
 * The first so many species of a list, or of those named by Latin name, id or common name.
 *
 * @throws {Failure} With status 2 if a name is not on the list or names several species.
 */
export function chooseSpecies(
  list: readonly Species[],
  { only, limit }: { readonly only: readonly string[]; readonly limit: number | undefined },
  say: Notice,
): readonly Species[] {
  const lookUp = createLookup(list);
  const named = only.length === 0
    ? list
    : [...new Set(only.map((name) => chooseFound(list, name, lookUp(name), say)))];
  return named.slice(0, limit);
}

/** The share of the species that this machine works on, where several share them out. */
export function shareOf(
  species: readonly Species[],
  shard: Shard | undefined,
  say: Notice,
): readonly Species[] {
  if (shard === undefined) return species;
  const share = species.filter(({ id }) => inShard(id, shard));
  if (share.length === 0 && species.length > 0) say("None of these species is in this shard.");
  return share;
}

function chooseFound(
  list: readonly Species[],
  name: string,
  found: Lookup,
  say: Notice,
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
