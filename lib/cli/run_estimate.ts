/**
 * How long a scraping run still takes, from what is known of its jobs.
 *
 * A site is asked at its own pace, however many jobs wait for it: so the time in which a source is
 * asked goes by for one species after the other. Downloads come from many hosts, so those of several
 * jobs go on at once. The run ends with the source that takes longest and what its last species does
 * after it.
 *
 * @module
 */

import type { Workload } from "../scrape/progress.ts";

/** Nothing is said before as many jobs have ended as there are workers, or this share of all. */
const FIRST_SHARE = 0.1;
/** A job that takes less asked for nothing, so it tells nothing of others, in milliseconds. */
const ASKED_NOTHING = 50;
/** How much of a job under way is done when its images do not say more. */
const BEGUN_SHARE = 0.3;
/** Before any job of a source has ended, this share of their images says how long its jobs take. */
const TELLING_SHARE = 0.25;
/** After how many jobs a source's earlier ones count half. */
const RECENT = 64;

/** Estimates the time left of a run. All times are milliseconds of one clock. */
export class RunEstimate {
  readonly #workers: number;
  readonly #sources: ReadonlyMap<string, Source>;
  readonly #running = new Map<string, Running>();
  /** The species that had enough, each with the first source where it had. */
  readonly #enough = new Map<string, string>();
  /** How many jobs there are, and how many of them have ended after they asked for something. */
  readonly #jobs: number;
  #ended = 0;

  constructor({ stages }: Pick<Workload, "stages">, workers: number) {
    this.#workers = workers;
    this.#sources = new Map(stages.map(({ source, todo }) => [source, new Source(todo)]));
    this.#jobs = stages.reduce((sum, { todo }) => sum + todo.size, 0);
  }

  /** A job began that is to find so many images. */
  started(source: string, species: string, missing: number, now: number): void {
    this.#running.set(species, { source, missing, kept: 0, since: now, downloads: 0 });
    this.#sources.get(source)?.change(now, { asking: 1 });
  }

  /** A job's download began (1) or ended (-1). */
  fetching(species: string, change: 1 | -1, now: number): void {
    const job = this.#running.get(species);
    const source = this.#sources.get(job?.source ?? "");
    if (job === undefined || source === undefined) return;
    job.downloads += change;
    if (change === 1 && job.downloads === 1) source.change(now, { asking: -1, downloading: 1 });
    if (job.downloads === 0) source.change(now, { asking: 1, downloading: -1 });
    source.isReady = true;
  }

  kept(species: string): void {
    const job = this.#running.get(species);
    if (job !== undefined) job.kept++;
  }

  /** A species lost an image: where it had enough before, it is searched for again. */
  withdrawn(species: string): void {
    this.#sources.get(this.#enough.get(species) ?? "")?.todo.add(species);
  }

  /** A job ended, or had nothing to do. */
  finished(name: string, species: string, why: string, now: number): void {
    const source = this.#sources.get(name);
    source?.todo.delete(species);
    if (why === "enough" && !this.#enough.has(species)) this.#enough.set(species, name);
    const job = this.#running.get(species);
    if (source === undefined || job?.source !== name) return;
    this.#running.delete(species);
    source.change(now, job.downloads === 0 ? { asking: -1 } : { downloading: -1 });
    if (now - job.since < ASKED_NOTHING) return;
    source.end();
    this.#ended++;
  }

  /**
   * Milliseconds until each source has done its last job, and the whole run with them.
   *
   * @returns `undefined` for what cannot be said yet.
   */
  left(now: number): { readonly run: number | undefined; of(source: string): number | undefined } {
    const ends = this.#ends(now);
    return {
      run: ends === undefined ? undefined : Math.max(0, ...ends.values()),
      of: (source) => ends === undefined ? undefined : ends.get(source) ?? 0,
    };
  }

  /** When each source's last job ends, in so many milliseconds; nothing until that is known. */
  #ends(now: number): ReadonlyMap<string, number> | undefined {
    const parts = [...this.#sources].map(([name, source]) => {
      const jobs = [...this.#running].filter(([, job]) => job.source === name);
      const shares = jobs.map(([, { kept, missing }]) => {
        const share = Math.min(1, kept / missing);
        return source.ended > 0 ? Math.max(BEGUN_SHARE, share) : share;
      });
      const begun = jobs.filter(([species]) => source.todo.has(species)).length;
      const done = sum(shares);
      const left = source.todo.size - begun + jobs.length - done;
      const isMeasured = source.ended > 0 || done >= jobs.length * TELLING_SHARE;
      return { name, left, pace: isMeasured ? source.pace(now, done) : undefined };
    }).filter(({ left }) => left > 0);
    const known = parts.flatMap(({ pace }) => pace ?? []);
    const enough = Math.min(this.#workers, Math.floor(this.#jobs * FIRST_SHARE));
    const isKnown = this.#ended >= enough && known.length > 0;
    if (parts.length > 0 && !isKnown) return undefined;
    // A source whose pace is not known yet is taken to be like the others.
    const usual: Pace = {
      asking: sum(known.map(({ asking }) => asking)) / known.length,
      downloading: sum(known.map(({ downloading }) => downloading)) / known.length,
    };
    const ends = new Map<string, number>();
    let [end, work] = [0, 0];
    for (const { name, left, pace: { asking, downloading } = usual } of parts) {
      work += left * (asking + downloading);
      end = Math.max(
        asking * left + downloading * Math.min(1, left),
        // The last species of the source before comes here, too.
        end === 0 ? 0 : end + asking + downloading,
        work / this.#workers,
      );
      ends.set(name, end);
    }
    return ends;
  }
}

/** What one species takes at a source, in milliseconds. */
interface Pace {
  /** Until the site has answered all that is asked for it. */
  readonly asking: number;
  /** Until its images have come. */
  readonly downloading: number;
}

class Source {
  /** The species that it has not finished with. */
  readonly todo: Set<string>;
  /** Before its first answer, its browser started or its tables came. */
  isReady = false;
  /** How many jobs ended after they asked for something; earlier ones count less. */
  ended = 0;
  /** How many jobs wait for the site, and how many for downloads, since the last change. */
  #asking = 0;
  #downloading = 0;
  #changed = 0;
  /** How long any job waited for the site, and all of them together for downloads. */
  #asked = 0;
  #downloaded = 0;

  constructor(todo: ReadonlySet<string>) {
    this.todo = new Set(todo);
  }

  /** More or fewer of its jobs do something from now on. */
  change(now: number, { asking = 0, downloading = 0 }): void {
    const passed = now - this.#changed;
    if (this.isReady && this.#asking > 0) this.#asked += passed;
    this.#downloaded += passed * this.#downloading;
    this.#changed = now;
    this.#asking += asking;
    this.#downloading += downloading;
  }

  end(): void {
    this.isReady = true;
    if (++this.ended < RECENT) return;
    this.ended /= 2;
    this.#asked /= 2;
    this.#downloaded /= 2;
  }

  /** What a species takes when those under way are worth so many jobs done; nothing until known. */
  pace(now: number, underWay: number): Pace | undefined {
    this.change(now, {});
    const done = this.ended + underWay;
    if (done === 0 || this.#asked + this.#downloaded === 0) return undefined;
    return { asking: this.#asked / done, downloading: this.#downloaded / done };
  }
}

interface Running {
  readonly source: string;
  readonly missing: number;
  kept: number;
  readonly since: number;
  downloads: number;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
