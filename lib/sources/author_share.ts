/**
 * Not too many photos of one photographer: known ones flatter a network's accuracy.
 *
 * @module
 */

import { nameKey } from "../dataset/forgotten.ts";
import type { SourceEnd } from "./source.ts";

/** How many more photos of each author a species may have. */
export class AuthorShare {
  readonly #most: number;
  readonly #counts: Map<string, number>;
  #over = 0;

  /**
   * @param most How many photos of one author a species has at most.
   * @param kept How many it has of each, by {@linkcode nameKey}.
   */
  constructor(most: number, kept: Iterable<readonly [string, number]>) {
    this.#most = most;
    this.#counts = new Map(kept);
  }

  /** Counts one photo, if its author may have one more. */
  take(author: string | undefined): boolean {
    const key = nameKey(author ?? "");
    if (key === "") return true;
    const count = this.#counts.get(key) ?? 0;
    if (count >= this.#most) this.#over++;
    else this.#counts.set(key, count + 1);
    return count < this.#most;
  }

  /** Says how many photos were left out. */
  add(end: SourceEnd): SourceEnd {
    if (end.why !== "exhausted" || this.#over === 0) return end;
    return { ...end, detail: { ...end.detail, overShare: this.#over } };
  }
}
