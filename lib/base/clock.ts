/**
 * Time as a parameter, so that waiting can be tested without waiting.
 *
 * @module
 */

import { delay } from "@std/async";

/** Gives the time and waits. */
export interface Clock {
  /** Monotonic milliseconds, for durations. */
  now(): number;
  /** Milliseconds since 1970, to compare with other people's dates; the user may change it at any time. */
  today(): number;
  /** Waits; rejects with the signal's reason as soon as it aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  today: () => Date.now(),
  sleep: (milliseconds, signal) => delay(milliseconds, { signal }),
};
