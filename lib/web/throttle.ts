/**
 * Throttling: how many requests a host gets at once, and how long between two.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";

/** How a host is throttled. */
export interface Pace {
  /** The least time from the start of one request to the start of the next, in milliseconds. */
  readonly interval: number;
  /** How many requests run at once. */
  readonly concurrency: number;
}

/** Ends a turn and lets the next request in. Safe to call twice. */
export type EndTurn = () => void;

/** Resolves a waiting `take()`; with `undefined` it is dismissed. */
type Waiting = (turn: EndTurn | undefined) => void;

interface Host {
  pace: Pace;
  active: number;
  /** When the next request may start, by the clock. */
  next: number;
  readonly waiting: Set<Waiting>;
  timer: AbortController | undefined;
}

export class Throttle {
  readonly #clock: Clock;
  readonly #pace: Pace;
  readonly #hosts = new Map<string, Host>();

  /** `pace` holds for every host until `pace()` changes it. */
  constructor(clock: Clock, pace: Pace) {
    this.#clock = clock;
    this.#pace = pace;
  }

  pace(host: string, pace: Partial<Pace>): void {
    const entry = this.#host(host);
    entry.pace = { ...entry.pace, ...pace };
    this.#admit(entry);
  }

  /** Raises a host's interval, never lowers it; gives whether it changed. */
  slow(host: string, interval: number): boolean {
    const entry = this.#host(host);
    if (interval <= entry.pace.interval) return false;
    entry.pace = { ...entry.pace, interval };
    return true;
  }

  /** Starts no request to a host for some milliseconds. */
  pause(host: string, milliseconds: number): void {
    const entry = this.#host(host);
    entry.next = Math.max(entry.next, this.#clock.now() + milliseconds);
    // A timer that is running looks at the new time when it ends.
  }

  isBusy(host: string): boolean {
    const entry = this.#hosts.get(host);
    return entry !== undefined &&
      (entry.waiting.size > 0 || entry.active >= entry.pace.concurrency ||
        entry.next > this.#clock.now());
  }

  /** Ends the waiting for a host: each waiting `take()` gives `undefined`. */
  dismiss(host: string): void {
    const entry = this.#hosts.get(host);
    if (entry === undefined) return;
    for (const begin of entry.waiting) begin(undefined);
    entry.waiting.clear();
    this.#admit(entry);
  }

  /** Waits for a turn, first come, first served; `undefined` when it was dismissed. */
  async take(host: string, signal: AbortSignal): Promise<EndTurn | undefined> {
    signal.throwIfAborted();
    const entry = this.#host(host);
    const { promise, resolve, reject } = Promise.withResolvers<EndTurn | undefined>();
    const abort = (): void => {
      entry.waiting.delete(resolve);
      reject(signal.reason);
      this.#admit(entry);
    };
    signal.addEventListener("abort", abort, { once: true });
    entry.waiting.add(resolve);
    this.#admit(entry);
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  #host(host: string): Host {
    let entry = this.#hosts.get(host);
    if (entry === undefined) {
      entry = { pace: this.#pace, active: 0, next: 0, waiting: new Set(), timer: undefined };
      this.#hosts.set(host, entry);
    }
    return entry;
  }

  #admit(entry: Host): void {
    for (const begin of entry.waiting) {
      if (entry.active >= entry.pace.concurrency) break;
      const now = this.#clock.now();
      if (entry.next > now) {
        this.#later(entry, entry.next - now);
        return;
      }
      entry.waiting.delete(begin);
      entry.active++;
      entry.next = now + entry.pace.interval;
      begin(this.#turn(entry));
    }
    if (entry.waiting.size === 0) entry.timer?.abort();
  }

  #later(entry: Host, milliseconds: number): void {
    if (entry.timer !== undefined) return;
    const timer = new AbortController();
    entry.timer = timer;
    const wake = (): void => {
      if (entry.timer === timer) entry.timer = undefined;
      this.#admit(entry);
    };
    this.#clock.sleep(milliseconds, timer.signal).then(wake, wake);
  }

  #turn(entry: Host): EndTurn {
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      entry.active--;
      this.#admit(entry);
    };
  }
}
