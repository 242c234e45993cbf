/**
 * The licensed photos of the demo world's fish: what iNaturalist, GBIF, Commons and Openverse have of
 * each, under which name, and what must come of it.
 *
 * @module
 */

import type { Fish } from "./catalogue.ts";
import { COMMONS_FILES, FLICKR, INATURALIST_PHOTOS, MUSEUM, ROLES } from "./hosts.ts";
import { type ApiSourceName, type Finding, GOOD, type Kind } from "./kinds.ts";
import { type Photo, photoSize, type Studio } from "./photo.ts";

/** A licensed photo that is a candidate, as its source must log it. */
export interface LicensedFinding extends Finding {
  readonly number: number;
  readonly license: string;
  readonly author: string;
  readonly observation?: string;
  /** The fish that it is a photo of; another's where two taxa have the same photo. */
  readonly of: Fish;
}

/** A fish's photos at each API, in the order in which they must be tried. */
export type LicensedPlan = Readonly<Record<ApiSourceName, readonly LicensedFinding[]>>;

const DEAD: Kind = {
  ...GOOD,
  name: "dead-photo-host",
  outcome: "refused",
  host: "unreachable",
};
const GONE: Kind = { ...GOOD, name: "photo-gone", outcome: "gone", service: { status: 404 } };
const PNG_NAMED_JPEG: Kind = { ...GOOD, name: "png-named-jpeg", format: "png" };
/** Where each source's photos are numbered from, within a fish. */
const FIRST: Readonly<Record<ApiSourceName, number>> = {
  inaturalist: 200_000,
  gbif: 300_000,
  commons: 400_000,
  openverse: 500_000,
};

/** The name that the biological databases have for a fish; nothing where they know none. */
export function acceptedName(fish: Fish): string | undefined {
  if (!fish.plain || fish.knowledge.kind === "unknown") return undefined;
  return fish.knowledge.kind === "valid" ? fish.latin : fish.knowledge.valid;
}

/** Who took a fish's photos: at each API somebody else. */
export function authorOf(source: ApiSourceName, fish: Fish): string {
  const names = {
    inaturalist: "Diver",
    gbif: "Curator",
    commons: "Traveller",
    openverse: "Keeper",
  };
  return `${names[source]} ${fish.code}`;
}

export function taxonOf(fish: Fish): number {
  return 40_000 + fish.code;
}

function numberOf(fish: Fish, n: number): number {
  return fish.code * 100 + n;
}

export function codeOf(number: number): number {
  return Math.floor(number / 100);
}

/** The photos of a fish; `partner` is the fish that shares one with it, where there is one. */
export function licensedPhotos(
  studio: Studio,
  fish: Fish,
  partner: Fish | undefined,
  faults: boolean,
): LicensedPlan {
  const known = acceptedName(fish) !== undefined;
  const finding = (
    source: ApiSourceName,
    n: number,
    more: Partial<LicensedFinding> & Pick<LicensedFinding, "url" | "page" | "license">,
    of: Fish = fish,
  ): LicensedFinding => {
    const kind = faults ? more.kind ?? GOOD : GOOD;
    const photo: Photo = {
      species: of.key,
      index: FIRST[source] + n,
      treatment: "plain",
      format: kind.format ?? "jpeg",
    };
    return {
      source,
      index: n,
      number: numberOf(of, n),
      title: acceptedName(of) ?? of.latin,
      author: authorOf(source, fish),
      photo,
      of,
      size: photoSize(studio, photo),
      ...more,
      kind,
    };
  };
  const inaturalist = (n: number, observation: number, more: Partial<LicensedFinding> = {}) => {
    const of = more.of ?? fish;
    const [host = "", ending] = n === 2 ? [INATURALIST_PHOTOS[1], "jpeg"] : [
      INATURALIST_PHOTOS[0],
      "jpg",
    ];
    return finding("inaturalist", n, {
      url: `https://${host}/photos/${numberOf(of, n)}/large.${ending}`,
      page: `https://www.inaturalist.org/observations/${observationOf(fish, observation)}`,
      license: ["CC-BY-NC-4.0", "CC-BY-4.0", "CC0-1.0"][n % 3] ?? "",
      observation: `inaturalist:${observationOf(fish, observation)}`,
      ...more,
    }, of);
  };
  const shared = partner === undefined ? [] : [inaturalist(1, 3, { of: partner })];
  const museum = (n: number, host: string, kind: Kind) =>
    finding("gbif", n, {
      url: `https://${host}/specimens/${numberOf(fish, n)}.jpg`,
      page: `https://www.gbif.org/occurrence/${recordOf(fish, n)}`,
      license: "CC-BY-4.0",
      observation: `gbif:${recordOf(fish, n)}`,
      kind,
    });
  const commons = (n: number, license: string, kind: Kind = GOOD) => {
    const file = `${(acceptedName(fish) ?? fish.latin).replaceAll(" ", "_")}_${
      numberOf(fish, n)
    }.jpg`;
    return finding("commons", n, {
      url: `https://${COMMONS_FILES}/wikipedia/commons/thumb/a/ab/${file}/1280px-${file}`,
      page: `https://commons.wikimedia.org/wiki/File:${file}`,
      license,
      kind,
    });
  };
  const flickr = (n: number) =>
    finding("openverse", n, {
      url: `https://${FLICKR}/894/${numberOf(fish, n)}_b72593df28_b.jpg`,
      page: `https://www.flickr.com/photos/126953422@N04/${numberOf(fish, n)}`,
      license: "CC-BY-SA-2.0",
    });
  return {
    // The first of each observation, then the others: photo 0 is in two observations.
    inaturalist: known
      ? [
        inaturalist(0, 0),
        inaturalist(1, 1),
        inaturalist(2, 2, { kind: PNG_NAMED_JPEG }),
        ...shared,
        inaturalist(3, 0, fish.index % 4 === 1 ? { kind: GONE } : {}),
      ]
      : [],
    // What GBIF has of iNaturalist's photos was tried under the same address before.
    gbif: known
      ? [
        ...fish.index % 4 === 2 ? [museum(5, ROLES.unreachable[0] ?? "", DEAD)] : [],
        museum(4, MUSEUM, GOOD),
      ]
      : [],
    commons: known ? [commons(6, "CC-BY-SA-4.0"), commons(7, "")] : [],
    openverse: known ? [flickr(8)] : [],
  };
}

export function observationOf(fish: Fish, n: number): number {
  return 7_000_000 + fish.index * 10 + n;
}

export function recordOf(fish: Fish, n: number): number {
  return 4_900_000_000 + fish.index * 100 + n;
}
