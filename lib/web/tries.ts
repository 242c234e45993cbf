/**
 * Asking again, as long as it makes sense, and giving up on hosts that fail again and again.
 *
 * @module
 */

import type { NetworkOutcome } from "../base/outcome.ts";
import type { Ask } from "./ask.ts";
import { backOff } from "../base/retry.ts";
import type { Breaker, SetAside } from "./breaker.ts";
import type { Answer, NotReceived } from "./client.ts";
import type { Clock } from "../base/clock.ts";
import { seconds } from "./deadline.ts";
import type { Follower } from "./follow.ts";
import type { Turns } from "./politeness.ts";

/** The most tries of one request in a run. */
const MOST_TRIES = 3;
/** The longest wait that a server may ask for within a run; beyond, its host is set aside. */
const LONGEST_WAIT = 60_000;
/** Shorter waits are nothing to tell of, in milliseconds. */
const WORTH_TELLING = 5000;

/** What trying takes. */
export interface TriesParts {
  /** Makes one try. */
  readonly follower: Follower;
  /** The time. */
  readonly clock: Clock;
  /** Whose turn it is. */
  readonly turns: Turns;
  /** Which hosts are set aside. */
  readonly breaker: Breaker;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  /** Told what a person may want to know. */
  readonly notice: (text: string) => void;
}

/** Asks up to three times. */
export class Tries {
  readonly #parts: TriesParts;

  /**
   * Begins with nothing.
   *
   * @param parts What it works with.
   */
  constructor(parts: TriesParts) {
    this.#parts = parts;
  }

  /**
   * Asks for a URL until there is an answer that stands, three times at most.
   *
   * @param url The URL.
   * @param ask By which rules.
   * @returns The last answer.
   * @throws The reason of the signal, and nothing else.
   */
  async ask(url: string, ask: Ask): Promise<Answer> {
    const { follower, breaker } = this.#parts;
    for (let tries = 1;; tries++) {
      const { answer, visit } = await follower.follow(url, ask, tries - 1);
      // Nothing was sent: nothing to learn of the host, nothing that another try would change.
      if (visit === undefined) return answer;
      const host = new URL(answer.url).host;
      const last = answer.ok || tries >= (ask.tries ?? MOST_TRIES) || !isWorthAnotherTry(answer);
      this.#judge(host, answer, visit.sent, ask.kind, last);
      // Only now: whoever is next must find the host set aside, if that is what has become of it.
      visit.leave();
      const hopeless = (): boolean => ask.kind !== "page" && breaker.setAside(host) !== undefined;
      if (last || hopeless()) return answer;
      await this.#wait(host, answer, tries, ask.signal);
      if (hopeless()) return answer;
    }
  }

  /** Waits before the next try. What the server asks for holds for all who want something of it. */
  async #wait(
    host: string,
    answer: NotReceived,
    tries: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, turns, random, notice } = this.#parts;
    const wait = Math.max(answer.retryAfter ?? 0, backOff(tries, random));
    if (answer.outcome !== "rate-limited" && answer.retryAfter === undefined) {
      return await clock.sleep(wait, signal);
    }
    turns.pause(host, wait);
    if (wait > WORTH_TELLING) {
      notice(`${host} is left alone for ${seconds(wait)}: ${answer.detail}.`);
    }
  }

  /** Notes for the breaker what came of a request. */
  #judge(host: string, answer: Answer, sent: number, kind: Ask["kind"], last: boolean): void {
    const { breaker } = this.#parts;
    if (answer.ok || !isHostsFault(answer.outcome)) return breaker.succeeded(host);
    if (kind === "page") return;
    const asked = answer.retryAfter ?? 0;
    if (asked > LONGEST_WAIT) return this.#tell(host, breaker.put(host, answer, asked));
    // Every refusal to serve so many at once counts as it comes; all else when it is given up on.
    const tooMany = answer.outcome === "rate-limited";
    if (!last && !tooMany) return;
    // Without its robots.txt nothing of a host may be fetched, so there is nothing more to try.
    const aside = kind === "robots" && last
      ? breaker.put(host, answer)
      : breaker.failed(host, answer, tooMany ? sent : Infinity);
    if (aside !== undefined) this.#tell(host, aside);
  }

  #tell(host: string, { until, fault }: SetAside): void {
    const { turns, clock, notice } = this.#parts;
    turns.dismiss(host);
    notice(`${host} is set aside for ${seconds(until - clock.now())}: ${fault.detail}.`);
  }
}

/** Timeouts are not tried again in the same run: each costs fifteen seconds of somebody's time. */
function isWorthAnotherTry({ outcome, status }: NotReceived): boolean {
  if (outcome === "server-error") return [500, 502, 503, 504].includes(status ?? 0);
  return outcome === "refused" || outcome === "rate-limited" ||
    (outcome === "truncated" && status === undefined);
}

/** Whether an outcome says something of the host rather than of what was asked for. */
function isHostsFault(outcome: NetworkOutcome): boolean {
  return outcome === "timeout" || outcome === "refused" || outcome === "tls-error" ||
    outcome === "server-error" || outcome === "rate-limited" || outcome === "truncated";
}
