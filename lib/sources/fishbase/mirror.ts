/**
 * One mirror as its run knows it, and what it is asked.
 *
 * @module
 */

import type { Verdict } from "./answers.ts";
import type { ReceivedPage } from "./page_answer.ts";

/** A mirror, and how it stands. */
export interface Mirror {
  /** Its name. */
  readonly host: string;
  /** Ends when the one before has had its page. */
  turn: Promise<void>;
  /** The least time between two pages, once robots.txt is known. */
  delay?: number;
  /** When the next page may be asked for, by the clock. */
  next: number;
  /** Whether it has given a page in this run. */
  answered: boolean;
  /** How many pages in a row it has failed with. */
  broken: number;
  /** Why it is not asked any more. */
  down?: string;
  /** Whether it is not asked because it turns away what is no browser. */
  turnedAway: boolean;
  /** Whether it has had its second chance since it last gave a page. */
  chanceTaken: boolean;
}

/** What is asked for. */
export interface Asking {
  /** Path and query. */
  readonly path: string;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Whether the page is data that no browser shows as it is. */
  readonly plain: boolean;
  /** Whether the page has failed on another mirror already. */
  readonly suspect: boolean;
}

/** Any verdict but that there is a page. */
export type Trouble = Exclude<Verdict, { readonly kind: "page" }>;

/** A verdict, with the page where there is one. */
export type Judged =
  | Trouble
  | { readonly kind: "page"; readonly page: ReceivedPage };
