/**
 * The sides of a split.
 *
 * @module
 */

/** What an image is for. */
export type Side = "train" | "validation" | "test";

/** The sides, as folders and shards are named. */
export const SIDES: readonly Side[] = ["train", "validation", "test"];

/** How many of a hundred images each side has. */
export type Shares = Readonly<Record<Side, number>>;

/** The shares unless told otherwise. */
export const DEFAULT_SHARES: Shares = { train: 80, validation: 10, test: 10 };

/**
 * Reads shares as they are typed.
 *
 * @param text Three numbers that sum up to 100: `80/10/10`.
 * @throws {TypeError} With what a flag takes.
 */
export function parseShares(text: string): Shares {
  const match = /^(\d{1,3})\/(\d{1,3})\/(\d{1,3})$/.exec(text);
  const [train, validation, test] = (match ?? []).slice(1).map(Number);
  if (
    train === undefined || validation === undefined || test === undefined || train === 0 ||
    train + validation + test !== 100
  ) {
    throw new TypeError(
      "takes the shares of train, validation and test, which sum up to 100, such as 80/10/10",
    );
  }
  return { train, validation, test };
}

/**
 * Shares as they are typed.
 *
 * @param shares The shares.
 */
export function formatShares(shares: Shares): string {
  return SIDES.map((side) => shares[side]).join("/");
}

/**
 * Whether a value names a side.
 *
 * @param value What came from outside.
 */
export function isSide(value: unknown): value is Side {
  return SIDES.some((side) => side === value);
}
