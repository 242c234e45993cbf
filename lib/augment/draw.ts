/**
 * Draws what is done to one copy.
 *
 * @module
 */

import type { Variation } from "../image/variation.ts";
import { Seeded } from "../base/seeded.ts";
import type { Range, Recipe } from "./recipe.ts";

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
  if (drawn.some((variation) => VARYING.has(variation.do))) return drawn;
  // Without one of these the copy might equal another: the recipe's first is done after all.
  for (const draw of draws) {
    const variation = draw(true);
    if (variation !== undefined && VARYING.has(variation.do)) return [...drawn, variation];
  }
  return drawn;
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

const VARYING: ReadonlySet<Variation["do"]> = new Set(["turn", "crop", "colour", "light", "noise"]);

/** Draws one operation. It is undefined when the recipe lacks it or, without `must`, chance says no. */
type Draw = (recipe: Recipe, chance: Seeded, must: boolean) => Variation | undefined;

/** In the order they are done: first what a camera does to a fish, then what the web does to a photo. */
const OPERATIONS: readonly Draw[] = [
  ({ mirror }, chance, must) => wanted(mirror, chance, must) ? { do: "mirror" } : undefined,
  ({ turn }, chance, must) =>
    wanted(turn, chance, must) ? { do: "turn", degrees: within(turn.degrees, chance) } : undefined,
  ({ crop }, chance, must) => {
    if (!wanted(crop, chance, must)) return undefined;
    const share = within(crop.share, chance);
    const left = rounded((1 - share) * chance.next());
    return { do: "crop", left, top: rounded((1 - share) * chance.next()), share };
  },
  ({ cover }, chance, must) => {
    if (!wanted(cover, chance, must)) return undefined;
    const [width, height] = [within(cover.side, chance), within(cover.side, chance)];
    const left = rounded((1 - width) * chance.next());
    const top = rounded((1 - height) * chance.next());
    return { do: "cover", left, top, width, height, grey: 40 + chance.below(176) };
  },
  ({ colour }, chance, must) =>
    wanted(colour, chance, must)
      ? {
        do: "colour",
        hue: within(colour.hue, chance),
        saturation: within(colour.saturation, chance),
      }
      : undefined,
  ({ light }, chance, must) =>
    wanted(light, chance, must)
      ? {
        do: "light",
        brightness: within(light.brightness, chance),
        contrast: within(light.contrast, chance),
      }
      : undefined,
  ({ blur }, chance, must) =>
    wanted(blur, chance, must) ? { do: "blur", radius: within(blur.radius, chance) } : undefined,
  ({ noise }, chance, must) =>
    wanted(noise, chance, must)
      ? { do: "noise", strength: within(noise.strength, chance), seed: 1 + chance.below(2 ** 30) }
      : undefined,
  ({ recompress }, chance, must) =>
    wanted(recompress, chance, must)
      ? { do: "recompress", quality: Math.round(within(recompress.quality, chance)) }
      : undefined,
];

function wanted<Operation extends { readonly chance: number }>(
  operation: Operation | undefined,
  chance: Seeded,
  must: boolean,
): operation is Operation {
  if (operation === undefined || operation.chance === 0) return false;
  return must || chance.happens(operation.chance);
}

function within([least, most]: Range, chance: Seeded): number {
  return rounded(chance.between(least, most));
}

/** Rounded here, so that what is recorded is exactly what was done. */
function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
