/**
 * The documented APIs that are called under their operators' own terms. robots.txt speaks to
 * crawlers of pages; several sites close their API's paths there and document the same API for
 * programs. This table is the whole exception: robots.txt binds every other request.
 *
 * Limits as documented, gone over in 2026-11.
 *
 * @module
 */

import type { DocumentedApi } from "../web/client.ts";

/** A documented API with the limits that its operator names; those not named are absent. */
export interface ApiTerms extends DocumentedApi {
  /** What may be asked for and fetched in an hour and a day. */
  readonly limits?: {
    readonly requestsPerHour?: number;
    readonly requestsPerDay?: number;
    readonly bytesPerHour?: number;
    readonly bytesPerDay?: number;
  };
  /** The hosts whose bytes count. */
  readonly photoHosts?: readonly string[];
}

/** 60 requests a minute, 10,000 a day; photos 5 GB an hour and 24 GB a day, from one address. */
export const INATURALIST_API: ApiTerms = {
  url: "https://api.inaturalist.org/v1/",
  terms: "https://www.inaturalist.org/pages/api+recommended+practices",
  interval: 1100,
  limits: {
    requestsPerHour: 3600,
    requestsPerDay: 10_000,
    bytesPerHour: 5_000_000_000,
    bytesPerDay: 24_000_000_000,
  },
  photoHosts: ["inaturalist-open-data.s3.amazonaws.com", "static.inaturalist.org"],
};

/** No number of requests is named; one at a time is asked for. Its robots.txt is open as well. */
export const GBIF_API: ApiTerms = {
  url: "https://api.gbif.org/v1/",
  terms: "https://techdocs.gbif.org/en/openapi/",
  interval: 1000,
};

/** One request at a time; a User-Agent with a contact; requests wait while `maxlag` is reached. */
export const COMMONS_API: ApiTerms = {
  url: "https://commons.wikimedia.org/w/api.php",
  terms: "https://www.mediawiki.org/wiki/API:Etiquette",
  interval: 1000,
};

/** The APIs whose photos have a limit. */
export const APIS_WITH_PHOTO_LIMITS: readonly ApiTerms[] = [INATURALIST_API];

/** The API whose limit a photo counts for, if any: GBIF lists iNaturalist's photos too. */
export function photosOf(photo: string): ApiTerms | undefined {
  const host = URL.parse(photo)?.hostname ?? "";
  return APIS_WITH_PHOTO_LIMITS.find(({ photoHosts }) => photoHosts?.includes(host));
}

/** The address of a request to an API. */
export function endpoint(
  { url: base }: ApiTerms,
  path: string,
  query: Readonly<Record<string, string>>,
): URL {
  const url = new URL(path, base);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}

/** Without a key: 20 requests a minute, 200 a day, 240 results a query. */
export const OPENVERSE_API: ApiTerms = {
  url: "https://api.openverse.org/v1/",
  terms: "https://docs.openverse.org/terms_of_service.html",
  interval: 3100,
  limits: { requestsPerDay: 200 },
};
