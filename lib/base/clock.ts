/**
 * Time, as the client needs it: a parameter, so that waiting can be tested without waiting.
 *
 * @module
 */

import { delay } from "@std/async";

/** Tells the time and waits. */
export interface Clock {
  /** Milliseconds since some moment; never set back. */
  now(): number;
  /** Milliseconds since 1970, as the machine believes; may be set back. */
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
