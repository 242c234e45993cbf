/**
 * Assigns groups of images to train, validation and test, species by species.
 *
 * @module
 */

import { Seeded } from "../base/seeded.ts";
import { compareTexts, type ImageFacts } from "./facts.ts";
import { PRECEDENCE, type Shares, type Side, SIDES } from "./side.ts";

/** What a split is made from. */
export interface SplitPlan {
  readonly facts: readonly ImageFacts[];
  /** The groups, as places in `facts`; each image is in one. */
  readonly groups: readonly (readonly number[])[];
  readonly shares: Shares;
  readonly seed: number;
  /** The side an image had before; undefined for a new one. */
  sideBefore(image: ImageFacts): Side | undefined;
}

/** A split. */
export interface Split {
  /** Each image's side, in the order of the facts. */
  readonly sides: readonly Side[];
  /** Each image's group: the least hash in it. */
  readonly groupIds: readonly string[];
  /** Species with fewer than three groups: all their images are for training. */
  readonly small: readonly string[];
  /** Other species that have no image on a side that should have some. */
  readonly lacking: readonly { readonly species: string; readonly side: Side }[];
  /** How many images changed their side, because a new image joined two groups. */
  readonly moved: number;
}

interface Group {
  readonly id: string;
  readonly members: readonly number[];
  /** How many images of each species. */
  readonly counts: ReadonlyMap<string, number>;
  readonly pinned: Side | undefined;
  side: Side;
}

/** A species needs so many groups to stand on three sides. */
const MIN_GROUPS = 3;

/**
 * Makes a split by these rules:
 *
 * - A group goes to one side as a whole, and stays there when the dataset grows. Where a new image
 *   joins two groups of different sides, test wins over validation, and both over train.
 * - A species with fewer than three groups is for training alone, unless a group of it stood
 *   elsewhere before.
 * - Every other species gets at least one group on each side that has a share, and beyond that as
 *   near to the shares as whole groups allow. The seed decides which groups, among those that fit.
 */
export function makeSplit(plan: SplitPlan): Split {
  const assigner = new Assigner(plan);
  assigner.assign();
  const lacking = assigner.fillGaps();
  const sides: Side[] = [];
  const groupIds: string[] = [];
  let moved = 0;
  for (const group of assigner.groups) {
    for (const member of group.members) {
      const image = plan.facts[member];
      sides[member] = group.side;
      groupIds[member] = group.id;
      const before = image === undefined ? undefined : plan.sideBefore(image);
      if (before !== undefined && before !== group.side) moved++;
    }
  }
  return { sides, groupIds, small: assigner.small, lacking, moved };
}

class Assigner {
  readonly groups: readonly Group[];
  readonly small: readonly string[];
  readonly #seed: number;
  readonly #shares: Shares;
  /** By species: the groups that have an image of it. */
  readonly #bySpecies = new Map<string, Group[]>();
  /** By species: how many images each side may still take. */
  readonly #room = new Map<string, Record<Side, number>>();

  constructor(plan: SplitPlan) {
    this.#seed = plan.seed;
    this.#shares = plan.shares;
    this.groups = plan.groups.map((members) => groupOf(plan, members));
    for (const group of this.groups) {
      for (const species of group.counts.keys()) {
        const known = this.#bySpecies.get(species);
        if (known === undefined) this.#bySpecies.set(species, [group]);
        else known.push(group);
      }
    }
    this.small = [...this.#bySpecies].filter(([, groups]) => groups.length < MIN_GROUPS)
      .map(([species]) => species).sort();
    for (const [species, groups] of this.#bySpecies) {
      this.#room.set(species, this.#roomOf(species, groups));
    }
  }

  /** Assigns the groups that have no side yet, in an order that the seed decides. */
  assign(): void {
    for (const group of this.groups) if (group.pinned !== undefined) this.#take(group);
    const free = this.groups.filter((group) => group.pinned === undefined)
      .map((group) => ({ group, draw: new Seeded(`${this.#seed} ${group.id}`) }))
      .map(({ group, draw }) => ({ group, order: draw.next(), choice: draw.next() }))
      // Large groups and those of several species first: later nothing would have room for them.
      .sort((one, other) =>
        other.group.counts.size - one.group.counts.size ||
        rank(other.group) - rank(one.group) ||
        one.order - other.order || compareTexts(one.group.id, other.group.id)
      );
    for (const { group, choice } of free) {
      group.side = this.#choose(group, choice);
      this.#take(group);
    }
  }

  /** Moves the smallest group that can go to each side on which a species has none. */
  fillGaps(): { species: string; side: Side }[] {
    const lacking: { species: string; side: Side }[] = [];
    const small = new Set(this.small);
    for (const species of [...this.#bySpecies.keys()].sort()) {
      if (small.has(species)) continue;
      for (const side of SIDES) {
        if (this.#shares[side] === 0 || this.#count(species, side) > 0) continue;
        const group = this.#spare(species, side, small);
        if (group === undefined) lacking.push({ species, side });
        else group.side = side;
      }
    }
    return lacking;
  }

  #roomOf(species: string, groups: readonly Group[]): Record<Side, number> {
    const count = groups.reduce((sum, group) => sum + (group.counts.get(species) ?? 0), 0);
    if (groups.length < MIN_GROUPS) return { train: count, validation: 0, test: 0 };
    const part = (side: Side): number =>
      this.#shares[side] === 0 ? 0 : Math.max(1, Math.round(count * this.#shares[side] / 100));
    const [validation, test] = [part("validation"), part("test")];
    return { train: Math.max(1, count - validation - test), validation, test };
  }

  #take(group: Group): void {
    for (const [species, count] of group.counts) {
      const room = this.#room.get(species);
      if (room !== undefined) room[group.side] -= count;
    }
  }

  /** Picks one of the sides with enough room, the likelier the more room it has. */
  #choose(group: Group, choice: number): Side {
    const rooms = SIDES.map((side) => {
      let fits = true;
      let sum = 0;
      for (const [species, count] of group.counts) {
        const room = this.#room.get(species)?.[side] ?? 0;
        fits &&= room >= count;
        sum += Math.max(0, room) * count;
      }
      return { side, weight: fits ? sum : 0 };
    });
    let left = choice * rooms.reduce((sum, { weight }) => sum + weight, 0);
    for (const { side, weight } of rooms) {
      if (weight > 0 && left < weight) return side;
      left -= weight;
    }
    return "train";
  }

  /** The smallest group that may move to a side without leaving a gap elsewhere. */
  #spare(species: string, side: Side, small: ReadonlySet<string>): Group | undefined {
    const candidates = (this.#bySpecies.get(species) ?? []).filter((group) =>
      group.pinned === undefined && group.side !== side &&
      [...group.counts.keys()].every((each) =>
        !(small.has(each) && side !== "train") && this.#count(each, group.side) > 1
      )
    );
    return candidates.sort((one, other) =>
      one.members.length - other.members.length || compareTexts(one.id, other.id)
    )[0];
  }

  #count(species: string, side: Side): number {
    return this.#bySpecies.get(species)?.filter((group) => group.side === side).length ?? 0;
  }
}

/** The size in powers of two: among groups of about one size the seed decides. */
function rank(group: Group): number {
  return Math.floor(Math.log2(group.members.length));
}

function groupOf(plan: SplitPlan, members: readonly number[]): Group {
  const counts = new Map<string, number>();
  const sides = new Set<Side>();
  let id = "~";
  for (const member of members) {
    const image = plan.facts[member];
    if (image === undefined) continue;
    counts.set(image.species, (counts.get(image.species) ?? 0) + 1);
    const before = plan.sideBefore(image);
    if (before !== undefined) sides.add(before);
    if (image.sha256 < id) id = image.sha256;
  }
  const pinned = PRECEDENCE.find((side) => sides.has(side));
  return { id, members, counts, pinned, side: pinned ?? "train" };
}
