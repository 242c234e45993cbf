/**
 * Sets hosts aside that fail again and again, so that they hold up nobody.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import type { NotReceived } from "./client.ts";

/** How much has to fail in a row, weighed. */
const ENOUGH = 6;
/** How long a host is set aside at first; each further time twice as long. In milliseconds. */
const FIRST = 30_000;
/** The same for a host that has said nothing at all so far: to ask it again costs the most. */
const FIRST_SILENT = 60_000;
/** How long a host is set aside at most, in milliseconds. */
const LONGEST = 600_000;

/** What went wrong. */
export type Fault = Pick<NotReceived, "outcome" | "detail">;

/** Why a host is set aside and until when. */
export interface SetAside {
  readonly until: number;
  readonly fault: Fault;
}

interface History {
  /** What failed in a row, weighed. */
  failures: number;
  /** How often in a row it was set aside. */
  times: number;
  /** When the last failure that counted was seen. */
  last: number;
  aside: SetAside | undefined;
  /** Whether a request is under way that is to show whether the host has come back. */
  probing: boolean;
}

/**
 * A circuit breaker for each host. After three failures in a row, or six that were answers after
 * all, it is set aside, for half a minute at first; then one request is let through, and another
 * failure sets it aside for twice as long. A host that has never answered is set aside at its first
 * failure, and for a minute where it says nothing at all.
 */
export class Breaker {
  readonly #clock: Clock;
  readonly #histories = new Map<string, History>();
  readonly #proven = new Set<string>();

  /** @param clock The time. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Why a host is set aside now; nothing when it may be asked. */
  setAside(host: string): SetAside | undefined {
    const history = this.#histories.get(host);
    if (history?.aside === undefined) return undefined;
    return history.probing || history.aside.until > this.#clock.now() ? history.aside : undefined;
  }

  /**
   * Asks to send a request to a host.
   *
   * @param host The host.
   * @returns Why it may not be sent; otherwise what to call when its answer is known.
   */
  enter(host: string): SetAside | (() => void) {
    const aside = this.setAside(host);
    if (aside !== undefined) return aside;
    const history = this.#histories.get(host);
    if (history?.aside === undefined) return () => {};
    history.probing = true;
    return () => {
      history.probing = false;
    };
  }

  /** Notes an answer that says nothing against the host: a success, or a 404. */
  succeeded(host: string): void {
    this.#histories.delete(host);
    this.#proven.add(host);
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
    const history = this.#history(host);
    if (history.failures > 0 && sent < history.last) return undefined;
    history.failures += weight(fault);
    history.last = this.#clock.now();
    const strange = !this.#proven.has(host) && weight(fault) > 1;
    const enough = strange || history.failures >= ENOUGH || history.times > 0;
    return enough ? this.put(host, fault) : undefined;
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
    const history = this.#history(host);
    const silent = fault.outcome === "timeout" && !this.#proven.has(host);
    const first = silent ? FIRST_SILENT : FIRST;
    const length = Math.min(LONGEST, milliseconds ?? first * 2 ** history.times);
    history.times++;
    history.failures = Math.max(history.failures, 1);
    history.last = now;
    history.probing = false;
    history.aside = { until: now + length, fault };
    return history.aside;
  }

  #history(host: string): History {
    let history = this.#histories.get(host);
    if (history === undefined) {
      history = { failures: 0, times: 0, last: -1, aside: undefined, probing: false };
      this.#histories.set(host, history);
    }
    return history;
  }
}

/**
 * Three failures without any answer are enough; a useless answer may have to do with what was asked
 * for, so it takes six of those.
 */
function weight({ outcome }: Fault): number {
  return outcome === "timeout" || outcome === "refused" || outcome === "tls-error" ? 2 : 1;
}
