/**
 * Recipes: what is done to a photo to make a copy of it, and how much.
 *
 * @module
 */

import { isMissing } from "../base/disk_failure.ts";
import { Failure, reason } from "../base/failure.ts";

/** A range, from the least to the most. */
export type Range = readonly [number, number];

/** How often a thing is done, from 0, never, to 1, to every copy. */
export interface Chance {
  /** From 0 to 1. */
  readonly chance: number;
}

/** A recipe. What is left out of it is not done. */
export interface Recipe {
  /** What it is called. */
  readonly name: string;
  /** The long side of the copies, in pixels; smaller parents are not enlarged. */
  readonly size: number;
  /** Left and right exchanged. */
  readonly mirror?: Chance;
  /** Turned clockwise. */
  readonly turn?: Chance & { readonly degrees: Range };
  /** A part that has this share of each side. */
  readonly crop?: Chance & { readonly share: Range };
  /** Colours turned by degrees and made so many times as strong. */
  readonly colour?: Chance & { readonly hue: Range; readonly saturation: Range };
  /** Made so many times as bright and as rich in contrast. */
  readonly light?: Chance & { readonly brightness: Range; readonly contrast: Range };
  /** Blurred, the radius in thousandths of the long side. */
  readonly blur?: Chance & { readonly radius: Range };
  /** Noise: its standard deviation, of 255. */
  readonly noise?: Chance & { readonly strength: Range };
  /** A grey rectangle whose sides have this share of the picture's. */
  readonly cover?: Chance & { readonly side: Range };
  /** Compressed as JPEG once more, with this quality. */
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

/** What a field of an operation may be: what a fish survives. */
const LIMITS: Readonly<Record<string, Readonly<Record<string, Range>>>> = {
  mirror: {},
  turn: { degrees: [-30, 30] },
  crop: { share: [0.5, 1] },
  colour: { hue: [-15, 15], saturation: [0.5, 1.5] },
  light: { brightness: [0.5, 1.5], contrast: [0.5, 1.5] },
  blur: { radius: [0, 6] },
  noise: { strength: [0, 30] },
  cover: { side: [0.02, 0.4] },
  recompress: { quality: [20, 95] },
};

/** Operations of which two draws are never the same. */
const UNLIKE = ["turn", "crop", "colour", "light", "noise"] as const;

/**
 * Reads a recipe.
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
    throw new TypeError(`it is no JSON: ${reason(thrown)}`);
  }
  const fields = record(value, "the recipe");
  for (const name of Object.keys(fields)) {
    if (name !== "name" && name !== "size" && LIMITS[name] === undefined) {
      throw new TypeError(`"${name}" is unknown; there are ${Object.keys(LIMITS).join(", ")}`);
    }
  }
  const { name, size } = fields;
  if (typeof name !== "string" || name.trim() === "") throw new TypeError(`"name" takes a text`);
  if (typeof size !== "number" || !Number.isInteger(size) || size < 32 || size > 2048) {
    throw new TypeError(`"size" takes a whole number from 32 to 2048`);
  }
  for (const [operation, limits] of Object.entries(LIMITS)) {
    if (fields[operation] !== undefined) check(operation, fields[operation], limits);
  }
  const recipe = checked(fields);
  if (!UNLIKE.some((operation) => (recipe[operation]?.chance ?? 0) > 0)) {
    throw new TypeError(
      `at least one of ${UNLIKE.join(", ")} takes a chance above 0, or copies would be the same`,
    );
  }
  return recipe;
}

/**
 * Reads a recipe's file.
 *
 * @param path The file.
 * @throws {Failure} With status 2, saying what is wrong with it.
 */
export async function readRecipe(path: string): Promise<Recipe> {
  try {
    return parseRecipe(await Deno.readTextFile(path));
  } catch (thrown) {
    if (isMissing(thrown)) throw new Failure(`There is no recipe ${path}.`, 2);
    if (!(thrown instanceof TypeError)) throw thrown;
    throw new Failure(
      `Cannot use the recipe ${path}: ${thrown.message}. --show-recipe prints one that is right.`,
      2,
    );
  }
}

// What `parseRecipe` has looked at, field by field.
function checked(fields: unknown): Recipe {
  return fields as Recipe;
}

function check(
  operation: string,
  value: unknown,
  limits: Readonly<Record<string, Range>>,
): void {
  const fields = record(value, `"${operation}"`);
  const known = ["chance", ...Object.keys(limits)];
  for (const name of Object.keys(fields)) {
    if (!known.includes(name)) {
      throw new TypeError(`"${operation}.${name}" is unknown; there are ${known.join(", ")}`);
    }
  }
  if (!isBetween(fields.chance, [0, 1])) {
    throw new TypeError(`"${operation}.chance" takes a number from 0 to 1`);
  }
  for (const [name, limit] of Object.entries(limits)) {
    const range = fields[name];
    const isRange = Array.isArray(range) && range.length === 2 &&
      range.every((bound) => isBetween(bound, limit)) && range[0] <= range[1];
    if (isRange) continue;
    throw new TypeError(
      `"${operation}.${name}" takes [least, most] within ${limit[0]} and ${limit[1]}`,
    );
  }
}

function isBetween(value: unknown, [least, most]: Range): boolean {
  return typeof value === "number" && value >= least && value <= most;
}

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`${what} takes an object`);
  }
  return { ...value };
}
