/**
 * The hosts that the demo world plays.
 *
 * @module
 */

import { hash } from "../base/seeded.ts";

export const WIKIPEDIA = "en.wikipedia.org";
/** FishBase's mirrors that the world knows of; which of them are up is an option. */
export const FISHBASE = [
  "www.fishbase.se",
  "www.fishbase.org",
  "www.fishbase.de",
  "www.fishbase.us",
  "www.fishbase.in",
  "www.fishbase.mnhn.fr",
  "fishbase.se",
  "fishbase.org",
  "fishbase.mnhn.fr",
] as const;
export const TABLES = "data.source.coop";
export const GOOGLE = "www.google.com";
export const CONSENT = "consent.google.com";
export const THUMBNAILS = "encrypted-tbn0.gstatic.com";

export const INATURALIST = "api.inaturalist.org";
export const INATURALIST_PHOTOS = [
  "inaturalist-open-data.s3.amazonaws.com",
  "static.inaturalist.org",
] as const;
export const GBIF = "api.gbif.org";
/** A museum whose photos GBIF lists. */
export const MUSEUM = "collections.fishmuseum.example";
export const COMMONS = "commons.wikimedia.org";
export const COMMONS_FILES = "upload.wikimedia.org";
export const OPENVERSE = "api.openverse.org";
/** Where Flickr's photos lie, which Openverse lists. */
export const FLICKR = "live.staticflickr.com";
/** The hosts of documented APIs: one request at a time. */
export const API_HOSTS: ReadonlySet<string> = new Set([INATURALIST, GBIF, COMMONS, OPENVERSE]);
export const LICENSED_PHOTO_HOSTS = [...INATURALIST_PHOTOS, MUSEUM, COMMONS_FILES, FLICKR];

const WORDS = ["tank", "reef", "river", "scale", "fin", "gill", "moss", "pebble"] as const;
const PLACES = ["shop", "forum", "photos", "club", "wiki"] as const;

/** The photo hosts with no part to play but their own: forty. */
export const PHOTO_HOSTS: readonly string[] = WORDS.flatMap((word, index) =>
  PLACES.map((place, other) =>
    `${(index + other) % 2 === 0 ? "cdn" : "www"}.${word}${place}.example`
  )
);

export const ROLES = {
  "broken": ["img.wobblyserver.example"],
  "overloaded": ["www.crowdedpond.example"],
  "leaky": ["cdn.leakypipe.example"],
  "waking": ["www.lateriser.example"],
  "plain-http": ["www.oldaquarist.example"],
  "bad-certificate": ["img.lapsedfish.example"],
  "unreachable": ["static.sunkenserver.example"],
  "slow": ["pictures.sleepyhost.example", "media.drippingtap.example"],
  "robots": ["www.keepoutfish.example"],
} satisfies Record<string, readonly string[]>;

export type HostRole = "any" | keyof typeof ROLES;

export const ALL_PHOTO_HOSTS = [PHOTO_HOSTS, ...Object.values(ROLES)].flat();

export function photoHost(role: HostRole, seed: string): string {
  const hosts = role === "any" ? PHOTO_HOSTS : ROLES[role];
  return hosts[hash(seed) % hosts.length] ?? "";
}
