/**
 * Sources, built from the flags of a command line.
 *
 * @module
 */

import { BrowserKeeper } from "../browser/keeper.ts";
import { pageRenderer } from "../sources/fishbase/render_page.ts";
import { startBrowser } from "../browser/start.ts";
import { Failure } from "../base/failure.ts";
import type { ImageSource, Notice } from "../sources/source.ts";
import { createFishBase, FISHBASE_MIRRORS } from "../sources/fishbase/fishbase.ts";
import { mirrorHosts } from "../sources/fishbase/addresses.ts";
import { createGoogle, GOOGLE_HOSTS } from "../sources/google/google.ts";
import { readSpeciesList } from "../species/file.ts";
import type { Species } from "../species/species.ts";
import type { FlagValues } from "./flags.ts";
import type { ApiOptions } from "../sources/api.ts";
import { createCommons } from "../sources/commons.ts";
import { createGbif } from "../sources/gbif.ts";
import { createINaturalist } from "../sources/inaturalist.ts";
import { createOpenverse } from "../sources/openverse.ts";
import type {
  API_FLAGS,
  BROWSER_FLAGS,
  FISHBASE_FLAGS,
  GOOGLE_FLAGS,
  SCRAPE_FLAGS,
  SourceName,
} from "./scrape_flags.ts";
import type { SourceParts } from "./scrape_run.ts";

/** The FishBase source, with a browser behind it where `--render` says so. */
export function fishbaseSource(
  flags: FlagValues<typeof SCRAPE_FLAGS & typeof BROWSER_FLAGS & typeof FISHBASE_FLAGS>,
  parts: SourceParts,
): ImageSource {
  const keeper = flags.render
    ? browserKeeper(flags, [...mirrorHosts(FISHBASE_MIRRORS)], parts.notice)
    : undefined;
  const source = createFishBase({
    client: parts.client,
    data: flags.data,
    delay: flags["fishbase-delay"],
    kinds: new Set(flags.kinds),
    keepPage: (name, bytes) => parts.dataset.saveReportPage(name, bytes),
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

/** Hosts of the sources' sites: whoever searches there fetches there too, in turns. */
export const SOURCE_SITES: ReadonlyMap<string, string> = new Map(
  [...mirrorHosts(FISHBASE_MIRRORS)].map((host) => [host, "fishbase"]),
);

export function googleSource(
  flags: FlagValues<typeof SCRAPE_FLAGS & typeof BROWSER_FLAGS & typeof GOOGLE_FLAGS>,
  parts: SourceParts,
): ImageSource {
  return createGoogle({
    keeper: browserKeeper(flags, GOOGLE_HOSTS, parts.notice),
    delay: flags["google-delay"],
    queries: flags.query,
    headed: flags.headed,
    jobs: flags.jobs,
    keepPage: (name, text) => parts.dataset.saveReportPage(name, new TextEncoder().encode(text)),
    notice: parts.notice,
  });
}

const API_SOURCES = {
  inaturalist: createINaturalist,
  gbif: createGbif,
  commons: createCommons,
  openverse: createOpenverse,
} as const;

export type ApiSourceName = keyof typeof API_SOURCES;

export function isApiSource(name: string): name is ApiSourceName {
  return name in API_SOURCES;
}

/** Sources that find the name under which a species is known elsewhere. */
const NAMING_SOURCES = ["fishbase", "gbif", "inaturalist"];
/** A few photos of one photographer are taken however few images are wanted. */
const LEAST_PER_AUTHOR = 5;

export function apiSource(
  name: ApiSourceName,
  flags: FlagValues<typeof SCRAPE_FLAGS & typeof API_FLAGS>,
  { budget, client, dataset, keptBy, nameAt, notice }: SourceParts,
): ImageSource {
  const share = Math.ceil(flags.images * flags["per-author"] / 100);
  const options: ApiOptions = {
    client,
    ...(budget !== undefined && { budget }),
    notice,
    keepPage: (page, bytes) => dataset.saveReportPage(page, bytes),
    otherNames: (species) =>
      NAMING_SOURCES.flatMap((source) => nameAt?.(species, source)?.name ?? []),
    // `--retry all` goes through everything anew.
    ...(nameAt !== undefined && flags.retry !== "all" && {
      knownName: (species: Species) => nameAt(species, name),
    }),
    ...(keptBy !== undefined && { keptBy }),
    mostPerAuthor: Math.max(LEAST_PER_AUTHOR, share),
    wildOnly: flags["wild-only"],
    fullSize: flags["full-size"],
  };
  return API_SOURCES[name](options);
}

/** A source by its name. */
export function buildSource(
  name: SourceName,
  flags: FlagValues<
    & typeof SCRAPE_FLAGS
    & typeof BROWSER_FLAGS
    & typeof FISHBASE_FLAGS
    & typeof API_FLAGS
    & typeof GOOGLE_FLAGS
  >,
  parts: SourceParts,
): ImageSource {
  if (isApiSource(name)) return apiSource(name, flags, parts);
  return name === "fishbase" ? fishbaseSource(flags, parts) : googleSource(flags, parts);
}

export function browserKeeper(
  flags: FlagValues<typeof BROWSER_FLAGS>,
  hosts: readonly string[],
  notice: Notice,
): BrowserKeeper {
  return new BrowserKeeper({
    start: (signal) =>
      startBrowser({
        ...(flags.browser === undefined ? {} : { browser: flags.browser }),
        headed: flags.headed,
        hosts,
        notice,
        signal,
      }),
  });
}

/**
 * The species list of a data folder that another script has fetched.
 *
 * @throws {Failure} When there is none.
 */
export async function presentList(data: string): Promise<readonly Species[]> {
  const list = await readSpeciesList(data);
  if (list !== undefined) return list;
  throw new Failure(
    `There is no species list in ${data}. Fetch it first: deno task species --data ${data}`,
  );
}
