/**
 * Time that passes only when everybody waits, so that tests of waiting take no time and come out the
 * same on every machine.
 *
 * @module
 */

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/**
 * Runs something with `setTimeout`, `clearTimeout` and `performance.now` on virtual time: whenever
 * nothing is left to do, the clock moves on to the next timer. For code whose waits are all timers.
 *
 * @param work What to run.
 * @returns What it returns.
 */
export async function inVirtualTime<Result>(work: () => Promise<Result>): Promise<Result> {
  const { setTimeout: realTimeout, clearTimeout: realClear, performance } = globalThis;
  const realNow = performance.now;
  const timers = new Map<number, Timer>();
  let [now, last, isOver, idle] = [0, 0, false, 0];
  const start = (run: () => void, wait = 0): number => {
    timers.set(++last, { at: now + wait, run });
    return last;
  };
  Object.assign(globalThis, {
    setTimeout: start,
    clearTimeout: (timer: number) => timers.delete(timer),
  });
  performance.now = () => now;
  try {
    const result = work().finally(() => isOver = true);
    while (!isOver) {
      // All promises that can settle have done so when a timer of the machine fires.
      await new Promise<void>((resolve) => realTimeout(resolve, 0));
      const [next] = [...timers].sort(([, one], [, other]) => one.at - other.at);
      if (next === undefined && !isOver && ++idle > 10_000) {
        throw new Error("nobody waits for time");
      }
      if (next === undefined || isOver) continue;
      idle = 0;
      timers.delete(next[0]);
      now = next[1].at;
      next[1].run();
    }
    return await result;
  } finally {
    Object.assign(globalThis, { setTimeout: realTimeout, clearTimeout: realClear });
    performance.now = realNow;
  }
}
