/**
 * Recipes: what is done to a photo to make a copy of it, and how much.
 *
 * @module
 */

import * as v from "valibot";
import { isMissing } from "../base/disk_failure.ts";
import { Failure, reason } from "../base/failure.ts";

/** A range, from the least to the most. */
export type Range = readonly [number, number];

/** How many of all copies an operation is done to, from 0 to 1. */
export interface Chance {
  /** From 0 to 1: how often it is done. */
  readonly chance: number;
}

/** A recipe. An operation that it leaves out is not done. */
export interface Recipe {
  /** What the log and the card call it. */
  readonly name: string;
  /** The long side of the copies, in pixels; smaller photos are not enlarged. */
  readonly size: number;
  /** Left and right exchanged. */
  readonly mirror?: Chance;
  /** Turned clockwise, in degrees. */
  readonly turn?: Chance & { readonly degrees: Range };
  /** A part with this share of each side. */
  readonly crop?: Chance & { readonly share: Range };
  /** Hues turned by degrees, saturation multiplied. */
  readonly colour?: Chance & { readonly hue: Range; readonly saturation: Range };
  /** Brightness and contrast multiplied. */
  readonly light?: Chance & { readonly brightness: Range; readonly contrast: Range };
  /** Blurred, the radius in thousandths of the long side. */
  readonly blur?: Chance & { readonly radius: Range };
  /** Noise, its standard deviation of 255. */
  readonly noise?: Chance & { readonly strength: Range };
  /** A grey rectangle whose sides have this share of the photo's. */
  readonly cover?: Chance & { readonly side: Range };
  /** Compressed once more as JPEG, with this quality. */
  readonly recompress?: Chance & { readonly quality: Range };
}

/** The named strengths. */
export type Strength = "light" | "medium" | "strong";

/** The recipe of each strength. */
export const RECIPES: Readonly<Record<Strength, Recipe>> = {
  light: {
    name: "light",
    size: 512,
    mirror: { chance: 0.5 },
    turn: { chance: 0.5, degrees: [-6, 6] },
    crop: { chance: 0.7, share: [0.88, 1] },
    colour: { chance: 0.3, hue: [-2, 2], saturation: [0.93, 1.07] },
    light: { chance: 0.6, brightness: [0.92, 1.08], contrast: [0.93, 1.07] },
    noise: { chance: 0.15, strength: [1, 4] },
    recompress: { chance: 0.3, quality: [70, 90] },
  },
  medium: {
    name: "medium",
    size: 512,
    mirror: { chance: 0.5 },
    turn: { chance: 0.7, degrees: [-12, 12] },
    crop: { chance: 0.8, share: [0.75, 1] },
    colour: { chance: 0.5, hue: [-4, 4], saturation: [0.85, 1.15] },
    light: { chance: 0.8, brightness: [0.82, 1.18], contrast: [0.85, 1.15] },
    blur: { chance: 0.15, radius: [0.8, 2] },
    noise: { chance: 0.3, strength: [2, 9] },
    cover: { chance: 0.15, side: [0.1, 0.22] },
    recompress: { chance: 0.4, quality: [50, 85] },
  },
  strong: {
    name: "strong",
    size: 512,
    mirror: { chance: 0.5 },
    turn: { chance: 0.85, degrees: [-20, 20] },
    crop: { chance: 0.9, share: [0.6, 1] },
    colour: { chance: 0.7, hue: [-7, 7], saturation: [0.7, 1.3] },
    light: { chance: 0.9, brightness: [0.7, 1.3], contrast: [0.72, 1.28] },
    blur: { chance: 0.25, radius: [0.8, 3.5] },
    noise: { chance: 0.45, strength: [3, 16] },
    cover: { chance: 0.3, side: [0.12, 0.32] },
    recompress: { chance: 0.5, quality: [35, 80] },
  },
};

/** A range within limits that leave a fish recognisable. */
function range(least: number, most: number) {
  const message = `takes [least, most] within ${least} and ${most}`;
  const bound = v.pipe(v.number(message), v.minValue(least, message), v.maxValue(most, message));
  return v.pipe(
    v.strictTuple([bound, bound], message),
    v.check(([low, high]) => low <= high, message),
  );
}

const CHANCE = v.pipe(
  v.number("takes a number from 0 to 1"),
  v.minValue(0, "takes a number from 0 to 1"),
  v.maxValue(1, "takes a number from 0 to 1"),
);
/** An operation that a recipe may have: its chance, and its ranges. */
function operation<Ranges extends Record<string, ReturnType<typeof range>>>(ranges: Ranges) {
  return v.exactOptional(v.strictObject({ chance: CHANCE, ...ranges }));
}

const SIZE = "takes a whole number from 32 to 2048";

const RECIPE = v.strictObject({
  name: v.pipe(v.string("takes a text"), v.trim(), v.nonEmpty("takes a text")),
  size: v.pipe(v.number(SIZE), v.integer(SIZE), v.minValue(32, SIZE), v.maxValue(2048, SIZE)),
  mirror: operation({}),
  turn: operation({ degrees: range(-30, 30) }),
  crop: operation({ share: range(0.5, 1) }),
  colour: operation({ hue: range(-15, 15), saturation: range(0.5, 1.5) }),
  light: operation({ brightness: range(0.5, 1.5), contrast: range(0.5, 1.5) }),
  blur: operation({ radius: range(0, 6) }),
  noise: operation({ strength: range(0, 30) }),
  cover: operation({ side: range(0.02, 0.4) }),
  recompress: operation({ quality: range(20, 95) }),
});

/** Operations with which two copies are never the same. */
export const VARYING = ["turn", "crop", "colour", "light", "noise"] as const;

/**
 * Parses a recipe.
 *
 * @param text JSON.
 * @throws {TypeError} Naming the field that is wrong and what it takes.
 *
 * @example
 * ```ts
 * import { parseRecipe } from "./recipe.ts";
 *
 * parseRecipe('{"name":"mine","size":384,"turn":{"chance":1,"degrees":[-8,8]}}');
 * ```
 */
export function parseRecipe(text: string): Recipe {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw new TypeError(`it is not JSON: ${reason(thrown)}`);
  }
  if (Array.isArray(value)) throw new TypeError("the recipe takes an object");
  const parsed = v.safeParse(RECIPE, value);
  if (!parsed.success) throw new TypeError(describeIssue(parsed.issues[0]));
  const recipe: Recipe = parsed.output;
  if (VARYING.some((operation) => (recipe[operation]?.chance ?? 0) > 0)) return recipe;
  throw new TypeError(
    `at least one of ${VARYING.join(", ")} takes a chance above 0, or copies would be the same`,
  );
}

function describeIssue(issue: v.BaseIssue<unknown>): string {
  const field = (issue.path ?? []).map(({ key }) => key)
    // A range is named as a whole.
    .filter((key) => typeof key === "string").join(".");
  if (field === "") return "the recipe takes an object";
  if (issue.kind === "schema" && issue.type === "strict_object") {
    if (issue.expected === "never") return `"${field}" is unknown`;
    return issue.expected === "Object" ? `"${field}" takes an object` : `"${field}" is missing`;
  }
  return `"${field}" ${issue.message}`;
}

/**
 * Reads a recipe's file.
 *
 * @throws {Failure} With status 2, saying what is wrong with it.
 */
export async function readRecipe(path: string): Promise<Recipe> {
  try {
    return parseRecipe(await Deno.readTextFile(path));
  } catch (thrown) {
    if (isMissing(thrown)) throw new Failure(`There is no recipe ${path}.`, 2);
    if (!(thrown instanceof TypeError)) throw thrown;
    throw new Failure(
      `Cannot use the recipe ${path}: ${thrown.message}. Print one that is right with: deno task augment --show-recipe`,
      2,
    );
  }
}
