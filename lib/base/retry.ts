/**
 * Retrying with back-off.
 *
 * @module
 */

import { delay } from "@std/async";
import type { Clock } from "./clock.ts";
import { Failure, type Notice, reason } from "./failure.ts";

/**
 * Exponential back-off with full jitter: a random part of a limit that doubles with each failure, so
 * that jobs which failed together do not come back together.
 *
 * @param failures How often it has failed, from 1.
 * @param random From 0 up to, not including, 1.
 * @param limits The longest wait after the first failure, and the longest ever, in milliseconds.
 * @returns Milliseconds.
 */
export function backOff(
  failures: number,
  random: () => number = Math.random,
  { first = 1000, longest = 30_000 } = {},
): number {
  return random() * Math.min(longest, first * 2 ** (failures - 1));
}

/**
 * Tries until a result is good enough, and gives the last one. An exception ends the tries.
 *
 * @param waitAfter How long to wait before the next try, in milliseconds; `undefined` to stop. `tries`
 * counts from 1.
 * @throws What `attempt` throws, or the reason of the signal.
 */
export async function retry<Result>(
  attempt: (tries: number) => Promise<Result>,
  waitAfter: (result: Result, tries: number) => number | undefined,
  clock: Pick<Clock, "sleep">,
  signal: AbortSignal,
): Promise<Result> {
  for (let tries = 1;; tries++) {
    const result = await attempt(tries);
    const wait = waitAfter(result, tries);
    if (wait === undefined) return result;
    await clock.sleep(wait, signal);
  }
}

/**
 * Does something again and again until a signal fires. What fails is said once and done again.
 *
 * @param what For the notice: `Cannot <what> at the moment`.
 * @param pause Between one time and the next, in milliseconds.
 * @throws {Failure} Whatever `work` throws of that kind: it cannot go on.
 */
export async function forever(
  what: string,
  pause: number,
  work: () => Promise<unknown>,
  notice: Notice,
  signal: AbortSignal,
): Promise<void> {
  let isFailing = false;
  while (!signal.aborted) {
    try {
      await work();
      isFailing = false;
    } catch (error) {
      if (error instanceof Failure) throw error;
      if (!isFailing && !signal.aborted) {
        notice(`Cannot ${what} at the moment: ${reason(error)}; trying again.`);
      }
      isFailing = true;
    }
    await delay(pause, { signal }).catch(() => undefined);
  }
}
