/**
 * Pages whose shape is not known, kept for a bug report.
 *
 * @module
 */

import type { ReceivedPage } from "./page_answer.ts";

/** Keeps a page under the data folder and gives its path. */
export type KeepPage = (name: string, bytes: Uint8Array) => Promise<string>;

/** How many pages are kept in a run. */
const MOST = 5;

/** The pages of one run that were not recognised. */
export class SavedPages {
  readonly #keep: KeepPage;
  #saved = 0;
  #count = 0;
  #last: string | undefined;

  /**
   * Has kept nothing yet.
   *
   * @param keep Keeps a page.
   */
  constructor(keep: KeepPage) {
    this.#keep = keep;
  }

  /** How many pages were not recognised. */
  get count(): number {
    return this.#count;
  }

  /** Where the last of them that was kept is. */
  get last(): string | undefined {
    return this.#last;
  }

  /**
   * Notes a page, and keeps it unless enough are kept.
   *
   * @param species The species' id.
   * @param what Which page it is: `summary`, `thumbnails` …
   * @param page The page.
   * @returns Where it is kept, if it is.
   */
  async add(species: string, what: string, page: ReceivedPage): Promise<string | undefined> {
    this.#count++;
    if (this.#saved >= MOST) return undefined;
    this.#saved++;
    const safe = species.replace(/[^a-z0-9_]/g, "").slice(0, 80);
    const ending = what === "service" ? "xml" : "html";
    this.#last = await this.#keep(`fishbase_${safe}_${what}.${ending}`, page.bytes);
    return this.#last;
  }
}
