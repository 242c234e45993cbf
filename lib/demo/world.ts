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
import * as hosts from "./hosts.ts";
import { type Handler, pause } from "./http.ts";
import { type PhotoMaker, startPhotoMaker } from "./photo_maker.ts";
import { Plan, type PlanOptions } from "./plan.ts";
import { startProxy } from "./proxy.ts";
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
  readonly others?: Readonly<Record<string, Handler>>;
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

/**
 * Starts a world. Needs leave to listen and connect on 127.0.0.1, to read the codec's files and to
 * write the certificate's file.
 *
 * @param folder Where the certificate's file goes; a temporary folder unless given.
 */
export async function startWorld(options: WorldOptions = {}, folder?: string): Promise<World> {
  const began = performance.now();
  const { clockBehind, latency, others = {} } = options;
  const plan = planOf(options);
  const photos = startPhotoMaker(plan.options);
  const stop = new AbortController();
  const search = google(plan, photos, { ...PLAIN_GOOGLE, ...options.google }, stop.signal);
  const sites = new Map([
    ...playSites(options, plan, photos, search.answer),
    ...Object.entries(others),
  ]);
  const authority = await createAuthority([...sites.keys()]);
  const badAuthority = clockBehind === undefined
    ? await createAuthority(["www.someone-else.example"])
    : await createAuthority(hosts.ALL_PHOTO_HOSTS, { from: clockBehind / 24 });
  const badlyCertified = clockBehind === undefined
    ? hosts.ROLES["bad-certificate"]
    : hosts.ALL_PHOTO_HOSTS;
  const down = [...options.mirrorsDown ?? ["www.fishbase.org"], ...hosts.ROLES.unreachable];
  const requests: LoggedRequest[] = [];
  const now = () => performance.now() - began;

  const proxy = startProxy({
    authority,
    badAuthority,
    route: (host) => {
      if (host in others) return "world";
      if (badlyCertified.includes(host)) return "bad-certificate";
      return sites.has(host) && !down.includes(host) ? "world" : "unreachable";
    },
    refused: (host) => {
      const time = now();
      requests.push({ time, method: "CONNECT", host, path: "", status: 502, answered: time });
    },
    handler: async (request) => {
      const { hostname: host, pathname, search } = request.url;
      const { method, signal } = request;
      const entry = { time: now(), method, host, path: pathname + search, status: 0, answered: 0 };
      requests.push(entry);
      if (latency !== undefined) await pause(latency, stop.signal);
      const reply = await sites.get(host)?.(request) ?? { status: 404 };
      const over = () => entry.answered = now();
      if (reply.fault?.kind === "silent") {
        // It ends when the client gives it up.
        signal?.addEventListener("abort", over);
      } else {
        entry.status = reply.status ?? 200;
        over();
      }
      return reply;
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
    google: search.truth,
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

/** The world's hosts, and who plays each. */
function playSites(
  options: WorldOptions,
  plan: Plan,
  photos: PhotoMaker,
  search: Handler,
): readonly (readonly [host: string, site: Handler])[] {
  const { catalogue } = plan;
  const fish = fishbase(catalogue, plan, photos, {
    crawlDelay: CRAWL_DELAY,
    overload: plan.options.faults ? 2 : 0,
    ...options.fishbase,
  });
  const sites: readonly (readonly [hosts: readonly string[], site: Handler])[] = [
    [[hosts.WIKIPEDIA], wikipedia(catalogue, options.wikipedia)],
    [hosts.FISHBASE, fish],
    [[hosts.TABLES], fishbaseTables(catalogue, plan)],
    [[hosts.INATURALIST], inaturalist(plan)],
    [[hosts.GBIF], gbif(plan)],
    [[hosts.COMMONS], commons(plan)],
    [[hosts.OPENVERSE], openverse(plan)],
    [hosts.LICENSED_PHOTO_HOSTS, licensedPhotoHosts(plan, photos)],
    [[hosts.GOOGLE, "google.com", hosts.CONSENT, hosts.THUMBNAILS], search],
    [hosts.ALL_PHOTO_HOSTS, photoHosts(plan, photos)],
  ];
  return sites.flatMap(([names, site]) => names.map((host) => [host, site] as const));
}
