/**
 * The client: politeness, second tries, redirects and opt-outs around single requests.
 *
 * @module
 */

import type { NetworkOutcome } from "../dataset/outcome.ts";
import { backOff } from "./back_off.ts";
import type { BodyLimits } from "./body.ts";
import { Breaker, type SetAside } from "./breaker.ts";
import type {
  Answer,
  Client,
  DownloadRequest,
  HostStanding,
  NotReceived,
  PageRequest,
  RobotsVerdict,
} from "./client.ts";
import { type Clock, systemClock } from "./clock.ts";
import { DEADLINES, type Deadlines, seconds } from "./deadline.ts";
import { exchange, type Redirected } from "./exchange.ts";
import { optOut } from "./opt_out.ts";
import { type Pace, Turns } from "./politeness.ts";
import { type Environment, isProxied, processEnvironment } from "./proxy.ts";
import { MOST_REDIRECTS, readUrl } from "./redirect.ts";
import { referrer } from "./referrer.ts";
import { type Lookup, Resolver, systemLookup } from "./resolve.ts";
import { ROBOTS_MOST } from "./robots.ts";
import { RobotsCache } from "./robots_cache.ts";
import { openTransport, type Transport } from "./transport.ts";
import { userAgent } from "./user_agent.ts";

/** The most tries of one request in a run. */
const MOST_TRIES = 3;
/** The longest wait that a server may ask for within a run; beyond, its host is set aside. */
const LONGEST_WAIT = 60_000;
/** The longest `Crawl-delay` that is kept to, in milliseconds. */
const LONGEST_CRAWL_DELAY = 10_000;
/** robots.txt is followed over fewer redirects (RFC 9309, 2.3.1.2). */
const MOST_ROBOTS_REDIRECTS = 5;

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

/** What is being asked for, and by which rules. */
interface Ask {
  readonly kind: "page" | "image" | "robots";
  readonly signal: AbortSignal;
  readonly headers: Readonly<Record<string, string>>;
  readonly limits: BodyLimits;
  readonly redirects: number;
  /** The only hosts it may be redirected to, where they are limited. */
  readonly hosts?: ReadonlySet<string> | undefined;
  /** The page to name in `Referer`. */
  readonly page?: string | undefined;
  /** How often it is asked for at most. */
  readonly tries?: number | undefined;
}

/** An answer, and what the tries need to know of it. */
interface Tried {
  readonly answer: Answer;
  /** When the last request was sent, by the clock; nothing when none was. */
  readonly sent?: number;
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
  readonly #options: ClientOptions;
  readonly #userAgent: string;
  readonly #limits: BodyLimits;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #resolver: Resolver;
  readonly #transport: Transport;
  readonly #turns: Turns;
  readonly #breaker: Breaker;
  readonly #robots: RobotsCache;
  readonly #isProxied: (url: URL) => boolean;

  constructor(options: ClientOptions, parts: ClientParts) {
    this.#options = options;
    this.#userAgent = userAgent(options.contact);
    const deadlines = { ...DEADLINES, ...options.deadlines };
    this.#limits = { most: options.maxBytes ?? 30_000_000, beyond: "refuse", deadlines };
    this.#clock = parts.clock ?? systemClock;
    this.#random = parts.random ?? Math.random;
    const environment = parts.environment ?? processEnvironment;
    this.#isProxied = (url) => isProxied(url, environment);
    const { allowPrivate = false } = options;
    this.#resolver = new Resolver(parts.lookup ?? systemLookup, this.#clock, allowPrivate);
    this.#transport = parts.transport ?? openTransport(this.#isProxied);
    this.#turns = new Turns(this.#clock, { interval: 100, concurrency: 2, ...options.pace });
    this.#breaker = new Breaker(this.#clock);
    this.#robots = new RobotsCache((url, signal) => this.#askRobots(url, signal), this.#clock);
    if (options.ignoreOptOuts) {
      this.#notice("robots.txt and other opt-outs are ignored: use only what you may.");
    }
  }

  page(url: string, request: PageRequest): Promise<Answer> {
    const start = readUrl(url);
    const hosts = request.hosts ?? new Set(typeof start === "string" ? [] : [start.host]);
    return this.#tries(url, {
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
    const first = await this.#tries(url, ask);
    const turnedAway = !first.ok && (first.status === 401 || first.status === 403);
    if (!turnedAway || request.page === undefined) return first;
    if (referrer(request.page, new URL(first.url)) === undefined) return first;
    const second = await this.#tries(url, { ...ask, page: request.page });
    return second.ok ? { ...second, notes: [...second.notes, "came with a Referer only"] } : second;
  }

  async robots(url: string, signal: AbortSignal): Promise<RobotsVerdict> {
    const start = readUrl(url);
    if (typeof start === "string") return { allowed: false, reason: start };
    const known = await this.#robots.get(start, signal);
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
    this.#transport.close();
  }

  #notice(text: string): void {
    this.#options.notice?.(text);
  }

  #askRobots(url: string, signal: AbortSignal): Promise<Answer> {
    return this.#tries(url, {
      kind: "robots",
      signal,
      headers: { accept: "text/plain,*/*;q=0.5" },
      limits: { ...this.#limits, most: ROBOTS_MOST, beyond: "cut" },
      redirects: MOST_ROBOTS_REDIRECTS,
    });
  }

  /** Asks up to three times, as long as it makes sense. */
  async #tries(url: string, ask: Ask): Promise<Answer> {
    for (let tries = 1;; tries++) {
      const { answer, sent } = await this.#follow(url, ask, tries - 1);
      if (sent === undefined) return answer;
      const host = new URL(answer.url).host;
      if (answer.ok || !isWorthAnotherTry(answer)) {
        this.#judge(host, answer, sent, ask.kind);
        return answer;
      }
      const wait = Math.max(answer.retryAfter ?? 0, backOff(tries, this.#random));
      if ((answer.retryAfter ?? 0) > LONGEST_WAIT) {
        this.#tellSetAside(host, this.#breaker.put(host, answer, answer.retryAfter));
        return answer;
      }
      if (tries >= (ask.tries ?? MOST_TRIES)) {
        this.#judge(host, answer, sent, ask.kind);
        return answer;
      }
      if (answer.outcome === "rate-limited" || answer.retryAfter !== undefined) {
        // Everybody waits, and whoever was under way when it was said counts as the same burst.
        if (answer.outcome === "rate-limited") this.#judge(host, answer, sent, ask.kind);
        this.#turns.pause(host, wait);
        if (wait > 5000) this.#notice(`${host} asks for ${seconds(wait)} of rest.`);
      } else await this.#clock.sleep(wait, ask.signal);
      if (this.#breaker.setAside(host) !== undefined) return answer;
    }
  }

  /** Notes for the breaker what came of a request. */
  #judge(host: string, answer: Answer, sent: number, kind: Ask["kind"]): void {
    if (answer.ok || !isHostsFault(answer.outcome)) return this.#breaker.succeeded(host);
    const burst = answer.outcome === "rate-limited" ? sent : Infinity;
    // Without its robots.txt nothing of a host may be fetched, so there is nothing more to try.
    const aside = kind === "robots"
      ? this.#breaker.put(host, answer)
      : this.#breaker.failed(host, answer, burst);
    if (aside !== undefined) this.#tellSetAside(host, aside);
  }

  #tellSetAside(host: string, { until, fault }: SetAside): void {
    this.#turns.dismiss(host);
    const time = seconds(until - this.#clock.now());
    this.#notice(`${host} is set aside for ${time}: ${fault.detail}.`);
  }

  /** Follows redirects. */
  async #follow(start: string, ask: Ask, turn: number): Promise<Tried> {
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
      this.#breaker.succeeded(url.host);
      const next: URL | NotReceived = nextUrl(tried.redirected, url, seen, ask);
      if (!(next instanceof URL)) return { answer: next, sent: tried.sent };
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
  ): Promise<Tried | { readonly redirected: Redirected; readonly sent: number }> {
    const named = this.#resolver.named(url.hostname);
    if (!named.ok) return { answer: { ...named, url: url.href } };
    const host = url.host;
    const aside = this.#breaker.setAside(host);
    if (aside !== undefined) return { answer: this.#asideAnswer(url, aside) };
    if (ask.kind !== "robots" && !this.#options.ignoreOptOuts) {
      const refused = await this.#robotsRefusal(url, ask.signal);
      if (refused !== undefined) return { answer: refused };
    }
    const place = await this.#turns.take(host, ask.signal);
    if (place === undefined) {
      return { answer: this.#asideAnswer(url, this.#breaker.setAside(host)) };
    }
    const sent = this.#clock.now();
    try {
      const answer = await exchange(url, {
        headers: this.#headers(url, ask),
        signal: ask.signal,
        limits: ask.limits,
        today: () => this.#clock.today(),
        turn,
        resolve: (hostname) =>
          this.#isProxied(url)
            ? Promise.resolve(this.#resolver.named(hostname))
            : this.#resolver.resolve(hostname),
        send: this.#transport.send,
        refuse: (headers) =>
          ask.kind === "image" && !this.#options.ignoreOptOuts ? optOut(headers) : undefined,
      });
      return answer.ok === "elsewhere" ? { redirected: answer, sent } : { answer, sent };
    } finally {
      place.end();
    }
  }

  #headers(url: URL, ask: Ask): Headers {
    const headers = new Headers(ask.headers);
    headers.set("user-agent", this.#userAgent);
    headers.set("accept-encoding", "gzip, deflate, br, zstd");
    const referer = ask.page === undefined ? undefined : referrer(ask.page, url);
    if (referer !== undefined) headers.set("referer", referer);
    return headers;
  }

  async #robotsRefusal(url: URL, signal: AbortSignal): Promise<NotReceived | undefined> {
    const known = await this.#robots.get(url, signal);
    if (!known.ok) {
      const { outcome, detail } = known.failure;
      const own = outcome === "gone" || outcome === "forbidden-address";
      return failed(outcome, own ? detail : `robots.txt: ${detail}`, url.href);
    }
    const { crawlDelay, forbids } = known.robots;
    if (crawlDelay !== undefined) {
      this.#turns.slow(url.host, Math.min(crawlDelay, LONGEST_CRAWL_DELAY));
    }
    const rule = forbids(url);
    return rule === undefined ? undefined : failed("opted-out", `robots.txt: ${rule}`, url.href);
  }

  #asideAnswer(url: URL, aside: SetAside | undefined): NotReceived {
    if (aside === undefined) return failed("refused", "host set aside", url.href);
    const detail = `host set aside for ${
      seconds(aside.until - this.#clock.now())
    }: ${aside.fault.detail}`;
    return failed(aside.fault.outcome, detail, url.href);
  }
}

function failed(outcome: NetworkOutcome, detail: string, url: string): NotReceived {
  return { ok: false, outcome, detail, url };
}

/** Where a redirect leads, or why it is not followed. */
function nextUrl(
  { status, location }: Redirected,
  from: URL,
  seen: ReadonlySet<string>,
  { hosts, redirects }: Ask,
): URL | NotReceived {
  if (location === null) return failed("redirect-loop", `HTTP ${status} leads nowhere`, from.href);
  const next = readUrl(location, from.href);
  if (typeof next === "string") return failed("bad-url", `redirected: ${next}`, from.href);
  if (seen.has(next.href)) return failed("redirect-loop", "redirected in a circle", next.href);
  if (seen.size > redirects) {
    return failed("redirect-loop", `more than ${redirects} redirects`, next.href);
  }
  if (hosts !== undefined && !hosts.has(next.host)) {
    return failed("redirect-loop", `redirected away, to ${next.host}`, next.href);
  }
  return next;
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
