/**
 * iNaturalist: licensed photos of observations on whose species most identifications agree.
 *
 * A species costs one request for its name (two for a name that is out of use) and one for each 200
 * observations.
 *
 * @module
 */

import * as v from "valibot";
import { defined } from "../base/defined.ts";
import { COUNT, FLAG, ID, optional, recordsOf, TEXT } from "./api_access.ts";
import {
  type ApiOptions,
  type ApiRequests,
  createApiSource,
  type Found,
  type NoTaxon,
  type Taxon,
  type TaxonSearch,
} from "./api.ts";
import { endpoint, INATURALIST_API } from "./apis.ts";
import { licenseIdOfCode } from "./license.ts";
import { photoOf } from "./same_photo.ts";
import { type Candidate, dayOf, type ImageSource, licenseFields } from "./source.ts";

/** The licences that are asked for: none forbids derivatives, which training data are. */
const LICENSES = "cc0,cc-by,cc-by-sa,cc-by-nc,cc-by-nc-sa";
/** How many observations an answer holds; 200 is the most. */
const PER_PAGE = 200;
/** The long side of a `large` and an `original` photo, in pixels. */
const LARGE = 1024;
const ORIGINAL = 2048;

const TAXON = v.object({
  id: ID,
  name: v.string(),
  rank: v.string(),
  is_active: FLAG,
  matched_term: TEXT,
  current_synonymous_taxon_ids: optional(v.array(ID)),
});
const TAXA = v.object({ results: recordsOf(TAXON) });

const PHOTO = v.object({
  id: ID,
  url: v.string(),
  license_code: TEXT,
  attribution: TEXT,
  original_dimensions: optional(v.object({ width: ID, height: ID })),
});
const OBSERVATION = v.object({
  id: ID,
  taxon: v.object({ id: ID, name: TEXT }),
  user: optional(v.object({ login: TEXT, name: TEXT })),
  photos: recordsOf(PHOTO),
  captive: FLAG,
  quality_grade: TEXT,
  observed_on: TEXT,
});
const OBSERVATIONS = v.object({
  total_results: COUNT,
  results: recordsOf(OBSERVATION),
});

type TaxonRecord = v.InferOutput<typeof TAXON>;
type Photo = v.InferOutput<typeof PHOTO>;
type Observation = v.InferOutput<typeof OBSERVATION>;

/**
 * iNaturalist as a source of images.
 *
 * @param options How it is asked.
 */
export function createINaturalist(options: ApiOptions): ImageSource {
  return createApiSource({
    name: "inaturalist",
    title: "iNaturalist",
    api: INATURALIST_API,
    vouches: true,
    resolve,
    search,
  }, options);
}

async function* search(context: TaxonSearch): Found {
  const { taxon } = context;
  // Further photos of an observation show the same fish: they come after all others.
  const further: Candidate[] = [];
  const seen = new Set<number>();
  const counts = { observations: 0, otherTaxon: 0, captive: 0, unlicensed: 0 };
  for (let above = 0;;) {
    const url = endpoint(INATURALIST_API, "observations", {
      taxon_id: String(taxon.id),
      photos: "true",
      photo_license: LICENSES,
      identifications: "most_agree",
      not_casual_excluding_captive: "true",
      order_by: "id",
      order: "asc",
      per_page: String(PER_PAGE),
      id_above: String(above),
    });
    const { results, total_results } = await context.get(url, OBSERVATIONS);
    for (const observation of results.records) {
      counts.observations++;
      // Observations of subspecies and varieties are answered too.
      if (observation.taxon.id !== taxon.id) {
        counts.otherTaxon++;
        continue;
      }
      if (context.wildOnly && observation.captive !== false) {
        counts.captive++;
        continue;
      }
      let first = true;
      for (const photo of observation.photos.records) {
        if (seen.has(photo.id)) continue;
        seen.add(photo.id);
        const candidate = candidateOf(observation, photo, context.fullSize);
        if (candidate === undefined) counts.unlicensed++;
        else if (first) yield candidate;
        else further.push(candidate);
        first &&= candidate === undefined;
      }
    }
    const last = Math.max(above, ...results.records.map(({ id }) => id));
    const isEnd = total_results === undefined
      ? results.count < PER_PAGE
      : total_results <= results.count;
    if (isEnd || last === above) break;
    above = last;
  }
  yield* further;
  return { why: "exhausted", detail: counts };
}

/** Finds the one taxon of a name: active, or the one that has taken its place, or by a synonym. */
async function resolve({ get, words }: ApiRequests): Promise<Taxon | NoTaxon> {
  const name = words.join(" ");
  const rank = words.length > 2 ? "subspecies" : "species";
  const url = endpoint(INATURALIST_API, "taxa", {
    q: name,
    rank,
    is_active: "any",
    per_page: "30",
  });
  const { results } = await get(url, TAXA);
  // A complex of species bears the name of one of them.
  const records = results.records.filter((taxon) => taxon.rank === rank);
  const same = (text: string | undefined) => text?.toLowerCase() === name.toLowerCase();
  const exact = records.filter((taxon) => same(taxon.name));
  const active = exact.filter((taxon) => taxon.is_active !== false);
  if (active.length > 0) return single(active, name);
  const successors = new Set(exact.flatMap((taxon) => taxon.current_synonymous_taxon_ids ?? []));
  const [successor] = successors;
  if (successor !== undefined && successors.size === 1) {
    const { results } = await get(endpoint(INATURALIST_API, `taxa/${successor}`, {}), TAXA);
    const usable = results.records.filter((taxon) =>
      taxon.is_active !== false && /^(?:sub)?species$/.test(taxon.rank)
    );
    return single(usable, name, "synonym");
  }
  const synonyms = records.filter((taxon) => same(taxon.matched_term) && taxon.is_active !== false);
  return single(synonyms, name, "synonym");
}

function single(
  taxa: readonly TaxonRecord[],
  name: string,
  how?: "synonym",
): Taxon | NoTaxon {
  const [taxon, other] = taxa;
  if (taxon === undefined) return { reason: `iNaturalist does not know ${name}` };
  if (other === undefined) return { id: taxon.id, name: taxon.name, ...defined({ how }) };
  const ids = taxa.map(({ id, name }) => `${name} (${id})`).join(", ");
  return { reason: `${name} may be ${ids} at iNaturalist: none is guessed` };
}

/** The candidate of a photo; `undefined` where it has no licence or no address that we know. */
function candidateOf(
  observation: Observation,
  photo: Photo,
  fullSize: boolean,
): Candidate | undefined {
  const code = photo.license_code?.toLowerCase() ?? "";
  // The licence of the observation is not that of its photos; without one all rights are reserved.
  const id = licenseIdOfCode(code, "4.0");
  const url = photoAddress(photo.url, fullSize);
  if (id === undefined || url === undefined) return undefined;
  const { attribution, original_dimensions: size } = photo;
  const { captive, observed_on, quality_grade, taxon, user } = observation;
  return {
    url,
    page: `https://www.inaturalist.org/observations/${observation.id}`,
    observation: `inaturalist:${observation.id}`,
    ...dayOf(observed_on),
    ...defined({
      captive,
      quality: quality_grade || undefined,
      title: taxon.name || undefined,
      author: user?.name || user?.login || undefined,
    }),
    ...licenseFields({
      id,
      text: (attribution || code).slice(0, 500),
      url: code === "cc0"
        ? "https://creativecommons.org/publicdomain/zero/1.0/"
        : `https://creativecommons.org/licenses/${code.slice(3)}/4.0/`,
    }),
    ...(size && scaled(size, fullSize)),
  };
}

/**
 * The address of a photo in the form that is kept. GBIF lists the same photos: one address makes one
 * candidate of both.
 *
 * @param address The photo in any size.
 * @param fullSize Whether at most 2,048 pixels are wanted, in place of 1,024.
 * @returns `undefined` for what is no photo of iNaturalist.
 */
export function photoAddress(address: string, fullSize: boolean): string | undefined {
  const url = URL.parse(address);
  const [, photo, ending] =
    /^\/photos\/(\d+)\/(?:square|small|medium|large|original)(\.\w{3,4})$/.exec(
      url?.pathname ?? "",
    ) ?? [];
  if (url === null || photo === undefined || !photoOf(url.href)?.startsWith("inaturalist")) {
    return undefined;
  }
  return `https://${url.hostname}/photos/${photo}/${fullSize ? "original" : "large"}${ending}`;
}

/** The size of the photo that is fetched. */
function scaled(
  { width, height }: { readonly width: number; readonly height: number },
  fullSize: boolean,
): { readonly width: number; readonly height: number } {
  const scale = Math.min(1, (fullSize ? ORIGINAL : LARGE) / Math.max(width, height));
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}
