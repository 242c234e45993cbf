/**
 * The same photo by two doors, before it is fetched twice.
 *
 * @module
 */

import { isTransient, type Outcome } from "../base/outcome.ts";
import type { DatasetState } from "../dataset/state.ts";
import { photosShown } from "../sources/same_photo.ts";
import type { Candidate } from "../sources/source.ts";

/** Outcomes after which another door may still lead to the photo. */
const NOT_READ: ReadonlySet<Outcome> = new Set([
  "gone",
  "forbidden",
  "forbidden-address",
  "bad-url",
  "unlicensed",
]);

type Shown = Pick<Candidate, "url" | "page" | "origin">;

/** The photos of one species that were tried, whichever source listed them. */
export class KnownPhotos {
  readonly #state: DatasetState;
  readonly #species: string;
  /** The addresses of each photo; read from the log once a candidate is a photo of a known site. */
  #urls: Map<string, Set<string>> | undefined;

  constructor(state: DatasetState, species: string) {
    this.#state = state;
    this.#species = species;
  }

  /** Whether a candidate is a photo that was read, or is being fetched, under another address. */
  isKnown(candidate: Shown): boolean {
    return photosShown(candidate).some((photo) =>
      [...this.#read().get(photo) ?? []].some((url) => url !== candidate.url && this.#isRead(url))
    );
  }

  add(candidate: Shown): void {
    for (const photo of photosShown(candidate)) add(this.#read(), photo, candidate.url);
  }

  #isRead(url: string): boolean {
    const outcome = this.#state.decided(this.#species, url);
    return outcome === undefined || !isTransient(outcome) && !NOT_READ.has(outcome);
  }

  #read(): Map<string, Set<string>> {
    if (this.#urls !== undefined) return this.#urls;
    const urls = this.#urls = new Map<string, Set<string>>();
    for (const url of this.#state.decidedUrls(this.#species)) {
      for (const photo of photosShown({ url, page: "" })) add(urls, photo, url);
    }
    // Only the lines say which photos were taken over from elsewhere.
    for (const line of this.#state.lines([...this.#state.keptImages(this.#species)])) {
      for (const photo of photosShown(line)) add(urls, photo, line.url);
    }
    return urls;
  }
}

function add(urls: Map<string, Set<string>>, photo: string, url: string): void {
  const known = urls.get(photo);
  if (known === undefined) urls.set(photo, new Set([url]));
  else known.add(url);
}
