/**
 * What a report tells, taken from a data folder.
 *
 * @module
 */

import { join } from "@std/path";
import { type DatasetReading, LOG_NAME, readDataset } from "../dataset/dataset.ts";
import { readLog } from "../dataset/log_reader.ts";
import type { StoppedEvent } from "../dataset/event.ts";
import type { DatasetState, OutcomeCounts } from "../dataset/state.ts";
import { wantedImages } from "../dataset/status.ts";
import type { Species } from "../species/species.ts";
import { readSpeciesList } from "../species/file.ts";
import { type HostStanding, HostTable } from "./host_table.ts";
import { LogTales } from "./log_tales.ts";
import { whyShort } from "./why_short.ts";

/** How a species stands. */
export type Standing = "enough" | "short" | "none";

/** One species in a report. */
export interface SpeciesStanding {
  /** Its id. */
  readonly id: string;
  /** Its name for people: Latin, or common where it has no Latin one. */
  readonly name: string;
  /** Its common names. */
  readonly common: readonly string[];
  /** How many images are kept and not rejected. */
  readonly kept: number;
  /** How many images a person has rejected. */
  readonly rejected: number;
  /** How many of the kept ones are from each source, in the order of `Overview.sources`. */
  readonly bySource: readonly number[];
  /** Whether it has what was wanted. */
  readonly standing: Standing;
  /** Why it is short; empty where it is not. */
  readonly why: readonly string[];
}

/** One source in a report. */
export interface SourceOverview {
  /** Its name. */
  readonly source: string;
  /** How often each outcome stands. */
  readonly outcomes: OutcomeCounts;
}

/** A data folder at a glance. */
export interface Overview {
  /** How many images of each species were wanted, as far as the log tells. */
  readonly wanted?: number;
  /** The species of the list in its order, then those that only the log names. */
  readonly species: readonly SpeciesStanding[];
  /** The sources the log names. */
  readonly sources: readonly SourceOverview[];
  /** How many images are kept and not rejected. */
  readonly images: number;
  /** Their size on disk, in bytes. */
  readonly bytes: number;
  /** How many images a person has rejected. */
  readonly rejected: number;
  /** How the stages of the last scraping run stopped before their end. */
  readonly stopped: readonly StoppedEvent[];
  /** The hosts of which a candidate failed. */
  readonly hosts: readonly HostStanding[];
  /** How many of the images have a short side of so many pixels: see {@link SIDES}. */
  readonly sides: readonly number[];
  /** The time of the log's last line, ISO 8601. */
  readonly lastTime?: string;
}

/** A data folder, read for a report. */
export interface Gathered {
  /** At a glance. */
  readonly overview: Overview;
  /** What its log says. */
  readonly state: DatasetState;
}

/** The bounds of the size classes: short sides below the first, from the first to below the next… */
export const SIDES: readonly number[] = [150, 300, 600, 1200, 2400];

/**
 * Reads a data folder for a report. Nothing is changed or locked: a run may go on.
 *
 * @param dir The data folder.
 * @throws {Failure} When there is no such folder, or its log or list cannot be read.
 */
export async function gather(dir: string): Promise<Gathered> {
  const reading = await readDataset(dir);
  return { overview: await overviewOf(dir, reading), state: reading.state };
}

/**
 * A data folder at a glance.
 *
 * @param dir The data folder.
 * @param reading What its log says.
 * @throws {Failure} When its log or list cannot be read.
 */
export async function overviewOf(
  dir: string,
  reading: Pick<DatasetReading, "state">,
): Promise<Overview> {
  const { state } = reading;
  const tales = new LogTales();
  await readLog(join(dir, LOG_NAME), (line) => tales.add(line));
  const hosts = new HostTable();
  for (const decision of state.decisions()) hosts.add(decision);
  const list = await readSpeciesList(dir) ?? [];
  const wanted = wantedImages(state);
  const totals = { images: 0, bytes: 0, rejected: 0, sides: [0, ...SIDES.map(() => 0)] };
  const species = named(list, state).map((fish) => {
    const counted = count(fish.id, state, totals);
    return { ...fish, ...counted, ...standing(fish.id, counted, wanted, state, tales) };
  });
  return {
    ...(wanted === undefined ? {} : { wanted }),
    species,
    sources: state.sources.map((source) => ({ source, outcomes: state.outcomes(source) })),
    ...totals,
    stopped: tales.stages,
    hosts: hosts.failing(),
    ...(state.lastTime === undefined ? {} : { lastTime: state.lastTime }),
  };
}

/** What people call the fish of the list and of the log. */
function named(
  list: readonly Species[],
  state: DatasetState,
): Pick<SpeciesStanding, "id" | "name" | "common">[] {
  const known = new Set(list.map(({ id }) => id));
  return [
    ...list.map(({ id, latin, common }) => ({ id, name: latin || common[0] || id, common })),
    ...state.species.filter((id) => !known.has(id)).map((id) => ({ id, name: id, common: [] })),
  ];
}

interface Totals {
  images: number;
  bytes: number;
  rejected: number;
  readonly sides: number[];
}

type Counted = Pick<SpeciesStanding, "kept" | "rejected" | "bySource">;

function count(species: string, state: DatasetState, totals: Totals): Counted {
  const bySource = state.sources.map(() => 0);
  let kept = 0;
  let rejected = 0;
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
    bySource[source] = (bySource[source] ?? 0) + 1;
    const side = Math.min(image.width, image.height);
    const first = SIDES.findIndex((bound) => side < bound);
    const at = first < 0 ? SIDES.length : first;
    totals.sides[at] = (totals.sides[at] ?? 0) + 1;
  }
  return { kept, rejected, bySource };
}

function standing(
  species: string,
  { kept, rejected }: Counted,
  wanted: number | undefined,
  state: DatasetState,
  tales: LogTales,
): Pick<SpeciesStanding, "standing" | "why"> {
  if (kept > 0 && kept >= (wanted ?? 1)) return { standing: "enough", why: [] };
  const stories = state.sources.map((source) => {
    const done = state.doneWith(species, source);
    const stopped = tales.stop(species, source);
    return {
      source,
      ...(done === undefined ? {} : { done }),
      ...(stopped === undefined ? {} : { stopped }),
    };
  });
  return { standing: kept === 0 ? "none" : "short", why: whyShort(stories, rejected) };
}
