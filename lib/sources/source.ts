/**
 * Where to look for images: what every source gives, and what it is given.
 *
 * A source knows how to find candidates and nothing of the files on disk beyond its own cache. A new
 * one is a file or folder beside this one, with a folder of fixtures.
 *
 * @module
 */

import { defined } from "../base/defined.ts";
import type { Provenance } from "../dataset/event.ts";
import type { Species } from "../species/species.ts";
import type { License } from "./license.ts";

/** A picture that may be worth keeping, as a source found it. */
export interface Candidate extends Provenance {
  /** Where the picture is, in the form to keep. The same picture has the same URL in every run. */
  readonly url: string;
  /** Further addresses of the same file, tried in this order when `url` answers that it is gone. */
  readonly alternatives?: readonly string[];
  /** The page the picture stands on. */
  readonly page: string;
  /** What the kept file must be, 64 hex digits; only lists of images know. */
  readonly sha256?: string;
  /** The width that the source gives, in pixels. */
  readonly width?: number;
  /** The height that the source gives, in pixels. */
  readonly height?: number;
}

/**
 * A licence as the fields of a candidate.
 *
 * @param license What is known of it.
 */
export function licenseFields(
  { id, text, url }: License,
): Pick<Candidate, "license" | "licenseText" | "licenseUrl"> {
  return defined({ license: id, licenseText: text, licenseUrl: url });
}

/**
 * The day of a date as a field of a candidate; nothing where there is none.
 *
 * @param date `2024-05-11`, `2024-05-11T14:02:00` …
 */
export function dayOf(date: string | null | undefined): Pick<Candidate, "observed"> {
  const day = /^\d{4}-\d{2}-\d{2}(?=$|[T ])/.exec(date ?? "")?.[0];
  return day === undefined ? {} : { observed: day };
}

/** What is still wanted of a species, read anew by the source whenever it decides to go on. */
export interface Demand {
  /** How many more images are to be kept for this species, now. */
  readonly missing: number;
  /** The share of candidates of this source that were kept in this run so far, 0 to 1. */
  readonly successRate: number;
  /**
   * Whether a URL was already decided for this species, so that it is no candidate again. Sources
   * may also leave this to the pipeline.
   */
  known(url: string): boolean;
}

/** How a source's search for one species ended. */
export type SourceEnd =
  /** All that the source has was given. `detail` holds what belongs into the `done` event. */
  | { readonly why: "exhausted"; readonly detail?: Readonly<Record<string, unknown>> }
  /** The source does not know the fish. */
  | {
    readonly why: "not-found";
    readonly reason: string;
    readonly detail?: Readonly<Record<string, unknown>>;
  }
  /** Nothing to search by. */
  | { readonly why: "no-latin-name"; readonly reason: string }
  /** The job could not be done and is to be done again by the next run; others go on. */
  | { readonly why: "failed"; readonly reason: string }
  /** The page was there, but not as we know it. The job is done again by the next run. */
  | { readonly why: "not-recognised"; readonly reason: string; readonly savedPage?: string };

/**
 * Thrown by a source when the whole stage must stop: a robot check, a site that cannot be reached.
 * What was found so far is kept; the run ends with status 75.
 */
export class StageStop extends Error {
  /** Always `"StageStop"`. */
  override readonly name = "StageStop";
  /** The `why` of the `stopped` event: `robot-check`, `unreachable` … */
  readonly why: string;
  /**
   * Stops the stage.
   *
   * @param why The short reason for the log, such as `robot-check`.
   * @param message One paragraph for a person: what happened and the ways on.
   */
  constructor(why: string, message: string) {
    super(message);
    this.why = why;
  }
}

export type { Notice } from "../base/failure.ts";

/** Sources that only search by words: what they find need not be what was searched for. */
const WORD_SEARCHES: ReadonlySet<string> = new Set(["commons", "google", "openverse"]);

/**
 * Whether pictures of a source surely show their species, where nothing is known of it but its name
 * in the log. Lists and a user's own sources are taken to be sure.
 */
export function isSure(source: string): boolean {
  return !WORD_SEARCHES.has(source);
}

/** One place to look for images. */
export interface ImageSource {
  /** `fishbase`, `google` …: the `source` of every log line. */
  readonly name: string;
  /** Whether a picture found here surely shows the species it was searched for. */
  readonly vouches: boolean;
  /**
   * Finds candidates for one species, one after another, as the consumer asks for them. The order
   * is the same each time the site answers the same.
   *
   * @returns How the search ended, once there is nothing more.
   * @throws {StageStop} When the whole stage must stop.
   */
  candidates(
    species: Species,
    demand: Demand,
    signal: AbortSignal,
  ): AsyncGenerator<Candidate, SourceEnd, void>;
  /**
   * What the source has found of a species' name in this run, for the `done` event of a search that
   * was not gone through to its end.
   */
  found?(species: Species): Readonly<Record<string, unknown>> | undefined;
  /** Gives back what the source holds: a browser, say. Safe to call twice. */
  close(): Promise<void>;
}
