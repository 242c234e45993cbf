/**
 * The pipeline: species after species, source after source, until each has what is wanted.
 *
 * @module
 */

import type { Dataset } from "../dataset/dataset.ts";
import type { DoneEvent, DoneWhy, ImageEvent } from "../dataset/event.ts";
import { reason } from "../base/failure.ts";
import { pooled } from "../base/pooled.ts";
import type { Examiner } from "../image/examine.ts";
import { InHand } from "./in_hand.ts";
import { type Ending, type JobTools, type RetryRule, runJob } from "./job.ts";
import { Judge } from "./judge.ts";
import { Pictures } from "./pictures.ts";
import type { JobReport, Progress } from "./progress.ts";
import { SuccessRates } from "./success_rates.ts";
import { type ImageSource, StageStop } from "../sources/source.ts";
import type { Species } from "../species/species.ts";
import type { Client } from "../web/client.ts";

/** What a run is to do. */
export interface ScrapePlan {
  /** The fish, in the order they are worked on. */
  readonly species: readonly Species[];
  /** How many images each is to have, over all sources. */
  readonly wanted: number;
  /** How many species are worked on at a time. */
  readonly jobs: number;
  /** Which earlier failures are tried again. */
  readonly retry: RetryRule;
}

/** What a run works with. */
export interface ScrapeTools {
  /** Where images and log lines go. */
  readonly dataset: Dataset;
  /** The way out. */
  readonly client: Client;
  /** What looks at bytes. */
  readonly examiner: Examiner;
  /** Where to look, the surest first. */
  readonly sources: readonly ImageSource[];
  /** Hears what happens. */
  readonly progress: Progress;
}

/**
 * How often species are gone back to that had enough until one of their pictures turned out to be
 * claimed by another species.
 */
const MOST_REOPENINGS = 3;

/** What a run came to. */
export interface ScrapeResult {
  /** Each job that was done or tried in this run. */
  readonly reports: readonly JobReport[];
  /** Stages that stopped before their end, and what a person is told of it. */
  readonly stops: readonly { readonly source: string; readonly stop: StageStop }[];
}

/**
 * Scrapes. Everything decided is logged as it happens, so the run may end at any instant and be
 * called again.
 *
 * @param plan What to do.
 * @param tools What to work with; not closed here.
 * @param ending Ends the run.
 * @returns What it came to.
 * @throws {Failure} When the run was interrupted (status 130) or the data folder gave out.
 */
export async function scrape(
  plan: ScrapePlan,
  tools: ScrapeTools,
  ending: Ending,
): Promise<ScrapeResult> {
  const broken = new AbortController();
  const run = new Run(plan, tools, {
    soon: AbortSignal.any([ending.soon, broken.signal]),
    now: AbortSignal.any([ending.now, broken.signal]),
  });
  for (const source of tools.sources) {
    tools.progress.stage(source.name, plan.species.length, plan.wanted);
  }
  const eachOf = async (all: readonly Species[], work: (species: Species) => Promise<void>) => {
    const done = pooled(plan.jobs, all, async (species) => {
      try {
        await work(species);
      } catch (thrown) {
        // The first to fail ends the others, and what they throw then is only its echo; but when
        // the run is told to end, each may first end what it has under way.
        if (!ending.soon.aborted || thrown !== ending.soon.reason) broken.abort(thrown);
      }
    });
    for await (const _ of done);
    broken.signal.throwIfAborted();
    ending.soon.throwIfAborted();
  };
  try {
    await eachOf(plan.species, (species) => run.species(species));
    await eachOf(plan.species, (species) => run.late(species));
    for (let pass = 0; pass < MOST_REOPENINGS; pass++) {
      const reopened = plan.species.filter((species) => run.isReopened(species));
      if (reopened.length === 0) break;
      await eachOf(reopened, (species) => run.species(species));
    }
    return run.result();
  } catch (thrown) {
    if (ending.soon.aborted) logInterruption(tools, thrown);
    throw thrown;
  } finally {
    await tools.dataset.flush();
  }
}

function logInterruption(tools: ScrapeTools, thrown: unknown): void {
  for (const source of tools.sources) {
    tools.dataset.append({
      event: "stopped",
      source: source.name,
      why: "interrupted",
      detail: reason(thrown),
    });
  }
}

class Run {
  readonly #plan: ScrapePlan;
  readonly #tools: ScrapeTools;
  readonly #jobTools: JobTools;
  readonly #reports: JobReport[] = [];
  readonly #stops = new Map<string, StageStop>();
  readonly #ending: Ending;
  readonly #began = new Date().toISOString();

  constructor(plan: ScrapePlan, tools: ScrapeTools, ending: Ending) {
    this.#plan = plan;
    this.#tools = tools;
    this.#ending = ending;
    this.#jobTools = {
      dataset: tools.dataset,
      client: tools.client,
      examiner: tools.examiner,
      judge: new Judge(
        tools.dataset,
        new Pictures(
          tools.dataset.state,
          new Set(tools.sources.filter(({ vouches }) => vouches).map(({ name }) => name)),
        ),
      ),
      rates: new SuccessRates(),
      inHand: new InHand(),
      progress: tools.progress,
    };
  }

  async species(species: Species): Promise<void> {
    for (const source of this.#tools.sources) {
      this.#ending.soon.throwIfAborted();
      await this.#job(species, source);
    }
  }

  /** Tries again what waited for hosts that were set aside, if they are back. */
  async late(species: Species): Promise<void> {
    const { dataset, client, sources } = this.#tools;
    for (const source of sources) {
      if (dataset.state.kept(species.id) >= this.#plan.wanted) return;
      const again = dataset.state.transientFailures(species.id, source.name).filter((failure) =>
        failure.detail?.startsWith("host set aside") && failure.time >= this.#began &&
        client.standing?.(failure.url) !== "set aside"
      );
      const before = dataset.state.doneWith(species.id, source.name);
      if (again.length > 0 && before !== undefined) await this.#run(species, source, again, before);
    }
  }

  /** Whether a species had enough until one of its images was withdrawn. */
  isReopened(species: Species): boolean {
    const { state } = this.#tools.dataset;
    if (state.kept(species.id) >= this.#plan.wanted) return false;
    return this.#tools.sources.some((source) =>
      !this.#stops.has(source.name) && state.doneWith(species.id, source.name)?.why === "enough"
    );
  }

  result(): ScrapeResult {
    return {
      reports: this.#reports,
      stops: [...this.#stops].map(([source, stop]) => ({ source, stop })),
    };
  }

  async #job(species: Species, source: ImageSource): Promise<void> {
    const { state } = this.#tools.dataset;
    const { wanted, retry } = this.#plan;
    const before = state.doneWith(species.id, source.name);
    if (state.kept(species.id) >= wanted) {
      if (before === undefined) this.#done(species, source, "enough", {});
      else this.#report(species, source, before.why);
      return;
    }
    if (this.#stops.has(source.name)) {
      this.#report(species, source, "stopped");
      return;
    }
    const again = before === undefined || before.why === "enough" || retry === "all"
      ? undefined
      : retry === "none"
      ? []
      : state.transientFailures(species.id, source.name);
    if (again?.length === 0 && before !== undefined) {
      this.#report(species, source, before.why);
      return;
    }
    this.#tools.progress.started(species, source.name);
    await this.#run(species, source, again, before);
  }

  async #run(
    species: Species,
    source: ImageSource,
    again: readonly ImageEvent[] | undefined,
    before: Pick<DoneEvent, "why"> | undefined,
  ): Promise<void> {
    const { wanted, retry } = this.#plan;
    const job = { species, source, wanted, retry, ...(again === undefined ? {} : { again }) };
    try {
      const end = await runJob(job, this.#jobTools, this.#ending);
      switch (end.why) {
        case "enough":
          return this.#done(species, source, "enough", {});
        case "exhausted":
          // Trying failures again does not make a fish known that was not found before.
          return this.#done(species, source, again ? before?.why ?? end.why : end.why, {
            ...(end.detail === undefined ? {} : { found: end.detail }),
          });
        case "not-found":
          return this.#done(species, source, "not-found", {
            detail: end.reason,
            ...(end.detail === undefined ? {} : { found: end.detail }),
          });
        case "no-latin-name":
          return this.#done(species, source, "no-latin-name", { detail: end.reason });
        case "failed":
        case "not-recognised":
          return this.#stopped(species, source, end.why, end.reason);
      }
    } catch (thrown) {
      if (!(thrown instanceof StageStop)) throw thrown;
      this.#stopStage(species, source, thrown);
    }
  }

  #done(
    species: Species,
    source: ImageSource,
    why: DoneWhy,
    more: Pick<DoneEvent, "detail" | "found">,
  ): void {
    const kept = this.#tools.dataset.state.kept(species.id);
    const { wanted } = this.#plan;
    this.#tools.dataset.append({
      event: "done",
      species: species.id,
      source: source.name,
      kept,
      wanted,
      why,
      ...more,
    });
    this.#report(species, source, why, more.detail);
  }

  #stopped(species: Species, source: ImageSource, why: string, detail: string): void {
    this.#tools.dataset.append({
      event: "stopped",
      source: source.name,
      why,
      species: species.id,
      detail,
    });
    this.#report(species, source, why, detail);
  }

  #stopStage(species: Species, source: ImageSource, stop: StageStop): void {
    if (!this.#stops.has(source.name)) {
      this.#stops.set(source.name, stop);
      this.#tools.dataset.append({
        event: "stopped",
        source: source.name,
        why: stop.why,
        detail: stop.message,
      });
      this.#tools.progress.notice(stop.message);
    }
    this.#report(species, source, "stopped", stop.why);
  }

  #report(species: Species, source: ImageSource, why: string, detail?: string): void {
    const report: JobReport = {
      species,
      source: source.name,
      why,
      kept: this.#tools.dataset.state.kept(species.id),
      ...(detail === undefined ? {} : { detail }),
    };
    this.#reports.push(report);
    this.#tools.progress.finished(report);
  }
}
