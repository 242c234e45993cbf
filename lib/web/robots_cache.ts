/**
 * The robots.txt of every host, asked for once a run.
 *
 * @module
 */

import type { Answer, NotReceived } from "./client.ts";
import type { Clock } from "../base/clock.ts";
import { Deadline, orAborted, seconds, TimedOut } from "./deadline.ts";
import { parseRobots, type Robots } from "./robots.ts";
import { PRODUCT_TOKEN } from "./user_agent.ts";

/** A robots.txt is good for a day (RFC 9309, 2.4), in milliseconds. */
const GOOD_FOR = 86_400_000;

/**
 * How long a robots.txt is waited for by those who have other hosts to go to, in milliseconds. A
 * host that says nothing for so long may be dead; whether it is shows while they do something else.
 */
export const PATIENCE = 5000;

/** So many are remembered at most, so that a long run stays small. */
const MOST_REMEMBERED = 2000;

/** What is known of a site's robots.txt: its rules, or why there are none to go by for now. */
export type RobotsKnown =
  | { readonly ok: true; readonly robots: Robots }
  | { readonly ok: false; readonly failure: NotReceived };

interface Entry {
  readonly known: Promise<RobotsKnown>;
  readonly controller: AbortController;
  readonly at: number;
  waiting: number;
  settled: boolean;
}

const EVERYTHING: RobotsKnown = { ok: true, robots: parseRobots("", PRODUCT_TOKEN) };

/** Asks for each site's robots.txt once, however many wait for it. */
export class RobotsCache {
  readonly #ask: (url: string, signal: AbortSignal) => Promise<Answer>;
  readonly #clock: Clock;
  readonly #patience: number;
  readonly #entries = new Map<string, Entry>();

  /**
   * Begins with nothing known.
   *
   * @param ask Asks for a robots.txt, redirects and second tries included.
   * @param clock The time.
   * @param patience How long those wait who have something else to do, in milliseconds.
   */
  constructor(
    ask: (url: string, signal: AbortSignal) => Promise<Answer>,
    clock: Clock,
    patience: number = PATIENCE,
  ) {
    this.#patience = patience;
    this.#ask = ask;
    this.#clock = clock;
  }

  /** Whether a site's robots.txt is being asked for now. */
  isAsking(url: URL): boolean {
    return this.#entries.get(url.origin)?.settled === false;
  }

  /**
   * What a site's robots.txt says. It is waited for only so long; the request itself goes on, for
   * those who come later.
   *
   * @param url Any URL of the site.
   * @param signal Ends the waiting; the request itself too when nobody is left waiting.
   * @param patient Whether to wait as long as it takes.
   */
  async get(url: URL, signal: AbortSignal, patient = false): Promise<RobotsKnown> {
    signal.throwIfAborted();
    let entry = this.#entries.get(url.origin);
    if (entry === undefined || (entry.settled && this.#clock.now() - entry.at > GOOD_FOR)) {
      entry = this.#begin(url.origin);
    }
    if (entry.settled) return entry.known;
    entry.waiting++;
    const late = new Deadline(signal);
    try {
      if (!patient) {
        const message = `host set aside: no robots.txt for ${seconds(this.#patience)} so far`;
        late.set("patience", Math.max(0, this.#patience - (this.#clock.now() - entry.at)), message);
      }
      return await orAborted(entry.known, late.signal);
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof TimedOut)) throw thrown;
      const { message } = thrown;
      const failure = {
        outcome: "timeout",
        detail: message,
        url: url.href,
        setAside: true,
      } as const;
      return { ok: false, failure: { ok: false, ...failure } };
    } finally {
      late.end();
      entry.waiting--;
      if (signal.aborted && entry.waiting === 0 && !entry.settled) {
        if (this.#entries.get(url.origin) === entry) this.#entries.delete(url.origin);
        entry.controller.abort(signal.reason);
      }
    }
  }

  /** Ends what is still being asked for. */
  close(): void {
    for (const { settled, controller } of this.#entries.values()) {
      if (!settled) controller.abort(new DOMException("The client is closed.", "AbortError"));
    }
  }

  #begin(origin: string): Entry {
    const controller = new AbortController();
    const known = this.#read(`${origin}/robots.txt`, controller.signal);
    const at = this.#clock.now();
    const entry: Entry = { known, controller, at, waiting: 0, settled: false };
    this.#entries.delete(origin);
    this.#entries.set(origin, entry);
    const oldest = this.#entries.entries().next();
    if (this.#entries.size > MOST_REMEMBERED && !oldest.done && oldest.value[1].settled) {
      this.#entries.delete(oldest.value[0]);
    }
    const forget = (): void => {
      entry.settled = true;
      if (this.#entries.get(origin) === entry) this.#entries.delete(origin);
    };
    // What failed is asked again by the next who wants to know; the breaker keeps that seldom.
    known.then((result) => result.ok ? entry.settled = true : forget(), forget);
    return entry;
  }

  async #read(url: string, signal: AbortSignal): Promise<RobotsKnown> {
    const answer = await this.#ask(url, signal);
    if (answer.ok) {
      const text = new TextDecoder().decode(answer.bytes);
      return { ok: true, robots: parseRobots(text, PRODUCT_TOKEN) };
    }
    return isUnavailable(answer, url) ? EVERYTHING : { ok: false, failure: answer };
  }
}

/**
 * Whether there is plainly no robots.txt, which allows everything (RFC 9309, 2.3.1.3): any 4xx, more
 * redirects than are followed, a redirect to where nobody goes. Status 429 is not among these: it
 * asks for less, not for everything.
 */
function isUnavailable(answer: NotReceived, asked: string): boolean {
  // A bad URL is that of a redirect: the one that was asked for is the site's own.
  if (answer.outcome === "redirect-loop" || answer.outcome === "bad-url") return true;
  if (answer.outcome === "forbidden-address") return answer.url !== asked;
  return answer.status !== undefined && answer.status >= 400 && answer.status < 500 &&
    answer.status !== 429;
}
