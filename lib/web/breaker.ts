/**
 * A circuit breaker for each host: hosts that fail again and again hold up nobody.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import type { NotReceived } from "./client.ts";

/** The weight of failures in a row that sets a host aside. */
const ENOUGH = 6;
/** How long a host is set aside at first, in milliseconds; each further time twice as long. */
const FIRST = 30_000;
/** The same for a host that has never answered and stays silent: asking it costs the most time. */
const FIRST_SILENT = 60_000;
const LONGEST = 600_000;

export type Fault = Pick<NotReceived, "outcome" | "detail">;

/** Why a host is set aside, and until when by the clock. */
export interface SetAside {
  readonly until: number;
  readonly fault: Fault;
}

interface History {
  /** The weight of the failures in a row. */
  failures: number;
  /** How often in a row it was set aside. */
  times: number;
  lastFailure: number;
  aside: SetAside | undefined;
  /** Whether a request is under way that shows whether the host has recovered. */
  probing: boolean;
}

/**
 * Three failures in a row, or six answers that were of no use, set a host aside, for half a minute at
 * first; then one request is let through, and another failure sets it aside for twice as long. A host
 * that has never answered is set aside at its first failure.
 */
export class Breaker {
  readonly #clock: Clock;
  readonly #histories = new Map<string, History>();
  readonly #proven = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Why a host is set aside now; `undefined` when it may be asked. */
  setAside(host: string): SetAside | undefined {
    const history = this.#histories.get(host);
    if (history?.aside === undefined) return undefined;
    return history.probing || history.aside.until > this.#clock.now() ? history.aside : undefined;
  }

  /** Why a request may not be sent to a host; otherwise a function to call when it has its answer. */
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

  /** Notes an answer that does not count against the host: a success, or a 404. */
  succeeded(host: string): void {
    this.#histories.delete(host);
    this.#proven.add(host);
  }

  /**
   * Notes a failed request; gives why the host is set aside, if this failure did it.
   *
   * @param sent When the request was sent, where a burst should count once: a request that was under
   * way when the last failure was noted says nothing new.
   */
  failed(host: string, fault: Fault, sent = Infinity): SetAside | undefined {
    const history = this.#history(host);
    if (history.failures > 0 && sent < history.lastFailure) return undefined;
    history.failures += weight(fault);
    history.lastFailure = this.#clock.now();
    const isStranger = !this.#proven.has(host) && weight(fault) > 1;
    const enough = isStranger || history.failures >= ENOUGH || history.times > 0;
    return enough ? this.put(host, fault) : undefined;
  }

  /** Sets a host aside at once; for how long depends on how often it has failed, unless it said so. */
  put(host: string, fault: Fault, milliseconds?: number): SetAside {
    const now = this.#clock.now();
    const history = this.#history(host);
    const silent = fault.outcome === "timeout" && !this.#proven.has(host);
    const first = silent ? FIRST_SILENT : FIRST;
    const length = milliseconds ?? Math.min(LONGEST, first * 2 ** history.times);
    history.times++;
    history.failures = Math.max(history.failures, 1);
    history.lastFailure = now;
    history.probing = false;
    history.aside = { until: now + length, fault };
    return history.aside;
  }

  #history(host: string): History {
    let history = this.#histories.get(host);
    if (history === undefined) {
      history = { failures: 0, times: 0, lastFailure: -1, aside: undefined, probing: false };
      this.#histories.set(host, history);
    }
    return history;
  }
}

/** A useless answer may be due to what was asked for, so it counts half as much as no answer. */
function weight({ outcome }: Fault): number {
  return outcome === "timeout" || outcome === "refused" || outcome === "tls-error" ? 2 : 1;
}
