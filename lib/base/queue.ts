/**
 * Letting tasks in one at a time in the order of arrival, or several at once.
 *
 * @module
 */

import { abortable } from "@std/async";

/** Lets one task in at a time. */
export class Queue {
  #last: Promise<void> = Promise.resolve();

  /**
   * Waits until everyone before has left.
   *
   * @returns Leaves the queue; may be called twice.
   * @throws The signal's reason; then the caller has left already.
   */
  async enter(signal: AbortSignal): Promise<() => void> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = before.then(() => promise);
    try {
      await abortable(before, signal);
    } catch (thrown) {
      resolve();
      throw thrown;
    }
    return resolve;
  }
}

/** Lets so many tasks in at once, or one alone. */
export class Lanes {
  readonly #most: number;
  #used = 0;
  #isAlone = false;
  #left = Promise.withResolvers<void>();

  constructor(most: number) {
    this.#most = most;
  }

  /** How many are in. */
  get used(): number {
    return this.#used;
  }

  /**
   * Waits for a place, or until everyone else has left; whoever comes after one that is to be alone
   * waits for that.
   *
   * @returns Leaves.
   * @throws The signal's reason.
   */
  async enter(alone: boolean, signal: AbortSignal): Promise<() => void> {
    while (this.#isAlone) await abortable(this.#left.promise, signal);
    this.#isAlone = alone;
    try {
      const most = alone ? 1 : this.#most;
      while (this.#used >= most) await abortable(this.#left.promise, signal);
    } catch (thrown) {
      this.#leave(alone);
      throw thrown;
    }
    this.#used++;
    return () => {
      this.#used--;
      this.#leave(alone);
    };
  }

  #leave(alone: boolean): void {
    if (alone) this.#isAlone = false;
    this.#left.resolve();
    this.#left = Promise.withResolvers();
  }
}
