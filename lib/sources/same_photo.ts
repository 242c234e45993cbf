/**
 * Which photo an address means: iNaturalist's photos stand in GBIF too, Flickr's in Openverse and on
 * Commons, in several sizes and on several hosts.
 *
 * @module
 */

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
export function photosShown(
  { origin, page, url }: Pick<Candidate, "url" | "page" | "origin">,
): string[] {
  const all = [url, page, origin ?? ""].map(photoOf).filter((photo) => photo !== undefined);
  return [...new Set(all)];
}
