/**
 * Counts of an export, for its card and for whoever runs it.
 *
 * @module
 */

import type { Row } from "./rows.ts";
import { type Side, SIDES } from "../split/side.ts";

/** How many images a species has. */
export interface SpeciesFigures {
  /** The species' id. */
  readonly species: string;
  /** The Latin name. */
  readonly latin: string;
  /** Common names, with semicolons between. */
  readonly common: string;
  /** The number in `labels.json`. */
  readonly label: number;
  /** By side. */
  readonly sides: Readonly<Record<Side, number>>;
}

/** Counts of an export. */
export interface Figures {
  /** How many images. */
  readonly images: number;
  /** The sum of the files' sizes. */
  readonly bytes: number;
  /** By side. */
  readonly sides: Readonly<Record<Side, number>>;
  /** By source, the most first. */
  readonly sources: readonly (readonly [string, number])[];
  /** By licence, the most first. */
  readonly licenses: readonly (readonly [string, number])[];
  /** Images whose photographer is not known. */
  readonly anonymous: number;
  /** The species that have images, by label. */
  readonly species: readonly SpeciesFigures[];
}

/**
 * Counts rows.
 *
 * @param rows The rows.
 */
export function countRows(rows: readonly Row[]): Figures {
  const species = new Map<string, { row: Row; sides: Record<Side, number> }>();
  for (const row of rows) {
    const known = species.get(row.species) ?? { row, sides: { train: 0, validation: 0, test: 0 } };
    known.sides[row.split]++;
    species.set(row.species, known);
  }
  const sides = { train: 0, validation: 0, test: 0 };
  for (const each of species.values()) for (const side of SIDES) sides[side] += each.sides[side];
  return {
    images: rows.length,
    bytes: rows.reduce((sum, row) => sum + row.bytes, 0),
    sides,
    sources: countBy(rows, (row) => row.source),
    licenses: countBy(rows, (row) => row.license),
    anonymous: rows.filter(({ author }) => author === "").length,
    species: [...species.values()].sort((one, other) => one.row.label - other.row.label)
      .map(({ row, sides }) => ({
        species: row.species,
        latin: row.latin,
        common: row.common_names,
        label: row.label,
        sides,
      })),
  };
}

function countBy(rows: readonly Row[], of: (row: Row) => string): [string, number][] {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(of(row), (counts.get(of(row)) ?? 0) + 1);
  return [...counts].sort(([name, one], [other, count]) => count - one || (name < other ? -1 : 1));
}
