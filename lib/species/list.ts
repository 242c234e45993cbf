/**
 * The list of species: rows become species, rows with the same name become one, each gets an id,
 * and two versions of a list are compared.
 *
 * @module
 */

import { defined } from "../base/defined.ts";
import { readCommonNames } from "./common_names.ts";
import { readLatinName } from "./latin_name.ts";
import { dropFootnotes, fold, tidy } from "./name_text.ts";
import { distinctSpeciesId, RANKS, speciesId } from "./species.ts";
import type { Rank, Species, SpeciesDraft, Verbatim } from "./species.ts";

/** The name cells of a row and its place. */
export interface NamedRow {
  readonly latin: string;
  readonly common: string;
  /** Both as they stand on the page. */
  readonly verbatim: Verbatim;
  /** The headings above, outermost first. */
  readonly group: readonly string[];
  /** The page's address, or `file:` and the file's name. */
  readonly page: string;
}

/** Reads the names of a row. */
export function draftSpecies(row: NamedRow): SpeciesDraft {
  const { latin, rank, search, reason, also } = readLatinName(row.latin);
  return {
    latin,
    rank,
    ...defined({ search, reason }),
    ...(also.length === 0 ? {} : { also }),
    common: readCommonNames(row.common),
    group: row.group,
    verbatim: row.verbatim,
    page: row.page,
  };
}

/**
 * Makes a list of drafts: those of the same name become one species, which keeps the common names
 * of all and the further rows' cells in `merged`; every species gets an id that no other has.
 *
 * Rows without a Latin name are the same species only if both cells say the same: two rows `hybrid`
 * with different common names stay two.
 */
export function mergeSpecies(drafts: readonly SpeciesDraft[]): Species[] {
  const byIdentity = new Map<string, SpeciesDraft>();
  drafts.forEach((draft, index) => {
    const identity = identityOf(draft) ?? `row ${index}`;
    const first = byIdentity.get(identity);
    byIdentity.set(identity, first === undefined ? draft : mergeDrafts(first, draft));
  });
  const merged = [...byIdentity.values()];
  const taken = new Set(merged.map(({ id }) => id));
  return merged.map((draft) => {
    const id = draft.id ?? freeId(draft, taken);
    taken.add(id);
    const { id: _, ...rest } = draft;
    return { id, ...rest };
  });
}

/** How many rows of the page a list accounts for: one a species, and those merged into it. */
export function countRows(species: readonly Species[]): number {
  return species.reduce((sum, { merged }) => sum + 1 + (merged?.length ?? 0), 0);
}

/** How many species of a list have each rank, in the order of {@linkcode RANKS}. */
export function countRanks(species: readonly Species[]): ReadonlyMap<Rank, number> {
  return new Map(RANKS.map((rank) => [rank, species.filter((each) => each.rank === rank).length]));
}

/** What makes two rows the same species, or nothing if the row says too little. */
function identityOf({ id, latin, common, verbatim }: SpeciesDraft): string | undefined {
  if (id !== undefined) return `id ${id}`;
  if (latin !== "") return `latin ${fold(latin)}`;
  if (common.length === 0) return undefined;
  return `row ${fold(withoutNotes(verbatim.latin))} | ${common.map(fold).sort().join(" | ")}`;
}

/** The numbers of footnotes change with every edit of the page; an id must not. */
function withoutNotes(cell: string): string {
  return dropFootnotes(tidy(cell));
}

function mergeDrafts(first: SpeciesDraft, second: SpeciesDraft): SpeciesDraft {
  const also = union(first.also ?? [], second.also ?? []);
  return {
    ...first,
    common: union(first.common, second.common),
    ...(also.length === 0 ? {} : { also }),
    merged: [...first.merged ?? [], second.verbatim, ...second.merged ?? []],
  };
}

function union(first: readonly string[], second: readonly string[]): string[] {
  const byKey = new Map<string, string>();
  for (const name of [...first, ...second]) {
    if (!byKey.has(fold(name))) byKey.set(fold(name), name);
  }
  return [...byKey.values()];
}

function freeId({ latin, verbatim, common }: SpeciesDraft, taken: ReadonlySet<unknown>): string {
  const name = latin !== "" ? latin : `${withoutNotes(verbatim.latin)} ${common[0] ?? ""}`;
  let id = speciesId(name);
  for (let number = 1; taken.has(id); number++) {
    id = distinctSpeciesId([name, ...common, ...(number === 1 ? [] : [number])].join(" "));
  }
  return id;
}

/** How a list differs from the one before. */
export interface SpeciesChanges {
  /** Species that were not on the list. */
  readonly added: readonly Species[];
  /** Species whose name, and with it their folder, has changed. */
  readonly renamed: readonly { readonly from: Species; readonly to: Species }[];
  /** Species that are not on the list any more; their images stay. */
  readonly gone: readonly Species[];
  /** Species with the same id and other common names, group or spelling. */
  readonly edited: readonly Species[];
}

/** Compares two lists by id. */
export function compareSpecies(
  before: readonly Species[],
  after: readonly Species[],
): SpeciesChanges {
  const old = new Map(before.map((each) => [each.id, each]));
  const now = new Set(after.map(({ id }) => id));
  const came = after.filter(({ id }) => !old.has(id));
  const went = before.filter(({ id }) => !now.has(id));
  const renamed = pairRenamed(went, came);
  const content = ({ latin, rank, search, reason, also, common, group }: Species) =>
    JSON.stringify([latin, rank, search, reason, also, common, group]);
  return {
    added: came.filter((each) => !renamed.some(({ to }) => to === each)),
    renamed,
    gone: went.filter((each) => !renamed.some(({ from }) => from === each)),
    edited: after.filter((each) => {
      const same = old.get(each.id);
      return same !== undefined && content(same) !== content(each);
    }),
  };
}

export function hasChanges({ added, renamed, gone, edited }: SpeciesChanges): boolean {
  return added.length + renamed.length + gone.length + edited.length > 0;
}

/**
 * The pairs that alone have the same epithet in another genus, and common names that do not
 * contradict: `Puntius tetrazona` became `Puntigrus tetrazona`.
 */
function pairRenamed(
  went: readonly Species[],
  came: readonly Species[],
): SpeciesChanges["renamed"] {
  const epithetOf = ({ latin }: Species) => / (\p{Ll}{3,})$/u.exec(latin)?.[1] ?? latin;
  const before = Map.groupBy(went, epithetOf);
  return [...Map.groupBy(came, epithetOf)].flatMap(([epithet, [to, ...rivals]]) => {
    const [from, ...others] = before.get(epithet) ?? [];
    if (from === undefined || to === undefined || rivals.length + others.length > 0) return [];
    const names = new Set(from.common.map(fold));
    const contradict = names.size > 0 && to.common.length > 0 &&
      !to.common.some((name) => names.has(fold(name)));
    return contradict ? [] : [{ from, to }];
  });
}
