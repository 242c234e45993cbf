/**
 * The progress of a scraping run: a bar for each source's species, one for the images of all.
 *
 * @module
 */

import { defined } from "../base/defined.ts";
import type { ImageEvent } from "../dataset/event.ts";
import type { JobReport, Progress, Workload } from "../scrape/progress.ts";
import type { Species } from "../species/species.ts";
import { type Bar, type Display, leftText, Pace } from "./progress.ts";
import { RunEstimate } from "./run_estimate.ts";

/** One source's bar: the species it is to search, and the images it found in this run. */
interface Stage {
  readonly bar: Bar;
  /** The species that it has not finished with. */
  readonly todo: Set<string>;
  kept: number;
}

export class ScrapeProgress implements Progress {
  readonly #display: Display;
  readonly #jobs: number;
  readonly #onDecided: (event: ImageEvent) => void;
  readonly #stages = new Map<string, Stage>();
  readonly #pace = new Pace();
  #estimate: RunEstimate;
  #images: Bar | undefined;
  #underWay = 0;

  /** Draws on a display, which is closed by whoever made it. */
  constructor(
    display: Display,
    jobs: number,
    onDecided: (event: ImageEvent) => void = () => undefined,
  ) {
    this.#display = display;
    this.#jobs = jobs;
    this.#onDecided = onDecided;
    this.#estimate = new RunEstimate({ stages: [] }, jobs);
  }

  /** How many downloads are under way now. */
  get underWay(): number {
    return this.#underWay;
  }

  /** How far the run is; nothing before it is planned. */
  get figures():
    | { images: number; wanted: number; perMinute: number; secondsLeft?: number }
    | undefined {
    if (this.#images === undefined) return undefined;
    const left = this.#estimate.left(performance.now()).run;
    return {
      images: this.#images.done,
      wanted: this.#images.total,
      perMinute: Math.round(this.#pace.rate * 60_000),
      ...defined({ secondsLeft: left && Math.round(left / 1000) }),
    };
  }

  planned(work: Workload): void {
    const { stages, species, kept, wanted } = work;
    const estimate = this.#estimate = new RunEstimate(work, this.#jobs);
    for (const { source, todo } of stages) {
      const bar = this.#display.add(source, "species", species);
      bar.done = species - todo.size;
      const stage = { bar, todo: new Set(todo), kept: 0 };
      bar.note = () =>
        `${stage.kept} kept  ${leftText(estimate.left(performance.now()).of(source))}`;
      this.#stages.set(source, stage);
    }
    const images = this.#images = this.#display.add("images", "images", wanted);
    images.done = kept;
    images.note = () => {
      const perMinute = this.#pace.rate * 60_000;
      const left = leftText(estimate.left(performance.now()).run);
      return `${perMinute.toFixed(perMinute < 10 ? 1 : 0)}/min  ${left}`;
    };
    this.#pace.sample(kept);
  }

  started({ id }: Species, source: string, missing: number): void {
    this.#estimate.started(source, id, missing, performance.now());
  }

  fetching({ id }: Species, change: 1 | -1): void {
    this.#underWay += change;
    this.#estimate.fetching(id, change, performance.now());
  }

  decided(event: ImageEvent): void {
    this.#onDecided(event);
    const { source, species, outcome, replaces } = event;
    if (outcome !== "kept" || replaces !== undefined || this.#images === undefined) return;
    this.#images.done++;
    this.#pace.sample(this.#images.done);
    this.#estimate.kept(species);
    const stage = this.#stages.get(source);
    if (stage !== undefined) stage.kept++;
  }

  withdrawn({ id }: Species): void {
    if (this.#images !== undefined) this.#images.done--;
    this.#estimate.withdrawn(id);
  }

  finished({ source, species, why, detail }: JobReport): void {
    this.#estimate.finished(source, species.id, why, performance.now());
    const stage = this.#stages.get(source);
    // A species that is searched again at the end is counted once.
    if (stage?.todo.delete(species.id)) stage.bar.done++;
    if (why === "failed" || why === "not-recognised") {
      this.notice(`${source}: ${species.latin}: ${detail ?? why}`);
    }
  }

  notice(text: string): void {
    this.#display.line(text);
  }
}
