/**
 * The client: every request that does not go through the browser.
 *
 * @module
 */

import type { NetworkOutcome } from "../base/outcome.ts";

/**
 * An API that its operator documents for programs. Its endpoints are called under its own terms: many
 * such hosts forbid everything in robots.txt, which speaks to crawlers of pages. robots.txt binds all
 * else, and these endpoints too where the client was opened with `strictRobots`.
 */
export interface DocumentedApi {
  /** What all its endpoints begin with: `https://api.example/v1/`. */
  readonly url: string;
  /** Where its terms and limits are documented. */
  readonly terms: string;
  /** The least time between two requests, in milliseconds, by those terms. */
  readonly interval: number;
}

/** What a page request may say. */
export interface PageRequest {
  /** Ends the request. */
  readonly signal: AbortSignal;
  /** More request headers, such as `Referer`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Hosts the request may be redirected to; the URL's own host alone unless given. */
  readonly hosts?: ReadonlySet<string>;
  /** The documented API that the URL is an endpoint of. */
  readonly api?: DocumentedApi;
  /** How often it is asked for at most: 1 for callers that retry by themselves. */
  readonly tries?: number;
}

/** What an image request may say. */
export interface DownloadRequest {
  /** Ends the request. */
  readonly signal: AbortSignal;
  /** The page the image stands on: sent as `Referer` when the first try is turned away. */
  readonly page?: string;
}

/** An answer with its body. */
export interface Received {
  /** True. */
  readonly ok: true;
  /** The URL that answered, after redirects. */
  readonly url: string;
  /** The status, 200 to 299. */
  readonly status: number;
  /** The response headers. */
  readonly headers: Headers;
  /** The whole body, decoded from its transfer and content encodings. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What the log should say: a redirect from https to http, a retry with Referer … */
  readonly notes: readonly string[];
}

/** A request that brought no usable body. */
export interface NotReceived {
  /** False. */
  readonly ok: false;
  /** The candidate's outcome. */
  readonly outcome: NetworkOutcome;
  /** What happened, for the log: `HTTP 404`, `no byte for 15 s` … */
  readonly detail: string;
  /** The last URL that was asked. */
  readonly url: string;
  /** The status of the answer, where there was one. */
  readonly status?: number;
  /** How long the server asked to be left alone, in milliseconds. */
  readonly retryAfter?: number;
  /** True when nothing was asked, because the host is set aside for now: try it again at the end. */
  readonly setAside?: true;
  /** True when the fault lies on this machine, not with the host: too many open files. */
  readonly local?: true;
  /** The start of the error's body, as bytes, at most 64 KiB: overload pages have status 500. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
}

/** What comes of a request. */
export type Answer = Received | NotReceived;

/** What robots.txt says of a URL. */
export interface RobotsVerdict {
  /** Whether the URL may be asked for. */
  readonly allowed: boolean;
  /** `Crawl-delay` in milliseconds, where one is named. */
  readonly crawlDelay?: number;
  /** Why it may not: the rule, or that the server did not give its robots.txt. */
  readonly reason?: string;
}

/** How a host stands with the client: see {@linkcode Client.standing}. */
export type HostStanding = "ready" | "busy" | "set aside";

/** Fetches politely. Never throws for what a server does; aborting rejects with the signal's reason. */
export interface Client {
  /** Asks for a page. Retries, waits its host's turn and obeys robots.txt by itself. */
  page(url: string, request: PageRequest): Promise<Answer>;
  /** Asks for an image. Retries, waits its host's turn and honours opt-outs by itself. */
  download(url: string, request: DownloadRequest): Promise<Answer>;
  /** What robots.txt of the URL's host says. */
  robots(url: string, signal: AbortSignal): Promise<RobotsVerdict>;
  /** Sets the least time between two requests to a host, in milliseconds, and how many at once. */
  pace(host: string, pace: { readonly interval?: number; readonly concurrency?: number }): void;
  /** Closes idle connections. */
  close(): void;
  /**
   * Whether a request for the URL would be sent at once, for those who can choose what to ask for
   * next: the host is `ready`, `busy` with others, or `set aside` because it fails again and again.
   */
  standing?(url: string): HostStanding;
  /**
   * Why nothing at all can be fetched, as a sentence that says what to do: every host fails TLS (the
   * clock or the certificate authority), or this process has too many files open. A stage that sees
   * one should stop with status 75. `undefined` while things work.
   */
  outage?(): string | undefined;
}
