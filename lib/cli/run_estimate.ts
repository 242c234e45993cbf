/**
 * How long a scraping run still takes, from what is known of its jobs.
 *
 * The end of a run is its longest job, not its average: so the jobs left are dealt out to the
 * workers as the run will do it, and a download that hangs counts until it will time out.
 *
 * @module
 */

import type { Workload } from "../scrape/progress.ts";

/** How many of the latest jobs of a source, or downloads of all, a mean is taken from. */
const RECENT = 64;
/** A job that takes less asked for nothing, so it tells nothing of others, in milliseconds. */
const ASKED_NOTHING = 50;
/** The share of its images that a job must have for its end to be foreseen from them. */
const TELLING_SHARE = 0.25;
/** A job that takes longer than the mean is expected to take this share of the mean once more. */
const OVERDUE_SHARE = 0.25;
/** What was found meanwhile waits behind a download that hangs: its share of the mean. */
const AFTER_HANG_SHARE = 0.2;
/** A download that takes longer than this, and three times the mean, most likely hangs. */
const HANGS_AFTER = 3000;
/** How long a download that hangs takes until it times out, in milliseconds. */
const TIMEOUT = 31_000;

/** Estimates the time left of a run. All times are milliseconds of one clock. */
export class RunEstimate {
  readonly #workers: number;
  readonly #todo: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #finished = new Map<string, Set<string>>();
  readonly #durations = new Map<string, number[]>();
  readonly #downloads: number[] = [];
  /** When a source's first download began: before, its browser started or its tables came. */
  readonly #ready = new Map<string, number>();
  readonly #running = new Map<string, Running>();

  /** Makes an estimate of a run that does so many jobs at a time. */
  constructor({ stages }: Pick<Workload, "stages">, workers: number) {
    this.#workers = workers;
    this.#todo = new Map(stages.map(({ source, todo }) => [source, todo]));
  }

  /** A job began that is to find so many images. */
  started(source: string, species: string, missing: number, now: number): void {
    this.#running.set(species, { source, missing, kept: 0, since: now, downloads: new Map() });
  }

  /** A job's download began (1) or ended (-1). */
  fetching(species: string, url: string, change: 1 | -1, now: number): void {
    const job = this.#running.get(species);
    if (job === undefined) return;
    const { downloads, source } = job;
    if (change === 1) {
      if (!this.#ready.has(source)) this.#ready.set(source, now);
      downloads.set(url, now);
      return;
    }
    this.#downloads.push(now - (downloads.get(url) ?? now));
    if (this.#downloads.length > RECENT) this.#downloads.shift();
    downloads.delete(url);
  }

  /** A job under way kept an image. */
  kept(species: string): void {
    const job = this.#running.get(species);
    if (job !== undefined) job.kept++;
  }

  /** A job ended, or had nothing to do. */
  finished(source: string, species: string, now: number): void {
    const finished = this.#finished.get(source) ?? new Set();
    this.#finished.set(source, finished.add(species));
    const job = this.#running.get(species);
    if (job?.source !== source) return;
    this.#running.delete(species);
    if (now - job.since < ASKED_NOTHING) return;
    const durations = this.#durations.get(source) ?? [];
    durations.push(this.#took(job, now));
    this.#durations.set(source, durations.slice(-RECENT));
  }

  /**
   * Milliseconds until each source has done its last job, and the whole run with them.
   *
   * @returns `undefined` for what cannot be said yet.
   */
  left(now: number): { readonly run: number | undefined; of(source: string): number | undefined } {
    const hangsAfter = Math.max(HANGS_AFTER, 3 * (average(this.#downloads) || 0));
    const means = new Map(
      [...this.#todo.keys()].map((source) => [source, this.#mean(source, now)]),
    );
    const ends = new Map<string, number>();
    // Deals one species to a worker that is free at `at`; gives when it is done.
    const deal = (species: string, at: number): number => {
      const job = this.#running.get(species);
      let end = at;
      for (const [source, todo] of this.#todo) {
        const runs = job?.source === source;
        const isWaiting = todo.has(species) && !this.#finished.get(source)?.has(species);
        if (!runs && !isWaiting) continue;
        const mean = means.get(source) ?? NaN;
        end += runs ? this.#residual(job, mean, hangsAfter, now) : mean;
        ends.set(source, Math.max(ends.get(source) ?? 0, end));
      }
      return end;
    };
    const free = [...this.#running.keys()].map((species) => deal(species, 0));
    while (free.length < this.#workers) free.push(0);
    const waiting = new Set([...this.#todo.values()].flatMap((todo) => [...todo]));
    for (const species of waiting) {
      if (this.#running.has(species)) continue;
      const first = free.indexOf(Math.min(...free));
      free[first] = deal(species, free[first] ?? 0);
    }
    const known = (end: number) => Number.isNaN(end) ? undefined : end;
    return { run: known(Math.max(...free)), of: (source) => known(ends.get(source) ?? 0) };
  }

  /** How long a source's job takes; `NaN` until that is known. */
  #mean(source: string, now: number): number {
    const durations = this.#durations.get(source) ?? [];
    const running = [...this.#running.values()].filter((job) => job.source === source);
    if (durations.length === 0) {
      const begun = running.filter(({ kept, missing }) => kept >= missing * TELLING_SHARE);
      return average(begun.map((job) => this.#took(job, now) * job.missing / job.kept));
    }
    // Short jobs end first: those that still run count with what they took, at least the mean.
    const mean = average(durations);
    return average([...durations, ...running.map((job) => Math.max(mean, this.#took(job, now)))]);
  }

  /** How long a job has taken since its source was ready. */
  #took({ source, since }: Running, now: number): number {
    return now - Math.max(since, Math.min(now, this.#ready.get(source) ?? since));
  }

  /** How long a job under way still takes. */
  #residual(job: Running, mean: number, hangsAfter: number, now: number): number {
    const hangs = [...job.downloads.values()].map((began) => now - began)
      .filter((took) => took > hangsAfter)
      .map((took) => took < TIMEOUT ? TIMEOUT - took : took);
    if (hangs.length > 0) return Math.max(...hangs) + mean * AFTER_HANG_SHARE;
    return Math.max(mean - this.#took(job, now), mean * OVERDUE_SHARE);
  }
}

interface Running {
  readonly source: string;
  readonly missing: number;
  kept: number;
  readonly since: number;
  /** When each of its downloads under way began. */
  readonly downloads: Map<string, number>;
}

/** The mean of some numbers; `NaN` of none. */
function average(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
