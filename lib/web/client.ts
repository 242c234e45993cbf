/**
 * The client: every request that does not go through the browser.
 *
 * @module
 */

import type { NetworkOutcome } from "../base/outcome.ts";

/**
 * An API that its operator documents for programs. Its endpoints are called under its own terms, since
 * many such hosts forbid everything in robots.txt, which is meant for crawlers of pages. robots.txt
 * binds all other URLs, and these endpoints too in a client with `strictRobots`.
 */
export interface DocumentedApi {
  /** What all its endpoints begin with: `https://api.example/v1/`. */
  readonly url: string;
  /** Where its terms and limits are documented. */
  readonly terms: string;
  /** The least time between two requests that the terms allow, in milliseconds. */
  readonly interval: number;
}

/** How a page is requested. */
export interface PageRequest {
  /** Aborts the request. */
  readonly signal: AbortSignal;
  /** More request headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Hosts it may be redirected to; only the URL's own host unless given. */
  readonly hosts?: ReadonlySet<string>;
  /** The documented API that the URL is an endpoint of. */
  readonly api?: DocumentedApi;
  /** The most tries; 3 unless given. Callers that retry by themselves pass 1. */
  readonly tries?: number;
  /** Called each time a request is sent: retries and redirects count too. */
  readonly sent?: () => void;
}

/** How an image is requested. */
export interface DownloadRequest {
  /** Aborts the request. */
  readonly signal: AbortSignal;
  /** The page that shows the image: sent as `Referer` after a 401 or 403. */
  readonly page?: string;
}

/** A successful answer. */
export interface Received {
  /** Tells it from {@linkcode NotReceived}. */
  readonly ok: true;
  /** The URL that answered, after redirects. */
  readonly url: string;
  /** The HTTP status, 200 to 299. */
  readonly status: number;
  /** The response headers. */
  readonly headers: Headers;
  /** The body, with all encodings undone. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What the log should say: a redirect from https to http, a retry with Referer … */
  readonly notes: readonly string[];
}

/** A request that brought no usable body. */
export interface NotReceived {
  /** Tells it from {@linkcode Received}. */
  readonly ok: false;
  /** The outcome, as the log names it. */
  readonly outcome: NetworkOutcome;
  /** What happened: `HTTP 404`, `no answer for 15 s` … */
  readonly detail: string;
  /** The last URL that was requested. */
  readonly url: string;
  /** The HTTP status, where there was an answer. */
  readonly status?: number;
  /** The server's `Retry-After`, in milliseconds. */
  readonly retryAfter?: number;
  /** Nothing was sent, because the host is set aside for now: try again at the end of the run. */
  readonly setAside?: true;
  /** Where it is redirected to: to a host that another machine asks, see {@linkcode ClientOptions}. */
  readonly elsewhere?: string;
  /** The fault is on this machine, not with the host: too many open files. */
  readonly local?: true;
  /** The first 64 KiB of an error's body, by which sources recognise overload pages. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
}

/** The result of a request. */
export type Answer = Received | NotReceived;

/** What robots.txt says about a URL. */
export interface RobotsVerdict {
  /** Whether the URL may be requested. */
  readonly allowed: boolean;
  /** `Crawl-delay` in milliseconds, where there is one. */
  readonly crawlDelay?: number;
  /** Why it may not: the rule, or why robots.txt could not be read. */
  readonly reason?: string;
}

/** The state of a host: see {@linkcode Client.standing}. */
export type HostStanding = "ready" | "busy" | "set aside";

/**
 * Fetches politely: throttles each host, retries with back-off, obeys robots.txt and opt-outs. Never
 * throws for what a server does; aborting rejects with the signal's reason.
 */
export interface Client {
  /** Requests a page; redirects stay on the allowed hosts. */
  page(url: string, request: PageRequest): Promise<Answer>;
  /** Requests an image, unless robots.txt or an opt-out header forbids it. */
  download(url: string, request: DownloadRequest): Promise<Answer>;
  /** What the host's robots.txt says about a URL. */
  robots(url: string, signal: AbortSignal): Promise<RobotsVerdict>;
  /** Sets a host's least time between two requests, in milliseconds, and how many run at once. */
  pace(host: string, pace: { readonly interval?: number; readonly concurrency?: number }): void;
  /** Closes idle connections. */
  close(): void;
  /**
   * Whether a request for the URL would be sent at once, for callers that can choose what to request
   * next: the host is `ready`, `busy` with other requests, or `set aside` after repeated failures.
   */
  standing?(url: string): HostStanding;
  /**
   * Why nothing at all can be fetched, as a sentence that says what to do; `undefined` while things
   * work. Every host fails TLS (clock or certificate authority), or too many files are open. A stage
   * that sees one should stop with status 75.
   */
  outage?(): string | undefined;
}
