/**
 * What sources behind documented JSON APIs have in common: names, asking one after another, reading
 * answers with a schema, and ending a species, or the stage, when an answer is not what it should be.
 *
 * A source is a name, the API and one generator that searches; see `tests/sources/api_test.ts` for a
 * whole one in forty lines.
 *
 * @module
 */

import { defined } from "../base/defined.ts";
import { type Clock, systemClock } from "../base/clock.ts";
import { nameKey } from "../dataset/forgotten.ts";
import type { KnownName, Species } from "../species/species.ts";
import {
  type AccessOptions,
  ApiAccess,
  type ApiSite,
  type Schema,
  SearchEnded,
} from "./api_access.ts";
import { foundOf, isFresh } from "./known_name.ts";
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
      resolve(requests: ApiRequests): Promise<Taxon | { readonly reason: string }>;
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
      const share = new AuthorShare(mostPerAuthor, options.keptBy?.(species) ?? []);
      const limit = (found: Found) => limited(found, share, demand, access);
      try {
        if (source.resolve === undefined) {
          return share.add(
            yield* byNames((words) => limit(source.search({ ...search, words })), names),
          );
        }
        const found = await resolveName(source.resolve, search, names, options, clock);
        if ("reason" in found) return { why: "not-found", reason: found.reason };
        if (found.known.how === "spelling" && !known.has(species.id)) {
          const { asked, name } = found.known;
          options.notice(`${source.title}: ${asked} is taken for a misspelling of ${name}.`);
        }
        known.set(species.id, found.known);
        const { taxon, words } = found;
        const end = yield* limit(source.search({ ...search, words, taxon }));
        if (end.why !== "exhausted") return end;
        return share.add({ ...end, detail: { ...foundOf(found.known), ...end.detail } });
      } catch (thrown) {
        if (thrown instanceof SearchEnded) return thrown.end;
        throw thrown;
      }
    },
    close: () => access.close(),
  };
}

/** How a name that is not the list's own was come by. */
const ELSEWHERE = "name of another source";
const FURTHER = "further name of the list";

/** Names to ask for, each as its words. */
interface Names {
  /** The list's own, then those that other sources have for the species. */
  readonly same: readonly (readonly string[])[];
  /** Further ones of the list, for when none of the first is known. */
  readonly further: readonly (readonly string[])[];
}

function namesOf(species: Species, words: readonly string[], { otherNames }: ApiOptions): Names {
  const asked = new Set([words.join(" ")]);
  const fresh = (names: readonly string[]) =>
    names.map(readName).filter((name) => name !== undefined).filter((name) => {
      const text = name.join(" ");
      return !asked.has(text) && asked.add(text);
    });
  return {
    same: [words, ...fresh(otherNames?.(species) ?? [])],
    further: fresh(species.also ?? []),
  };
}

/** The taxon of the first name that an API knows. */
async function resolveName(
  resolve: (requests: ApiRequests) => Promise<Taxon | { readonly reason: string }>,
  search: Omit<ApiSearch, "words">,
  { same, further }: Names,
  { knownName }: ApiOptions,
  clock: Clock,
): Promise<
  | {
    readonly taxon: Pick<Taxon, "id" | "name">;
    readonly words: readonly string[];
    readonly known: KnownName;
  }
  | { readonly reason: string }
> {
  const today = clock.today();
  const [own = []] = same;
  const asked = own.join(" ");
  const before = knownName?.(search.species);
  if (before?.taxon !== undefined && before.asked === asked && isFresh(before, today)) {
    return { taxon: { id: before.taxon, name: before.name }, words: own, known: before };
  }
  let unknown: { readonly reason: string } | undefined;
  for (const words of [...same, ...further]) {
    const taxon = await resolve({ words, get: search.get, wait: search.wait });
    if ("reason" in taxon) {
      unknown ??= taxon;
      continue;
    }
    const isOwn = words === own;
    const how = isOwn ? taxon.how : further.includes(words) ? FURTHER : ELSEWHERE;
    const on = new Date(today).toISOString().slice(0, 10);
    const known = { asked, name: taxon.name, taxon: taxon.id, ...defined({ how }), on };
    return { taxon, words, known };
  }
  return unknown ?? { reason: "there is no name to ask for" };
}

/** Searches by all names under which a species is known. */
async function* byNames(search: (words: readonly string[]) => Found, names: Names): Found {
  let unknown: SourceEnd | undefined;
  const own = names.same[0]?.join(" ") ?? "";
  const counts: Record<string, unknown> = {};
  const foundBy: string[] = [];
  for (const words of [...names.same, ...names.further]) {
    if (foundBy.length > 0 && names.further.includes(words)) break;
    const end = yield* search(words);
    if (end.why === "not-found") {
      unknown ??= end;
      continue;
    }
    if (end.why !== "exhausted") return end;
    foundBy.push(words.join(" "));
    for (const [name, value] of Object.entries(end.detail ?? {})) {
      const sum = counts[name];
      counts[name] = typeof sum === "number" && typeof value === "number"
        ? sum + value
        : sum ?? value;
    }
  }
  const [first] = foundBy;
  if (first === undefined) return unknown ?? { why: "exhausted" };
  const how = names.further.some((words) => words.join(" ") === first) ? FURTHER : ELSEWHERE;
  const detail = {
    ...(first !== own && { resolved: { from: own, to: first, how } }),
    ...(foundBy.length > 1 && { names: foundBy }),
    ...counts,
  };
  return { why: "exhausted", ...(Object.keys(detail).length > 0 && { detail }) };
}

/** Passes candidates on, not too many of one author, as long as the budget lasts. */
async function* limited(
  found: Found,
  share: AuthorShare,
  demand: Demand,
  access: ApiAccess,
): Found {
  try {
    for (;;) {
      const next = await found.next();
      if (next.done) return next.value;
      const { author, url } = next.value;
      // What was decided before is no new photo: the pipeline leaves it out.
      if (!demand.known(url)) {
        if (!share.take(author)) continue;
        access.checkPhotos(url);
      }
      yield next.value;
    }
  } finally {
    await found.return({ why: "exhausted" });
  }
}

/**
 * How many more photos of each author a species may have: known photographers flatter a network's
 * accuracy.
 */
class AuthorShare {
  readonly #most: number;
  readonly #counts: Map<string, number>;
  #over = 0;

  constructor(most: number, kept: Iterable<readonly [string, number]>) {
    this.#most = most;
    this.#counts = new Map(kept);
  }

  /** Counts one photo, if its author may have one more. */
  take(author: string | undefined): boolean {
    const key = nameKey(author ?? "");
    if (key === "") return true;
    const count = this.#counts.get(key) ?? 0;
    if (count >= this.#most) this.#over++;
    else this.#counts.set(key, count + 1);
    return count < this.#most;
  }

  /** Says how many photos were left out. */
  add(end: SourceEnd): SourceEnd {
    if (end.why !== "exhausted" || this.#over === 0) return end;
    return { ...end, detail: { ...end.detail, overShare: this.#over } };
  }
}
