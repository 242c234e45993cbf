/**
 * The pictures of a dataset as the judge sees them: which show the same, and what they count as.
 *
 * @module
 */

import type { ImageEvent, LogLine } from "../dataset/event.ts";
import type { DatasetState } from "../dataset/state.ts";
import { NearIndex } from "../image/near_index.ts";

/**
 * What a picture counts as: `kept`; `rejected`, kept but wrong as a person says; `ambiguous` and
 * `placeholder`, left out because other species have it too.
 */
export type PictureStatus = "kept" | "rejected" | "ambiguous" | "placeholder";

/** An image event before it is known what became of the image. */
export type EventBase = Omit<ImageEvent, "outcome">;

/** A picture that later ones are held against. */
export interface Picture {
  /** The species' id. */
  readonly species: string;
  /** Pixels in all. */
  readonly pixels: number;
  /** Whether its source is sure of the species. */
  readonly vouched: boolean;
  /** What it counts as now. */
  status: PictureStatus;
  /** Its log line, without what became of it. Call it after `settled`. */
  line: () => EventBase;
  /** Ends when its file and its line are there. */
  settled: Promise<unknown>;
}

/** What is there already. */
export const SETTLED: Promise<void> = Promise.resolve();

/** The pictures of a dataset. */
export class Pictures {
  readonly #near = new NearIndex<Picture>();

  /**
   * Reads the pictures of a dataset.
   *
   * @param state What the log says.
   * @param vouching The names of the sources that are sure of the species.
   */
  constructor(state: DatasetState, vouching: ReadonlySet<string>) {
    for (const image of state.keptImages()) {
      this.#near.add(image.dhash, {
        species: image.species,
        pixels: image.width * image.height,
        vouched: vouching.has(image.source),
        status: image.rejected ? "rejected" : "kept",
        line: lineInLog(state, image.species, image.sha256),
        settled: SETTLED,
      });
    }
    for (const line of state.doubtful()) {
      this.#near.add(line.dhash ?? "", {
        species: line.species,
        pixels: (line.width ?? 0) * (line.height ?? 0),
        vouched: vouching.has(line.source),
        status: line.outcome === "placeholder" ? "placeholder" : "ambiguous",
        line: () => lineOf(line),
        settled: SETTLED,
      });
    }
  }

  /** The pictures that show the same as this one, straight or mirrored, the nearest first. */
  same(dhash: string, mirrored: string): Picture[] {
    return this.#near.find(dhash, mirrored).map(({ item }) => item);
  }

  /** Adds a picture, for later ones to be held against. */
  add(dhash: string, picture: Picture): void {
    this.#near.add(dhash, picture);
  }

  /** Forgets a picture that another has taken the place of. */
  remove(picture: Picture): void {
    this.#near.remove(picture);
  }
}

/**
 * Reads a kept image's line when it is asked for: in memory, the lines of all would take more than
 * everything else.
 *
 * @param state What the log says.
 * @param species The species' id.
 * @param sha256 The image's hash.
 */
export function lineInLog(state: DatasetState, species: string, sha256: string): () => EventBase {
  return () => {
    const image = state.image(species, sha256);
    return lineOf(image === undefined ? undefined : state.lines([image])[0]);
  };
}

function lineOf(line: (LogLine & ImageEvent) | undefined): EventBase {
  if (line === undefined) throw new TypeError("A kept image has no line in the log");
  const { v: _version, time: _time, outcome: _outcome, detail: _detail, ...base } = line;
  return base;
}
