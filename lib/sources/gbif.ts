/**
 * GBIF: licensed photos of observations from many collections, and where a species belongs.
 *
 * A species costs one request for its name and one for each 300 records.
 *
 * @module
 */

import * as v from "valibot";
import { defined } from "../base/defined.ts";
import type { Species } from "../species/species.ts";
import { genusOf, type Taxonomy } from "../species/taxonomy.ts";
import type { Client } from "../web/client.ts";
import { fetchJson } from "../web/json.ts";
import { FLAG, ID, NUMBER, optional, recordsOf, TEXT } from "./api_access.ts";
import {
  type ApiOptions,
  type ApiRequests,
  createApiSource,
  type Found,
  type NoTaxon,
  type Taxon,
  type TaxonSearch,
} from "./api.ts";
import { endpoint, GBIF_API } from "./apis.ts";
import { photoAddress } from "./inaturalist.ts";
import { readLicense } from "./license.ts";
import { photoOf } from "./same_photo.ts";
import { isMisspelling } from "./search_name.ts";
import { type Candidate, dayOf, type ImageSource, licenseFields, StageStop } from "./source.ts";

/** How many records an answer holds; 300 is the most. */
const LIMIT = 300;
/** `offset` and `limit` together may not be more. */
const LAST_RECORD = 100_000;
/** iNaturalist's observations in GBIF. */
const INATURALIST_DATASET = "50c9509d-22c7-4a22-a47d-8c48425ef4a7";
/** Formats of media that are no picture files. */
const NO_PICTURE = /dzi|json|html|xml|pdf|video|audio/i;

const MATCH = v.object({
  matchType: v.string(),
  usageKey: NUMBER,
  acceptedUsageKey: NUMBER,
  rank: TEXT,
  canonicalName: TEXT,
  species: TEXT,
  note: TEXT,
  kingdom: TEXT,
  phylum: TEXT,
  class: TEXT,
  order: TEXT,
  family: TEXT,
});

const MEDIUM = v.object({
  identifier: v.string(),
  type: TEXT,
  format: TEXT,
  references: TEXT,
  license: TEXT,
  creator: TEXT,
  rightsHolder: TEXT,
  title: TEXT,
});
const RECORD = v.object({
  key: ID,
  datasetKey: TEXT,
  basisOfRecord: TEXT,
  eventDate: TEXT,
  catalogNumber: TEXT,
  taxonKey: NUMBER,
  speciesKey: NUMBER,
  acceptedTaxonKey: NUMBER,
  media: optional(v.array(v.unknown())),
  degreeOfEstablishment: TEXT,
  // iNaturalist's own field: `wild`.
  "http://unknown.org/captive": TEXT,
});
const RECORDS = v.object({ endOfRecords: FLAG, results: recordsOf(RECORD) });

type Match = v.InferOutput<typeof MATCH>;
type Medium = v.InferOutput<typeof MEDIUM>;
type Occurrence = v.InferOutput<typeof RECORD>;

/**
 * GBIF as a source of images.
 *
 * @param options How it is asked.
 */
export function createGbif(options: ApiOptions): ImageSource {
  return createApiSource(
    { name: "gbif", title: "GBIF", api: GBIF_API, vouches: true, resolve, search },
    options,
  );
}

/** Finds the taxon of a name, not a genus or family; a likely misspelling says so. */
async function resolve({ get, words }: ApiRequests): Promise<Taxon | NoTaxon> {
  const name = words.join(" ");
  const rank = words.length > 2 ? "SUBSPECIES" : "SPECIES";
  const match = await matchName({ name, rank }, get);
  const key = match.acceptedUsageKey ?? match.usageKey;
  if (key === undefined || !isMatch(match, words)) {
    const why = match.note ? ` (${match.note.slice(0, 300)})` : "";
    return { reason: `GBIF does not know ${name}${why}` };
  }
  const how = match.matchType === "FUZZY"
    ? "spelling"
    : match.acceptedUsageKey
    ? "synonym"
    : undefined;
  const accepted = match.species ?? match.canonicalName ?? name;
  return { id: key, name: accepted, ...defined({ how }) };
}

async function matchName(
  query: Readonly<Record<string, string>>,
  get: ApiRequests["get"],
): Promise<Match> {
  const match = await get(endpoint(GBIF_API, "species/match", query), MATCH);
  // Some names are an animal's and a plant's: the lists that Aquaset reads are mostly of animals.
  const isShared = match.matchType === "NONE" && match.note?.startsWith("Multiple equal matches");
  if (!isShared) return match;
  return await get(endpoint(GBIF_API, "species/match", { ...query, kingdom: "Animalia" }), MATCH);
}

/** The name that order and family are asked for by: undescribed species by their genus. */
export function taxonomyName({ latin, rank, search }: Species): string {
  const genus = genusOf(latin);
  return rank === "species" || rank === "subspecies" ? search ?? genus : genus;
}

/**
 * Asks where one species belongs.
 *
 * @returns What GBIF knows; a line without order and family where it does not know the name.
 * @throws {StageStop} When GBIF does not answer as it should.
 */
export async function askTaxonomy(
  species: Species,
  client: Client,
  signal: AbortSignal,
): Promise<Taxonomy> {
  const name = taxonomyName(species);
  const line = { id: species.id, name };
  if (name === "") return line;
  const match = await matchName({ name }, async (url, schema) => {
    const answer = await fetchJson(client, GBIF_API, url.href, { signal });
    if (!answer.ok) {
      const detail = answer.kind === "not-received" ? answer.answer.detail : answer.detail;
      throw new StageStop("unreachable", `GBIF cannot be asked: ${detail}.`);
    }
    const read = await schema["~standard"].validate(answer.value);
    if (read.issues === undefined) return read.value;
    throw new StageStop("not-recognised", `GBIF's answer was not recognised (${url}).`);
  });
  if (!showsPlace(match, name)) return line;
  const { kingdom, phylum, class: ofClass, order, family } = match;
  return { ...line, ...defined({ kingdom, phylum, class: ofClass, order, family }) };
}

/** A match of a higher rank still says the family; one of another spelling must be near. */
function showsPlace({ matchType, canonicalName = "" }: Match, name: string): boolean {
  const [own, given] = [genusOf(name), genusOf(canonicalName)];
  return matchType === "EXACT" || matchType === "HIGHERRANK" && own === given ||
    matchType === "FUZZY" && isMisspelling(own, given);
}

async function* search(context: TaxonSearch): Found {
  const key = context.taxon.id;
  const further: Candidate[] = [];
  const seen = new Set<number>();
  const counts = { records: 0, otherTaxon: 0, captive: 0, unlicensed: 0 };
  for (let offset = 0; offset + LIMIT <= LAST_RECORD; offset += LIMIT) {
    const url = endpoint(GBIF_API, "occurrence/search", {
      taxonKey: String(key),
      mediaType: "StillImage",
      basisOfRecord: "HUMAN_OBSERVATION",
      occurrenceStatus: "PRESENT",
      limit: String(LIMIT),
      offset: String(offset),
    });
    const { results, endOfRecords } = await context.get(url, RECORDS);
    const before = seen.size;
    for (const record of results.records) {
      if (seen.has(record.key)) continue;
      seen.add(record.key);
      counts.records++;
      // A parameter that GBIF does not know is ignored, and the whole world answered.
      const isOurs = [record.taxonKey, record.speciesKey, record.acceptedTaxonKey].includes(key);
      if (!isOurs || record.basisOfRecord !== "HUMAN_OBSERVATION") {
        counts.otherTaxon++;
        continue;
      }
      if (context.wildOnly && isCaptive(record)) {
        counts.captive++;
        continue;
      }
      const found = candidatesOf(record, context.fullSize);
      counts.unlicensed += found.unlicensed;
      const [first, ...others] = found.candidates;
      further.push(...others);
      if (first !== undefined) yield first;
    }
    // Records may move from one page to the next; a page of which all is known leads nowhere.
    if (endOfRecords ?? results.count < LIMIT) break;
    if (seen.size === before) break;
  }
  // Further photos of an observation show the same fish: they come after all others.
  yield* further;
  return { why: "exhausted", detail: counts };
}

/** Whether a match is the name or a misspelling of it; a genus or family would bring all its kin. */
function isMatch({ canonicalName, matchType, rank }: Match, words: readonly string[]): boolean {
  if (rank !== "SPECIES" && rank !== "SUBSPECIES") return false;
  if (matchType === "EXACT" && canonicalName === undefined) return true;
  const given = canonicalName?.split(" ") ?? [];
  return (matchType === "EXACT" || matchType === "FUZZY") && given.length === words.length &&
    words.every((word, at) => isMisspelling(word, given[at] ?? ""));
}

/** Whether a record says that the animal or plant was kept; `undefined` where it says nothing. */
function isCaptive(record: Occurrence): boolean | undefined {
  const said = record.degreeOfEstablishment ?? record["http://unknown.org/captive"];
  return said === undefined ? undefined : /captive|cultivated/i.test(said);
}

/** The photos of a record that have a licence; those without one are counted. */
function candidatesOf(
  record: Occurrence,
  fullSize: boolean,
): { readonly candidates: readonly Candidate[]; readonly unlicensed: number } {
  const candidates: Candidate[] = [];
  let unlicensed = 0;
  for (const value of record.media ?? []) {
    const medium = v.safeParse(MEDIUM, value);
    if (!medium.success || !isPicture(medium.output)) continue;
    // The licence of the record is not that of the photo.
    const license = readLicense(medium.output.license ?? "");
    if (license.id === undefined || !license.id.startsWith("CC")) unlicensed++;
    else {
      const candidate = candidateOf(record, medium.output, fullSize);
      candidates.push({ ...candidate, ...licenseFields(license) });
    }
  }
  return { candidates, unlicensed };
}

function isPicture({ format, identifier, type }: Medium): boolean {
  const url = URL.parse(identifier);
  return url !== null && /^https?:$/.test(url.protocol) && !NO_PICTURE.test(format ?? "") &&
    (type === undefined || type === "StillImage");
}

function candidateOf(record: Occurrence, medium: Medium, fullSize: boolean): Candidate {
  const { creator, identifier, references = "", rightsHolder, title } = medium;
  const isINaturalist = record.datasetKey === INATURALIST_DATASET;
  const observation = isINaturalist && record.catalogNumber
    ? `inaturalist:${record.catalogNumber}`
    : `gbif:${record.key}`;
  return {
    url: photoAddress(identifier, fullSize) ?? identifier,
    page: `https://www.gbif.org/occurrence/${record.key}`,
    observation,
    ...dayOf(record.eventDate),
    ...defined({
      basis: record.basisOfRecord,
      captive: isCaptive(record),
      author: (creator || rightsHolder)?.slice(0, 200) || undefined,
      origin: photoOf(references) && references,
      title: title?.slice(0, 300) || undefined,
    }),
  };
}
