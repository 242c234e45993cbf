/**
 * Groups of images that must stand on the same side: near-duplicates, the same bytes, the same
 * page, one photographer's series. A group may hold images of several species.
 *
 * @module
 */

import { nameKey } from "../dataset/forgotten.ts";
import { NearIndex } from "../image/near_index.ts";
import { isRelatedView, isSameView, type View, viewsOf } from "../image/similar.ts";
import type { ImageFacts } from "./facts.ts";

/** Query fields that say which picture or which part of a list a page shows. */
const PLACE_IN_LIST =
  /^(?:startrow|totrec|start|offset|from|page|pg|p|pos|index|i|n|nr|num|photo|photoid|pic|picid|picname|image|img|imageid|slide|utm_\w+|fbclid|gclid)$/i;

/**
 * A key for the page an image stands on: images with the same key are of one page.
 *
 * @param page The page's URL as the log has it.
 * @returns The key; empty where there is no page.
 *
 * @example
 * ```ts
 * import { pageKey } from "./groups.ts";
 *
 * pageKey("https://www.example.org/fish/#photo-3"); // "www.example.org/fish"
 * ```
 */
export function pageKey(page: string): string {
  const url = parseUrl(page);
  if (url === undefined) return page.trim();
  return `${url.host}${withoutSlash(url.pathname)}${url.search}`;
}

/**
 * A key for the series an image belongs to: the photos that one photographer has on one page, also
 * where each photo, or each ten, has an address of its own there.
 *
 * @returns The key; empty where page or photographer are not known.
 */
export function seriesKey(page: string, author: string): string {
  const name = nameKey(author);
  const url = parseUrl(page);
  if (name === "" || name === "unknown" || url === undefined) return "";
  const query = [...url.searchParams].filter(([field]) => !PLACE_IN_LIST.test(field))
    .map(([field, value]) => `${field}=${value}`).sort().join("&");
  const path = withoutSlash(url.pathname).replace(/\/page[/-]?\d+$/i, "");
  return `${name} @ ${url.host}${path}?${query}`;
}

/** A key for one photographer's photos of a species on one day: mostly of the same fish. */
export function dayKey({ author, observed, species }: ImageFacts): string {
  const name = nameKey(author);
  if (name === "" || name === "unknown" || observed === "") return "";
  return `${name} @ ${observed} ${species}`;
}

function parseUrl(page: string): URL | undefined {
  const url = URL.parse(page);
  return url === null || url.host === "" ? undefined : url;
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, "");
}

/** After so many images other tasks get their turn, so that Ctrl-C is noticed. */
const PAUSE = 500;

/** In a species with more images than this, comparing each with each would take longer than all else. */
const MOST_PAIRWISE = 500;

/** The greatest share of a species that looser reasons bring together, and the least such group. */
const LOOSE_SHARE = 0.1;
const LOOSE_LEAST = 6;
/** Embeddings with a greater cosine are of shots of one series, or of an edited picture. */
const RELATED_COSINE = 0.85;

/**
 * Finds the groups. Images of one species are compared each with each where they are not too many;
 * all others through an index.
 *
 * Those that are compared each with each are also joined for looser reasons than the judge has: twice
 * its leeway, or embeddings that are much alike. Such groups are kept to a tenth of the species, the
 * surest pairs first: or look-alikes before one background would chain until they were one group.
 *
 * @param vectorOf An image's embedding, of length 1, by its hash.
 * @returns The groups, as places in `facts`. Each image is in exactly one.
 */
export async function findGroups(
  facts: readonly ImageFacts[],
  signal: AbortSignal,
  vectorOf: (sha256: string) => Float32Array | undefined = () => undefined,
): Promise<number[][]> {
  const sets = new DisjointSets(facts.length);
  const first = new Map<string, number>();
  facts.forEach((image, at) => {
    const keys = [
      ["bytes", image.sha256],
      ["page", pageKey(image.page)],
      ["series", seriesKey(image.page, image.author)],
      ["observation", image.observation],
      ["day", dayKey(image)],
    ].filter(([, key]) => key !== "").map((pair) => pair.join(" "));
    for (const key of keys) {
      const other = first.get(key);
      if (other === undefined) first.set(key, at);
      else sets.union(at, other);
    }
  });
  const index = new NearIndex<number>((at) => facts[at]?.species ?? "");
  const views = new Map<number, readonly View[]>();
  const counts = new Map<string, number>();
  for (const { species } of facts) counts.set(species, (counts.get(species) ?? 0) + 1);
  const related: Related[] = [];
  const vectors = new Map<number, Float32Array>();
  let species = "";
  for (const [at, image] of facts.entries()) {
    if (image.species !== species) {
      species = image.species;
      views.clear();
      vectors.clear();
    }
    const isFew = (counts.get(species) ?? 0) <= MOST_PAIRWISE;
    const vector = isFew ? vectorOf(image.sha256) : undefined;
    if (vector !== undefined) {
      for (const [other, beside] of vectors) {
        const cosine = product(vector, beside);
        if (cosine > RELATED_COSINE) related.push({ at, other, sure: cosine });
      }
      vectors.set(at, vector);
    }
    if (image.fingerprint === "") continue;
    const straight = viewsOf(image.fingerprint);
    const both = [...straight, ...viewsOf(image.mirrored)];
    for (const [other, others] of views) {
      const alike = (test: typeof isSameView): boolean =>
        both.some((one) => others.some((view) => test(one, view)));
      if (!alike(isRelatedView)) continue;
      if (alike(isSameView)) sets.union(at, other);
      else related.push({ at, other, sure: 1 });
    }
    const { fingerprint, mirrored } = image;
    for (const { item } of index.find(fingerprint, mirrored, species)) sets.union(at, item);
    index.add(fingerprint, at);
    if (isFew) views.set(at, straight);
    if (at % PAUSE === 0) {
      await new Promise((resume) => setTimeout(resume, 0));
      signal.throwIfAborted();
    }
  }
  for (const { at, other } of related.sort((one, two) => two.sure - one.sure)) {
    const count = counts.get(facts[at]?.species ?? "") ?? 0;
    const most = Math.max(LOOSE_LEAST, Math.floor(count * LOOSE_SHARE));
    if (sets.size(at) + sets.size(other) <= most) sets.union(at, other);
  }
  return sets.groups();
}

/** Two images that have more in common than chance. */
interface Related {
  readonly at: number;
  readonly other: number;
  readonly sure: number;
}

function product(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += (one[at] ?? 0) * (other[at] ?? 0);
  return sum;
}

class DisjointSets {
  readonly #parent: Int32Array;
  readonly #sizes: Int32Array;

  constructor(count: number) {
    this.#parent = Int32Array.from({ length: count }, (_, at) => at);
    this.#sizes = new Int32Array(count).fill(1);
  }

  union(one: number, other: number): void {
    const [a, b] = [this.#root(one), this.#root(other)];
    if (a === b) return;
    const [first, second] = [Math.min(a, b), Math.max(a, b)];
    this.#parent[second] = first;
    this.#sizes[first] = (this.#sizes[first] ?? 0) + (this.#sizes[second] ?? 0);
  }

  /** How many are in the set of one. */
  size(of: number): number {
    return this.#sizes[this.#root(of)] ?? 0;
  }

  groups(): number[][] {
    return [...Map.groupBy(this.#parent.keys(), (at) => this.#root(at)).values()];
  }

  #root(of: number): number {
    let at = of;
    for (let up = this.#parent[at] ?? at; up !== at; up = this.#parent[at] ?? at) {
      // Shortens the path for the next search.
      this.#parent[at] = this.#parent[up] ?? up;
      at = up;
    }
    return at;
  }
}
