/**
 * Draws what is done to one copy.
 *
 * @module
 */

import type { Variation } from "../image/variation.ts";
import { Seeded } from "../base/seeded.ts";
import { type Range, type Recipe, VARYING } from "./recipe.ts";

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
  readonly length?: boolean;
  /** Text is on it, which nobody ever sees mirrored. */
  readonly text?: boolean;
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
    return variation === undefined ? undefined : spared(variation, copy.spare);
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
function spared(variation: Variation, spare: Spare = {}): Variation | undefined {
  if (variation.do === "mirror" && spare.text === true) return undefined;
  if (variation.do !== "crop" || spare.length !== true || variation.share >= LONG_SHARE) {
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
