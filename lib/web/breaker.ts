/**
 * Setting aside the hosts that fail again and again, so that they hold up nobody.
 *
 * @module
 */

import type { NetworkOutcome } from "../dataset/outcome.ts";
import type { Clock } from "./clock.ts";

/** So many requests in a row have to fail. */
const FAILURES = 3;
/** How long a host is set aside at first; each further time twice as long. In milliseconds. */
const FIRST = 30_000;
/** How long a host is set aside at most, in milliseconds. */
const LONGEST = 600_000;

/** What went wrong. */
export interface Fault {
  /** For the candidate. */
  readonly outcome: NetworkOutcome;
  /** In words. */
  readonly detail: string;
}

/** Why a host is set aside and until when. */
export interface SetAside {
  /** By the clock. */
  readonly until: number;
  /** What went wrong last. */
  readonly fault: Fault;
}

interface History {
  /** How many requests in a row have failed. */
  failures: number;
  /** How often in a row it was set aside. */
  times: number;
  /** When the last failure that counted was seen. */
  last: number;
  aside: SetAside | undefined;
}

/**
 * A circuit breaker for each host: after three failures in a row it is set aside, for half a minute
 * at first; then one request is let through, and another failure sets it aside for twice as long.
 */
export class Breaker {
  readonly #clock: Clock;
  readonly #records = new Map<string, History>();

  /**
   * Begins with no host set aside.
   *
   * @param clock The time.
   */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Why a host is set aside now; nothing when it is not. */
  setAside(host: string): SetAside | undefined {
    const aside = this.#records.get(host)?.aside;
    return aside !== undefined && aside.until > this.#clock.now() ? aside : undefined;
  }

  /** Notes that a host answered as it should, or at least sensibly. */
  succeeded(host: string): void {
    this.#records.delete(host);
  }

  /**
   * Notes that a request to a host failed.
   *
   * @param host The host.
   * @param fault What went wrong.
   * @param sent When the request was sent, by the clock, where a burst is to count once: a request
   * that was already under way when the last failure was counted tells nothing new.
   * @returns Why and until when it is set aside, if this was the failure that did it.
   */
  failed(host: string, fault: Fault, sent = Infinity): SetAside | undefined {
    const now = this.#clock.now();
    const record = this.#records.get(host) ?? { failures: 0, times: 0, last: -1, aside: undefined };
    this.#records.set(host, record);
    if (record.failures > 0 && sent < record.last) return undefined;
    record.failures++;
    record.last = now;
    // A host that has been set aside before has one try, not three.
    if (record.failures < FAILURES && record.times === 0) return undefined;
    return this.put(host, fault);
  }

  /**
   * Sets a host aside at once.
   *
   * @param host The host.
   * @param fault What went wrong.
   * @param milliseconds For how long, ten minutes at most; by how often it has failed unless given.
   */
  put(host: string, fault: Fault, milliseconds?: number): SetAside {
    const now = this.#clock.now();
    const record = this.#records.get(host) ??
      { failures: 0, times: 0, last: now, aside: undefined };
    this.#records.set(host, record);
    const length = Math.min(LONGEST, milliseconds ?? FIRST * 2 ** record.times);
    record.times++;
    record.failures = Math.max(record.failures, 1);
    record.last = now;
    record.aside = { until: now + length, fault };
    return record.aside;
  }
}
