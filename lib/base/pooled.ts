/**
 * Work on several items at a time.
 *
 * @module
 */

import { pooledMap } from "@std/async";

/**
 * Calls `each` for every item, `atOnce` at a time, and yields the results in the order of the items.
 * After a failure those under way end, and the first error is thrown itself, not inside an
 * `AggregateError` as `pooledMap` does.
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
