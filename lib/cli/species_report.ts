/**
 * What a person is told of the species list.
 *
 * @module
 */

import type { SpeciesChanges } from "../species/species_changes.ts";
import { hasChanges } from "../species/species_changes.ts";
import type { UnusedLine } from "../species/species_input.ts";
import { countRanks, rowsOf } from "../species/species_list.ts";
import { RANKS } from "../species/species.ts";
import type { Rank, Species } from "../species/species.ts";

/** What the species script did. */
export interface SpeciesOutcome {
  /** The list. */
  readonly species: readonly Species[];
  /** What is different from the list before; nothing where there was none. */
  readonly changes: SpeciesChanges | undefined;
  /** Lines of a person's list that could not be used. */
  readonly unused: readonly UnusedLine[];
  /** The page or file the list came from. */
  readonly from: string;
  /** Where the list lies. */
  readonly path: string;
}

/** How many names of one kind are told before the rest is only counted. */
const MOST_TOLD = 12;

const RANK_WORDS: Readonly<Record<Rank, readonly [one: string, many: string]>> = {
  species: ["species", "species"],
  subspecies: ["subspecies", "subspecies"],
  undescribed: ["undescribed", "undescribed"],
  genus: ["known by its genus only", "known by their genus only"],
  hybrid: ["hybrid", "hybrids"],
  unknown: ["unclear", "unclear"],
};

/**
 * The summary: how many fish of which rank, what cannot be searched and why, what has changed.
 *
 * @param outcome What the script did.
 * @returns Lines for a person.
 */
export function speciesReport(outcome: SpeciesOutcome): string {
  const { species, changes, unused, from, path } = outcome;
  const counts = countRanks(species);
  const ranks = RANKS.filter((rank) => counts[rank] > 0)
    .map((rank) => `${counts[rank]} ${RANK_WORDS[rank][counts[rank] === 1 ? 0 : 1]}`);
  return [
    `${species.length} fish from ${rowsOf(species)} rows of ${from}`,
    `  ${ranks.join(", ")}`,
    ...mergedLines(species),
    ...unsearchableLines(species),
    ...unusedLines(unused),
    ...changeLines(changes),
    `The list is in ${path}, and beside it species.csv for reading.`,
  ].join("\n");
}

/**
 * The same for programs.
 *
 * @param outcome What the script did.
 */
export function speciesJson(outcome: SpeciesOutcome): Record<string, unknown> {
  const { species, changes, unused, from, path } = outcome;
  return {
    from,
    path,
    species: species.length,
    rows: rowsOf(species),
    ranks: countRanks(species),
    merged: species.filter(({ merged }) => merged !== undefined).map(({ id }) => id),
    unsearchable: species.filter(({ search }) => search === undefined)
      .map(({ id, common, reason }) => ({ id, common, reason })),
    unused,
    changes: changes === undefined ? null : {
      added: changes.added.map(({ id }) => id),
      renamed: changes.renamed.map(({ from, to }) => ({ from: from.id, to: to.id })),
      gone: changes.gone.map(({ id }) => id),
      edited: changes.edited.map(({ id }) => id),
    },
  };
}

function mergedLines(species: readonly Species[]): string[] {
  const merged = species.filter(({ merged }) => merged !== undefined);
  if (merged.length === 0) return [];
  return [`  listed more than once and merged: ${names(merged.map(nameOf))}`];
}

function unsearchableLines(species: readonly Species[]): string[] {
  const nameless = species.filter(({ search }) => search === undefined);
  if (nameless.length === 0) return [];
  return [
    `${nameless.length} cannot be searched by a Latin name and stay${
      nameless.length === 1 ? "s" : ""
    } on the list:`,
    ...told(nameless.map((fish) => `${nameOf(fish)}: ${fish.reason ?? "no reason given"}`)),
  ];
}

function unusedLines(unused: readonly UnusedLine[]): string[] {
  if (unused.length === 0) return [];
  return [
    `${unused.length} line${unused.length === 1 ? "" : "s"} could not be used:`,
    ...told(unused.map(({ line, text, reason }) => `line ${line}: ${reason} (${text})`), 100),
  ];
}

/**
 * What a new list changed, in one sentence; nothing where there was no list before or all is as it
 * was.
 *
 * @param changes The changes.
 */
export function changesSentence(changes: SpeciesChanges | undefined): string | undefined {
  if (changes === undefined || !hasChanges(changes)) return undefined;
  const { added, renamed, gone, edited } = changes;
  const told = [
    added.length > 0 ? `added ${names(added.map(nameOf))}` : "",
    renamed.length > 0 ? `renamed ${names(renamed.map(({ to }) => nameOf(to)))}` : "",
    gone.length > 0 ? `gone ${names(gone.map(nameOf))} (their images stay)` : "",
    edited.length > 0 ? `changed in other columns ${edited.length}` : "",
  ].filter((part) => part !== "");
  return `The species list is another than before: ${told.join("; ")}.`;
}

function changeLines(changes: SpeciesChanges | undefined): string[] {
  if (changes === undefined) return [];
  if (!hasChanges(changes)) return ["Nothing has changed since the last time."];
  const { added, renamed, gone, edited } = changes;
  const lines: string[] = [];
  if (added.length > 0) lines.push(`added (${added.length}): ${names(added.map(nameOf))}`);
  if (renamed.length > 0) {
    lines.push(
      `renamed (${renamed.length}), images stay under the old name:`,
      ...told(renamed.map(({ from, to }) => `${nameOf(from)} → ${nameOf(to)}`)),
    );
  }
  if (gone.length > 0) {
    lines.push(`gone (${gone.length}), images stay: ${names(gone.map(nameOf))}`);
  }
  if (edited.length > 0) {
    lines.push(`changed in other columns (${edited.length}): ${names(edited.map(nameOf))}`);
  }
  return lines;
}

function nameOf({ latin, common, id }: Species): string {
  return latin !== "" ? latin : common[0] ?? id;
}

function names(all: readonly string[]): string {
  const rest = all.length - MOST_TOLD;
  return rest <= 0
    ? all.join(", ")
    : `${all.slice(0, MOST_TOLD).join(", ")} and ${rest} more (see species.csv)`;
}

function told(lines: readonly string[], most: number = MOST_TOLD): string[] {
  const rest = lines.length - most;
  const shown = lines.slice(0, most).map((line) => `  ${line}`);
  return rest <= 0 ? shown : [...shown, `  and ${rest} more`];
}
