/**
 * The client: throttling, robots.txt, redirects, retries and opt-outs around single requests.
 *
 * The path of a request, from the outside in: `#ask` retries with back-off and feeds the breaker,
 * `#follow` follows redirects, `#hop` waits for the host's turn and checks whether the URL may be
 * requested, `exchange()` sends.
 *
 * @module
 */

import { type Clock, systemClock } from "../base/clock.ts";
import type { NetworkOutcome } from "../base/outcome.ts";
import type { Environment } from "../base/proxy.ts";
import { backOff, retry } from "../base/retry.ts";
import { Breaker, type SetAside } from "./breaker.ts";
import type {
  Answer,
  Client,
  DocumentedApi,
  DownloadRequest,
  HostStanding,
  NotReceived,
  PageRequest,
  RobotsVerdict,
} from "./client.ts";
import { DEADLINES, type Deadlines, seconds } from "./deadline.ts";
import { type BodyLimits, exchange, ONLY_FIRST_MEMBER, type Redirected } from "./exchange.ts";
import { optOut, referrer, userAgent } from "./headers.ts";
import { Outage } from "./outage.ts";
import { type Lookup, Resolver, systemLookup } from "./resolve.ts";
import { ROBOTS_MOST, RobotsCache } from "./robots.ts";
import { isProxied, openTransport, processEnvironment, type Transport } from "./transport.ts";
import { type Pace, Throttle } from "./throttle.ts";
import { readLocation, readUrl } from "./url.ts";

const MOST_TRIES = 3;
/** The longest `Retry-After` that images wait for, in milliseconds; beyond it, the host is set aside. */
const LONGEST_WAIT = 60_000;
/** The same for pages, which cannot be had from another host. */
const LONGEST_PAGE_WAIT = 300_000;
/** Shorter waits are not worth a notice, in milliseconds. */
const WORTH_A_NOTICE = 5000;
const MOST_REDIRECTS = 10;
/** The redirects of a robots.txt (RFC 9309, 2.3.1.2). */
const MOST_ROBOTS_REDIRECTS = 5;
/** How long a host may take to answer with its robots.txt, in milliseconds. */
const ROBOTS_ANSWER = 10_000;
/** The longest `Crawl-delay` that is obeyed, in milliseconds. */
const LONGEST_CRAWL_DELAY = 10_000;

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
  /** Whether robots.txt binds the endpoints of documented APIs too. */
  readonly strictRobots?: boolean;
  /** How long servers may take. */
  readonly deadlines?: Partial<Deadlines>;
  /** Where several machines divide the hosts: whether this one may ask the host of a URL now. */
  readonly owns?: ((url: string) => boolean) | undefined;
  /** How hosts are throttled unless `pace` says otherwise: two at once, 100 ms apart. */
  readonly pace?: Partial<Pace>;
  /** Called with what a person may want to know, such as long waits. One sentence each. */
  readonly notice?: (text: string) => void;
}

/** What tests replace; the machine's own unless given. */
export interface ClientParts {
  /** The time. */
  readonly clock?: Clock;
  /** Finds the addresses of a name. */
  readonly lookup?: Lookup;
  /** Sends requests. */
  readonly transport?: Transport;
  /** Reads the variables that name proxies. */
  readonly environment?: Environment;
  /** From 0 up to, not including, 1. */
  readonly random?: () => number;
}

/**
 * Opens a client; close it when done.
 *
 * It reaches hosts of the public internet only: see `resolve.ts` and `transport.ts`. Behind a proxy
 * only names and literal addresses can be checked, since the proxy resolves and connects.
 *
 * @throws {TypeError} When the contact cannot stand in a header.
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

/** What is requested, and by which rules. */
interface Ask {
  /** Pages stay on their hosts, images obey opt-out headers, robots.txt itself obeys no robots.txt. */
  readonly kind: "page" | "image" | "robots";
  readonly signal: AbortSignal;
  readonly headers: Readonly<Record<string, string>>;
  readonly limits: BodyLimits;
  /** The only hosts it may be redirected to; any host unless given. */
  readonly hosts?: ReadonlySet<string>;
  /** For the `Referer`. */
  readonly page?: string;
  readonly tries?: number | undefined;
  readonly api?: DocumentedApi | undefined;
  readonly sent?: (() => void) | undefined;
}

/** A request that has its turn at a host. */
interface Visit {
  /** When it was sent, by the clock. */
  readonly sent: number;
  /** Ends the turn. Called after the breaker knows the answer. */
  readonly leave: () => void;
}

/** An answer; `visit` is missing when no request was sent. */
interface Tried {
  readonly answer: Answer;
  readonly visit?: Visit;
}

class PoliteClient implements Client {
  readonly #limits: BodyLimits;
  readonly #ignoreOptOuts: boolean;
  readonly #strictRobots: boolean;
  readonly #userAgent: string;
  readonly #notice: (text: string) => void;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #owns: ((url: string) => boolean) | undefined;
  readonly #isProxied: (url: URL) => boolean;
  readonly #resolver: Resolver;
  readonly #transport: Transport;
  readonly #throttle: Throttle;
  readonly #breaker: Breaker;
  readonly #robots: RobotsCache;
  readonly #outage: Outage;
  /** Hosts that send gzip in several members: their pages are asked for unpacked. */
  readonly #askPlain = new Set<string>();

  constructor(options: ClientOptions, parts: ClientParts) {
    const { environment = processEnvironment() } = parts;
    const { allowPrivate = false, ignoreOptOuts = false, notice = () => {} } = options;
    const deadlines = { ...DEADLINES, ...options.deadlines };
    this.#limits = { most: options.maxBytes ?? 30_000_000, beyond: "refuse", deadlines };
    this.#ignoreOptOuts = ignoreOptOuts;
    this.#strictRobots = options.strictRobots ?? false;
    this.#owns = options.owns;
    this.#userAgent = userAgent(options.contact);
    this.#notice = notice;
    this.#clock = parts.clock ?? systemClock;
    this.#random = parts.random ?? Math.random;
    this.#isProxied = (url) => isProxied(url, environment);
    this.#resolver = new Resolver(parts.lookup ?? systemLookup, this.#clock, allowPrivate);
    this.#transport = parts.transport ?? openTransport(this.#isProxied, allowPrivate);
    this.#throttle = new Throttle(this.#clock, { interval: 100, concurrency: 2, ...options.pace });
    this.#breaker = new Breaker(this.#clock);
    this.#outage = new Outage(this.#clock);
    this.#robots = new RobotsCache((url, signal) => this.#askRobots(url, signal), this.#clock);
    if (ignoreOptOuts) {
      notice("robots.txt and other opt-outs are ignored: use only what you may.");
    }
  }

  page(url: string, request: PageRequest): Promise<Answer> {
    const start = readUrl(url);
    return this.#ask(url, {
      kind: "page",
      signal: request.signal,
      headers: { accept: "text/html,application/xhtml+xml,*/*;q=0.8", ...request.headers },
      limits: this.#limits,
      hosts: request.hosts ?? new Set(typeof start === "string" ? [] : [start.host]),
      tries: request.tries,
      api: this.#strictRobots ? undefined : request.api,
      sent: request.sent,
    });
  }

  async download(url: string, request: DownloadRequest): Promise<Answer> {
    const ask: Ask = {
      kind: "image",
      signal: request.signal,
      headers: { accept: "image/avif,image/webp,image/png,image/jpeg,image/*;q=0.8,*/*;q=0.5" },
      limits: this.#limits,
    };
    const first = await this.#ask(url, ask);
    if (first.ok) {
      const isReady = first.status !== 202;
      return isReady ? first : failed("truncated", "HTTP 202: no image yet", first.url);
    }
    if (![401, 403].includes(first.status ?? 0) || request.page === undefined) return first;
    if (referrer(request.page, new URL(first.url)) === undefined) return first;
    const second = await this.#ask(url, { ...ask, page: request.page });
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
    return this.#throttle.isBusy(start.host) || this.#robots.isAsking(start) ? "busy" : "ready";
  }

  pace(host: string, pace: Partial<Pace>): void {
    this.#throttle.pace(host, pace);
  }

  outage(): string | undefined {
    return this.#outage.sentence;
  }

  close(): void {
    this.#robots.close();
    this.#transport.close();
  }

  #askRobots(url: string, signal: AbortSignal): Promise<Answer> {
    const { deadlines } = this.#limits;
    const answer = Math.min(deadlines.answer, ROBOTS_ANSWER);
    return this.#ask(url, {
      kind: "robots",
      signal,
      headers: { accept: "text/plain,*/*;q=0.5" },
      limits: { most: ROBOTS_MOST, beyond: "cut", deadlines: { ...deadlines, answer } },
    });
  }

  /** Retries until there is an answer that will not get better. */
  async #ask(url: string, ask: Ask): Promise<Answer> {
    let before: Answer | undefined;
    const isHopeless = (host: string): boolean =>
      ask.kind !== "page" && this.#breaker.setAside(host) !== undefined;
    const attempt = async (tries: number): Promise<Tried> => {
      if (before !== undefined && isHopeless(new URL(before.url).host)) return { answer: before };
      const tried = await this.#follow(url, ask, tries);
      const { answer, visit } = tried;
      if (visit === undefined) return tried;
      const isLast = !this.#isWorthARetry(answer, ask, tries);
      this.#judge(answer, visit.sent, ask.kind, isLast);
      // Only now: the next in line must find the host set aside, if this answer did that.
      visit.leave();
      before = answer;
      return isLast || isHopeless(new URL(answer.url).host) ? { answer } : tried;
    };
    const waitAfter = ({ answer, visit }: Tried, tries: number): number | undefined =>
      answer.ok || visit === undefined ? undefined : this.#waitAfter(answer, tries);
    return (await retry(attempt, waitAfter, this.#clock, ask.signal)).answer;
  }

  /** Timeouts are not retried in the same run: each costs fifteen seconds. */
  #isWorthARetry(answer: Answer, { kind, tries: most = MOST_TRIES }: Ask, tries: number): boolean {
    if (answer.ok || tries >= most) return false;
    const { outcome, status, retryAfter = 0 } = answer;
    if (kind === "page" && retryAfter > LONGEST_PAGE_WAIT) return false;
    if (status !== undefined && status >= 200) return WORTH_A_RETRY.has(status);
    // A robots.txt that was packed unasked can be cut only where Deno unpacks it.
    return outcome === "refused" || outcome === "truncated" ||
      (outcome === "too-large" && kind === "robots");
  }

  /** How long to back off. What a server asks for holds for all requests to it. */
  #waitAfter(answer: NotReceived, tries: number): number {
    const wait = Math.max(answer.retryAfter ?? 0, backOff(tries, this.#random));
    if (answer.outcome !== "rate-limited" && answer.retryAfter === undefined) return wait;
    const { host } = new URL(answer.url);
    this.#throttle.pause(host, wait);
    if (wait > WORTH_A_NOTICE) {
      this.#notice(`${host} is left alone for ${seconds(wait)}: ${answer.detail}.`);
    }
    return 0;
  }

  #judge(answer: Answer, sent: number, kind: Ask["kind"], isLast: boolean): void {
    const { host } = new URL(answer.url);
    this.#outage.note(answer, isLast);
    if (answer.ok || !HOST_FAULTS.includes(answer.outcome)) return this.#breaker.succeeded(host);
    if (kind === "page" || answer.local) return;
    const asked = answer.retryAfter ?? 0;
    if (asked > LONGEST_WAIT) return this.#setAside(host, this.#breaker.put(host, answer, asked));
    // Each 429 counts at once; everything else after the last retry.
    const isTooMany = answer.outcome === "rate-limited";
    if (!isLast && !isTooMany) return;
    // Without its robots.txt, nothing of a host may be fetched.
    const aside = kind === "robots" && isLast
      ? this.#breaker.put(host, answer)
      : this.#breaker.failed(host, answer, isTooMany ? sent : Infinity);
    if (aside !== undefined) this.#setAside(host, aside);
  }

  #setAside(host: string, { until, fault }: SetAside): void {
    this.#throttle.dismiss(host);
    this.#notice(
      `${host} is set aside for ${seconds(until - this.#clock.now())}: ${fault.detail}.`,
    );
  }

  /** Requests a URL and follows its redirects; each hop is checked anew. */
  async #follow(start: string, ask: Ask, tries: number): Promise<Tried> {
    const notes: string[] = [];
    const seen = new Set<string>();
    let url = readUrl(start);
    if (typeof url === "string") return { answer: failed("bad-url", url, start.slice(0, 2048)) };
    for (;;) {
      ask.signal.throwIfAborted();
      const tried = await this.#hop(url, ask, tries);
      if ("answer" in tried) {
        const { answer } = tried;
        if (!answer.ok || notes.length === 0) return tried;
        return { ...tried, answer: { ...answer, notes: [...notes, ...answer.notes] } };
      }
      seen.add(url.href);
      const next = nextUrl(tried.redirected, url, seen, ask);
      if (!(next instanceof URL)) return { answer: next, visit: tried.visit };
      const isOurs = ask.kind !== "image" || next.host === url.host;
      if (!isOurs && this.#owns?.(next.href) === false) {
        const moved = failed("redirect-loop", `redirected to ${next.host}`, url.href);
        return { answer: { ...moved, elsewhere: next.href }, visit: tried.visit };
      }
      this.#breaker.succeeded(url.host);
      tried.visit.leave();
      if (url.protocol === "https:" && next.protocol === "http:") {
        notes.push(`redirected from https to http: ${next.host}`);
      }
      url = next;
    }
  }

  /** Sends one request when it is its turn at the host, if it may be sent at all. */
  async #hop(
    url: URL,
    ask: Ask,
    tries: number,
  ): Promise<Tried | { readonly redirected: Redirected; readonly visit: Visit }> {
    const named = this.#resolver.checkName(url.hostname);
    if (!named.ok) return { answer: { ...named, url: url.href } };
    const { host } = url;
    // A source decides itself what to do when its site is overloaded; images come from many hosts.
    const isPatient = ask.kind === "page";
    const aside = isPatient ? undefined : this.#breaker.setAside(host);
    if (aside !== undefined) return { answer: this.#asideAnswer(url, aside) };
    if (ask.kind !== "robots" && !this.#ignoreOptOuts && !isEndpoint(url, ask.api)) {
      const refused = await this.#robotsRefusal(url, ask.signal, isPatient);
      if (refused !== undefined) return { answer: refused };
    }
    let turn = await this.#throttle.take(host, ask.signal);
    while (turn === undefined && isPatient) turn = await this.#throttle.take(host, ask.signal);
    if (turn === undefined) return { answer: this.#asideAnswer(url, this.#breaker.setAside(host)) };
    const endTurn = turn;
    const endProbe = isPatient ? () => {} : this.#breaker.enter(host);
    if (typeof endProbe !== "function") {
      endTurn();
      return { answer: this.#asideAnswer(url, endProbe) };
    }
    const leave = (): void => (endProbe(), endTurn());
    const visit: Visit = { sent: this.#clock.now(), leave };
    ask.sent?.();
    try {
      const answer = await this.#exchange(url, ask, tries);
      if (answer.ok === false && answer.detail === ONLY_FIRST_MEMBER) this.#askPlain.add(host);
      return answer.ok === "elsewhere" ? { redirected: answer, visit } : { answer, visit };
    } catch (thrown) {
      leave();
      throw thrown;
    }
  }

  #exchange(url: URL, ask: Ask, tries: number): ReturnType<typeof exchange> {
    const isProxied = this.#isProxied(url);
    const { deadlines } = ask.limits;
    const answer = deadlines.answer * slackFor(isProxied);
    return exchange(url, {
      headers: this.#headers(url, ask, tries),
      signal: ask.signal,
      limits: { ...ask.limits, deadlines: { ...deadlines, answer } },
      today: () => this.#clock.today(),
      resolve: (hostname) =>
        isProxied
          ? Promise.resolve(this.#resolver.checkName(hostname))
          : this.#resolver.resolve(hostname),
      send: (target, init) => this.#transport.send(target, init),
      refuse: (headers) =>
        ask.kind === "image" && !this.#ignoreOptOuts ? optOut(headers) : undefined,
    });
  }

  #headers(url: URL, ask: Ask, tries: number): Headers {
    const headers = new Headers(ask.headers);
    headers.set("user-agent", this.#userAgent);
    // `gzip, br` is what Deno decodes by itself. Images are compressed already, robots.txt is short. A
    // retry asks for the other: why is explained in `exchange.ts`.
    const isPlain = ask.kind === "page" ? tries > 1 || this.#askPlain.has(url.host) : tries !== 2;
    const asked = isPlain ? "identity" : "gzip, br";
    if (!headers.has("accept-encoding")) headers.set("accept-encoding", asked);
    const referer = ask.page === undefined ? undefined : referrer(ask.page, url);
    if (referer !== undefined) headers.set("referer", referer);
    return headers;
  }

  async #robotsRefusal(
    url: URL,
    signal: AbortSignal,
    isPatient: boolean,
  ): Promise<NotReceived | undefined> {
    // Nearly as long as a dead host takes to time out: if a slow machine passed over living hosts, it
    // would choose other images than a fast one.
    const patience = this.#limits.deadlines.answer * 0.8 * slackFor(this.#isProxied(url));
    const known = await this.#robots.get(url, signal, isPatient ? undefined : patience);
    if (!known.ok) {
      const { outcome, detail, setAside, local } = known.failure;
      const isOwn = outcome === "gone" || outcome === "forbidden-address" || setAside === true;
      return {
        ...failed(outcome, isOwn ? detail : `robots.txt: ${detail}`, url.href),
        ...(setAside ? { setAside } : {}),
        ...(local ? { local } : {}),
      };
    }
    const { crawlDelay, forbids } = known.robots;
    if (crawlDelay !== undefined) {
      const kept = Math.min(crawlDelay, LONGEST_CRAWL_DELAY);
      const isNew = this.#throttle.slow(url.host, kept);
      // Another machine may have asked a moment ago.
      if (isNew && this.#owns !== undefined) this.#throttle.pause(url.host, kept);
      if (isNew && kept < crawlDelay) {
        const asked = `asks for ${seconds(crawlDelay)} between two requests`;
        this.#notice(`${url.host} ${asked}; it gets ${seconds(kept)}.`);
      }
    }
    const rule = forbids(url);
    return rule === undefined ? undefined : failed("opted-out", `robots.txt: ${rule}`, url.href);
  }

  #asideAnswer(url: URL, aside: SetAside | undefined): NotReceived {
    const { outcome, detail } = aside?.fault ?? { outcome: "refused", detail: "it failed" };
    const left = (aside?.until ?? 0) - this.#clock.now();
    const during = left > 0 ? ` for ${seconds(left)}` : "";
    return { ...failed(outcome, `host set aside${during}: ${detail}`, url.href), setAside: true };
  }
}

/** Passing troubles of the server, or (from 520 on) of the network between it and its cache. */
const WORTH_A_RETRY: ReadonlySet<number> = new Set(
  [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524],
);

function isEndpoint(url: URL, api: DocumentedApi | undefined): boolean {
  if (api === undefined) return false;
  const { origin, pathname } = new URL(api.url);
  return url.origin === origin && url.pathname.startsWith(pathname);
}

/** Behind a proxy, Deno's `fetch` still looks the target's name up, often in vain for some seconds. */
function slackFor(isProxied: boolean): number {
  return isProxied ? 2 : 1;
}

/** Outcomes that count against the host rather than against the URL. */
const HOST_FAULTS: readonly NetworkOutcome[] = [
  "timeout",
  "refused",
  "tls-error",
  "server-error",
  "rate-limited",
  "truncated",
];

/** Where a redirect leads, or why it is not followed. */
function nextUrl(
  { status, location }: Redirected,
  from: URL,
  seen: ReadonlySet<string>,
  { hosts, kind }: Ask,
): URL | NotReceived {
  if (location === null) return failed("redirect-loop", `HTTP ${status} leads nowhere`, from.href);
  const next = readLocation(location, from);
  if (typeof next === "string") return failed("bad-url", `redirected: ${next}`, from.href);
  if (seen.has(next.href)) return failed("redirect-loop", "redirected in a circle", next.href);
  const most = kind === "robots" ? MOST_ROBOTS_REDIRECTS : MOST_REDIRECTS;
  if (seen.size > most) return failed("redirect-loop", `more than ${most} redirects`, next.href);
  if (hosts !== undefined && !hosts.has(next.host)) {
    return failed("redirect-loop", `redirected away, to ${next.host}`, next.href);
  }
  return next;
}

function failed(outcome: NetworkOutcome, detail: string, url: string): NotReceived {
  return { ok: false, outcome, detail, url };
}
