/**
 * A clock that does not wait.
 *
 * @module
 */

import type { Clock } from "../../lib/base/clock.ts";

/** Sleeping takes no time, but the clock has moved on after it. */
export class QuickClock implements Clock {
  /** How long was slept each time, in milliseconds. */
  readonly slept: number[] = [];
  #ahead = 0;

  now(): number {
    return performance.now() + this.#ahead;
  }

  today(): number {
    return Date.now() + this.#ahead;
  }

  async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.slept.push(milliseconds);
    this.#ahead += milliseconds;
    await Promise.resolve();
  }
}
