/**
 * Which photo an address means, so that none is fetched twice: iNaturalist's photos stand in GBIF
 * too, Flickr's in Openverse and on Commons, in several sizes and on several hosts.
 *
 * @module
 */

import { isTransient, type Outcome } from "../base/outcome.ts";
import type { DatasetState } from "../dataset/state.ts";
import { INATURALIST_API } from "./apis.ts";
import type { Candidate } from "./source.ts";

const INATURALIST_HOSTS: ReadonlySet<string> = new Set(INATURALIST_API.photoHosts);

/**
 * The photo that an address or a page shows, the same for all its sizes and hosts.
 *
 * @returns `inaturalist 101`, `flickr 4930`, `commons Betta_1.jpg`; `undefined` for any other site.
 *
 * @example
 * ```ts
 * import { photoOf } from "./same_photo.ts";
 *
 * photoOf("https://static.inaturalist.org/photos/101/square.jpeg?17"); // "inaturalist 101"
 * photoOf("https://www.inaturalist.org/photos/101"); // "inaturalist 101"
 * ```
 */
export function photoOf(address: string): string | undefined {
  const url = URL.parse(address);
  if (url === null) return undefined;
  const { hostname: host, pathname: path } = url;
  if (INATURALIST_HOSTS.has(host) || /^(?:www\.)?inaturalist\.org$/.test(host)) {
    return named("inaturalist", /^\/photos\/(\d+)(?:\/|$)/.exec(path));
  }
  if (host.endsWith(".staticflickr.com")) {
    return named("flickr", /^(?:\/\d+)+\/(\d+)_[0-9a-f]+(?:_\w)?\.\w+$/.exec(path));
  }
  if (/^(?:www\.)?flickr\.com$/.test(host)) {
    return named("flickr", /^\/photos\/[^/]+\/(\d+)(?:\/|$)/.exec(path));
  }
  if (/^(?:upload|thumb)\.wikimedia\.org$/.test(host)) {
    const file = /^\/wikipedia\/commons\/(?:thumb\/)?[0-9a-f]\/[0-9a-f]{2}\/([^/]+)(?:\/|$)/;
    return named("commons", file.exec(path));
  }
  if (/^commons\.(?:m\.)?wikimedia\.org$/.test(host)) {
    return named("commons", /^\/wiki\/File(?::|%3A)([^/]+)$/i.exec(path));
  }
  return undefined;
}

function named(site: string, match: RegExpExecArray | null): string | undefined {
  const name = match?.[1];
  if (name === undefined) return undefined;
  try {
    return `${site} ${decodeURIComponent(name).replaceAll(" ", "_")}`;
  } catch (thrown) {
    if (thrown instanceof URIError) return undefined;
    throw thrown;
  }
}

/** The photos that a candidate is: by its address, its page and the page it was taken over from. */
export function photosShown({ origin, page, url }: Shown): string[] {
  const all = [url, page, origin ?? ""].map(photoOf).filter((photo) => photo !== undefined);
  return [...new Set(all)];
}

/** After these outcomes another source may still have the photo. */
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
    addTo(this.#read(), candidate);
  }

  #isRead(url: string): boolean {
    const outcome = this.#state.decided(this.#species, url);
    return outcome === undefined || !isTransient(outcome) && !NOT_READ.has(outcome);
  }

  #read(): Map<string, Set<string>> {
    if (this.#urls !== undefined) return this.#urls;
    const urls = this.#urls = new Map<string, Set<string>>();
    for (const { url } of this.#state.decisions(this.#species)) {
      addTo(urls, { url, page: "" });
    }
    // Only the lines say which photos were taken over from elsewhere.
    const kept = [...this.#state.keptImages(this.#species)];
    for (const line of this.#state.lines(kept)) addTo(urls, line);
    return urls;
  }
}

function addTo(urls: Map<string, Set<string>>, shown: Shown): void {
  for (const photo of photosShown(shown)) {
    urls.getOrInsertComputed(photo, () => new Set()).add(shown.url);
  }
}
