/**
 * The client: politeness, second tries, redirects and opt-outs around single requests.
 *
 * @module
 */

import type { Ask } from "./ask.ts";
import type { BodyLimits } from "./body.ts";
import { Breaker } from "./breaker.ts";
import type {
  Answer,
  Client,
  DownloadRequest,
  HostStanding,
  PageRequest,
  RobotsVerdict,
} from "./client.ts";
import { type Clock, systemClock } from "../base/clock.ts";
import { DEADLINES, type Deadlines } from "./deadline.ts";
import { Follower } from "./follow.ts";
import { type Pace, Turns } from "./politeness.ts";
import { type Environment, isProxied, processEnvironment } from "./proxy.ts";
import { MOST_REDIRECTS, readUrl } from "./redirect.ts";
import { referrer } from "./referrer.ts";
import { type Lookup, Resolver, systemLookup } from "./resolve.ts";
import { ROBOTS_MOST } from "./robots.ts";
import { PATIENCE, RobotsCache } from "./robots_cache.ts";
import { openTransport, type Transport } from "./transport.ts";
import { Tries } from "./tries.ts";
import { userAgent } from "./user_agent.ts";

/** robots.txt is followed over fewer redirects (RFC 9309, 2.3.1.2). */
const MOST_ROBOTS_REDIRECTS = 5;
/** A host that does not give its robots.txt in this time is not worth waiting for, in milliseconds. */
const ROBOTS_ANSWER = 10_000;

/** How a client behaves. */
export interface ClientOptions {
  /** The contact in the User-Agent: an address or URL; the project's unless given. */
  readonly contact?: string | undefined;
  /** The largest body, decoded, in bytes; 30 MB unless given. */
  readonly maxBytes?: number;
  /** Whether private addresses may be reached. */
  readonly allowPrivate?: boolean;
  /** Whether robots.txt and opt-out headers are ignored. */
  readonly ignoreOptOuts?: boolean;
  /** How long servers may take. */
  readonly deadlines?: Partial<Deadlines>;
  /** How hosts are treated unless `pace` says otherwise: two at once, 100 ms apart. */
  readonly pace?: Partial<Pace>;
  /** Told what a person may want to know: hosts set aside, long waits. One sentence each. */
  readonly notice?: (text: string) => void;
}

/** What the client works with; the machine's own unless given. */
export interface ClientParts {
  /** The time. */
  readonly clock?: Clock;
  /** Finds addresses. */
  readonly lookup?: Lookup;
  /** Sends requests. */
  readonly transport?: Transport;
  /** Where proxies are named. */
  readonly environment?: Environment;
  /** From 0 up to, not including, 1. */
  readonly random?: () => number;
}

/**
 * Opens a client.
 *
 * What it guards against and where that ends is told in `resolve.ts` and `proxy.ts`: behind a proxy
 * only the names and literal addresses can be checked, since the proxy resolves and connects.
 *
 * @param options How it behaves.
 * @param parts What it works with.
 * @returns The client; close it when done.
 *
 * @example
 * ```ts
 * const client = createClient({ contact: "mailto:fish@example.org" });
 * const answer = await client.download("https://a.example/1.jpg", { signal });
 * if (answer.ok) console.log(answer.bytes.length);
 * client.close();
 * ```
 */
export function createClient(options: ClientOptions = {}, parts: ClientParts = {}): Client {
  return new PoliteClient(options, parts);
}

class PoliteClient implements Client {
  readonly #limits: BodyLimits;
  readonly #transport: Transport;
  readonly #turns: Turns;
  readonly #breaker: Breaker;
  readonly #robots: RobotsCache;
  readonly #tries: Tries;

  constructor(options: ClientOptions, parts: ClientParts) {
    const { clock = systemClock, environment = processEnvironment, random = Math.random } = parts;
    const { allowPrivate = false, ignoreOptOuts = false, notice = () => {} } = options;
    const deadlines = { ...DEADLINES, ...options.deadlines };
    const proxied = (url: URL): boolean => isProxied(url, environment);
    this.#limits = { most: options.maxBytes ?? 30_000_000, beyond: "refuse", deadlines };
    this.#transport = parts.transport ?? openTransport(proxied);
    this.#turns = new Turns(clock, { interval: 100, concurrency: 2, ...options.pace });
    this.#breaker = new Breaker(clock);
    const patience = Math.min(PATIENCE, deadlines.answer / 4);
    this.#robots = new RobotsCache(
      (url, signal) => this.#askRobots(url, signal),
      clock,
      patience,
    );
    const shared = { clock, notice, turns: this.#turns, breaker: this.#breaker };
    const follower = new Follower({
      ...shared,
      ignoreOptOuts,
      userAgent: userAgent(options.contact),
      isProxied: proxied,
      resolver: new Resolver(parts.lookup ?? systemLookup, clock, allowPrivate),
      transport: this.#transport,
      robots: this.#robots,
    });
    this.#tries = new Tries({ ...shared, follower, random });
    if (ignoreOptOuts) {
      notice("robots.txt and other opt-outs are ignored: use only what you may.");
    }
  }

  page(url: string, request: PageRequest): Promise<Answer> {
    const start = readUrl(url);
    const hosts = request.hosts ?? new Set(typeof start === "string" ? [] : [start.host]);
    return this.#tries.ask(url, {
      kind: "page",
      signal: request.signal,
      headers: { accept: "text/html,application/xhtml+xml,*/*;q=0.8", ...request.headers },
      limits: this.#limits,
      redirects: MOST_REDIRECTS,
      hosts,
      tries: request.tries,
    });
  }

  async download(url: string, request: DownloadRequest): Promise<Answer> {
    const ask: Ask = {
      kind: "image",
      signal: request.signal,
      headers: { accept: "image/avif,image/webp,image/png,image/jpeg,image/*;q=0.8,*/*;q=0.5" },
      limits: this.#limits,
      redirects: MOST_REDIRECTS,
    };
    const first = await this.#tries.ask(url, ask);
    const turnedAway = !first.ok && (first.status === 401 || first.status === 403);
    if (!turnedAway || request.page === undefined) return first;
    if (referrer(request.page, new URL(first.url)) === undefined) return first;
    const second = await this.#tries.ask(url, { ...ask, page: request.page });
    return second.ok ? { ...second, notes: [...second.notes, "came with a Referer only"] } : second;
  }

  async robots(url: string, signal: AbortSignal): Promise<RobotsVerdict> {
    const start = readUrl(url);
    if (typeof start === "string") return { allowed: false, reason: start };
    const known = await this.#robots.get(start, signal, true);
    if (!known.ok) return { allowed: false, reason: `robots.txt: ${known.failure.detail}` };
    const { crawlDelay } = known.robots;
    const delay = crawlDelay === undefined ? {} : { crawlDelay };
    const rule = known.robots.forbids(start);
    if (rule === undefined) return { allowed: true, ...delay };
    return { allowed: false, ...delay, reason: `robots.txt: ${rule}` };
  }

  standing(url: string): HostStanding {
    const start = readUrl(url);
    if (typeof start === "string") return "ready";
    if (this.#breaker.setAside(start.host) !== undefined) return "set aside";
    return this.#turns.isBusy(start.host) || this.#robots.isAsking(start) ? "busy" : "ready";
  }

  pace(host: string, pace: { readonly interval?: number; readonly concurrency?: number }): void {
    this.#turns.pace(host, pace);
  }

  close(): void {
    this.#robots.close();
    this.#transport.close();
  }

  #askRobots(url: string, signal: AbortSignal): Promise<Answer> {
    const { deadlines } = this.#limits;
    return this.#tries.ask(url, {
      kind: "robots",
      signal,
      headers: { accept: "text/plain,*/*;q=0.5" },
      limits: {
        most: ROBOTS_MOST,
        beyond: "cut",
        deadlines: { ...deadlines, answer: Math.min(deadlines.answer, ROBOTS_ANSWER) },
      },
      redirects: MOST_ROBOTS_REDIRECTS,
    });
  }
}
