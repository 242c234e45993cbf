/**
 * Draws what is done to one copy.
 *
 * @module
 */

import type { Variation } from "../image/variation.ts";
import { Seeded } from "../base/seeded.ts";
import type { Range, Recipe } from "./recipe.ts";

/** Which copy. */
export interface CopyIdentity {
  /** Of the run. */
  readonly seed: number;
  /** The parent's hash. */
  readonly parent: string;
  /** Which copy of the parent, from 1. */
  readonly number: number;
}

/**
 * Draws what is done to one copy. The same copy of the same recipe is always the same, whatever
 * other copies there are.
 *
 * @param recipe The recipe.
 * @param copy Which copy.
 */
export function drawVariations(recipe: Recipe, copy: CopyIdentity): Variation[] {
  const chance = new Seeded(`${copy.seed} ${copy.parent} ${copy.number}`);
  const drawn = OPERATIONS.flatMap((draw) => draw(recipe, chance, false) ?? []);
  if (drawn.some((variation) => UNLIKE.has(variation.do))) return drawn;
  // Nothing that tells this copy from others: the first that the recipe has is done after all.
  for (const draw of OPERATIONS) {
    const variation = draw(recipe, chance, true);
    if (variation !== undefined && UNLIKE.has(variation.do)) return [...drawn, variation];
  }
  return drawn;
}

const UNLIKE: ReadonlySet<Variation["do"]> = new Set(["turn", "crop", "colour", "light", "noise"]);

/** Draws one operation, if the recipe has it and chance, unless it must be, wants it. */
type Draw = (recipe: Recipe, chance: Seeded, must: boolean) => Variation | undefined;

/** In the order they are done: as a camera meets the fish, then the web the photo. */
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

/** So that what is recorded is what was done. */
function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
