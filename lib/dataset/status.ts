/**
 * What a data folder has, as its log says it.
 *
 * @module
 */

import { defined } from "../base/defined.ts";
import type { DatasetReading } from "./dataset.ts";
import type { DoneWhy, StoppedEvent } from "./event.ts";
import { type LockHolder, lockHolder } from "./lock.ts";
import type { DatasetState, OutcomeCounts, RunLine } from "./state.ts";

export interface SourceStatus {
  readonly source: string;
  readonly outcomes: OutcomeCounts;
  readonly done: Partial<Record<DoneWhy, number>>;
}

/** What a data folder has. */
export interface DatasetStatus {
  readonly running?: LockHolder;
  readonly lastRun?: RunLine;
  readonly lastTime?: string;
  /** How that run's sources stopped before their end. */
  readonly stopped: readonly StoppedEvent[];
  readonly species: number;
  /** How many of them have an image that is not rejected. */
  readonly withImages: number;
  /** How many of them have as many images as wanted. */
  readonly complete: number;
  /** How many images a species was to have. */
  readonly wanted?: number;
  readonly images: number;
  /** Their size on disk. */
  readonly bytes: number;
  readonly rejected: number;
  readonly sources: readonly SourceStatus[];
  /** How many lines of the log cannot be understood. */
  readonly badLines: number;
}

/**
 * What a data folder has, of which the log is read already. Nothing is changed or locked: a run may
 * go on.
 */
export async function datasetStatus(dir: string, reading: DatasetReading): Promise<DatasetStatus> {
  const running = await lockHolder(dir);
  const { state } = reading;
  const wanted = wantedImages(state);
  const { lastRun, lastTime } = state;
  return {
    ...defined({
      running: running && { ...running, script: brief(running.script) },
      lastRun: lastRun && briefRun(lastRun),
      lastTime: lastTime && brief(lastTime),
    }),
    stopped: [...state.stopped.values()].slice(-MOST_STOPPED).map(({ detail, ...stop }) => ({
      ...stop,
      source: brief(stop.source),
      why: brief(stop.why),
      ...defined({ detail: detail && brief(detail) }),
    })),
    species: state.species.length,
    withImages: state.species.filter((id) => state.kept(id) > 0).length,
    complete: wanted === undefined
      ? 0
      : state.species.filter((id) => state.kept(id) >= wanted).length,
    ...defined({ wanted }),
    ...state.totals(),
    sources: state.sources.map((source) => sourceStatus(reading, source)),
    badLines: reading.log.problemCount,
  };
}

const MOST_STOPPED = 20;
const MOST_CHARACTERS = 300;

/** A text of the log on one line, cut where it is long, without control characters. */
function brief(text: string): string {
  const start = text.slice(0, MOST_CHARACTERS).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\ufffd");
  return text.length > MOST_CHARACTERS ? `${start}…` : start;
}

function briefRun({ flags, ...run }: RunLine): RunLine {
  const isBrief = JSON.stringify(flags).length < 10 * MOST_CHARACTERS;
  const { event, script, version, time } = run;
  const texts = { script: brief(script), version: brief(version), time: brief(time) };
  return { event, ...texts, flags: isBrief ? flags : {} };
}

function sourceStatus({ state }: DatasetReading, source: string): SourceStatus {
  const done: Partial<Record<DoneWhy, number>> = {};
  for (const species of state.species) {
    const event = state.doneWith(species, source);
    if (event !== undefined) done[event.why] = (done[event.why] ?? 0) + 1;
  }
  return { source: brief(source), outcomes: state.outcomes(source), done };
}

/** The greatest number of images that any job was to bring; `undefined` before the first ended. */
export function wantedImages(state: DatasetState): number | undefined {
  let wanted: number | undefined;
  for (const species of state.species) {
    for (const source of state.sources) {
      const event = state.doneWith(species, source);
      if (event !== undefined) wanted = Math.max(wanted ?? 0, event.wanted);
    }
  }
  return wanted;
}
