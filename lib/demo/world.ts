/**
 * The demo world: Wikipedia, FishBase, four APIs of licensed photos, Google Images and some forty
 * photo hosts on loopback, behind a proxy, over real TLS. The scraper runs against it unmodified, with the real URLs, and the world
 * knows what must become of each picture. No name is looked up: everything goes through the proxy.
 *
 * - In: `proxy.ts`, `http.ts` (a server that can break its word), `authority.ts` (certificates).
 * - What there is: `catalogue.ts` (the fish), `kinds.ts` (every way a picture can be good or bad),
 *   `plan.ts` (what each search finds), `licensed.ts` (what the APIs have), `hosts.ts`, `sites/` (one file a site), `photo.ts`, `paint.ts`.
 * - What must come of it: `truth.ts`; `check.ts` and `check_training.ts` hold a data folder against
 *   it, read by `dataset_reader.ts` without the library. `run.ts` runs a script in the world.
 *
 * @module
 */

import { createAuthority } from "./authority.ts";
import { type Catalogue, createCatalogue } from "./catalogue.ts";
import {
  ALL_PHOTO_HOSTS,
  CERTIFIED_HOSTS,
  COMMONS,
  CONSENT,
  FISHBASE,
  GBIF,
  GOOGLE,
  INATURALIST,
  LICENSED_PHOTO_HOSTS,
  OPENVERSE,
  ROLES,
  TABLES,
  THUMBNAILS,
  WIKIPEDIA,
} from "./hosts.ts";
import { pause, type Reply, type Request } from "./http.ts";
import { type PhotoMaker, startPhotoMaker } from "./photo_maker.ts";
import { Plan, type PlanOptions } from "./plan.ts";
import { type Route, startProxy } from "./proxy.ts";
import { licensedPhotoHosts } from "./sites/api_site.ts";
import { commons } from "./sites/commons.ts";
import { gbif } from "./sites/gbif.ts";
import { inaturalist } from "./sites/inaturalist.ts";
import { openverse } from "./sites/openverse.ts";
import { fishbase, type FishbaseOptions } from "./sites/fishbase.ts";
import { fishbaseTables } from "./sites/fishbase_tables.ts";
import { google, type GoogleTruth } from "./sites/google.ts";
import { type GoogleOptions, PLAIN_GOOGLE } from "./sites/google_page.ts";
import { photoHosts } from "./sites/photo_hosts.ts";
import { wikipedia, type WikipediaOptions } from "./sites/wikipedia.ts";

/** What a world is made of. Everything may be left out; {@link PlanOptions} has the defaults. */
export interface WorldOptions extends Partial<PlanOptions> {
  /** How many fish can be searched for; 12 unless given. */
  readonly species?: number;
  readonly wikipedia?: Partial<WikipediaOptions>;
  readonly fishbase?: Partial<FishbaseOptions>;
  /** Hosts of FishBase that cannot be reached; `www.fishbase.org` unless given. */
  readonly mirrorsDown?: readonly string[];
  readonly google?: Partial<GoogleOptions>;
  /** Hours until the photo hosts' certificates begin, as it seems to a machine whose clock is behind. */
  readonly clockBehind?: number;
  /** What every response waits, in milliseconds; 0 unless given. */
  readonly latency?: number;
  /** Hosts played by someone else: a test's own page at a real URL. */
  readonly others?: Readonly<Record<string, (request: Request) => Reply | Promise<Reply>>>;
}

/** One request, or one tunnel that was refused. */
export interface LoggedRequest {
  /** When it came, in milliseconds since the world began. */
  readonly time: number;
  /** `GET` …; `CONNECT` where the host could not be reached. */
  readonly method: string;
  readonly host: string;
  readonly path: string;
  /** How it was answered; 0 where it was not. */
  status: number;
  /** When it was answered, or given up by the client; 0 until then. Like `time`. */
  answered: number;
}

export interface World {
  /** For `HTTPS_PROXY` and `HTTP_PROXY`: `http://127.0.0.1:<port>`. */
  readonly proxy: string;
  /** For `DENO_CERT`: the path of the certificate authority's PEM file. */
  readonly certificate: string;
  readonly requests: readonly LoggedRequest[];
  readonly catalogue: Catalogue;
  /** What searches find, and what must come of it. */
  readonly plan: Plan;
  readonly photos: PhotoMaker;
  readonly google: GoogleTruth;
  /** The delay between pages that FishBase asks for, in milliseconds. */
  readonly crawlDelay: number;
  readonly images: number;
  /** Ends everything and removes the certificate's file. */
  close(): Promise<void>;
}

/** FishBase's `Crawl-delay` unless given, in seconds. */
const CRAWL_DELAY = 0.2;
/** The most requests that are remembered; the oldest are forgotten first. */
const REMEMBERED_REQUESTS = 500_000;

/**
 * Starts a world. Needs leave to listen and connect on 127.0.0.1, to read the codec's files and to
 * write the certificate's file.
 *
 * @param folder Where the certificate's file goes; a temporary folder unless given.
 */
export async function startWorld(options: WorldOptions = {}, folder?: string): Promise<World> {
  const began = performance.now();
  const others = options.others ?? {};
  const authority = await createAuthority([...CERTIFIED_HOSTS, ...Object.keys(others)]);
  const { clockBehind } = options;
  const badAuthority = clockBehind === undefined
    ? await createAuthority(["www.someone-else.example"])
    : await createAuthority([...ALL_PHOTO_HOSTS], { from: clockBehind / 24 });
  const plan = planOf(options);
  const photos = startPhotoMaker(plan.options);
  const stop = new AbortController();
  const requests: LoggedRequest[] = [];
  const sites = playSites(options, plan, photos, stop.signal);

  const answer = async (request: Request): Promise<Reply> => {
    const entry: LoggedRequest = {
      time: performance.now() - began,
      method: request.method,
      host: request.url.hostname,
      path: request.url.pathname + request.url.search,
      status: 0,
      answered: 0,
    };
    note(requests, entry);
    if (options.latency !== undefined) await pause(options.latency, stop.signal);
    const over = (): void => {
      if (entry.answered === 0) entry.answered = performance.now() - began;
    };
    const other = others[request.url.hostname];
    const reply = await (other ?? sites.answer)(request);
    // A silent host's request ends when the client gives it up.
    if (reply.fault?.kind === "silent") request.signal?.addEventListener("abort", over);
    else over();
    entry.status = reply.fault?.kind === "silent" ? 0 : reply.status ?? 200;
    return reply;
  };

  const down = new Set(options.mirrorsDown ?? ["www.fishbase.org"]);
  const proxy = startProxy({
    authority,
    badAuthority,
    handler: answer,
    route: (host) => {
      if (clockBehind !== undefined && ALL_PHOTO_HOSTS.has(host)) return "bad-certificate";
      return host in others ? "world" : routeOf(host, down);
    },
    refused: (host) => {
      const time = performance.now() - began;
      note(requests, { time, method: "CONNECT", host, path: "", status: 502, answered: time });
    },
  });
  const place = folder ?? await Deno.makeTempDir({ prefix: "aquaset-demo-" });
  const certificate = `${place}/authority.pem`;
  const late = clockBehind === undefined ? "" : badAuthority.certificate;
  await Deno.writeTextFile(certificate, authority.certificate + late);
  let closing: Promise<void> | undefined;
  return {
    proxy: proxy.url,
    certificate,
    requests,
    catalogue: plan.catalogue,
    plan,
    photos,
    google: sites.google,
    crawlDelay: (options.fishbase?.crawlDelay ?? CRAWL_DELAY) * 1000,
    images: plan.options.images,
    close: () =>
      closing ??= (async () => {
        stop.abort();
        await proxy.close();
        photos.close();
        await Deno.remove(folder === undefined ? place : certificate, {
          recursive: folder === undefined,
        });
      })(),
  };
}

function planOf(options: WorldOptions): Plan {
  const { images = 20, faults = true } = options;
  const results = options.results ?? Math.ceil(images * 1.8) + 40;
  return new Plan(createCatalogue(options.species ?? 12), {
    seed: options.seed ?? "aquaset",
    scale: options.scale ?? 1,
    images,
    results,
    furtherResults: options.furtherResults ?? Math.ceil(results / 2),
    faults,
    slow: faults && (options.slow ?? true),
    similar: faults && (options.similar ?? true),
  });
}

function playSites(
  options: WorldOptions,
  plan: Plan,
  photos: PhotoMaker,
  signal: AbortSignal,
): { answer(request: Request): Reply | Promise<Reply>; google: GoogleTruth } {
  const { catalogue } = plan;
  const list = wikipedia(catalogue, options.wikipedia);
  const fish = fishbase(catalogue, plan, photos, {
    crawlDelay: CRAWL_DELAY,
    overload: plan.options.faults ? 2 : 0,
    ...options.fishbase,
  });
  const tables = fishbaseTables(catalogue, plan);
  const search = google(plan, photos, { ...PLAIN_GOOGLE, ...options.google }, signal);
  const hosts = photoHosts(plan, photos);
  const licensed = licensedPhotoHosts(plan, photos);
  const apis = new Map([
    [INATURALIST, inaturalist(plan)],
    [GBIF, gbif(plan)],
    [COMMONS, commons(plan)],
    [OPENVERSE, openverse(plan)],
  ]);
  const mirrors = new Set<string>(FISHBASE);
  const googles = new Set<string>([GOOGLE, "google.com", CONSENT, ...THUMBNAILS]);
  return {
    google: search.truth,
    answer(request) {
      const host = request.url.hostname;
      if (host === WIKIPEDIA) return list(request);
      if (mirrors.has(host)) return fish(request);
      if (host === TABLES) return tables(request);
      const api = apis.get(host);
      if (api !== undefined) return api(request);
      if (LICENSED_PHOTO_HOSTS.has(host)) return licensed(request);
      if (googles.has(host)) return search.answer(request);
      return hosts(request);
    },
  };
}

function routeOf(host: string, down: ReadonlySet<string>): Route {
  if (ROLES["bad-certificate"].includes(host)) return "bad-certificate";
  if (down.has(host) || ROLES.unreachable.includes(host)) return "unreachable";
  return CERTIFIED_HOSTS.includes(host) ? "world" : "unreachable";
}

function note(requests: LoggedRequest[], entry: LoggedRequest): void {
  requests.push(entry);
  if (requests.length > REMEMBERED_REQUESTS) requests.splice(0, REMEMBERED_REQUESTS / 10);
}
