/**
 * Groups of images that must stand on the same side: near-duplicates, the same bytes, the same
 * page, the same photographer's series, also across species.
 *
 * @module
 */

import { NearIndex } from "../image/near_index.ts";
import { isSameView, type View, viewsOf } from "../image/similar.ts";
import type { ImageFacts } from "./facts.ts";
import { pageKey, seriesKey } from "./keys.ts";

/**
 * Finds the groups.
 *
 * Near-duplicates are looked for among the images of a species by comparing each with each, among
 * those of different species in an index, which misses three of a thousand.
 *
 * @param facts The images.
 * @param signal Ends it.
 * @returns The groups, each the images' places in `facts`, in their order. Each image is in one.
 */
export async function findGroups(
  facts: readonly ImageFacts[],
  signal: AbortSignal,
): Promise<number[][]> {
  const sets = new Sets(facts.length);
  const first = new Map<string, number>();
  facts.forEach((image, at) => {
    const keys = [
      `bytes ${image.sha256}`,
      ...some("page", pageKey(image.page)),
      ...some("series", seriesKey(image.page, image.author)),
    ];
    for (const key of keys) {
      const other = first.get(key);
      if (other === undefined) first.set(key, at);
      else sets.join(at, other);
    }
  });
  const index = new NearIndex<number>();
  let species = { id: "", from: 0 };
  const views = new Map<number, readonly View[]>();
  for (const [at, image] of facts.entries()) {
    if (image.species !== species.id) {
      species = { id: image.species, from: at };
      views.clear();
    }
    if (image.dhash === "") continue;
    const straight = viewsOf(image.dhash);
    const seen = [...straight, ...viewsOf(image.mirrored)];
    for (const [other, others] of views) {
      if (isSame(seen, others)) sets.join(at, other);
    }
    for (const { item } of index.find(image.dhash, image.mirrored)) sets.join(at, item);
    index.add(image.dhash, at);
    views.set(at, straight);
    if (at % PAUSE === 0) await breathe(signal);
  }
  return sets.groups();
}

/** After so many images the thread is given back for an instant, so that Ctrl-C is heard. */
const PAUSE = 500;

async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise((resume) => setTimeout(resume, 0));
  signal.throwIfAborted();
}

function some(kind: string, key: string): string[] {
  return key === "" ? [] : [`${kind} ${key}`];
}

function isSame(ones: readonly View[], others: readonly View[]): boolean {
  return ones.some((one) => others.some((other) => isSameView(one, other)));
}

/** Disjoint sets of numbers. */
class Sets {
  readonly #parent: Int32Array;

  constructor(count: number) {
    this.#parent = Int32Array.from({ length: count }, (_, at) => at);
  }

  join(one: number, other: number): void {
    const [low, high] = [this.#root(one), this.#root(other)].sort((a, b) => a - b);
    if (low !== undefined && high !== undefined) this.#parent[high] = low;
  }

  groups(): number[][] {
    const groups = new Map<number, number[]>();
    for (let at = 0; at < this.#parent.length; at++) {
      const root = this.#root(at);
      const group = groups.get(root);
      if (group === undefined) groups.set(root, [at]);
      else group.push(at);
    }
    return [...groups.values()];
  }

  #root(of: number): number {
    let at = of;
    for (let up = this.#parent[at] ?? at; up !== at; up = this.#parent[at] ?? at) {
      // Each step halves the way of the next search.
      this.#parent[at] = this.#parent[up] ?? up;
      at = up;
    }
    return at;
  }
}
