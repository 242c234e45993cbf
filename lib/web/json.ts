/**
 * JSON from APIs that their operators document for programs.
 *
 * @module
 */

import { type Clock, systemClock } from "../base/clock.ts";
import { backOff, retry } from "../base/retry.ts";
import type { Client, DocumentedApi, NotReceived, Received } from "./client.ts";

const MOST_TRIES = 3;

/** The answer of an API. */
export type JsonAnswer =
  | { readonly ok: true; readonly value: unknown; readonly received: Received }
  | { readonly ok: false; readonly kind: "not-received"; readonly answer: NotReceived }
  | {
    readonly ok: false;
    /** A web page (mostly of an overloaded server), a truncated body, or anything else. */
    readonly kind: "html" | "cut" | "not-json";
    /** For a person: `api.example answered a web page, not JSON`. */
    readonly detail: string;
    readonly received: Received;
  };

/** How JSON is requested. */
export interface JsonRequest {
  /** Aborts the request. */
  readonly signal: AbortSignal;
  /** Waits between tries. */
  readonly clock?: Clock;
  /** Called each time a request is sent, retries included. */
  readonly sent?: () => void;
}

/**
 * Requests JSON from an API, one request at a time and as far apart as its terms say. Bodies that are
 * not JSON are requested again, three times at most; the client itself retries 429 and 503. For a URL
 * that is not an endpoint of the API, robots.txt decides as for any page.
 *
 * @throws The signal's reason, and nothing else.
 *
 * @example
 * ```ts
 * const api = { url: "https://api.example/v1/", terms: "https://api.example/docs", interval: 1000 };
 * const answer = await fetchJson(client, api, "https://api.example/v1/fish?q=betta", { signal });
 * if (answer.ok) console.log(answer.value);
 * ```
 */
export async function fetchJson(
  client: Client,
  api: DocumentedApi,
  url: string,
  { signal, clock = systemClock, sent }: JsonRequest,
): Promise<JsonAnswer> {
  client.pace(new URL(api.url).host, { interval: api.interval, concurrency: 1 });
  const attempt = async (tries: number): Promise<JsonAnswer> => {
    const answer = await client.page(url, {
      signal,
      api,
      // A body of several gzip members arrives whole when it is not packed: see `exchange.ts`.
      headers: { accept: "application/json", ...(tries > 1 && { "accept-encoding": "identity" }) },
      ...(sent !== undefined && { sent }),
    });
    return answer.ok ? readJson(answer) : { ok: false, kind: "not-received", answer };
  };
  const waitAfter = (answer: JsonAnswer, tries: number): number | undefined =>
    answer.ok || answer.kind === "not-received" || tries >= MOST_TRIES ? undefined : backOff(tries);
  return await retry(attempt, waitAfter, clock, signal);
}

/** Parses a body as JSON, whatever its `Content-Type` says. */
export function readJson(received: Received): JsonAnswer {
  const text = new TextDecoder().decode(received.bytes).trim();
  const { host } = new URL(received.url);
  try {
    return { ok: true, value: JSON.parse(text), received };
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
  }
  if (text.startsWith("<")) {
    return { ok: false, kind: "html", detail: `${host} answered a web page, not JSON`, received };
  }
  if (/^[{[]/.test(text) && !/[}\]]$/.test(text) || text === "") {
    const detail = `the JSON of ${host} breaks off after ${received.bytes.length} bytes`;
    return { ok: false, kind: "cut", detail, received };
  }
  return { ok: false, kind: "not-json", detail: `${host} answered no JSON`, received };
}
