/**
 * The pace of the Google stage: one clock for all jobs.
 *
 * @module
 */

import { delay } from "@std/async";

/** What the pace is made of; time and chance are given, so that they can be held still. */
export interface PaceParts {
  /** The time now, in milliseconds. */
  now(): number;
  /** A number from 0 up to 1. */
  random(): number;
  /**
   * How long a page is given to answer a scroll with a request or with cards, in milliseconds: the
   * first scroll that brings nothing, the second in a row, the third, which is the end.
   */
  readonly patience: readonly number[];
  /** Waits. Rejects with the signal's reason when it fires. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** The clock on the wall and true chance. */
export const REAL_PACE: PaceParts = {
  now: () => performance.now(),
  random: () => Math.random(),
  patience: [800, 1_200, 2_000],
  wait: (milliseconds, signal) => delay(milliseconds, { signal }),
};

/** The first wait after a soft sign, doubled each time, in milliseconds. */
const FIRST_BACK_OFF = 3_000;
/** The longest wait. */
const LONGEST_BACK_OFF = 120_000;

/**
 * Spaces searches out and slows all jobs down together when Google shows signs of displeasure.
 *
 * Between the starts of two searches lies the delay, a quarter more or less by chance. A soft sign
 * puts the next search off by three seconds, the next one by six, and so on; a search that went
 * well takes that back. Signs that several jobs see at the same time are one.
 */
export class Pace {
  readonly #delay: number;
  readonly #parts: PaceParts;
  #nextAt = -Infinity;
  #calmAt = -Infinity;
  #softSigns = 0;

  /**
   * Starts the clock; the first search may start at once.
   *
   * @param delayMs Between the starts of two searches, in milliseconds.
   * @param parts Time and chance.
   */
  constructor(delayMs: number, parts: PaceParts = REAL_PACE) {
    this.#delay = delayMs;
    this.#parts = parts;
  }

  /** How long a page is given to answer a scroll, for each that brings nothing. */
  get patience(): readonly number[] {
    return this.#parts.patience;
  }

  /**
   * Waits for the next search's turn.
   *
   * @param signal Ends the wait.
   */
  async turn(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const now = this.#parts.now();
      const next = Math.max(this.#nextAt, this.#calmAt);
      if (now >= next) {
        this.#nextAt = now + this.#delay * (0.75 + 0.5 * this.#parts.random());
        return;
      }
      // Others wait for the same moment: whoever wakes first moves it on for the rest.
      await this.#parts.wait(next - now, signal);
    }
  }

  /**
   * A soft sign was seen: an empty page, the JavaScript shell, a 429.
   *
   * @returns For how long no search starts now, in milliseconds.
   */
  slowDown(): number {
    const now = this.#parts.now();
    if (now >= this.#calmAt) {
      this.#calmAt = now + Math.min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2 ** this.#softSigns);
      this.#softSigns += 1;
    }
    return this.#calmAt - now;
  }

  /** A search went well: the next soft sign starts small again. */
  allWell(): void {
    this.#softSigns = 0;
  }
}
