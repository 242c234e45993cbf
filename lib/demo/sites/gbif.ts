/**
 * GBIF's API, version 1, in the shapes recorded from 2022 to 2025. Some pages have fewer records
 * than fit, although more follow.
 *
 * @module
 */

import type { Fish } from "../catalogue.ts";
import { MUSEUM } from "../hosts.ts";
import type { Handler } from "../http.ts";
import { acceptedName, authorOf, observationOf, recordOf, taxonOf } from "../licensed.ts";
import type { Plan } from "../plan.ts";
import { apiSite, json } from "./api_site.ts";

/** What a synonym's key adds to that of the accepted name. */
const SYNONYM = 1_000_000;
const INATURALIST_DATASET = "50c9509d-22c7-4a22-a47d-8c48425ef4a7";
const MUSEUM_DATASET = "963a6b96-4d22-4428-86e4-afee52cf4a8e";

export function gbif(plan: Plan): Handler {
  const throttled = { status: 429, headers: { "Retry-After": "1" } };
  return apiSite({
    robots: "Allow: /",
    faults: {
      3: json(["429", "Too many requests", "Please slow down"], throttled),
      6: { status: 503, headers: { "Content-Type": "text/html" }, body: "<h1>503</h1>" },
    },
    answer({ pathname, searchParams }) {
      if (pathname === "/v1/species/match") return match(plan.catalogue.fish, searchParams);
      return pathname === "/v1/occurrence/search" ? records(searchParams, plan) : undefined;
    },
  }, plan);
}

function match(all: readonly Fish[], query: URLSearchParams): Record<string, unknown> {
  const name = query.get("name") ?? "";
  const fish = all.find((one) => acceptedName(one) === name) ??
    all.find((one) => one.latin === name);
  const accepted = fish === undefined ? undefined : acceptedName(fish);
  const [genus] = name.split(" ");
  if (fish === undefined || accepted === undefined) {
    return {
      usageKey: 2_370_000,
      canonicalName: genus,
      rank: "GENUS",
      status: "ACCEPTED",
      confidence: 94,
      matchType: "HIGHERRANK",
      ...placeOf(genus ?? ""),
      genus,
      synonym: false,
    };
  }
  if (fish.index % 12 === 5 && !query.has("kingdom")) {
    return {
      confidence: 100,
      note: `Multiple equal matches for ${name}`,
      matchType: "NONE",
      synonym: false,
    };
  }
  const isAccepted = accepted === name;
  const isMisspelt = fish.knowledge.kind === "misspelt";
  const isSynonym = !isAccepted && !isMisspelt;
  return {
    usageKey: taxonOf(fish) + (isSynonym ? SYNONYM : 0),
    ...isSynonym ? { acceptedUsageKey: taxonOf(fish) } : {},
    scientificName: `${name} Linnaeus, 1758`,
    canonicalName: isMisspelt ? accepted : name,
    rank: "SPECIES",
    status: isSynonym ? "SYNONYM" : "ACCEPTED",
    confidence: isAccepted ? 99 : 92,
    matchType: isAccepted || isSynonym ? "EXACT" : "FUZZY",
    ...placeOf(genus ?? ""),
    species: accepted,
    synonym: isSynonym,
  };
}

/** A family of its own for each genus, in two orders. */
function placeOf(genus: string): Readonly<Record<string, string>> {
  return {
    kingdom: "Animalia",
    phylum: "Chordata",
    order: genus < "M" ? "Demoformes" : "Aliiformes",
    family: `${genus}idae`,
  };
}

function records(query: URLSearchParams, plan: Plan): Record<string, unknown> {
  const key = Number(query.get("taxonKey"));
  const offset = Number(query.get("offset") ?? "0");
  const limit = Math.min(300, Number(query.get("limit") ?? "20"));
  const fish = plan.catalogue.fish.find((one) => taxonOf(one) === key);
  const all = fish === undefined ? [] : recordsOf(fish, plan);
  // Half of the records come with the first page, the others with the second.
  const half = fish !== undefined && plan.options.faults && fish.index % 4 === 0
    ? Math.ceil(all.length / 2)
    : all.length;
  const results = offset === 0 ? all.slice(0, half) : offset === limit ? all.slice(half) : [];
  const endOfRecords = offset > 0 || half === all.length;
  return { offset, limit, endOfRecords, count: all.length, results, facets: [] };
}

const CC_BY = "http://creativecommons.org/licenses/by/4.0/legalcode";

function recordsOf(fish: Fish, plan: Plan): readonly Record<string, unknown>[] {
  const { inaturalist, gbif } = plan.of(fish).licensed;
  const name = acceptedName(fish) ?? "";
  const base = (n: number) => ({
    key: recordOf(fish, n),
    datasetKey: MUSEUM_DATASET,
    basisOfRecord: "HUMAN_OBSERVATION",
    occurrenceStatus: "PRESENT",
    taxonKey: taxonOf(fish),
    speciesKey: taxonOf(fish),
    acceptedTaxonKey: taxonOf(fish),
    scientificName: `${name} Linnaeus, 1758`,
    species: name,
    license: CC_BY,
    eventDate: "2023-08-02",
  });
  const still = (
    identifier: string,
    license: string | undefined = CC_BY,
    author = authorOf("gbif", fish),
  ) => ({
    type: "StillImage",
    format: "image/jpeg",
    identifier,
    creator: author,
    rightsHolder: author,
    ...license === undefined ? {} : { license },
  });
  const specimen = `https://${MUSEUM}/specimens/${fish.code}`;
  return [
    ...inaturalist.filter(({ of, index }) => of === fish && index < 2).map((one) => ({
      ...base(50 + one.index),
      datasetKey: INATURALIST_DATASET,
      catalogNumber: String(observationOf(fish, one.index)),
      media: [{
        ...still(
          one.url.replace("/large.", "/original."),
          `http://creativecommons.org/licenses/${one.index === 0 ? "by-nc" : "by"}/4.0/`,
          one.author,
        ),
        references: `https://www.inaturalist.org/photos/${one.number}`,
      }],
    })),
    ...gbif.map((one) => ({ ...base(one.index), media: [still(one.url)] })),
    { ...base(60), media: [still(`${specimen}60.jpg`, "All rights reserved")] },
    { ...base(61), media: [still(`${specimen}61.jpg`, "")] },
    // Media without an address, and one that is no picture.
    {
      ...base(62),
      media: [
        { type: "StillImage", license: CC_BY },
        { ...still(`${specimen}62.json`), format: "application/json" },
      ],
    },
    { ...base(63), basisOfRecord: "PRESERVED_SPECIMEN", media: [still(`${specimen}63.jpg`)] },
    // A stranger, as when a parameter is ignored.
    {
      ...base(64),
      taxonKey: 212,
      speciesKey: 212,
      acceptedTaxonKey: 212,
      species: "Passer domesticus",
      media: [still(`${specimen}64.jpg`)],
    },
  ];
}
