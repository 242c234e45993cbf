/**
 * What sources behind documented JSON APIs have in common: names, asking one after another, reading
 * answers with a schema, and ending a species, or the stage, when an answer is not what it should be.
 *
 * A source is a name, the API and one generator that searches; see `tests/sources/api_test.ts` for a
 * whole one in forty lines.
 *
 * @module
 */

import * as v from "valibot";
import { defined } from "../base/defined.ts";
import { systemClock } from "../base/clock.ts";
import { nameKey } from "../dataset/forgotten.ts";
import type { KnownName, Species } from "../species/species.ts";
import {
  type AccessOptions,
  ApiAccess,
  type ApiSite,
  type Schema,
  SearchEnded,
} from "./api_access.ts";
import type { Candidate, Demand, ImageSource, SourceEnd } from "./source.ts";
import { readName, searchName } from "./search_name.ts";

/** How an API is asked. */
export interface ApiOptions extends AccessOptions {
  /** What this source found of a species' name before, so that it need not ask again. */
  readonly knownName?: (species: Species) => KnownName | undefined;
  /** The names that other sources found for a species: asked for where its own is not known. */
  readonly otherNames?: (species: Species) => readonly string[];
  /** How many images a species has of each author, by `nameKey()`; none unless given. */
  readonly keptBy?: (species: Species) => ReadonlyMap<string, number>;
  /** How many photos of one author a species has at most; any number unless given. */
  readonly mostPerAuthor?: number;
  /** Whether captive animals are left out. */
  readonly wildOnly?: boolean;
  /** Whether the original is fetched where a smaller rendering is enough for training. */
  readonly fullSize?: boolean;
}

/** What finds out what a name means is given. */
export interface ApiRequests {
  /** The name to look for: genus, epithet, and for a subspecies its epithet. */
  readonly words: readonly string[];
  /**
   * Asks for an answer and reads it. When that fails, it throws, and the search ends: what was found
   * before is kept.
   */
  get<Output>(url: URL, schema: Schema<Output>): Promise<Output>;
  /** Waits so many milliseconds. */
  wait(milliseconds: number): Promise<void>;
}

/** What a search is given. */
export interface ApiSearch extends ApiRequests {
  /** Whose images are wanted. */
  readonly species: Species;
  /** How many images are still wanted. */
  readonly demand: Demand;
  /** Fires when the search is to end. */
  readonly signal: AbortSignal;
  /** Only pictures of animals and plants in the wild. */
  readonly wildOnly: boolean;
  /** The files as they were uploaded, not the large ones that the site makes. */
  readonly fullSize: boolean;
}

/** The taxon that an API has for a name. */
export interface Taxon {
  /** Its number there. */
  readonly id: number;
  /** Its accepted name there. */
  readonly name: string;
  /** How the name that was asked for led to it, where it is another: `synonym`, `spelling`. */
  readonly how?: string;
}

/** Why there is no taxon for a name. */
export interface NoTaxon {
  /** For the log: `GBIF does not know Betta demo`. */
  readonly reason: string;
}

/** The search of an API that sorts by taxon. */
export interface TaxonSearch extends ApiSearch {
  /** The taxon to search for. */
  readonly taxon: Pick<Taxon, "id" | "name">;
}

/** What finds candidates; the order is the same each time the API answers the same. */
export type Found = AsyncGenerator<Candidate, SourceEnd, void>;

/** What the sources differ in. */
export type ApiSource =
  & ApiSite
  & {
    /** Whether a picture found here surely shows the species it was searched for. */
    readonly vouches: boolean;
  }
  & (
    | {
      /** Only APIs that sort by taxon have it. */
      readonly resolve?: undefined;
      /** Finds candidates by name; it is asked for each name under which the species is known. */
      search(search: ApiSearch): Found;
    }
    | {
      /** Finds the taxon of a name, or says why there is none. What it finds is remembered. */
      resolve(requests: ApiRequests): Promise<Taxon | NoTaxon>;
      /** Finds the candidates of a taxon. */
      search(search: TaxonSearch): Found;
    }
  );

/**
 * A source of images behind an API. A run has one, which all its jobs share.
 *
 * @param source What it differs in from others.
 * @param options How it is asked.
 */
export function createApiSource(source: ApiSource, options: ApiOptions): ImageSource {
  const access = new ApiAccess(source, options);
  const { clock = systemClock, fullSize = false, wildOnly = false } = options;
  // Known photographers flatter a network's accuracy.
  const { mostPerAuthor = Infinity } = options;
  const known = new Map<string, KnownName>();
  return {
    name: source.name,
    vouches: source.vouches,
    found(species) {
      const name = known.get(species.id);
      return name && foundOf(name);
    },
    async *candidates(species, demand, signal) {
      const wanted = searchName(species, source.title);
      if (!wanted.found) return { why: wanted.why, reason: wanted.reason };
      const names = namesOf(species, wanted.words, options);
      const search: Omit<ApiSearch, "words"> = {
        ...{ species, demand, signal, wildOnly, fullSize },
        get: (url, schema) => access.get(url, schema, species, signal),
        wait: (milliseconds) => clock.sleep(milliseconds, signal),
      };
      const byAuthor = new Map(options.keptBy?.(species));
      const limit = (found: Found) => limited(found, byAuthor, mostPerAuthor, demand, access);
      try {
        if (source.resolve === undefined) {
          return yield* byNames((words) => limit(source.search({ ...search, words })), names);
        }
        const found = await resolveName(source.resolve, search, names, options);
        if ("reason" in found) return { why: "not-found", ...found };
        const { taxon, words, known: { asked, how, name } } = found;
        if (how === "spelling" && !known.has(species.id)) {
          options.notice(`${source.title}: ${asked} is taken for a misspelling of ${name}.`);
        }
        known.set(species.id, found.known);
        const end = yield* limit(source.search({ ...search, words, taxon }));
        if (end.why !== "exhausted") return end;
        return { ...end, detail: { ...foundOf(found.known), ...end.detail } };
      } catch (thrown) {
        if (thrown instanceof SearchEnded) return thrown.end;
        throw thrown;
      }
    },
    close: () => access.close(),
  };
}

/** After so many milliseconds a name is asked for again: taxa are split and merged. */
const LIFETIME = 90 * 24 * 60 * 60_000;

const TEXT = v.optional(v.string());
const FOUND = v.object({
  asked: TEXT,
  on: TEXT,
  validName: v.string(),
  taxon: v.optional(v.number()),
  specCode: v.optional(v.number()),
  resolved: v.optional(v.object({ from: v.string(), how: TEXT })),
});

/** A known name as the fields of a `done` event's `found`. */
function foundOf({ asked, how, name, on, taxon }: KnownName): Readonly<Record<string, unknown>> {
  const resolved = how && { from: asked, to: name, how };
  return defined({ validName: name, taxon, asked, on, resolved });
}

/** The known name that a `done` event's `found` holds, if any. */
export function knownNameOf(found: unknown): KnownName | undefined {
  const parsed = v.safeParse(FOUND, found);
  if (!parsed.success) return undefined;
  const { asked, on, resolved, specCode, taxon = specCode, validName } = parsed.output;
  return {
    asked: asked ?? resolved?.from ?? validName,
    name: validName,
    ...defined({ taxon, how: resolved?.how, on }),
  };
}

/** A name to ask for. */
interface AskedName {
  readonly name: string;
  readonly words: readonly string[];
  /** How it was come by; absent for the list's own. */
  readonly how?: "name of another source" | "further name of the list";
}

/**
 * The names of a species, each once: the list's own, those that other sources have for it, and
 * further ones of the list, for when none of the first is known.
 */
function namesOf(
  species: Species,
  words: readonly string[],
  { otherNames }: ApiOptions,
): readonly [AskedName, ...AskedName[]] {
  const names: [AskedName, ...AskedName[]] = [{ name: words.join(" "), words }];
  const add = (texts: readonly string[], how: AskedName["how"]) => {
    for (const words of texts.map(readName)) {
      const name = words?.join(" ");
      const isNew = name !== undefined && names.every((one) => one.name !== name);
      if (words !== undefined && isNew) names.push({ name, words, ...defined({ how }) });
    }
  };
  add(otherNames?.(species) ?? [], "name of another source");
  add(species.also ?? [], "further name of the list");
  return names;
}

/** The taxon of the first name that an API knows. */
async function resolveName(
  resolve: (requests: ApiRequests) => Promise<Taxon | NoTaxon>,
  search: Omit<ApiSearch, "words">,
  names: ReturnType<typeof namesOf>,
  { knownName, clock = systemClock }: ApiOptions,
): Promise<Pick<TaxonSearch, "taxon" | "words"> & { readonly known: KnownName } | NoTaxon> {
  const today = clock.today();
  const [{ name: asked, words }] = names;
  const before = knownName?.(search.species);
  const isFresh = Math.abs(today - Date.parse(before?.on ?? "")) < LIFETIME;
  if (isFresh && before?.taxon !== undefined && before.asked === asked) {
    return { taxon: { id: before.taxon, name: before.name }, words, known: before };
  }
  let unknown: NoTaxon | undefined;
  for (const { how, words } of names) {
    const taxon = await resolve({ words, get: search.get, wait: search.wait });
    if ("reason" in taxon) {
      unknown ??= taxon;
      continue;
    }
    const on = new Date(today).toISOString().slice(0, 10);
    const { id, name } = taxon;
    const known = { asked, name, taxon: id, ...defined({ how: how ?? taxon.how }), on };
    return { taxon, words, known };
  }
  return unknown ?? { reason: "there is no name to ask for" };
}

/** Searches by all names under which a species is known. */
async function* byNames(
  search: (words: readonly string[]) => Found,
  names: readonly AskedName[],
): Found {
  const found: AskedName[] = [];
  const counts: Record<string, unknown> = {};
  let unknown: SourceEnd | undefined;
  for (const name of names) {
    if (found.length > 0 && name.how === "further name of the list") break;
    const end = yield* search(name.words);
    if (end.why === "not-found") {
      unknown ??= end;
      continue;
    }
    if (end.why !== "exhausted") return end;
    found.push(name);
    for (const [key, value] of Object.entries(end.detail ?? {})) {
      const sum = counts[key];
      const isSum = typeof sum === "number" && typeof value === "number";
      counts[key] = isSum ? sum + value : sum ?? value;
    }
  }
  const [first] = found;
  if (first === undefined) return unknown ?? { why: "exhausted" };
  const { how, name: to } = first;
  const detail = {
    ...defined({ resolved: how && { from: names[0]?.name, to, how } }),
    ...(found.length > 1 && { names: found.map(({ name }) => name) }),
    ...counts,
  };
  return { why: "exhausted", ...(Object.keys(detail).length > 0 && { detail }) };
}

/** Passes candidates on, not too many of one author, as long as the budget lasts. */
async function* limited(
  found: Found,
  byAuthor: Map<string, number>,
  mostPerAuthor: number,
  demand: Demand,
  access: ApiAccess,
): Found {
  let overShare = 0;
  try {
    for (;;) {
      const next = await found.next();
      if (next.done) {
        const end = next.value;
        if (end.why !== "exhausted" || overShare === 0) return end;
        return { ...end, detail: { ...end.detail, overShare } };
      }
      const { author = "", url } = next.value;
      // What was decided before is no new photo: the pipeline leaves it out.
      if (!demand.known(url)) {
        const key = nameKey(author);
        const count = byAuthor.get(key) ?? 0;
        if (key !== "" && count >= mostPerAuthor) {
          overShare++;
          continue;
        }
        byAuthor.set(key, count + 1);
        access.checkPhotos(url);
      }
      yield next.value;
    }
  } finally {
    await found.return({ why: "exhausted" });
  }
}
