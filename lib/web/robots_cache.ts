/**
 * The robots.txt of every host, asked for once a run.
 *
 * @module
 */

import type { Answer, NotReceived } from "./client.ts";
import type { Clock } from "../base/clock.ts";
import { Deadline, orAborted, seconds, TimedOut } from "./deadline.ts";
import { parseRobots, type Robots } from "./robots.ts";
import { PRODUCT_TOKEN } from "./headers.ts";

/** A robots.txt is good for a day (RFC 9309, 2.4), in milliseconds. */
const GOOD_FOR = 86_400_000;

/** The most sites that are remembered, so that a long run stays small. */
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
  readonly #entries = new Map<string, Entry>();

  /**
   * @param ask Asks for a robots.txt, redirects and retries included.
   * @param clock The time.
   */
  constructor(ask: (url: string, signal: AbortSignal) => Promise<Answer>, clock: Clock) {
    this.#ask = ask;
    this.#clock = clock;
  }

  /** Whether a site's robots.txt is being asked for now. */
  isAsking(url: URL): boolean {
    return this.#entries.get(url.origin)?.settled === false;
  }

  /**
   * What a site's robots.txt says.
   *
   * @param url Any URL of the site.
   * @param signal Ends the waiting; the request itself too when nobody is left waiting.
   * @param patience How long to wait, in milliseconds, counted from when it was asked for; as long as
   * it takes unless given. The request goes on, for those who come later.
   */
  async get(url: URL, signal: AbortSignal, patience?: number): Promise<RobotsKnown> {
    signal.throwIfAborted();
    let entry = this.#entries.get(url.origin);
    if (entry === undefined || (entry.settled && this.#clock.now() - entry.at > GOOD_FOR)) {
      entry = this.#begin(url.origin);
    }
    if (entry.settled) return entry.known;
    entry.waiting++;
    const late = new Deadline(signal);
    try {
      if (patience !== undefined) {
        const message = `host set aside: no robots.txt for ${seconds(patience)} so far`;
        late.set("patience", Math.max(0, patience - (this.#clock.now() - entry.at)), message);
      }
      return await orAborted(entry.known, late.signal);
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof TimedOut)) throw thrown;
      const timeout = { outcome: "timeout", detail: thrown.message, setAside: true } as const;
      return { ok: false, failure: { ok: false, url: url.href, ...timeout } };
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
    // The next caller asks again for what failed; the breaker keeps that from happening often.
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
