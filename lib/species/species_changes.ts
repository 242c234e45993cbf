/**
 * What a second look at the list brought: fish that came, went, or go by another name.
 *
 * @module
 */

import { distance } from "../base/distance.ts";
import { fold } from "./name_text.ts";
import type { Species } from "./species.ts";

/** A fish under its old and its new name. */
export interface Renaming {
  /** As it was listed. */
  readonly from: Species;
  /** As it is listed now. */
  readonly to: Species;
}

/** How a list differs from the one before. */
export interface SpeciesChanges {
  /** Fish that were not on the list. */
  readonly added: readonly Species[];
  /** Fish whose name, and with it their folder, is another now. */
  readonly renamed: readonly Renaming[];
  /** Fish that are not on the list any more; their images stay. */
  readonly gone: readonly Species[];
  /** Fish of the same id of which anything else is new: common names, group, spelling. */
  readonly edited: readonly Species[];
}

/**
 * Compares two lists. A fish that went and one that came are the same fish renamed when they share
 * a common name and an epithet, or nearly all letters of the name, or a common name and the group,
 * and no other pair fits as well: `Puntius tetrazona` became `Puntigrus tetrazona`.
 *
 * @param before The list as it was.
 * @param after The list as it is.
 */
export function compareSpecies(
  before: readonly Species[],
  after: readonly Species[],
): SpeciesChanges {
  const old = new Map(before.map((fish) => [fish.id, fish]));
  const now = new Set(after.map(({ id }) => id));
  const came = after.filter(({ id }) => !old.has(id));
  const went = before.filter(({ id }) => !now.has(id));
  const renamed = pairs(went, came);
  const edited = after.filter((fish) => {
    const same = old.get(fish.id);
    return same !== undefined && text(same) !== text(fish);
  });
  return {
    added: came.filter((fish) => !renamed.some(({ to }) => to === fish)),
    renamed,
    gone: went.filter((fish) => !renamed.some(({ from }) => from === fish)),
    edited,
  };
}

/** Whether anything is different. */
export function hasChanges(changes: SpeciesChanges): boolean {
  const { added, renamed, gone, edited } = changes;
  return added.length + renamed.length + gone.length + edited.length > 0;
}

function text({ latin, rank, search, common, group }: Species): string {
  return JSON.stringify([latin, rank, search, common, group]);
}

/** The pairs that fit each other best, and nobody else as well. */
function pairs(went: readonly Species[], came: readonly Species[]): Renaming[] {
  const old = went.map(features);
  const now = came.map(features);
  const scored = old.flatMap((from) => now.map((to) => ({ from, to, score: likeness(from, to) })))
    .filter(({ score }) => score > 0);
  return scored.filter((pair) =>
    !scored.some((rival) =>
      rival !== pair && (rival.from === pair.from || rival.to === pair.to) &&
      rival.score >= pair.score
    )
  ).map(({ from, to }) => ({ from: from.fish, to: to.fish }))
    .sort((one, other) => came.indexOf(one.to) - came.indexOf(other.to));
}

/** A fish with what is compared of it, folded once. */
interface Features {
  readonly fish: Species;
  readonly name: string;
  readonly also: readonly string[];
  readonly common: ReadonlySet<string>;
  readonly group: string;
}

function features(fish: Species): Features {
  return {
    fish,
    name: fold(fish.search ?? fish.latin),
    also: (fish.also ?? []).map(fold),
    common: new Set(fish.common.map(fold)),
    group: fold(fish.group.join()),
  };
}

/** How surely two names mean one fish: 0 not, more is surer. */
function likeness(from: Features, to: Features): number {
  const shared = [...to.common].some((name) => from.common.has(name));
  if (from.name === "" || to.name === "") return shared ? 1 : 0;
  if (from.also.includes(to.name) || to.also.includes(from.name)) return 5;
  // Common names on both sides and none the same speak for two fish.
  const silent = from.common.size === 0 || to.common.size === 0;
  if (!shared && !silent) return 0;
  if (stem(from.name) === stem(to.name)) return shared ? 4 : 2;
  const near = distance(from.name, to.name, 2);
  if (near <= 1 || near === 2 && stem(from.name).length > 7) return shared ? 4 : 3;
  return shared && from.group === to.group ? 1 : 0;
}

/** The last epithet without the ending that follows the genus' gender. */
function stem(name: string): string {
  const [, ...epithets] = name.split(" ");
  const last = epithets.at(-1) ?? name;
  return last.replace(/(?:us|um|a|is|e|er|i|ii|ae)$/, "");
}
