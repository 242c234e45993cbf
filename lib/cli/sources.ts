/**
 * Sources, client and examiner, built from the flags of a command line.
 *
 * @module
 */

import { defined } from "../base/defined.ts";
import { BrowserKeeper } from "../browser/keeper.ts";
import { startBrowser } from "../browser/start.ts";
import { savePage } from "../dataset/pages.ts";
import { createExaminer } from "../image/create_examiner.ts";
import { DEFAULT_LIMITS } from "../image/examine.ts";
import { type Fetcher, fetchHere } from "../scrape/fetch_candidate.ts";
import type { ApiOptions } from "../sources/api.ts";
import type { Budget } from "../sources/budget.ts";
import { createCommons } from "../sources/commons.ts";
import { mirrorHosts } from "../sources/fishbase/addresses.ts";
import { createFishBase, FISHBASE_MIRRORS } from "../sources/fishbase/fishbase.ts";
import { pageRenderer } from "../sources/fishbase/mirrors.ts";
import { createGbif } from "../sources/gbif.ts";
import { createGoogle, GOOGLE_HOSTS } from "../sources/google/google.ts";
import { createINaturalist } from "../sources/inaturalist.ts";
import { createOpenverse } from "../sources/openverse.ts";
import type { ImageSource, Notice } from "../sources/source.ts";
import type { KnownName, Species } from "../species/species.ts";
import type { Client } from "../web/client.ts";
import { createClient } from "../web/create_client.ts";
import type { FlagValues } from "./flags.ts";
import type { FETCH_FLAGS, SourceFlags, SourceName } from "./scrape_flags.ts";

type FetchFlags = FlagValues<typeof FETCH_FLAGS>;

/** @param owns Whether a URL's host is this machine's to ask; any is unless given. */
export function clientFor(
  flags: FetchFlags & { readonly "allow-private": boolean },
  notice: Notice,
  owns?: (url: string) => boolean,
): Client {
  return createClient({
    contact: flags.contact,
    maxBytes: flags["max-bytes"],
    allowPrivate: flags["allow-private"],
    ignoreOptOuts: flags["ignore-opt-outs"],
    strictRobots: flags["strict-robots"],
    notice,
    ...defined({ owns }),
  });
}

export interface SourceParts {
  readonly client: Client;
  /** How much of what APIs allow is used. */
  readonly budget?: Budget;
  /** The name under which a source knows a species, where it has been asked. */
  readonly nameAt?: (species: Species, source: string) => KnownName | undefined;
  /** How many images a species has of each author, by `nameKey()`. */
  readonly keptBy?: (species: Species) => ReadonlyMap<string, number>;
  readonly notice: Notice;
}

function keepPage({ data }: SourceFlags): (name: string, bytes: Uint8Array) => Promise<string> {
  return (name, bytes) => savePage(data, name, bytes);
}

const FISHBASE_HOSTS = [...mirrorHosts(FISHBASE_MIRRORS)];

/** Hosts of the sources' sites: whoever searches there fetches there too, in turns. */
export const SOURCE_SITES: ReadonlyMap<string, string> = new Map(
  FISHBASE_HOSTS.map((host) => [host, "fishbase"]),
);

/** The FishBase source, with a browser behind it where `--render` says so. */
function fishbase(flags: SourceFlags, parts: SourceParts): ImageSource {
  const keeper = flags.render ? browserKeeper(flags, FISHBASE_HOSTS, parts) : undefined;
  const source = createFishBase({
    client: parts.client,
    data: flags.data,
    delay: flags["fishbase-delay"],
    kinds: new Set(flags.kinds),
    keepPage: keepPage(flags),
    notice: parts.notice,
    renderPage: keeper === undefined ? undefined : pageRenderer(keeper),
  });
  return {
    name: source.name,
    vouches: source.vouches,
    candidates: (species, demand, signal) => source.candidates(species, demand, signal),
    async close() {
      await source.close();
      await keeper?.close();
    },
  };
}

function google(flags: SourceFlags, parts: SourceParts): ImageSource {
  return createGoogle({
    keeper: browserKeeper(flags, GOOGLE_HOSTS, parts),
    delay: flags["google-delay"],
    queries: flags.query,
    headed: flags.headed,
    jobs: flags.jobs,
    keepPage: (name, text) => keepPage(flags)(name, new TextEncoder().encode(text)),
    notice: parts.notice,
  });
}

function browserKeeper(
  { browser, headed }: SourceFlags,
  hosts: readonly string[],
  { notice }: SourceParts,
): BrowserKeeper {
  return new BrowserKeeper({
    start: (signal) => startBrowser({ headed, hosts, notice, signal, ...defined({ browser }) }),
  });
}

const API_SOURCES = {
  inaturalist: createINaturalist,
  gbif: createGbif,
  commons: createCommons,
  openverse: createOpenverse,
} as const;

type ApiName = keyof typeof API_SOURCES;

export function isApiSource(name: SourceName): name is ApiName {
  return name in API_SOURCES;
}

/** Sources that find the name under which a species is known elsewhere. */
const NAMING_SOURCES = ["fishbase", "gbif", "inaturalist"];
/** A few photos of one photographer are taken however few images are wanted. */
const LEAST_PER_AUTHOR = 5;

function apiOptions(name: ApiName, flags: SourceFlags, parts: SourceParts): ApiOptions {
  const { nameAt, budget, keptBy, client, notice } = parts;
  // `--retry all` goes through everything anew.
  const asksAnew = nameAt === undefined || flags.retry === "all";
  const share = Math.ceil(flags.images * flags["per-author"] / 100);
  return {
    client,
    notice,
    keepPage: keepPage(flags),
    otherNames: (species) =>
      NAMING_SOURCES.flatMap((source) => nameAt?.(species, source)?.name ?? []),
    mostPerAuthor: Math.max(LEAST_PER_AUTHOR, share),
    wildOnly: flags["wild-only"],
    fullSize: flags["full-size"],
    ...defined({
      budget,
      keptBy,
      knownName: asksAnew ? undefined : (species: Species) => nameAt(species, name),
    }),
  };
}

export function buildSource(
  name: SourceName,
  flags: SourceFlags,
  parts: SourceParts,
): ImageSource {
  if (isApiSource(name)) return API_SOURCES[name](apiOptions(name, flags, parts));
  return name === "fishbase" ? fishbase(flags, parts) : google(flags, parts);
}

/** What searches and fetches on this machine. */
export interface OpenSources {
  readonly fetcher: Fetcher;
  readonly sources: readonly ImageSource[];
  /** Ends searches while downloads still go on. */
  stopSearching(): Promise<unknown>;
  close(): Promise<void>;
}

/** @param warm Whether the examiner's workers start at once. */
export function openSources(
  names: readonly SourceName[],
  flags: SourceFlags,
  parts: SourceParts,
  warm: boolean,
): OpenSources {
  const { width: minWidth, height: minHeight } = flags["min-size"];
  const limits = { ...DEFAULT_LIMITS, minWidth, minHeight, maxAspect: flags["max-aspect"] };
  const examiner = createExaminer({ warm, limits });
  const sources = names.map((name) => buildSource(name, flags, parts));
  const stopSearching = () => Promise.all(sources.map((source) => source.close()));
  return {
    fetcher: fetchHere(parts.client, examiner, flags["check-pages"]),
    sources,
    stopSearching,
    async close() {
      await stopSearching();
      examiner.close();
    },
  };
}
