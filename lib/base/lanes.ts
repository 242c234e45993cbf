/**
 * Letting tasks in in the order of arrival, one or several at a time.
 *
 * @module
 */

import { abortable } from "@std/async";

/** Lets so many tasks in at once, one unless more are given. */
export class Lanes {
  #free: number;
  readonly #most: number;
  readonly #waiting = new Set<{ readonly needs: number; readonly enter: () => void }>();
  readonly #inside = new Set<unknown>();

  constructor(most = 1) {
    this.#most = this.#free = most;
  }

  /** How many are in. */
  get used(): number {
    return this.#inside.size;
  }

  /**
   * Waits until everyone before is in and there is room, or for whoever is to be alone, until
   * everyone has left.
   *
   * @returns Leaves; may be called twice.
   * @throws The signal's reason; then the caller has left already.
   */
  async enter(signal: AbortSignal, isAlone = false): Promise<() => void> {
    const needs = isAlone ? this.#most : 1;
    const turn = Promise.withResolvers<void>();
    const task = { needs, enter: turn.resolve };
    const leave = (): void => {
      this.#waiting.delete(task);
      if (this.#inside.delete(task)) this.#free += needs;
      this.#admit();
    };
    this.#waiting.add(task);
    this.#admit();
    try {
      await abortable(turn.promise, signal);
    } catch (thrown) {
      leave();
      throw thrown;
    }
    return leave;
  }

  #admit(): void {
    for (const task of this.#waiting) {
      if (task.needs > this.#free) return;
      this.#waiting.delete(task);
      this.#inside.add(task);
      this.#free -= task.needs;
      task.enter();
    }
  }
}
