/**
 * FishBase: few photos of each species, and sure ones.
 *
 * The published tables name every registered photo, so a species costs one page: its thumbnails,
 * for users' uploads and photos that are newer than the tables. A name that is not in the tables
 * costs one more, and so does each photo that is not. Without the tables only pages are read.
 *
 * @module
 */

import { abortable } from "@std/async";
import { defined } from "../../base/defined.ts";
import type { Species } from "../../species/species.ts";
import { type Clock, systemClock } from "../../base/clock.ts";
import type { Answer, Client } from "../../web/client.ts";
import {
  type Candidate,
  type Demand,
  type ImageSource,
  licenseFields,
  type Notice,
  type SourceEnd,
} from "../source.ts";
import {
  FISHBASE_MIRRORS,
  onMirror,
  type PictureAddress,
  summaryPath,
  thumbnailsPath,
} from "./addresses.ts";
import { Mirrors, type ReceivedPage } from "./mirrors.ts";
import { KeptPages } from "../kept_pages.ts";
import { searchName } from "../search_name.ts";
import { type How, type Match, sharesWord } from "./names.ts";
import {
  type PagePicture,
  type PicturePage,
  readPicturePage,
  readSummaryPage,
  readThumbnailsPage,
  type ThumbnailsPage,
  type Wanted,
} from "./pages.ts";
import { loadTables, type TablePicture, type Tables } from "./tables.ts";

export { FISHBASE_MIRRORS } from "./addresses.ts";
export { TABLES_HOST } from "./tables.ts";

/** The default delay between two pages, in milliseconds. */
export const FISHBASE_DELAY = 2000;
const DEFAULT_KINDS: ReadonlySet<string> = new Set(["photo"]);

/** How FishBase is asked. */
export interface FishBaseOptions {
  /** Asks, with pauses, retries and address checks. */
  readonly client: Client;
  /** The data folder, in whose `cache` the tables are kept. */
  readonly data: string;
  /** Keeps a page that was not recognised under the data folder and gives its path. */
  readonly keepPage: (name: string, bytes: Uint8Array) => Promise<string>;
  /** Hears what a person should read. */
  readonly notice: Notice;
  /** The least time between two pages, in milliseconds (default 2000); robots.txt may ask for more. */
  readonly delay?: number;
  /** In the order they are asked; default {@linkcode FISHBASE_MIRRORS}. */
  readonly mirrors?: readonly string[];
  /** Of `photo`, `drawing`, `larva`, `egg`, `x-ray`; default `photo` alone. */
  readonly kinds?: ReadonlySet<string>;
  /** Fetches a page through the browser, where the site refuses plain requests. */
  readonly renderPage?: ((url: string, signal: AbortSignal) => Promise<Answer>) | undefined;
}

/** Replaceable in tests; default the system's own. */
export interface FishBaseParts {
  /** Tells the time and waits. */
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
 * const fishbase = createFishBase({ client, data: "data", keepPage, notice: console.error });
 * for await (const candidate of fishbase.candidates(species, demand, signal)) {
 *   console.log(candidate.url, candidate.license);
 * }
 * await fishbase.close();
 * ```
 */
export function createFishBase(options: FishBaseOptions, parts: FishBaseParts = {}): ImageSource {
  return new FishBase(options, parts);
}

/** The fish that a name means, and how it became another name. */
interface Identified {
  readonly fish: Wanted;
  readonly how?: How;
}

/** A picture from the table, from the thumbnails page, or from both. */
interface Picture {
  readonly address: PictureAddress;
  readonly row?: TablePicture;
  readonly shown?: PagePicture;
}

class FishBase implements ImageSource {
  readonly name = "fishbase";
  readonly vouches = true;
  readonly #options: FishBaseOptions;
  readonly #kinds: ReadonlySet<string>;
  readonly #hosts: readonly string[];
  readonly #mirrors: Mirrors;
  #tables: Promise<Tables | undefined> | undefined;
  readonly #kept: KeptPages;
  readonly #closing = new AbortController();

  constructor(options: FishBaseOptions, parts: FishBaseParts) {
    const { client, delay = FISHBASE_DELAY, notice, renderPage } = options;
    const { clock = systemClock, random = Math.random } = parts;
    this.#options = options;
    this.#kept = new KeptPages("of FishBase's pages", options.keepPage);
    this.#kinds = options.kinds ?? DEFAULT_KINDS;
    this.#hosts = options.mirrors ?? FISHBASE_MIRRORS;
    const mirrors = this.#hosts;
    this.#mirrors = new Mirrors({ client, clock, random, mirrors, delay, notice, renderPage });
  }

  async *candidates(
    species: Species,
    demand: Demand,
    signal: AbortSignal,
  ): AsyncGenerator<Candidate, SourceEnd, void> {
    const name = searchName(species, "FishBase");
    if (!name.found) return { why: name.why, reason: name.reason };
    const tables = await this.#loadTables(signal);
    const identified = await this.#identify(species, name.words, tables, signal);
    if ("why" in identified) return identified;
    const { fish } = identified;
    const path = fish.thumbnails ?? thumbnailsPath(fish.code, fish.words);
    const answer = await this.#mirrors.ask(path, signal);
    const page: ThumbnailsPage = answer.ok
      ? readThumbnailsPage(answer.text, answer.url, fish)
      : { shape: "unknown" };
    const shown = page.shape === "unknown" ? [] : page.pictures;
    const rows = fish.code === undefined ? [] : tables?.pictures(fish.code) ?? [];
    const pictures = merge(rows, shown);
    const leftOut: Record<string, number> = {};
    for (const picture of pictures) {
      const kind = kindOf(picture);
      if (!this.#kinds.has(kind)) leftOut[kind] = (leftOut[kind] ?? 0) + 1;
      else if (!this.#isKnown(picture, demand)) yield await this.#candidate(picture, path, signal);
    }
    if (answer.ok && page.shape === "unknown") {
      return await this.#notRecognised(species, "thumbnails", answer);
    }
    // Users' uploads are only on the thumbnails page: without it, repeat the job next time.
    if (!answer.ok && answer.why !== "forbidden") {
      const reason = `cannot read the thumbnails of ${fish.words.join(" ")}: ${answer.reason}`;
      return { why: "failed", reason };
    }
    const how = name.how ?? identified.how;
    const [from, to] = [name.words.join(" "), fish.words.join(" ")];
    return {
      why: "exhausted",
      detail: {
        validName: to,
        ...defined({ specCode: fish.code }),
        mirror: this.#mirrors.current,
        ...defined({ resolved: how && { from, to, how } }),
        pictures: pictures.length,
        ...(Object.keys(leftOut).length > 0 && { leftOut }),
        ...(page.shape !== "unknown" && page.foreign > 0 && { foreign: page.foreign }),
        ...defined({ tables: tables?.version }),
      },
    };
  }

  close(): Promise<void> {
    this.#closing.abort(new DOMException("The source is closed.", "AbortError"));
    this.#kept.report(this.#options.notice);
    return Promise.resolve();
  }

  /** The tables, loaded once a run for all jobs. */
  async #loadTables(signal: AbortSignal): Promise<Tables | undefined> {
    if (this.#tables === undefined) {
      this.#tables = loadTables(this.#options, this.#closing.signal);
      // Every job awaits it and sees an error; after the last job nothing does, so ignore it here.
      this.#tables.catch(() => undefined);
    }
    return await abortable(this.#tables, signal);
  }

  /** Finds the fish of a name, or says how the search ends without one. */
  async #identify(
    species: Species,
    words: readonly string[],
    tables: Tables | undefined,
    signal: AbortSignal,
  ): Promise<Identified | SourceEnd> {
    const name = words.join(" ");
    const exact = tables?.names.exact(words) ?? { found: "none" };
    if (exact.found !== "none") return identifiedBy(exact, name);
    // A name that the tables do not have may be newer than they are.
    const answer = await this.#mirrors.ask(summaryPath(words), signal);
    if (answer.ok) {
      const page = readSummaryPage(answer.text, answer.url);
      if (page.shape === "unknown") return await this.#notRecognised(species, "summary", answer);
      if (page.shape === "species") {
        const to = page.words.join(" ");
        if (to === name) return { fish: page };
        const reason = `FishBase answers with ${to}, which shares no word with ${name}`;
        if (!sharesWord(words, page.words)) return { why: "not-found", reason };
        const above = name.startsWith(`${to} `);
        return { fish: page, how: above ? "species of the subspecies" : "synonym" };
      }
    } else if (answer.why === "failed") {
      return { why: "failed", reason: `cannot read the page of ${name}: ${answer.reason}` };
    }
    if (words.length > 2) {
      const above = await this.#identify(species, words.slice(0, 2), tables, signal);
      return "why" in above ? above : { ...above, how: "species of the subspecies" };
    }
    if (tables !== undefined) return identifiedBy(tables.names.near(words), name);
    const reason =
      `FishBase does not know ${name}, and similar names cannot be looked up without its tables`;
    return { why: "failed", reason };
  }

  /** Whether the picture was decided before, under any mirror's address. */
  #isKnown({ address }: Picture, demand: Demand): boolean {
    return this.#hosts.some((mirror) => demand.known(onMirror(mirror, address.path)));
  }

  /** Only its own page names the licence of a photo that is newer than the tables. */
  async #details(
    { address, row, shown }: Picture,
    signal: AbortSignal,
  ): Promise<PicturePage | undefined> {
    if (row !== undefined || address.upload || shown?.page === undefined) return undefined;
    const answer = await this.#mirrors.ask(shown.page, signal);
    return answer.ok ? readPicturePage(answer.text, answer.url, address.file) : undefined;
  }

  async #candidate(picture: Picture, list: string, signal: AbortSignal): Promise<Candidate> {
    const { address, row, shown } = picture;
    const details = await this.#details(picture, signal);
    const mirror = this.#mirrors.current;
    const known = [details?.license, row?.license, shown?.license];
    const license = known.find((one) => one?.id !== undefined) ??
      known.find((one) => one?.text !== undefined) ?? {};
    const author = details?.author ?? row?.author ?? shown?.author;
    const named = picturedByFile(address.file);
    const sex = details?.sex ?? named.sex;
    const stage = details?.stage ?? row?.stage ?? named.stage;
    return {
      url: onMirror(mirror, address.path),
      ...(address.alternatives.length > 0 && {
        alternatives: address.alternatives.map((path) => onMirror(mirror, path)),
      }),
      page: onMirror(mirror, shown?.page ?? list),
      kind: kindOf(picture),
      road: row === undefined ? "thumbnails" : "table",
      ...licenseFields(license),
      ...defined({ author, title: details?.title, sex, stage }),
    };
  }

  async #notRecognised(
    { id }: Species,
    what: "summary" | "thumbnails",
    page: ReceivedPage,
  ): Promise<SourceEnd> {
    const reason = `page shape not recognised: ${what} (${page.url})`;
    return await this.#kept.end(reason, `fishbase_${id}_${what}.html`, page.bytes);
  }
}

function identifiedBy(match: Match, name: string): Identified | SourceEnd {
  if (match.found === "one") {
    const { name: { valid, code }, how } = match;
    return { fish: { words: valid, code }, ...defined({ how }) };
  }
  const reason = match.found === "none"
    ? `FishBase does not know ${name}`
    : `${name} may be ${match.names.slice(0, 6).join(", ")} at FishBase: none is guessed`;
  return { why: "not-found", reason };
}

/** A picture known from both places is one; the table's come first, in its order. */
function merge(rows: readonly TablePicture[], shown: readonly PagePicture[]): readonly Picture[] {
  const pictures = new Map<string, Picture>();
  const add = (picture: Picture) => {
    const { key } = picture.address;
    pictures.set(key, { ...pictures.get(key), ...picture });
  };
  for (const row of rows) add({ address: row.address, row });
  for (const one of shown) add({ address: one.address, shown: one });
  return [...pictures.values()];
}

/** What is pictured; anything but a photo counts more. */
function kindOf({ row, shown }: Picture): string {
  return [row?.kind, shown?.kind].find((kind) => kind !== undefined && kind !== "photo") ?? "photo";
}

/**
 * Sex and stage from a registered picture's file name: `{Ge}{spe}_{u|m|f|j}{n}`. The first letters
 * say nothing sure of the species: other species share them.
 */
export function picturedByFile(
  file: string,
): { readonly sex?: "male" | "female"; readonly stage?: string } {
  const letter = /^[A-Za-z]{4,6}_([mfj])[0-9a-z]{1,2}\.[a-z]+$/.exec(file)?.[1];
  if (letter === "m") return { sex: "male" };
  if (letter === "f") return { sex: "female" };
  return letter === "j" ? { stage: "juvenile" } : {};
}
