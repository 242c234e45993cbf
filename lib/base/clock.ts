/**
 * Time as a parameter, so that waiting can be tested without waiting.
 *
 * @module
 */

import { delay } from "@std/async";

/** Tells the time and waits. */
export interface Clock {
  /** Milliseconds since some moment, never set back: every duration is a difference of two. */
  now(): number;
  /** Milliseconds since 1970, to compare with dates of others; the user may set it at any time. */
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
