/**
 * From a URL over its redirects to an answer: each hop is checked anew.
 *
 * @module
 */

import { type Ask, failed, type Tried, type Visit } from "./ask.ts";
import type { Breaker, SetAside } from "./breaker.ts";
import type { NotReceived } from "./client.ts";
import type { Clock } from "../base/clock.ts";
import { seconds } from "./deadline.ts";
import { exchange, type Redirected } from "./exchange.ts";
import { optOut } from "./opt_out.ts";
import type { Turns } from "./politeness.ts";
import { nextUrl, readUrl } from "./redirect.ts";
import { referrer } from "./referrer.ts";
import type { Resolver } from "./resolve.ts";
import type { RobotsCache } from "./robots_cache.ts";
import type { Transport } from "./transport.ts";

/** The longest `Crawl-delay` that is kept to, in milliseconds. */
const LONGEST_CRAWL_DELAY = 10_000;

/** What following takes. */
export interface FollowerParts {
  /** The User-Agent. */
  readonly userAgent: string;
  /** Whether robots.txt and opt-out headers are ignored. */
  readonly ignoreOptOuts: boolean;
  /** Whether a URL goes through a proxy. */
  readonly isProxied: (url: URL) => boolean;
  /** Told what a person may want to know. */
  readonly notice: (text: string) => void;
  /** The time. */
  readonly clock: Clock;
  /** Checks addresses. */
  readonly resolver: Resolver;
  /** Sends. */
  readonly transport: Transport;
  /** Whose turn it is. */
  readonly turns: Turns;
  /** Which hosts are set aside. */
  readonly breaker: Breaker;
  /** Every host's robots.txt. */
  readonly robots: RobotsCache;
}

/** Follows redirects, one polite request after the other. */
export class Follower {
  readonly #parts: FollowerParts;

  /**
   * Begins with nothing.
   *
   * @param parts What it works with.
   */
  constructor(parts: FollowerParts) {
    this.#parts = parts;
  }

  /**
   * Asks for a URL and for whatever it redirects to.
   *
   * @param start The URL.
   * @param ask By which rules.
   * @param turn Which of the hosts' families of addresses to use, from 0.
   * @returns What came of it; `visit` is missing when no request was made at all.
   * @throws The reason of the signal, and nothing else.
   */
  async follow(start: string, ask: Ask, turn: number): Promise<Tried> {
    const notes: string[] = [];
    const seen = new Set<string>();
    const first = readUrl(start);
    if (typeof first === "string") {
      return { answer: failed("bad-url", first, start.slice(0, 2048)) };
    }
    let url: URL = first;
    for (;;) {
      ask.signal.throwIfAborted();
      const tried = await this.#hop(url, ask, turn);
      if ("answer" in tried) {
        const { answer } = tried;
        return answer.ok
          ? { ...tried, answer: { ...answer, notes: [...notes, ...answer.notes] } }
          : tried;
      }
      seen.add(url.href);
      const next: URL | NotReceived = nextUrl(tried.redirected, url, seen, ask);
      if (!(next instanceof URL)) return { answer: next, visit: tried.visit };
      this.#parts.breaker.succeeded(url.host);
      tried.visit.leave();
      if (url.protocol === "https:" && next.protocol === "http:") {
        notes.push(`redirected from https to http: ${next.host}`);
      }
      url = next;
    }
  }

  /** One request at its host's turn, if it may be made at all. */
  async #hop(
    url: URL,
    ask: Ask,
    turn: number,
  ): Promise<Tried | { readonly redirected: Redirected; readonly visit: Visit }> {
    const { breaker } = this.#parts;
    const named = this.#parts.resolver.named(url.hostname);
    if (!named.ok) return { answer: { ...named, url: url.href } };
    const host = url.host;
    // Sources see to it themselves when their site is out of breath; images have other hosts to go to.
    const patient = ask.kind === "page";
    const aside = patient ? undefined : breaker.setAside(host);
    if (aside !== undefined) return { answer: this.#asideAnswer(url, aside) };
    if (ask.kind !== "robots" && !this.#parts.ignoreOptOuts) {
      const refused = await this.#robotsRefusal(url, ask.signal, patient);
      if (refused !== undefined) return { answer: refused };
    }
    let place = await this.#parts.turns.take(host, ask.signal);
    while (place === undefined && patient) place = await this.#parts.turns.take(host, ask.signal);
    if (place === undefined) return { answer: this.#asideAnswer(url, breaker.setAside(host)) };
    const probe = patient ? () => {} : breaker.enter(host);
    if (typeof probe !== "function") {
      place.end();
      return { answer: this.#asideAnswer(url, probe) };
    }
    const turnTaken = place;
    const leave = (): void => {
      probe();
      turnTaken.end();
    };
    const visit: Visit = { sent: this.#parts.clock.now(), leave };
    try {
      const answer = await this.#exchange(url, ask, turn);
      return answer.ok === "elsewhere" ? { redirected: answer, visit } : { answer, visit };
    } catch (thrown) {
      leave();
      throw thrown;
    }
  }

  #exchange(url: URL, ask: Ask, turn: number): ReturnType<typeof exchange> {
    const { clock, resolver, transport, isProxied, ignoreOptOuts } = this.#parts;
    return exchange(url, {
      headers: this.#headers(url, ask),
      signal: ask.signal,
      limits: ask.limits,
      today: () => clock.today(),
      turn,
      resolve: (hostname) =>
        isProxied(url) ? Promise.resolve(resolver.named(hostname)) : resolver.resolve(hostname),
      send: transport.send,
      refuse: (headers) => ask.kind === "image" && !ignoreOptOuts ? optOut(headers) : undefined,
    });
  }

  #headers(url: URL, ask: Ask): Headers {
    const headers = new Headers(ask.headers);
    headers.set("user-agent", this.#parts.userAgent);
    headers.set("accept-encoding", "gzip, deflate, br, zstd");
    const referer = ask.page === undefined ? undefined : referrer(ask.page, url);
    if (referer !== undefined) headers.set("referer", referer);
    return headers;
  }

  async #robotsRefusal(
    url: URL,
    signal: AbortSignal,
    patient: boolean,
  ): Promise<NotReceived | undefined> {
    const known = await this.#parts.robots.get(url, signal, patient);
    if (!known.ok) {
      const { outcome, detail, setAside } = known.failure;
      const own = outcome === "gone" || outcome === "forbidden-address" || setAside === true;
      const answer = failed(outcome, own ? detail : `robots.txt: ${detail}`, url.href);
      return setAside ? { ...answer, setAside } : answer;
    }
    const { crawlDelay, forbids } = known.robots;
    if (crawlDelay !== undefined) {
      const kept = Math.min(crawlDelay, LONGEST_CRAWL_DELAY);
      if (this.#parts.turns.slow(url.host, kept) && kept < crawlDelay) {
        const asked = `asks for ${seconds(crawlDelay)} between two requests`;
        this.#parts.notice(`${url.host} ${asked}; it gets ${seconds(kept)}.`);
      }
    }
    const rule = forbids(url);
    return rule === undefined ? undefined : failed("opted-out", `robots.txt: ${rule}`, url.href);
  }

  #asideAnswer(url: URL, aside: SetAside | undefined): NotReceived {
    if (aside === undefined) {
      return { ...failed("refused", "host set aside", url.href), setAside: true };
    }
    const left = Math.max(0, aside.until - this.#parts.clock.now());
    const detail = `host set aside${
      left > 0 ? ` for ${seconds(left)}` : ""
    }: ${aside.fault.detail}`;
    return { ...failed(aside.fault.outcome, detail, url.href), setAside: true };
  }
}
