/**
 * What the pipeline tells while it works, for whoever draws it.
 *
 * @module
 */

import type { ImageEvent } from "../dataset/event.ts";
import type { Species } from "../species/species.ts";

/** How a job ended, for people. */
export interface JobReport {
  /** The species. */
  readonly species: Species;
  /** The source's name. */
  readonly source: string;
  /** `enough`, `exhausted`, `not-found`, `no-latin-name`, `failed`, `not-recognised`, `stopped`. */
  readonly why: string;
  /** More of it. */
  readonly detail?: string;
  /** Images the species has now, over all sources. */
  readonly kept: number;
}

/** Hears what happens. All methods return at once. */
export interface Progress {
  /** A stage is to work on so many species, and so many images are wanted of it at most. */
  stage(source: string, species: number, wanted: number): void;
  /** A job began. */
  started(species: Species, source: string): void;
  /** A download began or ended. */
  fetching(change: 1 | -1): void;
  /** A candidate was decided. */
  decided(event: ImageEvent): void;
  /** A job ended. */
  finished(report: JobReport): void;
  /** Something a person should read. */
  notice(text: string): void;
}
