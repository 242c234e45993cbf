/**
 * Asks GBIF where species belong: order and family, by its match of the name.
 *
 * @module
 */

import * as v from "valibot";
import { defined } from "../base/defined.ts";
import { type Clock, systemClock } from "../base/clock.ts";
import type { Species } from "../species/species.ts";
import { genusOf, type Taxonomy } from "../species/taxonomy.ts";
import type { Client } from "../web/client.ts";
import { fetchJson } from "../web/json.ts";
import { endpoint, GBIF_API } from "./apis.ts";
import { isMisspelling } from "./search_name.ts";
import { StageStop } from "./source.ts";

const TEXT = v.nullish(v.string());
const MATCH = v.object({
  matchType: v.string(),
  canonicalName: TEXT,
  note: TEXT,
  kingdom: TEXT,
  phylum: TEXT,
  class: TEXT,
  order: TEXT,
  family: TEXT,
});
type Match = v.InferOutput<typeof MATCH>;

/** How GBIF is asked. */
export interface TaxonomyOptions {
  readonly client: Client;
  readonly signal: AbortSignal;
  /** The machine's own unless given. */
  readonly clock?: Clock;
}

/** The name that a species is asked for by: undescribed ones by their genus. */
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
export async function askTaxonomy(species: Species, options: TaxonomyOptions): Promise<Taxonomy> {
  const name = taxonomyName(species);
  const line = { id: species.id, name };
  if (name === "") return line;
  let match = await ask({ name }, options);
  // Some names are an animal's and a plant's: the lists that Aquaset reads are mostly of animals.
  if (match.matchType === "NONE" && match.note?.startsWith("Multiple equal matches")) {
    match = await ask({ name, kingdom: "Animalia" }, options);
  }
  return isMeant(match, name) ? { ...line, ...placeOf(match) } : line;
}

function placeOf(match: Match): Omit<Taxonomy, "id" | "name"> {
  return defined({
    kingdom: match.kingdom || undefined,
    phylum: match.phylum || undefined,
    class: match.class || undefined,
    order: match.order || undefined,
    family: match.family || undefined,
  });
}

/** A match of a higher rank still says the family; one of another spelling must be near. */
function isMeant({ matchType, canonicalName }: Match, name: string): boolean {
  if (matchType === "EXACT") return true;
  const [own = "", given = ""] = [genusOf(name), genusOf(canonicalName ?? "")];
  return matchType === "HIGHERRANK"
    ? own === given
    : matchType === "FUZZY" && isMisspelling(own, given);
}

async function ask(
  query: Readonly<Record<string, string>>,
  { client, signal, clock = systemClock }: TaxonomyOptions,
): Promise<Match> {
  const url = endpoint(GBIF_API, "species/match", query);
  const answer = await fetchJson(client, GBIF_API, url.href, { signal, clock });
  if (!answer.ok) {
    const detail = answer.kind === "not-received" ? answer.answer.detail : answer.detail;
    throw new StageStop("unreachable", `GBIF cannot be asked: ${detail}.`);
  }
  const match = v.safeParse(MATCH, answer.value);
  if (match.success) return match.output;
  throw new StageStop("not-recognised", `GBIF's answer was not recognised (${url}).`);
}
