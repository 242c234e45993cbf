/**
 * A job: one species at one source. It may be stopped anywhere and done again without harm.
 *
 * @module
 */

import type { Dataset } from "../dataset/dataset.ts";
import type { ImageEvent, Provenance } from "../dataset/event.ts";
import { bytesKey, forgetKey, keysOf } from "../dataset/forgotten.ts";
import { defined } from "../base/defined.ts";
import { isTransient, type Outcome } from "../base/outcome.ts";
import type { ExaminedOther } from "../image/examine.ts";
import {
  type Candidate,
  type Demand,
  type ImageSource,
  type SourceEnd,
  StageStop,
} from "../sources/source.ts";
import { isAllowed, type LicenseRule } from "../sources/license.ts";
import { KnownPhotos } from "../sources/same_photo.ts";
import type { Species } from "../species/species.ts";
import { aheadInOrder, PATIENCE } from "./ahead.ts";
import type { FetchedImage, Fetcher, FetchResult } from "./fetch_candidate.ts";
import type { EventBase, Judge } from "./judge.ts";
import type { ImageMemory, MemoryBudget } from "./memory_budget.ts";
import type { Progress } from "./progress.ts";
import { addressToKeep } from "../web/url.ts";

/** Which candidates of earlier runs are tried again. */
export type RetryRule = "transient" | "all" | "none";

export interface JobTools {
  readonly dataset: Dataset;
  readonly fetcher: Fetcher;
  /** What decides about images that look right. */
  readonly judge: Judge;
  /** What share of each source's candidates came to something. */
  readonly rates: SuccessRates;
  /** Hosts whose downloads hung in this run and have brought nothing since. */
  readonly hung: Set<string>;
  /** The images in memory, of all jobs. */
  readonly memory: MemoryBudget;
  /** Whether images are kept whose files forbid their use for training. */
  readonly ignoreOptOuts: boolean;
  /** Hears what happens. */
  readonly progress: Pick<Progress, "fetching" | "decided">;
}

/** The two steps in which a run ends before its time. */
export interface Shutdown {
  /** Fires first: nothing new is begun, what is under way may end. */
  readonly stopStarting: AbortSignal;
  /** Fires last: everything ends at once. */
  readonly abort: AbortSignal;
}

/**
 * Counts kept and tried candidates by source. Before much is known it leans to four in five, so
 * that the first failures of a run do not make it ask for too much.
 */
export class SuccessRates {
  readonly #counts = new Map<string, { kept: number; tried: number }>();

  count(source: string, outcome: Outcome): void {
    const counts = this.#counts.get(source) ?? { kept: 0, tried: 0 };
    counts.tried++;
    if (outcome === "kept") counts.kept++;
    this.#counts.set(source, counts);
  }

  /** The share of a source's candidates that were kept, above 0 and at most 1. */
  of(source: string): number {
    const { kept, tried } = this.#counts.get(source) ?? { kept: 0, tried: 0 };
    return (kept + 4) / (tried + 5);
  }
}

export interface Job {
  readonly species: Species;
  readonly source: ImageSource;
  /** How many images the species is to have, over all sources. */
  readonly wanted: number;
  /** Which earlier failures are tried again. */
  readonly retry: RetryRule;
  /** Which licences a picture must have to be fetched; any unless given. */
  readonly license?: LicenseRule;
  /** Candidates to try in place of a search: failures that may be different now. */
  readonly again?: readonly ImageEvent[];
}

/** How a job ended, if it was not stopped. */
export type JobEnd = SourceEnd | { readonly why: "enough" };

/** A candidate that was downloaded and examined, and about which nothing is decided yet. */
type Fetched = (FetchResult | Unlicensed) & {
  readonly candidate: Candidate;
  readonly memory: ImageMemory;
};

/** A candidate that was not fetched because of its licence. */
interface Unlicensed {
  readonly ok: false;
  readonly answer: { readonly outcome: "unlicensed"; readonly detail: string };
  readonly decided?: undefined;
}

/** How many candidates of a job are under way at once, at most. */
const UNDER_WAY = 8;
/**
 * How many candidates of a job are begun and not decided, at most: while one waits for a host that
 * does not answer, the job goes on with others.
 */
const BEGUN = 32;

/**
 * Does a job: finds candidates, downloads and examines several at once, decides about them one by
 * one in the order of the source, places what is kept and logs each.
 *
 * @returns How the search ended.
 * @throws {StageStop} What the source throws, after all that was found before is decided; or when
 * nothing at all can be fetched from this machine.
 */
export async function runJob(job: Job, tools: JobTools, shutdown: Shutdown): Promise<JobEnd> {
  const { species, source, wanted } = job;
  const state = tools.dataset.state;
  const over = new AbortController();
  const searching = AbortSignal.any([shutdown.stopStarting, shutdown.abort, over.signal]);
  const fetching = AbortSignal.any([shutdown.abort, over.signal]);
  const missing = () => wanted - state.kept(species.id);
  const demand: Demand = {
    get missing() {
      return Math.max(0, missing());
    },
    get successRate() {
      return tools.rates.of(source.name);
    },
    known: (url) =>
      state.decided(species.id, url) !== undefined || state.isForgotten(keysOf({ url })),
  };
  const found = job.again === undefined
    ? source.candidates(species, demand, searching)
    : fromLog(job.again);
  const room = () => {
    const useful = Math.ceil(missing() / Math.max(0.25, demand.successRate));
    const most = tools.memory.isFull ? 1 : useful;
    return { underWay: Math.min(UNDER_WAY, most), begun: Math.min(BEGUN, most) };
  };
  /** The images of this job that are in memory. */
  const held = new Set<ImageMemory>();
  /** Those that the job does not wait for as long as others may be enough. */
  const overtaken = new Set<Candidate>();
  const fetched = aheadInOrder(
    untried(found, job, tools, shutdown.stopStarting),
    room,
    (candidate) => fetchOne(job, candidate, tools, held, fetching),
    (candidate) => {
      overtaken.add(candidate);
      tools.hung.add(hostOf(candidate));
    },
    (candidate) => tools.fetcher.patience ?? (tools.hung.has(hostOf(candidate)) ? 0 : PATIENCE),
  );
  try {
    while (true) {
      if (missing() <= 0) {
        for (const candidate of overtaken) giveUp(job, candidate, tools);
        return { why: "enough" };
      }
      const next = await fetched.next();
      if (next.done) return missing() <= 0 ? { why: "enough" } : next.value;
      overtaken.delete(next.value.candidate);
      shutdown.abort.throwIfAborted();
      await decide(job, next.value, tools);
      next.value.decided?.();
      next.value.memory.release();
      held.delete(next.value.memory);
      // Earlier failures alone say little: many hosts have broken certificates.
      const outage = job.again === undefined ? tools.fetcher.outage?.() : undefined;
      if (outage !== undefined) throw new StageStop("unreachable", outage);
    }
  } finally {
    over.abort(new DOMException("The job is over.", "AbortError"));
    for (const memory of held) memory.release();
    await fetched.return({ why: "exhausted" });
  }
}

/** Downloads a candidate and examines what came. Throws the signal's reason and nothing else. */
async function fetchOne(
  { license: rule = "any", species, source }: Job,
  candidate: Candidate,
  { fetcher, hung, memory: budget, progress }: JobTools,
  held: Set<ImageMemory>,
  signal: AbortSignal,
): Promise<Fetched> {
  const memory = budget.take();
  held.add(memory);
  if (!isAllowed(candidate.license, rule)) {
    memory.arrived(0);
    const detail = candidate.license ?? "no licence is known";
    return { ok: false, candidate, memory, answer: { outcome: "unlicensed", detail } };
  }
  progress.fetching(species, 1);
  const arrived = (bytes: number) => memory.arrived(bytes);
  try {
    const order = { candidate, species: species.id, source: source.name, arrived };
    const result = await fetcher.fetch(order, signal);
    if (result.ok) hung.delete(hostOf(candidate));
    return { ...result, candidate, memory };
  } catch (thrown) {
    memory.release();
    held.delete(memory);
    throw thrown;
  } finally {
    progress.fetching(species, -1);
  }
}

function hostOf({ url }: Candidate): string {
  return URL.parse(url)?.host ?? "";
}

/** Whether a candidate that was decided as `outcome` before is to be tried now. */
export function isToTry(outcome: Outcome | undefined, rule: RetryRule): boolean {
  if (outcome === undefined) return true;
  if (rule === "none" || outcome === "kept") return false;
  return isTransient(outcome) || rule === "all";
}

async function* untried(
  found: AsyncGenerator<Candidate, SourceEnd, void>,
  job: Job,
  tools: JobTools,
  stopStarting: AbortSignal,
): AsyncGenerator<Candidate, SourceEnd, void> {
  const { state } = tools.dataset;
  const seen = new Set<string>();
  const photos = new KnownPhotos(state, job.species.id);
  try {
    while (true) {
      stopStarting.throwIfAborted();
      const next = await found.next();
      if (next.done) return next.value;
      const { url, page } = {
        url: addressToKeep(next.value.url),
        page: addressToKeep(next.value.page),
      };
      if (seen.has(url)) continue;
      seen.add(url);
      const candidate = { ...next.value, url, page };
      if (state.isForgotten(keysOf(next.value))) continue;
      if (!isToTry(state.decided(job.species.id, url), job.retry)) continue;
      if (!photos.isKnown(candidate)) yield candidate;
      photos.add(candidate);
    }
  } finally {
    await found.return({ why: "exhausted" });
  }
}

async function* fromLog(
  events: readonly ImageEvent[],
): AsyncGenerator<Candidate, SourceEnd, void> {
  for (const event of events) yield await Promise.resolve(candidateOf(event));
  return { why: "exhausted" };
}

async function decide(job: Job, fetched: Fetched, tools: JobTools): Promise<void> {
  const base = eventBase(job, fetched.candidate);
  const forgotten = forgottenKeys(fetched, tools);
  if (forgotten !== undefined) {
    // Its address and author must not come back into the log.
    tools.dataset.append({ event: "forgotten", keys: forgotten });
    const detail = "forgotten on somebody's request";
    return tools.progress.decided({ ...base, outcome: "opted-out", detail });
  }
  const event = fetched.ok
    ? await judged(job, base, check(fetched, tools.ignoreOptOuts), fetched.notes, tools)
    : logged(
      { ...base, outcome: fetched.answer.outcome, detail: brief(fetched.answer.detail) },
      tools,
    );
  conclude(job, event, tools);
}

/** Decides about a candidate that still hangs when the others are enough: a later run may try it. */
function giveUp(job: Job, candidate: Candidate, tools: JobTools): void {
  const detail = "still hung when the others were enough";
  const event = logged({ ...eventBase(job, candidate), outcome: "timeout", detail }, tools);
  conclude(job, event, tools);
}

function conclude({ source }: Job, event: ImageEvent, { rates, progress }: JobTools): void {
  rates.count(source.name, event.outcome);
  progress.decided(event);
}

/** The keys of what came, where only its bytes say that it was forgotten. */
function forgottenKeys(fetched: Fetched, { dataset: { state } }: JobTools): string[] | undefined {
  if (!state.hasForgotten || !fetched.ok || !fetched.examination.ok) return undefined;
  const { sha256, original, credit } = fetched.examination;
  const { url } = fetched.candidate;
  const author = fetched.candidate.author === undefined ? credit?.author : undefined;
  const traces = { sha256, ...defined({ original, author }) };
  if (!state.isForgotten(keysOf(traces))) return undefined;
  return [forgetKey("url", url), bytesKey(sha256)];
}

/** What came, unless it is another file than it must be, or forbids its use for training. */
function check(
  { candidate, examination }: Extract<Fetched, { ok: true }>,
  ignoreOptOuts: boolean,
): FetchedImage | ExaminedOther | { ok: false; outcome: Outcome; detail: string; sha256: string } {
  if (!examination.ok) return examination;
  const { sha256, credit } = examination;
  if (candidate.sha256 !== undefined && candidate.sha256 !== sha256) {
    const detail = `another image stands there now: its SHA-256 should be ${candidate.sha256}`;
    return { ok: false, outcome: "gone", detail, sha256 };
  }
  if (credit?.optOut === undefined || ignoreOptOuts) return examination;
  return { ok: false, outcome: "opted-out", detail: credit.optOut, sha256 };
}

async function judged(
  job: Job,
  base: EventBase,
  examination: ReturnType<typeof check>,
  notes: readonly string[],
  tools: JobTools,
): Promise<ImageEvent> {
  if (!examination.ok) {
    const { ok: _, ...why } = examination;
    return logged({ ...base, ...why }, tools);
  }
  const detail = notes.length === 0 ? {} : { detail: notes.join("; ") };
  return await tools.judge.settle({ ...base, ...detail }, examination, job.source.vouches);
}

/** The longest text of a site that gets into the log, in letters. */
const LONGEST_TEXT = 2000;

/** A text of a site, cut where it is very long. */
export function brief(text: string): string {
  return text.slice(0, LONGEST_TEXT);
}

function logged(event: ImageEvent, tools: JobTools): ImageEvent {
  tools.dataset.append(event);
  return event;
}

function eventBase(job: Job, candidate: Candidate): EventBase {
  return {
    event: "image",
    species: job.species.id,
    source: job.source.name,
    url: candidate.url,
    page: candidate.page,
    ...knownOf(candidate),
  };
}

function candidateOf(event: ImageEvent): Candidate {
  return { url: event.url, page: event.page, ...knownOf(event) };
}

/** What a site says of a picture, its texts cut where they are very long. */
function knownOf(from: Provenance): Provenance {
  const { title, author, license, licenseText, licenseUrl, observation, observed } = from;
  const { captive, quality, basis, origin, kind, sex, stage, road, query } = from;
  const dated = { title, author, license, licenseText, licenseUrl, observation, observed };
  const record = { captive, quality, basis, origin: origin && addressToKeep(origin), kind };
  return cut({ ...dated, ...record, sex, stage, road, query });
}

function cut(known: { [Name in keyof Provenance]: Provenance[Name] | undefined }): Provenance {
  const texts = Object.entries(known).map(([name, value]) =>
    [name, typeof value === "string" ? brief(value) : value] as const
  );
  return defined(Object.fromEntries(texts));
}
