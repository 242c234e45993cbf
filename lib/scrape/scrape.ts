/**
 * The pipeline: species after species, source after source, until each has what is wanted.
 *
 * @module
 */

import { defined } from "../base/defined.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { DoneEvent, DoneWhy, ImageEvent } from "../dataset/event.ts";
import { reason } from "../base/failure.ts";
import { plural } from "../base/plural.ts";
import { pooled } from "../base/pooled.ts";
import type { Fetcher } from "./fetch_candidate.ts";
import {
  brief,
  type JobEnd,
  type JobTools,
  type RetryRule,
  runJob,
  type Shutdown,
  SuccessRates,
} from "./job.ts";
import { Judge, loadPictures } from "./judge.ts";
import { MemoryBudget } from "./memory_budget.ts";
import type { JobReport, Progress, Workload } from "./progress.ts";
import type { LicenseRule } from "../sources/license.ts";
import { type ImageSource, isSure, StageStop } from "../sources/source.ts";
import type { Species } from "../species/species.ts";

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
  /** Whether images are kept whose files forbid their use for training; they are not by default. */
  readonly ignoreOptOuts?: boolean;
  /** Which licences a picture must have to be fetched; any unless given. */
  readonly license?: LicenseRule;
  /** Which sources a species is looked for at, by their names; at all of them unless given. */
  readonly isAsked?: (species: Species, source: string) => boolean;
}

/** What a run works with. */
export interface ScrapeTools {
  /** Where images and log lines go. */
  readonly dataset: Dataset;
  /** Downloads candidates and examines them. */
  readonly fetcher: Fetcher;
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
/** What a source says of its search is logged up to this length, as JSON. */
const LONGEST_FOUND = 10_000;

/** What a run came to. */
export interface ScrapeResult {
  /** Each job that was done or tried in this run. */
  readonly reports: readonly JobReport[];
  /**
   * Stages that stopped before their end, or failed for every species (`why` is `failed`), with a
   * sentence for a person.
   */
  readonly stops: readonly { readonly source: string; readonly stop: StageStop }[];
}

/**
 * Scrapes. Everything decided is logged as it happens, so the run may end at any instant and be
 * called again.
 *
 * @param plan What to do.
 * @param tools What to work with; not closed here.
 * @param shutdown Ends the run.
 * @returns What it came to.
 * @throws {Failure} When the run was interrupted (status 130) or the data folder gave out.
 */
export async function scrape(
  plan: ScrapePlan,
  tools: ScrapeTools,
  shutdown: Shutdown,
): Promise<ScrapeResult> {
  const broken = new AbortController();
  const run = new Run(plan, tools, {
    stopStarting: AbortSignal.any([shutdown.stopStarting, broken.signal]),
    abort: AbortSignal.any([shutdown.abort, broken.signal]),
  });
  tools.progress.planned(run.workload());
  const forEach = async (all: Iterable<Species>, work: (species: Species) => Promise<void>) => {
    const jobs = pooled(plan.jobs, all, async (species) => {
      try {
        await work(species);
      } catch (thrown) {
        // The first failure aborts the other jobs; their abort errors are ignored. At Ctrl-C none
        // is aborted: each may end its downloads first.
        const { aborted, reason } = shutdown.stopStarting;
        if (!aborted || thrown !== reason) broken.abort(thrown);
      }
    });
    for await (const _ of jobs);
    broken.signal.throwIfAborted();
    shutdown.stopStarting.throwIfAborted();
  };
  try {
    await forEach(run.inOrder(), (species) => run.species(species));
    await forEach(plan.species, (species) => run.late(species));
    for (let pass = 0; pass < MOST_REOPENINGS; pass++) {
      const reopened = plan.species.filter((species) => run.isReopened(species));
      if (reopened.length === 0) break;
      await forEach(reopened, (species) => run.species(species));
    }
    return run.result();
  } catch (thrown) {
    if (shutdown.stopStarting.aborted) {
      const detail = reason(thrown);
      for (const { name } of tools.sources) {
        tools.dataset.append({ event: "stopped", source: name, why: "interrupted", detail });
      }
    }
    throw thrown;
  } finally {
    await tools.dataset.flush();
  }
}

class Run {
  readonly #plan: ScrapePlan;
  readonly #tools: ScrapeTools;
  readonly #jobTools: JobTools;
  readonly #reports: JobReport[] = [];
  readonly #stops = new Map<string, StageStop>();
  /** Sources by name that were searched in this run, with what each failed search gave as reason. */
  readonly #searches = new Map<string, { count: number; readonly failures: string[] }>();
  /** The ids of the species that were gone through in this run. */
  readonly #ended = new Set<string>();
  readonly #shutdown: Shutdown;
  readonly #began = new Date().toISOString();

  constructor(plan: ScrapePlan, tools: ScrapeTools, shutdown: Shutdown) {
    this.#plan = plan;
    this.#tools = tools;
    this.#shutdown = shutdown;
    const pictures = loadPictures(
      tools.dataset.state,
      // Images of earlier runs may be from others.
      (name) => tools.sources.find((source) => source.name === name)?.vouches ?? isSure(name),
    );
    // Whoever waits for them hears of an error; a run may end before anybody does.
    pictures.catch(() => undefined);
    this.#jobTools = {
      dataset: tools.dataset,
      fetcher: tools.fetcher,
      ignoreOptOuts: plan.ignoreOptOuts ?? false,
      judge: new Judge(tools.dataset, pictures, (id) => {
        const species = plan.species.find((one) => one.id === id);
        if (species !== undefined && this.#isShort(species)) tools.progress.withdrawn(species);
      }),
      rates: new SuccessRates(),
      hung: new Set(),
      memory: new MemoryBudget(),
      progress: tools.progress,
    };
  }

  /** What there is to do, as the log has it now. */
  workload(): Workload {
    const { state } = this.#tools.dataset;
    const { species, wanted } = this.#plan;
    const kept = species.reduce((sum, { id }) => sum + Math.min(wanted, state.kept(id)), 0);
    const stages = this.#tools.sources.map((source) => {
      const todo = species.filter((one) =>
        this.#isAsked(one, source) && this.#again(one, source)?.length !== 0
      );
      return { source: source.name, todo: new Set(todo.map(({ id }) => id)) };
    });
    return { stages, species: species.length, kept, wanted: species.length * wanted };
  }

  /** All species; then, while the last ones are worked on, those that are reopened by then. */
  *inOrder(): Iterable<Species> {
    yield* this.#plan.species;
    for (const species of this.#plan.species) if (this.isReopened(species)) yield species;
  }

  /** Goes through the sources. */
  async species(species: Species): Promise<void> {
    // What failed a moment ago is left to the next run.
    const retry = this.#ended.has(species.id) ? "none" : this.#plan.retry;
    for (const source of this.#sourcesFor(species)) {
      this.#shutdown.stopStarting.throwIfAborted();
      await this.#job(species, source, retry);
    }
    this.#ended.add(species.id);
  }

  /** Tries again what waited for hosts that were set aside, if they are back. */
  async late(species: Species): Promise<void> {
    const { dataset, fetcher } = this.#tools;
    for (const source of this.#sourcesFor(species)) {
      if (!this.#isShort(species)) return;
      const again = dataset.state.transientFailures(species.id, source.name).filter((failure) =>
        failure.detail?.startsWith("host set aside") && failure.time >= this.#began &&
        fetcher.standing?.(failure.url) !== "set aside"
      );
      const before = dataset.state.doneWith(species.id, source.name);
      if (again.length > 0 && before !== undefined) await this.#run(species, source, again, before);
    }
  }

  /** Whether a species had enough until one of its images was withdrawn. */
  isReopened(species: Species): boolean {
    const { state } = this.#tools.dataset;
    if (!this.#ended.has(species.id) || !this.#isShort(species)) return false;
    return this.#sourcesFor(species).some((source) =>
      !this.#stops.has(source.name) && state.doneWith(species.id, source.name)?.why === "enough"
    );
  }

  #isShort({ id }: Species): boolean {
    return this.#tools.dataset.state.kept(id) < this.#plan.wanted;
  }

  #isAsked(species: Species, { name }: ImageSource): boolean {
    return this.#plan.isAsked?.(species, name) ?? true;
  }

  #sourcesFor(species: Species): readonly ImageSource[] {
    return this.#tools.sources.filter((source) => this.#isAsked(species, source));
  }

  result(): ScrapeResult {
    for (const [source, { count, failures }] of this.#searches) {
      if (failures.length < count || this.#stops.has(source)) continue;
      const [first = ""] = failures;
      const none = `No search of ${plural(count, "species", "species")} worked: ${first}`;
      this.#logStop(source, new StageStop("failed", none));
    }
    return {
      reports: this.#reports,
      stops: [...this.#stops].map(([source, stop]) => ({ source, stop })),
    };
  }

  async #job(species: Species, source: ImageSource, retry: RetryRule): Promise<void> {
    const { state } = this.#tools.dataset;
    const before = state.doneWith(species.id, source.name);
    const again = this.#again(species, source);
    if (again?.length === 0) {
      const isNew = before === undefined && !this.#isShort(species);
      if (isNew) this.#done(species, source, "enough", {});
      else this.#report(species, source, before?.why ?? "enough");
    } else if (this.#stops.has(source.name)) {
      this.#report(species, source, "stopped");
    } else {
      await this.#run(species, source, again, before, retry);
    }
  }

  /** The failures that a job has to try again, perhaps none; `undefined` where it has to search. */
  #again(species: Species, source: ImageSource): readonly ImageEvent[] | undefined {
    const { state } = this.#tools.dataset;
    const { retry } = this.#plan;
    if (!this.#isShort(species)) return [];
    const before = state.doneWith(species.id, source.name);
    if (before === undefined || before.why === "enough" || retry === "all") return undefined;
    return retry === "none" ? [] : state.transientFailures(species.id, source.name);
  }

  async #run(
    species: Species,
    source: ImageSource,
    again: readonly ImageEvent[] | undefined,
    before: Pick<DoneEvent, "why"> | undefined,
    retry: RetryRule = this.#plan.retry,
  ): Promise<void> {
    const { wanted, license = "any" } = this.#plan;
    const missing = wanted - this.#tools.dataset.state.kept(species.id);
    this.#tools.progress.started(species, source.name, missing);
    const job = { species, source, wanted, retry, license, ...defined({ again }) };
    try {
      const end = await runJob(job, this.#jobTools, this.#shutdown);
      if (again === undefined) this.#countSearch(source.name, end);
      const detail = "reason" in end ? end.reason : undefined;
      if (end.why === "failed" || end.why === "not-recognised") {
        return this.#stopped(species, source, end.why, end.reason);
      }
      // A search that brought enough did not come to its end.
      const found = end.why === "enough"
        ? source.found?.(species)
        : "detail" in end
        ? end.detail
        : undefined;
      // Trying failures again does not make a fish known that was not found before.
      const why = end.why === "exhausted" && again !== undefined && before?.why || end.why;
      this.#done(species, source, why, defined({ detail, found }));
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
    const { state } = this.#tools.dataset;
    const kept = state.kept(species.id);
    const { wanted } = this.#plan;
    // Names are looked up once: what is known of them is not lost with a later search.
    const { detail, found = state.doneWith(species.id, source.name)?.found } = more;
    const isBrief = found !== undefined && JSON.stringify(found).length <= LONGEST_FOUND;
    this.#tools.dataset.append({
      event: "done",
      species: species.id,
      source: source.name,
      kept,
      wanted,
      why,
      ...defined({ detail: detail && brief(detail), found: isBrief ? found : undefined }),
    });
    this.#report(species, source, why, more.detail);
  }

  #stopped(species: Species, source: ImageSource, why: string, detail: string): void {
    const of = { source: source.name, species: species.id };
    this.#tools.dataset.append({ event: "stopped", ...of, why, detail: brief(detail) });
    this.#report(species, source, why, detail);
  }

  #stopStage(species: Species, source: ImageSource, stop: StageStop): void {
    if (!this.#stops.has(source.name)) {
      this.#logStop(source.name, stop);
      this.#tools.progress.notice(stop.message);
    }
    this.#report(species, source, "stopped", stop.why);
  }

  #logStop(source: string, stop: StageStop): void {
    this.#stops.set(source, stop);
    const { message: detail, why } = stop;
    this.#tools.dataset.append({ event: "stopped", source, why, detail });
  }

  #countSearch(source: string, end: JobEnd): void {
    if (end.why === "no-latin-name") return;
    const searches = this.#searches.get(source) ?? { count: 0, failures: [] };
    this.#searches.set(source, searches);
    searches.count++;
    if (end.why === "failed" || end.why === "not-recognised") searches.failures.push(end.reason);
  }

  #report(species: Species, source: ImageSource, why: string, detail?: string): void {
    const report: JobReport = {
      species,
      source: source.name,
      why,
      kept: this.#tools.dataset.state.kept(species.id),
      ...defined({ detail }),
    };
    this.#reports.push(report);
    this.#tools.progress.finished(report);
  }
}
