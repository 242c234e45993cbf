/**
 * One request and its answer: no redirects, no second try.
 *
 * @module
 */

import type { NotReceived, Received } from "./client.ts";
import { type BodyLimits, readBody } from "./body.ts";
import { classifyError, classifyStatus } from "./classify.ts";
import { Deadline, orAborted, seconds } from "./deadline.ts";
import { isRedirect } from "./redirect.ts";
import type { Family, Resolved } from "./resolve.ts";
import { readRetryAfter } from "./retry_after.ts";

/** The most of an error's body that is kept, in bytes. */
const ERROR_MOST = 64 * 1024;
/** The longest that an error's body is waited for, in milliseconds. */
const ERROR_WHOLE = 5000;

/** Sends one request over one family of addresses. */
export type Send = (url: URL, init: RequestInit, family: Family) => Promise<Response>;

/** What one request is made with. */
export interface ExchangeOptions {
  /** The request's headers. */
  readonly headers: Headers;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** How its body is read. */
  readonly limits: BodyLimits;
  /** Milliseconds since 1970. */
  readonly today: () => number;
  /** Which of the host's families of addresses to use: they take turns, from 0. */
  readonly turn: number;
  /** Where the host may be reached. */
  readonly resolve: (hostname: string) => Promise<Resolved>;
  /** Sends. */
  readonly send: Send;
  /** A last look at the headers of a success: why its body is not wanted, or nothing. */
  readonly refuse: (headers: Headers) => string | undefined;
}

/** Where an answer says to go. */
export interface Redirected {
  /** Tells it from an answer. */
  readonly ok: "elsewhere";
  /** The status. */
  readonly status: number;
  /** The `Location` header. */
  readonly location: string | null;
}

/**
 * Sends one request and reads its answer.
 *
 * @param url What to ask for.
 * @param options How.
 * @returns What came of it.
 * @throws The reason of the caller's signal, and nothing else.
 */
export async function exchange(
  url: URL,
  options: ExchangeOptions,
): Promise<Received | NotReceived | Redirected> {
  const deadline = new Deadline(options.signal);
  const { deadlines } = options.limits;
  let stage: "asking" | "reading" = "asking";
  try {
    deadline.set("answer", deadlines.answer, `no answer for ${seconds(deadlines.answer)}`);
    deadline.set("whole", deadlines.whole, `not done after ${seconds(deadlines.whole)}`);
    const resolved = await orAborted(options.resolve(url.hostname), deadline.signal);
    if (!resolved.ok) return { ...resolved, url: url.href };
    const { headers, turn } = options;
    const family = resolved.families[turn % resolved.families.length] ?? 4;
    const init: RequestInit = { headers, redirect: "manual", signal: deadline.signal };
    const response = await options.send(url, init, family);
    deadline.clear("answer");
    stage = "reading";
    return await read(url, response, options, deadline);
  } catch (thrown) {
    options.signal.throwIfAborted();
    // What a deadline broke is told as the deadline, whatever the platform made of it.
    const cause = deadline.signal.aborted ? deadline.signal.reason : thrown;
    return { ok: false, ...classifyError(cause, stage), url: url.href };
  } finally {
    deadline.end();
  }
}

async function read(
  url: URL,
  response: Response,
  options: ExchangeOptions,
  deadline: Deadline,
): Promise<Received | NotReceived | Redirected> {
  const { status, headers } = response;
  if (isRedirect(status)) {
    await response.body?.cancel();
    return { ok: "elsewhere", status, location: headers.get("location") };
  }
  if (status < 200 || status > 299) {
    const asked = status === 429 || status === 503 ? headers.get("retry-after") : null;
    const retryAfter = readRetryAfter(asked, options.today());
    return {
      ok: false,
      outcome: classifyStatus(status),
      detail: status < 400 ? `HTTP ${status} leads nowhere` : `HTTP ${status}`,
      url: url.href,
      status,
      ...(retryAfter === undefined ? {} : { retryAfter }),
      bytes: await errorBody(response, options, deadline),
    };
  }
  const refused = status === 206 ? undefined : options.refuse(headers);
  if (refused !== undefined || status === 206) {
    await response.body?.cancel();
    if (refused !== undefined) {
      return { ok: false, outcome: "opted-out", detail: refused, url: url.href, status };
    }
    const detail = "HTTP 206: a part, though the whole was asked for";
    return { ok: false, outcome: "truncated", detail, url: url.href, status };
  }
  try {
    const { bytes, notes } = await readBody(response, options.limits, deadline);
    return { ok: true, url: url.href, status, headers, bytes, notes };
  } catch (thrown) {
    // Frees the connection when the body was refused before it was read.
    if (!response.bodyUsed) await response.body?.cancel();
    throw thrown;
  }
}

/** The start of an error's body. It is a courtesy: without it the error stays the same. */
async function errorBody(
  response: Response,
  { limits, signal }: ExchangeOptions,
  deadline: Deadline,
): Promise<Uint8Array<ArrayBuffer>> {
  deadline.set("whole", Math.min(ERROR_WHOLE, limits.deadlines.whole), "error page too slow");
  try {
    const cut: BodyLimits = { ...limits, most: ERROR_MOST, beyond: "cut" };
    return (await readBody(response, cut, deadline)).bytes;
  } catch {
    signal.throwIfAborted();
    return new Uint8Array();
  }
}
