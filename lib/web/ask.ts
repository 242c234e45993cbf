/**
 * What is being asked for, and what came of it so far.
 *
 * @module
 */

import type { NetworkOutcome } from "../base/outcome.ts";
import type { BodyLimits } from "./body.ts";
import type { Answer, NotReceived } from "./client.ts";

/** What is being asked for, and by which rules. */
export interface Ask {
  /** Pages are confined to their hosts, images heed opt-outs, robots.txt heeds nothing. */
  readonly kind: "page" | "image" | "robots";
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Request headers, besides those all requests have. */
  readonly headers: Readonly<Record<string, string>>;
  /** How much is read, how slowly. */
  readonly limits: BodyLimits;
  /** The most redirects. */
  readonly redirects: number;
  /** The only hosts it may be redirected to, where they are limited. */
  readonly hosts?: ReadonlySet<string> | undefined;
  /** The page to name in `Referer`. */
  readonly page?: string | undefined;
  /** How often it is asked for at most. */
  readonly tries?: number | undefined;
}

/** An answer, and what the tries need to know of it. */
export interface Tried {
  /** What came. */
  readonly answer: Answer;
  /** How it came; nothing when no request was made at all. */
  readonly visit?: Visit;
}

/** A request's place at its host. */
export interface Visit {
  /** When the request was sent, by the clock. */
  readonly sent: number;
  /** Gives the place to the next one. To be called when the host has been judged by the answer. */
  readonly leave: () => void;
}

/** An answer that was not worth the asking. */
export function failed(outcome: NetworkOutcome, detail: string, url: string): NotReceived {
  return { ok: false, outcome, detail, url };
}
