/**
 * Which images of a species a person should look at first, and why.
 *
 * @module
 */

import { type ImageFlag, isNoPhoto } from "../image/flags.ts";
import {
  coloursApart,
  MOST_WAVES,
  signsOf,
  type View,
  viewsOf,
  wavesApart,
} from "../image/similar.ts";

/** What is known of an image. */
export interface Looked {
  /** Its fingerprint in hex; empty where there is none. */
  readonly fingerprint: string;
  /** Pixels; 0 where it is not known. */
  readonly width: number;
  /** Pixels; 0 where it is not known. */
  readonly height: number;
  /** The host it is from. */
  readonly host: string;
  /** What its pixels and a network's classes say against it. */
  readonly flags?: readonly ImageFlag[];
  /** How doubtful it is by its embedding; absent where there is none. */
  readonly doubt?: number | undefined;
}

/** How doubtful an image is. */
export interface Doubt {
  /** 0 for nothing to be said against it; the more, the more doubtful. */
  readonly score: number;
  /** What is said against it, in words, the weightiest first. */
  readonly reasons: readonly string[];
}

/** How many of a host's images there are, over all species. */
export interface HostRecord {
  /** How many are kept, rejected ones included. */
  readonly all: number;
  /** How many of them a person has rejected. */
  readonly rejected: number;
}

/** Below this short side an image is called small, in pixels. */
const SMALL = 200;
/** From this short side on size says nothing against an image, in pixels. */
const LARGE = 500;
/** Images are compared with at most so many others of their species. */
const COMPARED = 400;
/** How many nearest neighbours an image is measured by. */
const NEIGHBOURS = 4;
/** Fewer images say nothing of what is usual. */
const FEWEST = 8;
/** From so many usual deviations on an image is called unlike the rest. */
const UNUSUAL = 2.5;
/** How many waves more than the same picture's a doubtful duplicate may differ in. */
const DOUBTFUL_WAVES = 10;
/** How far the colours of a doubtful duplicate may be apart. */
const DOUBTFUL_COLOUR = 0.12;
/** How many of all the waves' signs differ between pictures that have nothing in common. */
const UNRELATED_WAVES = 67;

/**
 * What flags weigh. Where it is hardly a photo of a fish: more than anything else, but beside an
 * embedding, whose doubt counts flags already, less: of 149 flagged search results 60 were good photos.
 */
const NO_PHOTO_WEIGHTS = { alone: 3, besideEmbedding: 0.3 } as const;
const FAULT_WEIGHT = 0.1;
/**
 * From this doubt on an embedding is said to be unlike its species: of search results for fish of
 * Bangladesh 90 % of those of another species, and 40 % of the right ones.
 */
const UNLIKE_SPECIES = 1.6;

interface Weighed {
  readonly weight: number;
  readonly reason: string;
}

/**
 * Says how doubtful the images of a species are.
 *
 * @param images The species' images.
 * @param hosts What is known of a host.
 * @returns One doubt for each, in the same order.
 */
export function doubts(
  images: readonly Looked[],
  hosts: (host: string) => HostRecord,
): Doubt[] {
  const views = images.map(({ fingerprint }) => viewsOf(fingerprint)[0]);
  const near = neighbours(views);
  const unusual = unlike(near.map(({ distance }) => distance));
  return images.map((image, at) => {
    // Beside a network's word, what size and fingerprint say is no better than chance.
    const looks = image.doubt === undefined
      ? [small(image), unusual[at]]
      : [{ weight: image.doubt, reason: image.doubt < UNLIKE_SPECIES ? "" : "unlike its species" }];
    const weighed = [
      flagged(image),
      ...looks,
      near[at]?.twin === true
        ? { weight: FAULT_WEIGHT, reason: "may be the same picture as another" }
        : undefined,
      badHost(image.host, hosts(image.host)),
    ].filter((one) => one !== undefined).sort((one, other) => other.weight - one.weight);
    return {
      score: weighed.reduce((sum, { weight }) => sum + weight, 0),
      reasons: weighed.flatMap(({ reason }) => reason === "" ? [] : [reason]),
    };
  });
}

/** Flags count once: a dish is no fish either. */
function flagged({ flags = [], doubt }: Looked): Weighed | undefined {
  if (flags.length === 0) return undefined;
  const { alone, besideEmbedding } = NO_PHOTO_WEIGHTS;
  const noPhoto = doubt === undefined ? alone : besideEmbedding;
  return { weight: isNoPhoto(flags) ? noPhoto : FAULT_WEIGHT, reason: flags.join(", ") };
}

function small({ width, height }: Looked): Weighed | undefined {
  const side = Math.min(width, height);
  if (side <= 0 || side >= LARGE) return undefined;
  // A share of the way is counted for larger ones too, so that the smallest come first.
  const weight = (LARGE - side) / LARGE * 0.5;
  return side < SMALL ? { weight: weight + 0.4, reason: "small" } : { weight, reason: "" };
}

function badHost(host: string, { all, rejected }: HostRecord): Weighed | undefined {
  if (rejected < 2 || rejected / all < 0.15) return undefined;
  return {
    weight: 0.3 + rejected / all,
    reason: `${rejected} of ${all} of ${host} rejected`,
  };
}

interface Near {
  /** The mean distance to the nearest others; `undefined` where there are too few. */
  readonly distance: number | undefined;
  /** Whether another one may be the same picture. */
  readonly twin: boolean;
}

/** Each picture compared with the others, or with some of them where they are very many. */
function neighbours(views: readonly (View | undefined)[]): Near[] {
  const step = Math.max(1, Math.ceil(views.length / COMPARED));
  const found = views.map(() => new Nearest());
  const signs = views.map((view) => view && signsOf(view));
  for (let at = 0; at < views.length; at += step) {
    const [view, own] = [views[at], signs[at]];
    if (view === undefined || own === undefined) continue;
    for (let other = 0; other < views.length; other++) {
      const [compared, others] = [views[other], signs[other]];
      if (compared === undefined || others === undefined || other === at) continue;
      // Of two that are both compared with all others, each pair once.
      if (other % step === 0 && other < at) continue;
      const waves = wavesApart(own, others);
      const colours = coloursApart(view, compared);
      const distance = Math.min(1, waves / UNRELATED_WAVES) + colours;
      const isTwin = waves <= MOST_WAVES + DOUBTFUL_WAVES && colours <= DOUBTFUL_COLOUR;
      found[other]?.add(distance, isTwin);
      if (other % step === 0) found[at]?.add(distance, isTwin);
    }
  }
  return found;
}

/** The distances of one picture to the nearest others. */
class Nearest implements Near {
  twin = false;
  /** The smallest first. */
  readonly #distances: number[] = [];
  #compared = 0;

  add(distance: number, isTwin: boolean): void {
    this.#compared++;
    this.twin ||= isTwin;
    const least = this.#distances;
    if (least.length === NEIGHBOURS && distance >= (least.at(-1) ?? 0)) return;
    if (least.length === NEIGHBOURS) least.pop();
    let place = least.length;
    while (place > 0 && (least[place - 1] ?? 0) > distance) place--;
    least.splice(place, 0, distance);
  }

  get distance(): number | undefined {
    if (this.#compared < FEWEST - 1) return undefined;
    return this.#distances.reduce((sum, one) => sum + one, 0) / this.#distances.length;
  }
}

/** Who is far from all others, measured by how far the others are from theirs. */
function unlike(distances: readonly (number | undefined)[]): (Weighed | undefined)[] {
  const known = distances.filter((distance) => distance !== undefined);
  const middle = median(known);
  // Where nearly all are equally far, the least difference would seem unusual.
  const spread = Math.max(
    0.04,
    1.4826 * median(known.map((distance) => Math.abs(distance - middle))),
  );
  return distances.map((distance) => {
    if (distance === undefined) return undefined;
    const deviations = (distance - middle) / spread;
    if (deviations < 1) return undefined;
    const weight = Math.min(1.2, deviations / 5);
    return { weight, reason: deviations < UNUSUAL ? "" : "unlike the others" };
  });
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
