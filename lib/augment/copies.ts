/**
 * Which varied copies of which photos there are to be, and what is done to each.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { Seeded } from "../base/seeded.ts";
import { VERSION } from "../base/version.ts";
import type { Variation } from "../image/variation.ts";
import { drawVariations, spareOf } from "./draw.ts";
import type { Recipe } from "./recipe.ts";

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
    const words = [spare.length === true ? " long" : "", spare.text === true ? " text" : ""];
    return {
      number,
      key: `${number} ${this.#digest}${words.join("")}`,
      operations: () => drawVariations(recipe, { seed, parent: photo.sha256, number, spare }),
    };
  }
}
