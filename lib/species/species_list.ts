/**
 * The list of species: rows become fish, rows that name the same fish become one, each gets an id.
 *
 * @module
 */

import { readCommonNames } from "./common_names.ts";
import { readLatinName } from "./latin_name.ts";
import { dropFootnotes, fold, tidy } from "./name_text.ts";
import { distinctSpeciesId, speciesId } from "./species_id.ts";
import type { Rank, Species, Verbatim } from "./species.ts";
import { RANKS } from "./species.ts";

/** A fish that may not have its id yet. */
export type SpeciesDraft = Omit<Species, "id"> & {
  /** The id, where a person or an earlier list has given one. */
  readonly id?: string;
};

/** The name cells of a row and where it stands. */
export interface NamedRow {
  /** The Latin-name cell's text. */
  readonly latin: string;
  /** The common-name cell's text. */
  readonly common: string;
  /** Both as they stood on the page. */
  readonly verbatim: Verbatim;
  /** The headings above, outermost first. */
  readonly group: readonly string[];
  /** The page's address, or the file's name. */
  readonly page: string;
  /** The titles of links in the Latin-name cell. */
  readonly titles?: readonly string[];
}

/**
 * Reads the names of a row.
 *
 * @param row The row's cells.
 *
 * @example
 * ```ts
 * import { draftSpecies, mergeSpecies } from "./species_list.ts";
 *
 * const [fish] = mergeSpecies([draftSpecies({
 *   latin: "Betta splendens Regan, 1910",
 *   common: "Siamese fighting fish",
 *   verbatim: { latin: "Betta splendens Regan, 1910", common: "Siamese fighting fish" },
 *   group: [],
 *   page: "list.txt",
 * })]);
 * console.log(fish?.id); // betta_splendens
 * ```
 */
export function draftSpecies(row: NamedRow): SpeciesDraft {
  const name = readLatinName(row.latin, row.titles);
  return {
    latin: name.latin,
    rank: name.rank,
    ...(name.search === undefined ? {} : { search: name.search }),
    ...(name.reason === undefined ? {} : { reason: name.reason }),
    ...(name.also.length === 0 ? {} : { also: name.also }),
    common: union(readCommonNames(row.common), name.codes),
    group: row.group,
    verbatim: row.verbatim,
    page: row.page,
  };
}

/**
 * Makes a list of drafts: fish of the same name become one, which keeps the common names of all and
 * the further rows' cells in `merged`; every fish gets an id that no other has.
 *
 * Rows without a Latin name are the same fish only where both of their cells say the same: two rows
 * `hybrid` with different common names stay two fish.
 *
 * @param drafts The rows, in order.
 * @returns The fish, in the order in which they first appear.
 */
export function mergeSpecies(drafts: readonly SpeciesDraft[]): Species[] {
  const fish = new Map<string, SpeciesDraft>();
  drafts.forEach((draft, index) => {
    const key = sameFish(draft) ?? `row ${index}`;
    const first = fish.get(key);
    fish.set(key, first === undefined ? draft : merged(first, draft));
  });
  const taken = new Set([...fish.values()].flatMap(({ id }) => id === undefined ? [] : [id]));
  return [...fish.values()].map((draft) => ({ ...draft, id: draft.id ?? freeId(draft, taken) }))
    .map(ordered);
}

/** How many rows of the page a list accounts for: one a fish, and those merged into it. */
export function rowsOf(species: readonly Species[]): number {
  return species.reduce((sum, { merged }) => sum + 1 + (merged?.length ?? 0), 0);
}

/** How many fish of a list have each rank, in the order of {@linkcode RANKS}. */
export function countRanks(species: readonly Species[]): Record<Rank, number> {
  const counts: Record<Rank, number> = {
    species: 0,
    subspecies: 0,
    undescribed: 0,
    genus: 0,
    hybrid: 0,
    unknown: 0,
  };
  for (const rank of RANKS) counts[rank] = species.filter((fish) => fish.rank === rank).length;
  return counts;
}

/** What tells a fish from others; nothing where the row says too little to be the same as any. */
function sameFish(draft: SpeciesDraft): string | undefined {
  if (draft.id !== undefined) return `id ${draft.id}`;
  if (draft.latin !== "") return `latin ${fold(draft.latin)}`;
  if (draft.common.length === 0) return undefined;
  return `row ${fold(withoutNotes(draft.verbatim.latin))} | ${
    draft.common.map(fold).sort().join(" | ")
  }`;
}

/** A cell without footnotes: their numbers change with every edit of the page, an id must not. */
function withoutNotes(cell: string): string {
  return dropFootnotes(tidy(cell));
}

function merged(first: SpeciesDraft, second: SpeciesDraft): SpeciesDraft {
  const also = union(first.also ?? [], second.also ?? []);
  return {
    ...first,
    common: union(first.common, second.common),
    ...(also.length === 0 ? {} : { also }),
    merged: [...first.merged ?? [], second.verbatim, ...second.merged ?? []],
  };
}

function union(first: readonly string[], second: readonly string[]): string[] {
  const known = new Set<string>();
  return [...first, ...second].filter((name) => {
    const key = fold(name);
    return !known.has(key) && known.add(key);
  });
}

function freeId(draft: SpeciesDraft, taken: Set<string>): string {
  const { latin, verbatim, common } = draft;
  const name = latin !== "" ? latin : `${withoutNotes(verbatim.latin)} ${common[0] ?? ""}`;
  let id = speciesId(name);
  for (let number = 1; taken.has(id); number++) {
    id = distinctSpeciesId([name, ...common, ...(number === 1 ? [] : [number])].join(" "));
  }
  taken.add(id);
  return id;
}

/** The fields in the order in which people read them. */
function ordered(fish: Species): Species {
  const { id, latin, rank, search, reason, also, common, group, verbatim, page, merged } = fish;
  return {
    id,
    latin,
    rank,
    ...(search === undefined ? {} : { search }),
    ...(reason === undefined ? {} : { reason }),
    ...(also === undefined ? {} : { also }),
    common,
    group,
    verbatim,
    page,
    ...(merged === undefined ? {} : { merged }),
  };
}
