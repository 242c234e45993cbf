/**
 * Working ahead without losing the order.
 *
 * @module
 */

import { type Clock, systemClock } from "../base/clock.ts";

/** How far ahead may be worked; at least 1 counts. */
export interface Room {
  /** How many items may be under way at once. */
  readonly underWay: number;
  /** How many items may be begun and not yielded, those included that only wait for their turn. */
  readonly begun: number;
}

/** How long an item may take that all others wait for, in milliseconds … */
export const PATIENCE = 5000;
/** … and so many times what the slowest of the others took: a slow machine is slow for all. */
const PATIENCE_TIMES = 2;

/**
 * Works on items several at a time and yields what comes of them in the items' own order, so that
 * what is decided does not hang on which download was the fastest. Only an item that hangs while all
 * those begun after it are done is overtaken by them: it is yielded as soon as it is done itself, at
 * the latest before the end.
 *
 * @param items Where the items come from; asked for the next one as soon as there is room.
 * @param room How far ahead may be worked, asked anew before each item.
 * @param work What is done to each item.
 * @param onOvertaken Called with an item when it is overtaken.
 * @param patience How long an item that all others wait for may take, in milliseconds; it may always
 * take twice as long as the slowest of them.
 * @param clock Says how long each takes.
 * @returns What `items` returned at its end.
 * @throws Whatever `items` or `work` throws, when its turn comes.
 *
 * @example
 * ```ts
 * import { aheadInOrder } from "./ahead.ts";
 *
 * async function* numbers() {
 *   yield 3;
 *   yield 1;
 *   return "end";
 * }
 * const room = () => ({ underWay: 2, begun: 4 });
 * for await (const square of aheadInOrder(numbers(), room, (n) => Promise.resolve(n * n))) {
 *   console.log(square); // 9, then 1
 * }
 * ```
 */
export async function* aheadInOrder<Item, Result, End>(
  items: AsyncGenerator<Item, End, void>,
  room: () => Room,
  work: (item: Item) => Promise<Result>,
  onOvertaken: (item: Item) => void = () => {},
  patience: (item: Item) => number = () => PATIENCE,
  clock: Pick<Clock, "now" | "sleep"> = systemClock,
): AsyncGenerator<Result, End, void> {
  interface Begun {
    readonly item: Item;
    readonly result: Promise<Result>;
    readonly since: number;
    /** How long it took; nothing while it is under way. */
    took?: number;
  }
  /** Those that are yielded in the items' order. */
  const inOrder = new Set<Begun>();
  const overtaken = new Set<Begun>();
  let end: Promise<End> | undefined;
  let changed = Promise.withResolvers<void>();
  let stopped = false;
  const signalChange = () => {
    changed.resolve();
    changed = Promise.withResolvers<void>();
  };
  const pull = async () => {
    while (!stopped) {
      const { underWay: most, begun } = room();
      const underWay = [...inOrder].filter(({ took }) => took === undefined).length;
      if (underWay >= Math.max(1, most) || inOrder.size >= Math.max(1, begun)) {
        await changed.promise;
        continue;
      }
      const next = await items.next();
      if (next.done) {
        end = Promise.resolve(next.value);
        return;
      }
      const item = next.value;
      const one: Begun = { item, result: work(item), since: clock.now() };
      inOrder.add(one);
      // The error is thrown in its turn. If the job ends before, it is ignored.
      one.result.catch(() => undefined).finally(() => {
        one.took = clock.now() - one.since;
        signalChange();
      });
      signalChange();
    }
  };
  const pulling = pull().catch((thrown) => {
    end = Promise.reject(thrown);
    end.catch(() => undefined);
  }).finally(signalChange);
  /** Waits for the next change; true where an item has kept the others waiting for too long by then. */
  const isOvertaken = async (one: Begun): Promise<boolean> => {
    const others = [...inOrder].filter((other) => other !== one);
    const isLast = others.length === 0 || others.some(({ took }) => took === undefined);
    if (isLast || overtaken.size >= room().underWay) {
      await changed.promise;
      return false;
    }
    const slowest = Math.max(...others.map(({ took = 0 }) => took));
    const left = one.since + Math.max(patience(one.item), PATIENCE_TIMES * slowest) - clock.now();
    if (left <= 0) return true;
    const timer = new AbortController();
    await Promise.race([changed.promise, clock.sleep(left, timer.signal)]);
    timer.abort();
    return false;
  };
  try {
    while (true) {
      const [first] = inOrder;
      const next = [...overtaken, ...first === undefined ? [] : [first]]
        .find(({ took }) => took !== undefined);
      if (next !== undefined) {
        overtaken.delete(next);
        inOrder.delete(next);
        const result = await next.result;
        signalChange();
        yield result;
      } else if (first !== undefined) {
        if (!await isOvertaken(first)) continue;
        inOrder.delete(first);
        overtaken.add(first);
        onOvertaken(first.item);
        signalChange();
      } else if (end !== undefined && overtaken.size === 0) {
        return await end;
      } else {
        await changed.promise;
      }
    }
  } finally {
    stopped = true;
    signalChange();
    // A generator that is waiting for its site ends when its own signal does.
    await pulling;
    // Ignore errors from `return()`: the job already has its result.
    await items.return(undefined as End).catch(() => undefined);
  }
}
