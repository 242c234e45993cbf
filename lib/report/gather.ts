/**
 * What a report says, taken from a data folder. Texts of strangers are cut here, so that no page
 * ever holds a long one.
 *
 * @module
 */

import { join } from "@std/path";
import { defined } from "../base/defined.ts";
import { type Outcome, OUTCOMES, TRANSIENT_OUTCOMES } from "../base/outcome.ts";
import { type Audit, readAudit } from "../dataset/audit.ts";
import { LOG_NAME } from "../dataset/dataset.ts";
import type { DoneEvent, LogLine, StoppedEvent } from "../dataset/event.ts";
import { readLog } from "../dataset/log_reader.ts";
import type { DatasetState, KeptImage, OutcomeCounts } from "../dataset/state.ts";
import { wantedImages } from "../dataset/status.ts";
import { isSure } from "../sources/source.ts";
import { readSpeciesList } from "../species/file.ts";
import { nameOf, type Species } from "../species/species.ts";
import { brief, hostOf } from "./html.ts";
import { fileName } from "./sheet.ts";

export type Standing = "enough" | "short" | "none";

export interface SpeciesStanding {
  readonly id: string;
  /** Its name for people: Latin, or common where it has no Latin one. */
  readonly name: string;
  readonly isLatin: boolean;
  readonly common: readonly string[];
  /** How many images are kept and not rejected. */
  readonly kept: number;
  readonly rejected: number;
  /** How many of the kept ones are from each source, in the order of `Overview.sources`. */
  readonly bySource: readonly number[];
  readonly standing: Standing;
  /** Why it is short; empty where it is not. */
  readonly why: readonly string[];
  /** The file's name of the image that stands for it. */
  readonly cover?: string;
}

export interface HostStanding {
  /** The host; `(no host)` for candidates whose address names none. */
  readonly host: string;
  readonly tried: number;
  readonly kept: number;
  /** How many failed because of the host, not of the picture. */
  readonly failed: number;
  /** How often each outcome stands, the most frequent first. */
  readonly outcomes: readonly (readonly [Outcome, number])[];
}

export interface Overview {
  /** How many images of each species were wanted, as far as the log says. */
  readonly wanted?: number;
  /** The species of the list in its order, then those that only the log names. */
  readonly species: readonly SpeciesStanding[];
  readonly sources: readonly { readonly source: string; readonly outcomes: OutcomeCounts }[];
  /** How many images are kept and not rejected. */
  readonly images: number;
  readonly bytes: number;
  readonly rejected: number;
  /** How the stages of the last scraping run stopped before their end. */
  readonly stopped: readonly StoppedEvent[];
  /** The hosts of which a candidate failed. */
  readonly hosts: readonly HostStanding[];
  /** How many of the images have a short side of so many pixels: see {@link SIDES}. */
  readonly sides: readonly number[];
  /** The time of the log's last line, ISO 8601. */
  readonly lastTime?: string;
  /** What a person found in a random sample. */
  readonly audit?: Audit;
}

/** The bounds of the size classes: short sides below the first, from the first to below the next… */
export const SIDES: readonly number[] = [150, 300, 600, 1200, 2400];

/** More sources, common names, or stops than this are not shown. */
const MOST_SOURCES = 20;
const MOST_COMMON = 4;
const MOST_STOPS = 20;
const LONGEST_NAME = 120;
const LONGEST_SOURCE = 40;

/**
 * A data folder at a glance. Nothing is changed or locked: a run may go on.
 *
 * @throws {Failure} When its log or list cannot be read.
 */
export async function overviewOf(dir: string, state: DatasetState): Promise<Overview> {
  const stops = new Stops();
  await readLog(join(dir, LOG_NAME), (line) => stops.add(line));
  const wanted = wantedImages(state);
  const audit = await readAudit(dir);
  const totals = { images: 0, bytes: 0, rejected: 0, sides: [0, ...SIDES.map(() => 0)] };
  const species = namedSpecies(await readSpeciesList(dir) ?? [], state).map((fish) => {
    const counted = countImages(fish.id, state, totals);
    return { ...fish, ...counted, ...standingOf(fish.id, counted, wanted, state, stops) };
  });
  return {
    ...defined({ wanted, lastTime: state.lastTime, audit }),
    species,
    sources: state.sources.slice(0, MOST_SOURCES).map((source) => ({
      source: brief(source, LONGEST_SOURCE),
      outcomes: state.outcomes(source),
    })),
    ...totals,
    stopped: stops.stages.slice(-MOST_STOPS),
    hosts: failingHosts(state),
  };
}

type Named = Pick<SpeciesStanding, "id" | "name" | "isLatin" | "common">;

/** The species of the list and of the log, with their names. */
function namedSpecies(list: readonly Species[], state: DatasetState): Named[] {
  const known = new Set(list.map(({ id }) => id));
  return [
    ...list.map((species) => ({
      id: species.id,
      name: brief(nameOf(species), LONGEST_NAME),
      isLatin: species.latin !== "",
      common: species.common.slice(0, MOST_COMMON).map((name) => brief(name, LONGEST_NAME)),
    })),
    ...state.species.filter((id) => !known.has(id))
      .map((id) => ({ id, name: id, isLatin: false, common: [] })),
  ];
}

interface Totals {
  images: number;
  bytes: number;
  rejected: number;
  readonly sides: number[];
}

type Counted = Pick<SpeciesStanding, "kept" | "rejected" | "bySource" | "cover">;

function countImages(species: string, state: DatasetState, totals: Totals): Counted {
  const bySource = state.sources.slice(0, MOST_SOURCES).map(() => 0);
  let [kept, rejected] = [0, 0];
  let cover: KeptImage | undefined;
  for (const image of state.keptImages(species)) {
    if (image.rejected) {
      rejected++;
      totals.rejected++;
      continue;
    }
    kept++;
    totals.images++;
    totals.bytes += image.bytes;
    const source = state.sources.indexOf(image.source);
    if (source < MOST_SOURCES) bySource[source] = (bySource[source] ?? 0) + 1;
    const side = Math.min(image.width, image.height);
    const first = SIDES.findIndex((bound) => side < bound);
    const at = first < 0 ? SIDES.length : first;
    totals.sides[at] = (totals.sides[at] ?? 0) + 1;
    if (cover === undefined || coverRank(image) > coverRank(cover)) cover = image;
  }
  return { kept, rejected, bySource, ...defined({ cover: cover && fileName(cover) }) };
}

/** What is flagged comes last, and what a search found after photos of sources that are sure. */
function coverRank({ flags, source, width, height }: KeptImage): number {
  const isLandscape = width >= height && width < 2 * height;
  return Number(flags.length === 0) * 4 + Number(isSure(source)) * 2 + Number(isLandscape);
}

function standingOf(
  species: string,
  { kept, rejected }: Counted,
  wanted: number | undefined,
  state: DatasetState,
  stops: Stops,
): Pick<SpeciesStanding, "standing" | "why"> {
  if (kept > 0 && kept >= (wanted ?? 1)) return { standing: "enough", why: [] };
  const jobs = state.sources.slice(0, MOST_SOURCES).map((source) => ({
    source: brief(source, LONGEST_SOURCE),
    done: state.doneWith(species, source),
    stopped: stops.of(species, source),
  }));
  return { standing: kept === 0 ? "none" : "short", why: reasonsShort(jobs, rejected) };
}

interface Job {
  readonly source: string;
  readonly done: DoneEvent | undefined;
  readonly stopped: StoppedEvent | undefined;
}

function reasonsShort(jobs: readonly Job[], rejected: number): string[] {
  if (jobs.every(({ done, stopped }) => done === undefined && stopped === undefined)) {
    return ["not scraped yet"];
  }
  // Sources with the same reason are named together.
  const sources = new Map<string, string[]>();
  for (const job of jobs) {
    const reason = reasonOf(job);
    if (reason !== undefined) sources.set(reason, [...sources.get(reason) ?? [], job.source]);
  }
  const reasons = [...sources].map(([reason, named]) => `${named.join(", ")}: ${reason}`);
  if (rejected > 0) {
    reasons.push(`${rejected} rejected by a person; the next scrape fetches others`);
  } else if (reasons.length === 0) {
    reasons.push("more are wanted now than when it was scraped");
  }
  return reasons;
}

function reasonOf({ done, stopped }: Job): string | undefined {
  if (done === undefined) {
    if (stopped === undefined) return "not searched yet";
    const detail = stopped.detail === undefined ? "" : `: ${brief(stopped.detail)}`;
    return `stopped (${brief(stopped.why, 80)})${detail}`;
  }
  switch (done.why) {
    case "enough":
      return undefined;
    case "exhausted":
      return "there were no more candidates";
    case "not-found":
      return brief(done.detail ?? "not found there");
    case "no-latin-name":
      return `not searched, ${brief(done.detail ?? "it has no Latin name")}`;
  }
}

/** The scripts whose runs look for images. A review or a check of files ends no stage anew. */
const SCRAPING: ReadonlySet<string> = new Set([
  "scrape",
  "fishbase",
  "inaturalist",
  "gbif",
  "commons",
  "openverse",
  "google",
]);

class Stops {
  readonly #stages = new Map<string, StoppedEvent>();
  readonly #jobs = new Map<string, StoppedEvent>();

  /** Takes one line in; call it in the log's order. */
  add(line: LogLine): void {
    if (line.event === "run" && SCRAPING.has(line.script)) this.#stages.clear();
    if (line.event === "done") this.#jobs.delete(`${line.species} ${line.source}`);
    if (line.event !== "stopped") return;
    if (line.species === undefined) this.#stages.set(line.source, line);
    else this.#jobs.set(`${line.species} ${line.source}`, line);
  }

  /** How the stages of the last scraping run stopped before their end. */
  get stages(): readonly StoppedEvent[] {
    return [...this.#stages.values()];
  }

  /** How a species' job at a source last stopped, if it was not done since. */
  of(species: string, source: string): StoppedEvent | undefined {
    return this.#jobs.get(`${species} ${source}`) ?? this.#stages.get(source);
  }
}

/** Outcomes that say something of the host rather than of the picture. */
const HOST_FAILURES: ReadonlySet<Outcome> = new Set<Outcome>([
  ...TRANSIENT_OUTCOMES,
  "gone",
  "forbidden",
  "opted-out",
  "not-an-image",
  "forbidden-address",
]);

/** The hosts of which a candidate failed, those with the most failures first. */
function failingHosts(state: DatasetState): HostStanding[] {
  const hosts = new Map<string, Map<Outcome, number>>();
  for (const { url, outcome } of state.decisions()) {
    const host = hostOf(url);
    const counts = hosts.get(host) ?? new Map<Outcome, number>();
    hosts.set(host, counts.set(outcome, (counts.get(outcome) ?? 0) + 1));
  }
  return [...hosts].map(([host, counts]) => hostStanding(host, counts))
    .filter(({ failed }) => failed > 0)
    .sort((one, other) => other.failed - one.failed || (one.host < other.host ? -1 : 1));
}

function hostStanding(host: string, counts: ReadonlyMap<Outcome, number>): HostStanding {
  const outcomes = OUTCOMES.map((outcome) => [outcome, counts.get(outcome) ?? 0] as const)
    .filter(([, count]) => count > 0)
    .sort(([, one], [, other]) => other - one);
  const sum = (of: (outcome: Outcome) => boolean): number =>
    outcomes.reduce((total, [outcome, count]) => total + (of(outcome) ? count : 0), 0);
  return {
    host: brief(host, 100),
    tried: sum(() => true),
    kept: sum((outcome) => outcome === "kept"),
    failed: sum((outcome) => HOST_FAILURES.has(outcome)),
    outcomes,
  };
}
