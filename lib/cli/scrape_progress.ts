/**
 * The progress of a scraping run: a bar for each source's species, one for the images of all.
 *
 * @module
 */

import type { ImageEvent } from "../dataset/event.ts";
import type { JobReport, Progress, Workload } from "../scrape/progress.ts";
import type { Species } from "../species/species.ts";
import { type Bar, type Display, leftText, Pace } from "./progress.ts";

/** What share of a job counts as done at most while it goes on: its end is still to come. */
const MOST_OF_A_JOB = 0.95;

/** One source's work: its jobs, counted in fractions by the images they found. */
class Stage {
  readonly bar: Bar;
  readonly #todo: ReadonlySet<string>;
  /** Images that a job under way is to find, and has found. */
  readonly #jobs = new Map<string, { readonly missing: number; found: number }>();
  readonly #finished = new Set<string>();
  #pace: Pace | undefined;
  #kept = 0;
  /** How long jobs took, those at once added up, until a moment: in milliseconds. */
  readonly #time = { ofJobs: 0, until: 0 };

  constructor(bar: Bar, todo: ReadonlySet<string>) {
    this.bar = bar;
    this.#todo = todo;
    this.bar.done = bar.total - todo.size;
    bar.note = () => `${this.#kept} kept  ${leftText(this.left)}`;
  }

  /** Milliseconds left; nothing until there is something to go by. */
  get left(): number | undefined {
    const done = this.#done();
    const work = this.#todo.size - done;
    if (work <= 0) return 0;
    const byRate = this.#pace?.left(work);
    if (byRate === undefined) return undefined;
    // At the end fewer jobs go on at once: what is left takes as long as the longest of them.
    this.#countTime();
    const isAnyToStart = this.#finished.size + this.#jobs.size < this.#todo.size;
    const longest = isAnyToStart ? 1 : Math.max(
      0,
      ...[...this.#jobs.values()].map(({ missing, found }) => 1 - found / missing),
    );
    return Math.max(byRate, longest * (this.#time.ofJobs / done));
  }

  #countTime(): void {
    const now = performance.now();
    this.#time.ofJobs += this.#jobs.size * (now - this.#time.until);
    this.#time.until = now;
  }

  started(species: string, missing: number): void {
    this.#countTime();
    this.#jobs.set(species, { missing, found: 0 });
    if (this.#pace === undefined) {
      this.#pace = new Pace();
      this.#pace.sample(this.#done());
    }
  }

  kept(species: string): void {
    this.#kept++;
    const job = this.#jobs.get(species);
    if (job === undefined) return;
    job.found++;
    this.#pace?.sample(this.#done());
  }

  finished(species: string): void {
    this.#countTime();
    this.#jobs.delete(species);
    // A species may be gone back to at the end; it is counted once.
    if (!this.#todo.has(species) || this.#finished.has(species)) return;
    this.#finished.add(species);
    this.bar.done++;
    this.#pace?.sample(this.#done());
  }

  #done(): number {
    let done = this.#finished.size;
    for (const [species, { missing, found }] of this.#jobs) {
      if (!this.#finished.has(species)) done += Math.min(MOST_OF_A_JOB, found / missing);
    }
    return done;
  }
}

/** Draws what a run does. */
export class ScrapeProgress implements Progress {
  readonly #display: Display;
  readonly #onDecided: (event: ImageEvent) => void;
  readonly #stages = new Map<string, Stage>();
  readonly #pace = new Pace();
  #images: Bar | undefined;
  #underWay = 0;

  /** Draws on a display, which is closed by whoever made it. */
  constructor(display: Display, onDecided: (event: ImageEvent) => void = () => undefined) {
    this.#display = display;
    this.#onDecided = onDecided;
  }

  /** How many downloads are under way now. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Milliseconds left of the run; nothing until there is something to go by. */
  get left(): number | undefined {
    const each = [...this.#stages.values()].map(({ left }) => left);
    return each.reduce(
      (most, left) => most === undefined || left === undefined ? undefined : Math.max(most, left),
      0,
    );
  }

  planned({ stages, species, kept, wanted }: Workload): void {
    for (const { source, todo } of stages) {
      this.#stages.set(source, new Stage(this.#display.add(source, "species", species), todo));
    }
    const images = this.#display.add("images", "images", wanted);
    images.done = kept;
    images.note = () => {
      const perMinute = this.#pace.rate * 60_000;
      return `${perMinute.toFixed(perMinute < 10 ? 1 : 0)}/min  ${leftText(this.left)}`;
    };
    this.#images = images;
    this.#pace.sample(kept);
  }

  started({ id }: Species, source: string, missing: number): void {
    this.#stages.get(source)?.started(id, missing);
  }

  fetching(change: 1 | -1): void {
    this.#underWay += change;
  }

  decided(event: ImageEvent): void {
    this.#onDecided(event);
    const { source, species, outcome, replaces } = event;
    if (outcome !== "kept" || replaces !== undefined || this.#images === undefined) return;
    this.#images.done++;
    this.#stages.get(source)?.kept(species);
    this.#pace.sample(this.#images.done);
  }

  finished({ source, species, why, detail }: JobReport): void {
    this.#stages.get(source)?.finished(species.id);
    if (why === "failed" || why === "not-recognised") {
      this.notice(`${source}: ${species.latin}: ${detail ?? why}`);
    }
  }

  notice(text: string): void {
    this.#display.line(text);
  }
}
