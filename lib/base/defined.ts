/**
 * Fields that may be missing, under TypeScript's rule that undefined is not the same as missing.
 *
 * @module
 */

/** Fields of which those that were undefined are missing. */
type Defined<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/**
 * An object without those of its fields that are undefined.
 *
 * @example
 * ```ts
 * import { defined } from "./defined.ts";
 *
 * console.log({ url: "https://fish.example", ...defined({ author: undefined }) }); // only `url`
 * ```
 */
export function defined<Fields extends object>(fields: Fields): Defined<Fields> {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as Defined<Fields>;
}
