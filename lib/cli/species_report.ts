/**
 * What the scripts say about the species list.
 *
 * @module
 */

import { plural } from "../base/plural.ts";
import type { UnusedLine } from "../species/file.ts";
import type { TakenName } from "../species/input.ts";
import { countRanks, countRows, hasChanges, type SpeciesChanges } from "../species/list.ts";
import { nameOf, type Rank, type Species } from "../species/species.ts";
import { firstOf, lineList, lines } from "./terminal_text.ts";

export interface SpeciesOutcome {
  readonly species: readonly Species[];
  /** How it differs from the list before; nothing if there was none. */
  readonly changes: SpeciesChanges | undefined;
  /** Lines of a person's list that could not be used. */
  readonly unused: readonly UnusedLine[];
  /** Common names of a person's list and what they were taken for. */
  readonly taken: readonly TakenName[];
  /** The page or file the list came from. */
  readonly from: string;
  /** Where the list is. */
  readonly path: string;
}

const MAX_SHOWN = 12;
const MAX_UNUSED = 100;

const RANK_WORDS: Readonly<Record<Rank, readonly [one: string, many: string]>> = {
  species: ["species", "species"],
  subspecies: ["subspecies", "subspecies"],
  undescribed: ["undescribed", "undescribed"],
  genus: ["known by its genus only", "known by their genus only"],
  hybrid: ["hybrid", "hybrids"],
  unknown: ["unclear", "unclear"],
};

/** The summary for a person: how many names of which rank, what cannot be searched, what changed. */
export function describeSpecies(outcome: SpeciesOutcome): string {
  const { species, changes, unused, taken, from, path } = outcome;
  const isSame = changes !== undefined && !hasChanges(changes);
  const ranks = [...countRanks(species)].filter(([, count]) => count > 0)
    .map(([rank, count]) => `${count} ${RANK_WORDS[rank][count === 1 ? 0 : 1]}`);
  const merged = species.filter(({ merged }) => merged !== undefined);
  const unsearchable = species.filter(({ search }) => search === undefined);
  return lines(
    `${species.length} names from ${countRows(species)} rows of ${from}`,
    `  ${ranks.join(", ")}`,
    merged.length > 0 && `  listed more than once and merged: ${listNames(merged)}`,
    section(
      `${plural(unsearchable.length, "name")} cannot be searched by a Latin name:`,
      unsearchable.map((each) => `${nameOf(each)}: ${each.reason ?? "no reason given"}`),
    ),
    describeTaken(taken),
    section(
      `${plural(unused.length, "line")} could not be used:`,
      unused.map(({ line, text, reason }) => `line ${line}: ${reason} (${text})`),
      MAX_UNUSED,
    ),
    isSame ? "Nothing has changed since the last time." : describeChanges(changes),
    `The list is in ${path}, and in species.csv beside it for reading.`,
  );
}

/** The same for programs. */
export function speciesJson(outcome: SpeciesOutcome): Record<string, unknown> {
  const { species, changes, unused, taken, from, path } = outcome;
  const ids = (list: readonly Species[]) => list.map(({ id }) => id);
  return {
    from,
    path,
    species: species.length,
    rows: countRows(species),
    ranks: Object.fromEntries(countRanks(species)),
    merged: ids(species.filter(({ merged }) => merged !== undefined)),
    unsearchable: species.filter(({ search }) => search === undefined)
      .map(({ id, common, reason }) => ({ id, common, reason })),
    unused,
    taken: taken.map(({ line, name, species }) => ({ line, name, species: species.id })),
    changes: changes === undefined ? null : {
      added: ids(changes.added),
      renamed: changes.renamed.map(({ from, to }) => ({ from: from.id, to: to.id })),
      gone: ids(changes.gone),
      edited: ids(changes.edited),
    },
  };
}

/** Which species the common names of a person's list were taken for: one line, or none. */
export function describeTaken(taken: readonly TakenName[]): string[] {
  if (taken.length === 0) return [];
  const names = taken.slice(0, MAX_SHOWN).map(({ name, species }) =>
    `"${name}" as ${nameOf(species)}`
  );
  const rest = taken.length - names.length;
  return [`Common names taken: ${names.join(", ")}${rest === 0 ? "" : ` and ${rest} more`}`];
}

/** What differs from the list before; nothing if nothing does. */
export function describeChanges(changes: SpeciesChanges | undefined): string[] {
  if (changes === undefined) return [];
  const { added, renamed, gone, edited } = changes;
  return lineList(
    added.length > 0 && `added (${added.length}): ${listNames(added)}`,
    section(
      `renamed (${renamed.length}), images stay under the old name:`,
      renamed.map(({ from, to }) => `${nameOf(from)} → ${nameOf(to)}`),
    ),
    gone.length > 0 && `gone (${gone.length}), images stay: ${listNames(gone)}`,
    edited.length > 0 && `changed in other columns (${edited.length}): ${listNames(edited)}`,
  );
}

function listNames(species: readonly Species[]): string {
  const rest = species.length - MAX_SHOWN;
  const names = species.slice(0, MAX_SHOWN).map(nameOf).join(", ");
  return rest <= 0 ? names : `${names} and ${rest} more (see species.csv)`;
}

/** A title and what is below it, or nothing if nothing is. */
function section(title: string, below: readonly string[], most = MAX_SHOWN): string[] {
  if (below.length === 0) return [];
  return [title, ...firstOf(below, most, "and # more").map((line) => `  ${line}`)];
}
