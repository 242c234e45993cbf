/**
 * A queue that lets one task in at a time, in the order of arrival.
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
