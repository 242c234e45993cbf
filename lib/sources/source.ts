/**
 * Where to look: what every source of images gives, and what it is told.
 *
 * A source knows how to find candidates and nothing of files. Adding one means a file beside this
 * one and a fixture folder.
 *
 * @module
 */

import type { Species } from "../species/species.ts";

/** A picture that may be worth keeping, as a source found it. */
export interface Candidate {
  /** Where the picture is, in its largest form. */
  readonly url: string;
  /** The page the picture stands on. */
  readonly page: string;
  /** The source's measure, in pixels, where it is known beforehand. */
  readonly width?: number;
  /** The source's measure, in pixels, where it is known beforehand. */
  readonly height?: number;
  /** The caption or the page's title. */
  readonly title?: string;
  /** Who took the picture. */
  readonly author?: string;
  /** SPDX or Creative Commons id such as `CC-BY-NC-3.0`; `unknown` where the page says nothing. */
  readonly license?: string;
  /** The words the page gives for the licence. */
  readonly licenseText?: string;
  /** What is pictured besides a grown fish: `stamp`, `drawing`, `larva`, `egg`, `x-ray` … */
  readonly kind?: string;
  /** The fish's sex, where the source knows. */
  readonly sex?: "male" | "female";
  /** The fish's life stage, where the source knows: `juvenile`, `adult` … */
  readonly stage?: string;
  /** Which of the source's ways gave it, such as `embedded`, `scroll`, `panel`. */
  readonly road?: string;
  /** The query that found it. */
  readonly query?: string;
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

/** Something a person should hear from a source while it works. */
export type Notice = (text: string) => void;

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
  /** Gives back what the source holds: a browser, say. Safe to call twice. */
  close(): Promise<void>;
}
