/**
 * Working ahead without losing the order.
 *
 * @module
 */

/** How far ahead may be worked; at least 1 counts. */
export interface Room {
  /** How many items may be under way at once. */
  readonly underWay: number;
  /** How many items may be begun and not yielded, those included that only wait for their turn. */
  readonly begun: number;
}

/**
 * Works on items several at a time and yields what comes of them in the items' own order, so that
 * what is decided does not hang on which download was the fastest.
 *
 * @param items Where the items come from; asked for the next one as soon as there is room.
 * @param room How far ahead may be worked, asked anew before each item.
 * @param work What is done to each item.
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
): AsyncGenerator<Result, End, void> {
  type Step = { readonly done: false; readonly result: Promise<Result> } | {
    readonly done: true;
    readonly end: Promise<End>;
  };
  const steps: Step[] = [];
  let changed = Promise.withResolvers<void>();
  let stopped = false;
  let underWay = 0;
  const signalChange = () => {
    changed.resolve();
    changed = Promise.withResolvers<void>();
  };
  const pull = async () => {
    while (!stopped) {
      const { underWay: most, begun } = room();
      if (underWay >= Math.max(1, most) || steps.length >= Math.max(1, begun)) {
        await changed.promise;
        continue;
      }
      const next = await items.next();
      if (next.done) {
        steps.push({ done: true, end: Promise.resolve(next.value) });
        return;
      }
      underWay++;
      const result = work(next.value).finally(() => {
        underWay--;
        signalChange();
      });
      // It is awaited when its turn comes. If the job ends before, its error is ignored.
      result.catch(() => undefined);
      steps.push({ done: false, result });
      signalChange();
    }
  };
  const pulling = pull().catch((thrown) => {
    const end = Promise.reject(thrown);
    end.catch(() => undefined);
    steps.push({ done: true, end });
  }).finally(signalChange);
  try {
    while (true) {
      const step = steps[0];
      if (step === undefined) {
        await changed.promise;
        continue;
      }
      if (step.done) return await step.end;
      const result = await step.result;
      steps.shift();
      signalChange();
      yield result;
    }
  } finally {
    stopped = true;
    signalChange();
    // A generator that is waiting for its site ends when its own signal does.
    await pulling;
    await closeItems(items);
  }
}

async function closeItems<End>(items: AsyncGenerator<unknown, End, void>): Promise<void> {
  // Ignore errors from `return()`: the job already has its result.
  await items.return(undefined as End).catch(() => undefined);
}
