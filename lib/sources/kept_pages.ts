/**
 * Pages and answers that were not recognised: the first of a run are kept for a bug report.
 *
 * @module
 */

import type { Notice, SourceEnd } from "./source.ts";

/** How many are kept in a run. */
const MOST = 5;

/** What of one source was not recognised. */
export class KeptPages {
  readonly #what: string;
  readonly #keep: (name: string, bytes: Uint8Array) => Promise<string>;
  #count = 0;
  #last: string | undefined;
  #isReported = false;

  /**
   * @param what What they are, for people: `answers of GBIF`.
   * @param keep Keeps one under the data folder and gives its path.
   */
  constructor(what: string, keep: (name: string, bytes: Uint8Array) => Promise<string>) {
    this.#what = what;
    this.#keep = keep;
  }

  /** Ends a search with a page that was not recognised. */
  async end(reason: string, name: string, bytes: Uint8Array): Promise<SourceEnd> {
    if (++this.#count > MOST) return { why: "not-recognised", reason };
    const savedPage = this.#last = await this.#keep(name, bytes);
    return { why: "not-recognised", reason, savedPage };
  }

  /** Says once how many there were. */
  report(notice: Notice): void {
    if (this.#isReported || this.#count === 0) return;
    this.#isReported = true;
    const where = this.#last === undefined
      ? ""
      : `; some are kept for a bug report, such as ${this.#last}`;
    notice(`${this.#count} ${this.#what} were not recognised${where}.`);
  }
}
