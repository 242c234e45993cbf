/**
 * How long a scraping run still takes, from what is known of its jobs.
 *
 * The end of a run is its longest job, not its average: so the jobs left are dealt out to the
 * workers as the run will do it, a download that hangs counts until it times out, and the jobs left
 * have their chance of one more that hangs.
 *
 * @module
 */

import type { Workload } from "../scrape/progress.ts";

/** How many of the latest jobs of a source, or downloads of all, are gone by. */
const RECENT = 64;
/** Nothing is said before as many jobs have ended as there are workers, or this share of all. */
const FIRST_SHARE = 0.1;
/** A job that takes less asked for nothing, so it tells nothing of others, in milliseconds. */
const ASKED_NOTHING = 50;
/** The share of its images that a job must have for its end to be foreseen from them. */
const TELLING_SHARE = 0.25;
/** A job that takes longer than the mean is expected to take this share of the mean once more. */
const OVERDUE_SHARE = 0.25;
/** What was found meanwhile waits behind a download that hangs: its share of the mean. */
const AFTER_HANG_SHARE = 0.1;
/** A download that takes longer than this, in milliseconds, and so many times the median, hangs. */
const HANGS_AFTER = 2000;
const HANGS_AFTER_MEDIANS = 5;
/** How long a download that hangs takes until it times out, in milliseconds. */
const TIMEOUT = 31_000;
/** Of how many downloads one is expected to hang where nothing is known yet. */
const ONE_HANGS_OF = 100;

/** Estimates the time left of a run. All times are milliseconds of one clock. */
export class RunEstimate {
  readonly #workers: number;
  readonly #sources: ReadonlyMap<string, Source>;
  /** How many jobs there are, and how many of them have ended after they asked for something. */
  readonly #jobs: number;
  #ended = 0;
  /** How long the latest downloads took. */
  readonly #downloads: number[] = [];
  readonly #running = new Map<string, Running>();

  /** Makes an estimate of a run that does so many jobs at a time. */
  constructor({ stages }: Pick<Workload, "stages">, workers: number) {
    this.#workers = workers;
    this.#sources = new Map(stages.map(({ source, todo }) => [source, {
      todo: new Set(todo),
      durations: [],
      downloads: { begun: 0, ofEndedJobs: 0, hung: 0 },
      ended: 0,
      ready: undefined,
    }]));
    this.#jobs = stages.reduce((sum, { todo }) => sum + todo.size, 0);
  }

  /** A job began that is to find so many images. */
  started(source: string, species: string, missing: number, now: number): void {
    const job = { source, missing, kept: 0, since: now, begun: 0, downloads: new Map() };
    this.#running.set(species, job);
  }

  /** A job's download began (1) or ended (-1). */
  fetching(species: string, url: string, change: 1 | -1, now: number): void {
    const job = this.#running.get(species);
    const source = this.#sources.get(job?.source ?? "");
    if (job === undefined || source === undefined) return;
    if (change === 1) {
      source.ready ??= now;
      source.downloads.begun++;
      job.begun++;
      job.downloads.set(url, now);
      return;
    }
    const took = now - (job.downloads.get(url) ?? now);
    if (took > TIMEOUT / 2) source.downloads.hung++;
    this.#downloads.push(took);
    if (this.#downloads.length > RECENT) this.#downloads.shift();
    job.downloads.delete(url);
  }

  /** A job under way kept an image. */
  kept(species: string): void {
    const job = this.#running.get(species);
    if (job !== undefined) job.kept++;
  }

  /** A job ended, or had nothing to do. */
  finished(name: string, species: string, now: number): void {
    const source = this.#sources.get(name);
    if (source === undefined) return;
    source.todo.delete(species);
    const job = this.#running.get(species);
    if (job?.source !== name) return;
    this.#running.delete(species);
    if (now - job.since < ASKED_NOTHING) return;
    source.durations.push(took(job, source, now));
    if (source.durations.length > RECENT) source.durations.shift();
    source.downloads.ofEndedJobs += job.begun;
    source.ended++;
    this.#ended++;
  }

  /**
   * Milliseconds until each source has done its last job, and the whole run with them.
   *
   * @returns `undefined` for what cannot be said yet.
   */
  left(now: number): { readonly run: number | undefined; of(source: string): number | undefined } {
    const enough = Math.min(this.#workers, Math.floor(this.#jobs * FIRST_SHARE));
    if (this.#ended < enough && !this.#isDone) return { run: undefined, of: () => undefined };
    const ends = this.#ends(now);
    const known = (end: number) => Number.isNaN(end) ? undefined : end;
    return {
      run: known(Math.max(0, ...ends.values())),
      of: (source) => known(ends.get(source) ?? 0),
    };
  }

  get #isDone(): boolean {
    const sources = [...this.#sources.values()];
    return this.#running.size === 0 && sources.every(({ todo }) => todo.size === 0);
  }

  /** When each source's last job ends: in so many milliseconds, `NaN` until that is known. */
  #ends(now: number): ReadonlyMap<string, number> {
    const hangsAfter = Math.max(HANGS_AFTER, HANGS_AFTER_MEDIANS * median(this.#downloads));
    const means = new Map(
      [...this.#sources].map(([name, one]) => [name, this.#mean(name, one, now)]),
    );
    const ends = new Map<string, number>();
    const downloads = new Map<string, number>();
    // Deals one species to a worker that is free at `at`; gives when it is done.
    const deal = (species: string, at: number): number => {
      const job = this.#running.get(species);
      let end = at;
      for (const [name, source] of this.#sources) {
        const runs = job?.source === name;
        if (!runs && !source.todo.has(species)) continue;
        const mean = means.get(name) ?? NaN;
        end += runs ? residual(job, source, mean, hangsAfter, now) : mean;
        ends.set(name, Math.max(ends.get(name) ?? 0, end));
        const all = source.downloads.ofEndedJobs / Math.max(1, source.ended);
        const more = Math.max(0, runs ? all - job.begun : all);
        downloads.set(name, (downloads.get(name) ?? 0) + more);
      }
      return end;
    };
    const free = [...this.#running.keys()].map((species) => deal(species, 0));
    while (free.length < this.#workers) free.push(0);
    const waiting = new Set([...this.#sources.values()].flatMap(({ todo }) => [...todo]));
    for (const species of waiting) {
      if (this.#running.has(species)) continue;
      const first = free.indexOf(Math.min(...free));
      free[first] = deal(species, free[first] ?? 0);
    }
    for (const [name, { downloads: { begun, hung } }] of this.#sources) {
      const toHang = (downloads.get(name) ?? 0) * (hung + 1) / (begun + ONE_HANGS_OF);
      const end = ends.get(name);
      if (end !== undefined) ends.set(name, withHangs(end, toHang));
    }
    return ends;
  }

  /** How long a source's job takes; `NaN` until that is known. */
  #mean(name: string, source: Source, now: number): number {
    const { durations } = source;
    const running = [...this.#running.values()].filter((job) => job.source === name);
    if (durations.length === 0) {
      const begun = running.filter(({ kept, missing }) => kept >= missing * TELLING_SHARE);
      return average(begun.map((job) => took(job, source, now) * job.missing / job.kept));
    }
    // Short jobs end first: those that still run count with what they took, at least the mean.
    const mean = average(durations);
    return average([
      ...durations,
      ...running.map((job) => Math.max(mean, took(job, source, now))),
    ]);
  }
}

interface Source {
  /** The species that it has not finished with. */
  readonly todo: Set<string>;
  /** How long its latest jobs took. */
  readonly durations: number[];
  /** Its jobs that ended after they asked for something. */
  ended: number;
  readonly downloads: { begun: number; ofEndedJobs: number; hung: number };
  /** When its first download began: before, its browser started or its tables came. */
  ready: number | undefined;
}

interface Running {
  readonly source: string;
  readonly missing: number;
  kept: number;
  readonly since: number;
  /** How many of its downloads have begun. */
  begun: number;
  /** When each of its downloads under way began. */
  readonly downloads: Map<string, number>;
}

/** How long a job has taken since its source was ready. */
function took({ since }: Running, { ready }: Source, now: number): number {
  return now - Math.max(since, Math.min(now, ready ?? since));
}

/** How long a job under way still takes. */
function residual(
  job: Running,
  source: Source,
  mean: number,
  hangsAfter: number,
  now: number,
): number {
  const hangs = [...job.downloads.values()].map((began) => now - began)
    .filter((took) => took > hangsAfter)
    .map((took) => took < TIMEOUT ? TIMEOUT - took : took);
  if (hangs.length > 0) return Math.max(...hangs) + mean * AFTER_HANG_SHARE;
  return Math.max(mean - took(job, source, now), mean * OVERDUE_SHARE);
}

/** The mean end of a run in which so many downloads are expected to hang until then. */
function withHangs(end: number, expected: number): number {
  const chance = 1 - Math.exp(-expected);
  // Spread evenly, the last of n comes after n of n + 1 parts of the time.
  const last = end * expected / (expected + 1);
  return end + chance * Math.max(0, last + TIMEOUT - end);
}

/** The mean of some numbers; `NaN` of none. */
function average(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

/** The number in the middle; 0 of none. */
function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;
}
