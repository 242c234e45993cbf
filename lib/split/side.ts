/**
 * The sides of a split: train, validation, test.
 *
 * @module
 */

/** What an image is used for. */
export type Side = "train" | "validation" | "test";

/** The sides, in the order they are listed. */
export const SIDES: readonly Side[] = ["train", "validation", "test"];

/** Where what belongs together stood on several sides, the first of these wins. */
export const PRECEDENCE: readonly Side[] = ["test", "validation", "train"];

/** How many of a hundred images each side gets. */
export type Shares = Readonly<Record<Side, number>>;

/** The shares where none are given. */
export const DEFAULT_SHARES: Shares = { train: 80, validation: 10, test: 10 };

/**
 * Parses shares as a user types them.
 *
 * @param text Three numbers that sum up to 100: `80/10/10`.
 * @throws {TypeError} Saying what the flag takes.
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

/** Writes shares as a user types them. */
export function formatShares(shares: Shares): string {
  return SIDES.map((side) => shares[side]).join("/");
}
