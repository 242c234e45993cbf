/**
 * Several at a time, with the error that was thrown, not one about it.
 *
 * @module
 */

import { pooledMap } from "@std/async";

/**
 * Does something with each item, some at a time; what comes of it, in the order of the items.
 *
 * @param atOnce How many at a time.
 * @param items The items.
 * @param each What to do.
 * @throws What the first that failed has thrown, after those under way have ended.
 */
export async function* pooled<Item, Result>(
  atOnce: number,
  items: Iterable<Item>,
  each: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void, void> {
  try {
    yield* pooledMap(atOnce, items, each);
  } catch (thrown) {
    throw thrown instanceof AggregateError ? thrown.errors[0] : thrown;
  }
}
