/**
 * Holds a data folder against the demo world's truth.
 *
 * @module
 */

import { plural } from "../base/plural.ts";
import type { Fish } from "./catalogue.ts";
import { API_HOSTS, FISHBASE } from "./hosts.ts";
import { type DataFolder, type LoggedLine, readDataFolder } from "./dataset_reader.ts";
import {
  canonical,
  DEFAULT_SOURCES,
  type ExpectedFish,
  type ExpectedImage,
  expectedOf,
  type SourceName,
} from "./truth.ts";
import type { LoggedRequest, World } from "./world.ts";

export type CheckedWorld = Pick<
  World,
  "catalogue" | "plan" | "photos" | "requests" | "images" | "crawlDelay"
>;

export interface Verdict {
  /** What is not as it must be, one sentence each. */
  readonly differences: readonly string[];
  readonly outcomes: ReadonlyMap<string, number>;
  readonly kept: number;
  /** How many were wanted, over all fish that can be searched for. */
  readonly wanted: number;
  /** How many of the kept ones each source gave, and how many of these have a licence. */
  readonly bySource: ReadonlyMap<string, { readonly kept: number; readonly licensed: number }>;
  /** How many fish have as many as were wanted. */
  readonly complete: number;
}

/** Compares every candidate, every file and every job of a data folder with the truth. */
export async function checkDataset(
  world: CheckedWorld,
  folder: string,
  sources: readonly SourceName[] = DEFAULT_SOURCES,
): Promise<Verdict> {
  const data = await readDataFolder(folder);
  const differences = [
    ...data.complaints,
    ...checkList(world, data),
    ...checkFiles(data),
    ...checkManners(world.requests, world.crawlDelay),
  ];
  const outcomes = new Map<string, number>();
  for (const { outcome } of data.images) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  const ids = idsOf(world, data);
  let complete = 0;
  const bySpecies = Map.groupBy(data.images, ({ species }) => species);
  for (const fish of world.catalogue.fish) {
    const id = ids.get(fish.key);
    if (id === undefined) continue;
    const expected = expectedOf(world.plan, fish, world.images, sources);
    const logged = bySpecies.get(id) ?? [];
    bySpecies.delete(id);
    differences.push(
      ...checkImages(expected, id, logged),
      ...checkJobs(expected, id, data),
      ...await checkBytes(world, expected, logged),
    );
    if (logged.filter(isKept).length >= world.images) complete++;
  }
  for (const [id, logged] of bySpecies) {
    differences.push(`${id}: ${logged.length} candidates for a fish that cannot be searched for`);
  }
  const kept = data.images.filter(isKept);
  const bySource = Map.groupBy(kept, ({ source }) => source);
  return {
    differences,
    outcomes,
    kept: kept.length,
    bySource: new Map([...bySource].map(([source, images]) => [source, {
      kept: images.length,
      licensed: images.filter(({ license }) => license !== "" && license !== "unknown").length,
    }])),
    wanted: world.catalogue.fish.length * world.images,
    complete,
  };
}

function isKept({ outcome }: { readonly outcome: string }): boolean {
  return outcome === "kept";
}

function idsOf(world: CheckedWorld, data: DataFolder): Map<string, string> {
  const ids = new Map<string, string>();
  for (const { id, latin } of data.species) ids.set(comparable(latin), id);
  return new Map(world.catalogue.fish.flatMap((fish): [string, string][] => {
    const id = ids.get(comparable(fish.latin));
    return id === undefined ? [] : [[fish.key, id]];
  }));
}

function comparable(latin: string): string {
  return latin.toLowerCase().replaceAll("×", "x").replace(/[^a-z0-9]+/g, " ").trim();
}

function checkList(world: CheckedWorld, data: DataFolder): string[] {
  const ids = idsOf(world, data);
  const differences = world.catalogue.fish.flatMap((fish) => missingFish(fish, ids.get(fish.key)));
  const unique = new Set(data.species.map(({ id }) => id));
  if (unique.size !== data.species.length) differences.push("species.jsonl: an id stands twice");
  const others = world.catalogue.extra.filter(({ repeats }) => !repeats).length;
  const expected = world.catalogue.fish.length + others;
  if (data.species.length !== expected) {
    differences.push(`species.jsonl: ${data.species.length} fish, must be ${expected}`);
  }
  const merged = data.species.reduce((sum, species) => sum + species.merged.length, 0);
  const repeats = world.catalogue.extra.length - others;
  if (merged !== repeats) {
    differences.push(`species.jsonl: ${merged} rows merged into others, must be ${repeats}`);
  }
  return differences;
}

function missingFish(fish: Fish, id: string | undefined): string[] {
  if (id === undefined) return [`${fish.latin}: not in species.jsonl`];
  return fish.plain && id !== fish.key ? [`${fish.latin}: has the id ${id}`] : [];
}

/** Every kept line has its file, every file its line, and names say what is in them. */
function checkFiles(data: DataFolder): string[] {
  const differences: string[] = [];
  const files = new Map(data.files.map((file) => [file.path, file]));
  for (const { species, file, sha256, url } of data.images.filter(isKept)) {
    const found = files.get(file);
    files.delete(file);
    if (found === undefined) {
      differences.push(`${file}: logged as kept (${url}), but not there`);
    } else if (found.sha256 !== sha256) {
      differences.push(`${file}: is not what the log says (${url})`);
    } else if (file !== `images/${species}/${sha256.slice(0, 16)}.${found.type}`) {
      differences.push(`${file}: is misnamed, being ${found.type} ${sha256.slice(0, 16)}`);
    }
  }
  for (const path of files.keys()) differences.push(`${path}: is there, but not logged as kept`);
  return differences;
}

function checkImages(expected: ExpectedFish, id: string, logged: readonly LoggedLine[]): string[] {
  const differences: string[] = [];
  const left = new Map(logged.map((image) => [canonical(image.url), image]));
  for (const image of expected.images) {
    const found = left.get(image.url);
    left.delete(image.url);
    if (found === undefined) {
      if (image.sure) differences.push(`${id}: ${describe(image)} was not tried: ${image.url}`);
      continue;
    }
    for (const field of ["outcome", "source", "license", "author", "observation"] as const) {
      const must = image[field];
      if (must === undefined || found[field] === must) continue;
      const why = field === "outcome" && found.detail !== "" ? ` (${found.detail})` : "";
      differences.push(
        `${id}: ${describe(image)}: ${field} must be ${must}, is ${
          found[field]
        }${why}: ${image.url}`,
      );
    }
  }
  for (const [url, { outcome }] of left) {
    differences.push(`${id}: ${outcome}, but must not have been tried: ${url}`);
  }
  const kept = logged.filter(isKept).length;
  if (kept < expected.least || kept > expected.most) {
    const must = expected.least === expected.most
      ? String(expected.most)
      : `${expected.least} to ${expected.most}`;
    differences.push(`${id}: ${kept} kept, must be ${must}`);
  }
  return differences;
}

function describe({ kind, source }: ExpectedImage): string {
  return `"${kind}" of ${source}`;
}

function checkJobs({ done, validName }: ExpectedFish, id: string, data: DataFolder): string[] {
  const differences: string[] = [];
  const found = data.done.get(`${id} fishbase`)?.found.validName ?? "";
  if (found !== "" && found !== validName) {
    differences.push(`${id}: FishBase's name for it must be ${validName}, is ${found}`);
  }
  for (const [source, whys] of Object.entries(done)) {
    const why = data.done.get(`${id} ${source}`)?.why ?? "not done";
    if (!whys.some((one) => one === why)) {
      differences.push(`${id}: ${source} is ${why}, must be ${whys.join(" or ")}`);
    }
  }
  return differences;
}

/** What is kept is what was sent, as it came or converted. */
async function checkBytes(
  world: CheckedWorld,
  expected: ExpectedFish,
  logged: readonly LoggedLine[],
): Promise<string[]> {
  const differences: string[] = [];
  const photos = new Map(expected.images.map(({ url, photo }) => [url, photo]));
  for (const { url, sha256, original } of logged.filter(isKept)) {
    const photo = photos.get(canonical(url));
    if (photo === undefined) continue;
    const sent = await world.photos.sha256(photo);
    if (sent !== sha256 && sent !== original.sha256) {
      differences.push(`${expected.fish.key}: what is kept is not what was sent: ${url}`);
    }
  }
  return differences;
}

const AT_ONCE = 2;
/**
 * An API takes a request a second. What counts here is when they arrive, and one may be late on its
 * way: so a few in a row are looked at, and half of the time they should take is enough.
 */
const [API_IN_A_ROW, API_LEAST] = [5, 2000];
/**
 * How much earlier than the delay a request may arrive, in milliseconds: it was sent in time, and
 * the one before it was late on its way.
 */
const JITTER = 60;

/**
 * Checks that FishBase was asked for one page at a time with the delay kept between, and no host
 * for more than two things at once.
 */
export function checkManners(requests: readonly LoggedRequest[], crawlDelay: number): string[] {
  const differences: string[] = [];
  const mirrors: readonly string[] = FISHBASE;
  for (const [host, all] of byHost(requests)) {
    const most = greatestOverlap(all.filter(({ answered }) => answered > 0));
    // robots.txt may be asked for beside a page.
    const allowed = mirrors.includes(host) ? AT_ONCE + 1 : API_HOSTS.has(host) ? 1 : AT_ONCE;
    if (most > allowed) differences.push(`${host}: ${most} requests at once, ${allowed} at most`);
    if (API_HOSTS.has(host)) {
      all.forEach(({ path, time }, index) => {
        const first = all[index - API_IN_A_ROW + 1];
        if (first === undefined || time - first.time >= API_LEAST) return;
        differences.push(
          `${host}: ${API_IN_A_ROW} requests in ${Math.round(time - first.time)} ms, up to ${path}`,
        );
      });
    }
    if (!mirrors.includes(host)) continue;
    const pages = all.filter(({ path }) => isPage(path));
    if (greatestOverlap(pages) > 1) differences.push(`${host}: two pages at once`);
    for (const [index, page] of pages.entries()) {
      const before = pages[index - 1];
      const between = before === undefined ? Infinity : page.time - before.time;
      if (between < crawlDelay - JITTER) {
        differences.push(
          `${host}: ${page.path} came ${Math.round(between)} ms after the page before`,
        );
      }
    }
  }
  return differences;
}

/** How politely a world was asked, as it counted itself. */
export function describeManners(
  { requests, google }: Pick<World, "requests"> & {
    readonly google: Pick<World["google"], "times">;
  },
): string {
  const mirrors: readonly string[] = FISHBASE;
  const asked = byHost(requests);
  const gaps = [...asked].filter(([host]) => mirrors.includes(host)).map(([, all]) =>
    leastGap(all.filter(({ path }) => isPage(path)).map(({ time }) => time))
  );
  const overlaps = [...asked].map(([host, all]) =>
    greatestOverlap(
      // robots.txt may be asked for beside a page.
      all.filter(({ path, answered }) =>
        answered > 0 && !(mirrors.includes(host) && path === "/robots.txt")
      ),
    )
  );
  const pages = Math.min(...gaps);
  const searches = leastGap(google.times);
  const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s apart or more`;
  return [
    `counted by the world: at ${plural(asked.size, "host")} never more than ` +
    `${plural(Math.max(0, ...overlaps), "request")} at once`,
    // One page or search has nothing to be apart from.
    ...pages === Infinity ? [] : [`FishBase's pages ${seconds(pages)}`],
    ...searches === Infinity ? [] : [`Google's searches ${seconds(searches)}`],
  ].join(", ");
}

function leastGap(times: readonly number[]): number {
  return Math.min(...times.slice(1).map((time, index) => time - (times[index] ?? 0)));
}

/** What hosts were asked; Google's are the browser's to ask. */
function byHost(requests: readonly LoggedRequest[]): Map<string, LoggedRequest[]> {
  const asked = requests.filter(({ method, host }) =>
    method !== "CONNECT" && !host.endsWith("google.com") && !host.endsWith(".gstatic.com")
  );
  return Map.groupBy(asked, ({ host }) => host);
}

function isPage(path: string): boolean {
  // A browser fetches a page's style and icon with it.
  return !/\.(?:css|ico)$|^\/(?:robots\.txt|images\/|tools\/(?:uploadphoto\/uploads\/|display_image))/i
    .test(path);
}

function greatestOverlap(requests: readonly LoggedRequest[]): number {
  const changes = requests.flatMap(({ time, answered }) => [
    { time, change: 1 },
    { time: answered, change: -1 },
  ]).sort((a, b) => a.time - b.time || a.change - b.change);
  let now = 0;
  let most = 0;
  for (const { change } of changes) {
    now += change;
    most = Math.max(most, now);
  }
  return most;
}
