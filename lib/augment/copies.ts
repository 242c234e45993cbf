/**
 * Which varied copies of which photos there are to be, and what is done to each.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { Seeded } from "../base/seeded.ts";
import { VERSION } from "../base/version.ts";
import type { Variation } from "../image/vary.ts";
import { type Range, type Recipe, VARYING } from "./recipe.ts";

/** How copies are made. */
export interface CopyOptions {
  /** How much copies are varied. */
  readonly recipe: Recipe;
  /** How many images for training each species is to have, copies included. */
  readonly to: number;
  /** How many copies of one photo there may be; any number where not given. */
  readonly maxCopies?: number;
  /** Another seed makes other copies. */
  readonly seed: number;
}

/** One copy of a photo. */
export interface Copy {
  /** Which copy of the photo, from 1. */
  readonly number: number;
  /** Together with the photo's hash it decides the copy's bytes. */
  readonly key: string;
  /** What is done to the photo, in this order. Drawn at each call, always the same. */
  operations(): readonly Variation[];
}

/** The copies of one species. */
export interface SpeciesCopies {
  /** How many copies of each photo, in the order of the photos. */
  readonly counts: readonly number[];
  /** The greatest of them. */
  readonly most: number;
  /** How many images are missing, because of `maxCopies`. */
  readonly short: number;
}

/**
 * Spreads the copies of a species over its photos, as evenly as possible.
 *
 * @param photos The photos' hashes.
 * @param doubtful Those that are varied last, where not all have as many copies.
 */
export function planSpecies(
  photos: readonly string[],
  { to, maxCopies = Infinity, seed }: Omit<CopyOptions, "recipe">,
  doubtful: ReadonlySet<string> = new Set(),
): SpeciesCopies {
  if (photos.length === 0) return { counts: [], most: 0, short: to };
  const wanted = Math.max(0, to - photos.length);
  const each = Math.floor(wanted / photos.length);
  const more = wanted - each * photos.length;
  const order = photos.map((sha256, at) => ({
    at,
    isLast: Number(doubtful.has(sha256)),
    draw: new Seeded(`${seed} quota ${sha256}`).next(),
  })).sort((one, other) => one.isLast - other.isLast || one.draw - other.draw || one.at - other.at);
  const counts = new Array<number>(photos.length).fill(Math.min(each, maxCopies));
  for (const { at } of order.slice(0, more)) counts[at] = Math.min(each + 1, maxCopies);
  const made = counts.reduce((sum, count) => sum + count, 0);
  return { counts, most: Math.max(...counts), short: wanted - made };
}

/** Makes the copies of photos: always the same for the same recipe, seed, photo and number. */
export class CopyMaker {
  readonly #options: Pick<CopyOptions, "recipe" | "seed">;
  readonly #digest: string;

  constructor(options: Pick<CopyOptions, "recipe" | "seed">) {
    const { recipe, seed } = options;
    this.#options = options;
    this.#digest = createHash("sha256").update(JSON.stringify([VERSION, recipe, seed]))
      .digest("hex").slice(0, 16);
  }

  /**
   * One copy.
   *
   * @param photo Its hash, its sides in pixels and its flags.
   * @param number Which copy of it, from 1.
   */
  copy(photo: Parameters<typeof spareOf>[0] & { readonly sha256: string }, number: number): Copy {
    const { recipe, seed } = this.#options;
    const spare = spareOf(photo);
    return {
      number,
      key: `${number} ${this.#digest}${spare.length ? " long" : ""}${spare.text ? " text" : ""}`,
      operations: () => drawVariations(recipe, { seed, parent: photo.sha256, number, spare }),
    };
  }
}

export interface CopyIdentity {
  readonly seed: number;
  /** The photo's hash. */
  readonly parent: string;
  /** Which copy of the photo, from 1. */
  readonly number: number;
  readonly spare?: Spare;
}

/** What some photos must be spared. */
export interface Spare {
  /** A long photo of a long fish: a crop leaves its head and tail on it. */
  readonly length: boolean;
  /** Text is on it, which nobody ever sees mirrored. */
  readonly text: boolean;
}

/** A photo with sides of this ratio is long. */
const LONG = 2;
/** The least share of a long photo that a crop leaves. */
const LONG_SHARE = 0.95;

/** Says what a photo must be spared: its sides in pixels, 0 where unknown, and its flags. */
export function spareOf(
  { width, height, flags = [] }: {
    readonly width: number;
    readonly height: number;
    readonly flags?: readonly string[];
  },
): Spare {
  const [short, long] = width < height ? [width, height] : [height, width];
  return {
    length: short > 0 && long >= LONG * short,
    text: flags.includes("text") || flags.includes("strip"),
  };
}

/**
 * Draws what is done to one copy: always the same for the same recipe, whatever other copies there
 * are.
 */
export function drawVariations(recipe: Recipe, copy: CopyIdentity): Variation[] {
  const chance = new Seeded(`${copy.seed} ${copy.parent} ${copy.number}`);
  const draws = OPERATIONS.map((draw) => (must: boolean) => {
    const variation = draw(recipe, chance, must);
    return variation && copy.spare ? spared(variation, copy.spare) : variation;
  });
  const drawn = draws.flatMap((draw) => draw(false) ?? []);
  if (drawn.some(isVarying)) return drawn;
  // Without one of these the copy might equal another: the recipe's first is done after all.
  for (const draw of draws) {
    const variation = draw(true);
    if (variation !== undefined && isVarying(variation)) return [...drawn, variation];
  }
  return drawn;
}

function isVarying(variation: Variation): boolean {
  return VARYING.some((name) => name === variation.do);
}

/** What may be done of it to such a photo. */
function spared(variation: Variation, spare: Spare): Variation | undefined {
  if (variation.do === "mirror" && spare.text) return undefined;
  if (variation.do !== "crop" || !spare.length || variation.share >= LONG_SHARE) {
    return variation;
  }
  const { left, top, share } = variation;
  // Less is cut, at the same edges as it would have been.
  const less = (1 - LONG_SHARE) / (1 - share);
  return { do: "crop", left: rounded(left * less), top: rounded(top * less), share: LONG_SHARE };
}

/** Draws one operation. It is undefined when the recipe lacks it or, without `must`, chance says no. */
type Draw = (recipe: Recipe, chance: Seeded, must: boolean) => Variation | undefined;

function drawing<Name extends Exclude<keyof Recipe, "name" | "size">>(
  name: Name,
  draw: (operation: NonNullable<Recipe[Name]>, chance: Seeded) => Variation,
): Draw {
  return (recipe, chance, must) => {
    const operation = recipe[name];
    if (operation === undefined || operation.chance === 0) return undefined;
    return must || chance.happens(operation.chance) ? draw(operation, chance) : undefined;
  };
}

/** In the order they are done: first what a camera does to a fish, then what the web does to a photo. */
const OPERATIONS: readonly Draw[] = [
  drawing("mirror", () => ({ do: "mirror" })),
  drawing("turn", ({ degrees }, chance) => ({ do: "turn", degrees: within(degrees, chance) })),
  drawing("crop", (crop, chance) => {
    const share = within(crop.share, chance);
    return { do: "crop", left: place(share, chance), top: place(share, chance), share };
  }),
  drawing("cover", ({ side }, chance) => {
    const [width, height] = [within(side, chance), within(side, chance)];
    const [left, top] = [place(width, chance), place(height, chance)];
    return { do: "cover", left, top, width, height, grey: 40 + chance.below(176) };
  }),
  drawing("colour", ({ hue, saturation }, chance) => ({
    do: "colour",
    hue: within(hue, chance),
    saturation: within(saturation, chance),
  })),
  drawing("light", ({ brightness, contrast }, chance) => ({
    do: "light",
    brightness: within(brightness, chance),
    contrast: within(contrast, chance),
  })),
  drawing("blur", ({ radius }, chance) => ({ do: "blur", radius: within(radius, chance) })),
  drawing("noise", ({ strength }, chance) => ({
    do: "noise",
    strength: within(strength, chance),
    seed: 1 + chance.below(2 ** 30),
  })),
  drawing("recompress", ({ quality }, chance) => ({
    do: "recompress",
    quality: Math.round(within(quality, chance)),
  })),
];

/** Where a part begins that takes this share of a side. */
function place(share: number, chance: Seeded): number {
  return rounded((1 - share) * chance.next());
}

function within([least, most]: Range, chance: Seeded): number {
  return rounded(chance.between(least, most));
}

/** Rounded here, so that what is recorded is exactly what was done. */
function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
