/**
 * Trying again, with growing pauses.
 *
 * @module
 */

import type { Clock } from "./clock.ts";

/** How long to wait between tries. */
export interface BackOff {
  /** The longest wait after the first failure, in milliseconds; 1000 unless given. */
  readonly first?: number;
  /** The longest wait ever, in milliseconds; 30,000 unless given. */
  readonly longest?: number;
}

/**
 * Exponential back-off with full jitter: a random part of a limit that doubles with each failure, so
 * that jobs which failed together do not come back together.
 *
 * @param failures How often it has failed, from 1.
 * @param random From 0 up to, not including, 1.
 * @param options The limits.
 * @returns Milliseconds.
 */
export function backOff(
  failures: number,
  random: () => number = Math.random,
  { first = 1000, longest = 30_000 }: BackOff = {},
): number {
  return random() * Math.min(longest, first * 2 ** (failures - 1));
}

/**
 * Tries until a result is good enough, waiting in between.
 *
 * @param attempt Makes one try; is given its number, from 1. What it throws ends the tries.
 * @param waitAfter How long to wait before the next try, in milliseconds; `undefined` to stop here.
 * @param clock Waits.
 * @param signal Ends it.
 * @returns The last result.
 * @throws What `attempt` throws, or the reason of the signal.
 *
 * @example
 * ```ts
 * import { systemClock } from "./clock.ts";
 * import { backOff, retry } from "./retry.ts";
 *
 * const answer = await retry(
 *   () => fetch("http://127.0.0.1:8080/"),
 *   ({ status }, tries) => status === 503 && tries < 3 ? backOff(tries) : undefined,
 *   systemClock,
 *   AbortSignal.timeout(60_000),
 * );
 * ```
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
