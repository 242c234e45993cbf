/**
 * FishBase: few photos of each species, and sure ones.
 *
 * What a species costs, in pages: one to find it, two for the lists of its pictures, and one for each
 * registered picture that is still wanted and not yet decided. A name FishBase does not know costs up
 * to three more; the list of a genus is asked for once a run.
 *
 * @module
 */

import type { Species } from "../../species/species.ts";
import type { Answer, Client } from "../../web/client.ts";
import { type Clock, systemClock } from "../../base/clock.ts";
import { FISHBASE_MIRRORS, onMirror } from "./addresses.ts";
import { DEFAULT_KINDS, NEVER_KINDS } from "./kinds.ts";
import { candidateOf } from "./merge.ts";
import { Mirrors } from "./mirrors.ts";
import type { ReceivedPage } from "./page_answer.ts";
import type { FoundPicture } from "./picture.ts";
import { Pictures } from "./pictures.ts";
import type { PicturesOf } from "./pictures_of.ts";
import { Names, type Resolution } from "./resolve.ts";
import { type KeepPage, SavedPages } from "./saved_pages.ts";
import { searchName } from "./search_name.ts";
import type { Candidate, Demand, ImageSource, Notice, SourceEnd } from "../source.ts";

export { FISHBASE_MIRRORS } from "./addresses.ts";

/** The least time between two pages of a mirror unless told otherwise, in milliseconds. */
export const FISHBASE_DELAY = 2000;

/** How FishBase is asked. */
export interface FishBaseOptions {
  /** The way out. */
  readonly client: Client;
  /** Keeps a page that was not recognised under the data folder and gives its path. */
  readonly keepPage: KeepPage;
  /** Told what a person should hear. */
  readonly notice: Notice;
  /**
   * The least time between two pages of a mirror, in milliseconds; two seconds unless given.
   * robots.txt may ask for more.
   */
  readonly delay?: number;
  /** The mirrors, in the order they are asked; {@linkcode FISHBASE_MIRRORS} unless given. */
  readonly mirrors?: readonly string[];
  /** `photo`, `stamp`, `drawing`, `larva`, `egg`, `x-ray`; photos alone unless given. */
  readonly kinds?: ReadonlySet<string>;
  /** Fetches a page through the browser, where plain requests are turned away. */
  readonly renderPage?: ((url: string, signal: AbortSignal) => Promise<Answer>) | undefined;
}

/** What FishBase is asked with; the machine's own unless given. */
export interface FishBaseParts {
  /** The time. */
  readonly clock?: Clock;
  /** From 0 up to, not including, 1. */
  readonly random?: () => number;
}

/**
 * FishBase as a source of images. A run has one, which all its jobs share.
 *
 * @param options How it is asked.
 * @param parts What it is asked with.
 *
 * @example
 * ```ts
 * const fishbase = createFishBase({ client, keepPage, notice: console.error });
 * for await (const candidate of fishbase.candidates(species, demand, signal)) {
 *   console.log(candidate.url, candidate.license);
 * }
 * await fishbase.close();
 * ```
 */
export function createFishBase(options: FishBaseOptions, parts: FishBaseParts = {}): ImageSource {
  return new FishBase(options, parts);
}

class FishBase implements ImageSource {
  readonly name = "fishbase";
  readonly vouches = true;
  readonly #options: FishBaseOptions;
  readonly #kinds: ReadonlySet<string>;
  readonly #hosts: readonly string[];
  readonly #mirrors: Mirrors;
  readonly #names: Names;
  readonly #saved: SavedPages;
  #closed = false;

  constructor(
    options: FishBaseOptions,
    { clock = systemClock, random = Math.random }: FishBaseParts,
  ) {
    const { client, delay = FISHBASE_DELAY, notice, renderPage } = options;
    this.#options = options;
    this.#kinds = options.kinds ?? DEFAULT_KINDS;
    this.#hosts = options.mirrors ?? FISHBASE_MIRRORS;
    const mirrors = this.#hosts;
    this.#mirrors = new Mirrors({ client, clock, random, mirrors, delay, notice, renderPage });
    this.#names = new Names(this.#mirrors);
    this.#saved = new SavedPages(options.keepPage);
  }

  async *candidates(
    species: Species,
    demand: Demand,
    signal: AbortSignal,
  ): AsyncGenerator<Candidate, SourceEnd, void> {
    const name = searchName(species);
    if (!name.found) return { why: name.why, reason: name.reason };
    const resolution = await this.#names.resolve(name.words, name.how, signal);
    if (resolution.found === "nothing") return { why: "not-found", reason: resolution.reason };
    const job = new Job(species.id, this.#saved);
    if (resolution.found === "unsure" && resolution.strange !== undefined) {
      await job.strange("summary", resolution.strange);
    }
    const of = picturesOf(resolution, name.words);
    const pictures = new Pictures(
      this.#mirrors,
      of,
      this.#kinds,
      (what, page) => job.strange(what, page),
      signal,
    );
    const given = yield* this.#give(pictures, demand);
    return endOf({ resolution, pictures, given, job, of, mirror: this.#mirrors.current });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const { count, last } = this.#saved;
    if (count > 0) {
      const where = last === undefined ? "" : `; some are kept for a bug report, such as ${last}`;
      this.#options.notice(`${count} of FishBase's pages were not recognised${where}.`);
    }
    await Promise.resolve();
  }

  async *#give(pictures: Pictures, demand: Demand): AsyncGenerator<Candidate, Given, void> {
    const given: Given = { found: 0, leftOut: {} };
    const listed = await pictures.list();
    for (const picture of listed) {
      const candidate = await this.#candidate(picture, pictures, demand, given, true);
      if (candidate !== undefined) yield candidate;
    }
    for await (const picture of pictures.unlisted(listed)) {
      const candidate = await this.#candidate(picture, pictures, demand, given, false);
      if (candidate !== undefined) yield candidate;
    }
    return given;
  }

  async #candidate(
    picture: FoundPicture,
    pictures: Pictures,
    demand: Demand,
    given: Given,
    open: boolean,
  ): Promise<Candidate | undefined> {
    given.found++;
    if (!this.#isWanted(picture, given) || this.#isKnown(picture, demand)) return undefined;
    const whole = open ? await pictures.withDetails(picture) : picture;
    if (!this.#isWanted(whole, given)) return undefined;
    const mirror = this.#mirrors.current;
    return candidateOf(whole, mirror, onMirror(mirror, pictures.listPath));
  }

  #isWanted({ kind = "photo" }: FoundPicture, given: Given): boolean {
    if (this.#kinds.has(kind) && !NEVER_KINDS.has(kind)) return true;
    given.leftOut[kind] = (given.leftOut[kind] ?? 0) + 1;
    return false;
  }

  /** Whether the picture was decided before, on whichever mirror it was found then. */
  #isKnown({ address }: FoundPicture, demand: Demand): boolean {
    return this.#hosts.some((mirror) => demand.known(onMirror(mirror, address.path)));
  }
}

/** What became of the pictures of one job. */
interface Given {
  /** How many there are, of all kinds. */
  found: number;
  /** How many of each kind were left out. */
  readonly leftOut: Record<string, number>;
}

/** One job's pages that were not recognised. */
class Job {
  readonly #id: string;
  readonly #saved: SavedPages;
  readonly whats: string[] = [];
  savedPage: string | undefined;

  constructor(id: string, saved: SavedPages) {
    this.#id = id;
    this.#saved = saved;
  }

  async strange(what: string, page: ReceivedPage): Promise<void> {
    this.whats.push(`${what} (${page.url})`);
    this.savedPage ??= await this.#saved.add(this.#id, what, page);
  }
}

function picturesOf(resolution: Resolution, words: readonly string[]): PicturesOf {
  if (resolution.found !== "species") return { words };
  const { page } = resolution;
  const { preferred, saysNone, specCode, thumbnails } = page;
  return { words: page.words, preferred, saysNone, specCode, thumbnails };
}

function endOf(job: {
  readonly resolution: Resolution;
  readonly pictures: Pictures;
  readonly given: Given;
  readonly job: Job;
  readonly of: PicturesOf;
  readonly mirror: string;
}): SourceEnd {
  const { given, job: { whats, savedPage }, mirror, of, pictures, resolution } = job;
  const { failures, foreign, places, specCode } = pictures;
  // What the thumbnails show is all there is: the service, were it understood, would name no more.
  const missed = places["thumbnails"] === "known"
    ? whats.filter((what) => !what.startsWith("service "))
    : whats;
  if (missed.length > 0) {
    const reason = `page shape not recognised: ${missed.slice(0, 3).join(", ")}`;
    return { why: "not-recognised", reason, ...(savedPage !== undefined && { savedPage }) };
  }
  const lists = [places["thumbnails"], places["service"], places["pictures"]];
  const read = lists.some((shape) => shape === "known" || shape === "empty");
  // Users' uploads stand nowhere else: without the thumbnails the job is not done.
  const unsure = resolution.found === "unsure" && given.found === 0;
  if (places["thumbnails"] === "failed" || !read || unsure) {
    const why = unsure ? resolution.reason : failures.slice(0, 3).join("; ");
    return { why: "failed", reason: `the pictures of ${of.words.join(" ")}: ${why}` };
  }
  const { resolved } = resolution.found === "species" ? resolution : {};
  return {
    why: "exhausted",
    detail: {
      ...(resolution.found === "species" && { validName: of.words.join(" ") }),
      ...(specCode !== undefined && { specCode: Number(specCode) }),
      mirror,
      ...(resolved !== undefined && { resolved }),
      pictures: given.found,
      ...(Object.keys(given.leftOut).length > 0 && { leftOut: given.leftOut }),
      ...(foreign > 0 && { foreign }),
      places: { ...places },
    },
  };
}
