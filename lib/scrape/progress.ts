/**
 * What the pipeline reports while it works, for whoever draws it.
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

/** What a run has before it, counted at its start. */
export interface Workload {
  /** Each source with the ids of the species that it has not finished with yet. */
  readonly stages: readonly { readonly source: string; readonly todo: ReadonlySet<string> }[];
  /** Species that the run works on. */
  readonly species: number;
  /** Images the species have already, at most as many as are wanted of each. */
  readonly kept: number;
  /** Images wanted of all species. */
  readonly wanted: number;
}

/** Hears what happens. All methods return at once. */
export interface Progress {
  /** The run begins. */
  planned(work: Workload): void;
  /** A job began that is to find so many images at most. */
  started(species: Species, source: string, missing: number): void;
  /** A job's download began (1) or ended (-1). */
  fetching(species: Species, change: 1 | -1): void;
  /** A candidate was decided. */
  decided(event: ImageEvent): void;
  /** A species lost an image that it needs: others claim the picture too. */
  withdrawn(species: Species): void;
  /** A job ended, or had nothing to do. */
  finished(report: JobReport): void;
  /** Something a person should read. */
  notice(text: string): void;
}
