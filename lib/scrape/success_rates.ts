/**
 * How many of a source's candidates come to something, learned while a run goes on.
 *
 * @module
 */

import type { Outcome } from "../base/outcome.ts";

/**
 * Counts kept and tried candidates by source. Before much is known it leans to four in five, so
 * that the first failures of a run do not make it ask for too much.
 */
export class SuccessRates {
  readonly #counts = new Map<string, { kept: number; tried: number }>();

  /** Counts one decided candidate. */
  count(source: string, outcome: Outcome): void {
    const counts = this.#counts.get(source) ?? { kept: 0, tried: 0 };
    counts.tried++;
    if (outcome === "kept") counts.kept++;
    this.#counts.set(source, counts);
  }

  /** The share of a source's candidates that were kept, above 0 and at most 1. */
  of(source: string): number {
    const { kept, tried } = this.#counts.get(source) ?? { kept: 0, tried: 0 };
    return (kept + 4) / (tried + 5);
  }
}
