/**
 * A scraping run from the command line: what `scrape`, `fishbase` and `google` have in common.
 *
 * @module
 */

import { plural } from "../base/plural.ts";
import { type Dataset, openDataset } from "../dataset/dataset.ts";
import type { ExitStatus } from "../base/failure.ts";
import { createExaminer } from "../image/create_examiner.ts";
import { DEFAULT_LIMITS, type Examiner } from "../image/examine.ts";
import { fetchHere } from "../scrape/fetch_candidate.ts";
import { scrape, type ScrapeResult } from "../scrape/scrape.ts";
import type { Shutdown } from "../scrape/job.ts";
import type { ImageSource, Notice } from "../sources/source.ts";
import type { Species } from "../species/species.ts";
import { VERSION } from "../base/version.ts";
import type { Client } from "../web/client.ts";
import { createClient } from "../web/create_client.ts";
import { chooseSpecies } from "./choose_species.ts";
import type { FlagValues } from "./flags.ts";
import { quote } from "./permissions.ts";
import { withDisplay } from "./progress.ts";
import type { SCRAPE_FLAGS } from "./scrape_flags.ts";
import { ScrapeProgress } from "./scrape_progress.ts";
import type { ScriptContext } from "./script.ts";
import { describeSummary, OutcomeCounts, summarise } from "./summary.ts";

/** What a source is built from. */
export interface SourceParts {
  /** The way out. */
  readonly client: Client;
  /** Where unrecognised pages are kept. */
  readonly dataset: Dataset;
  /** Tells a person something. */
  readonly notice: Notice;
}

/** What the scripts differ in. */
export interface ScrapeRun {
  /** The species list of the data folder; a run may fetch it first. */
  list(client: Client, notice: Notice, signal: AbortSignal): Promise<readonly Species[]>;
  /** The sources, the surest first. */
  sources(parts: SourceParts): readonly ImageSource[];
}

/** How long downloads under way may take to end after Ctrl-C, in milliseconds. */
const GRACE = 1000;

/**
 * Runs a scrape: opens the data folder, chooses the species, scrapes, sums up.
 *
 * @returns 0, or 75 when a stage stopped before its end.
 * @throws {Failure} What ends the run.
 */
export async function runScrape(
  run: ScrapeRun,
  flags: FlagValues<typeof SCRAPE_FLAGS>,
  context: ScriptContext,
): Promise<0 | ExitStatus> {
  const began = performance.now();
  const counts = new OutcomeCounts();
  const dataset = await openDataset({
    dir: flags.data,
    script: context.name,
    version: VERSION,
    flags: context.given,
    notice: context.say,
  });
  const client = createClient({
    contact: flags.contact,
    maxBytes: flags["max-bytes"],
    allowPrivate: flags["allow-private"],
    ignoreOptOuts: flags["ignore-opt-outs"],
    notice: context.say,
  });
  try {
    const list = await run.list(client, context.say, context.signal);
    const species = chooseSpecies(list, flags, context.say);
    const result = await scrapeWith(run, flags, context, { dataset, client, species, counts });
    const summary = summarise({
      seconds: (performance.now() - began) / 1000,
      data: flags.data,
      wanted: flags.images,
      species,
      kept: (id) => dataset.state.kept(id),
      result,
      counts,
      again: sameCommand(context),
    });
    if (flags.json) context.print(JSON.stringify(summary, null, 2));
    else context.print(describeSummary(summary));
    return summary.stops.length > 0 ? 75 : 0;
  } finally {
    client.close();
    await dataset.close();
  }
}

interface Running {
  readonly dataset: Dataset;
  readonly client: Client;
  readonly species: readonly Species[];
  readonly counts: OutcomeCounts;
}

async function scrapeWith(
  run: ScrapeRun,
  flags: FlagValues<typeof SCRAPE_FLAGS>,
  context: ScriptContext,
  { dataset, client, species, counts }: Running,
): Promise<ScrapeResult> {
  const examiner: Examiner = createExaminer({
    limits: {
      ...DEFAULT_LIMITS,
      minWidth: flags["min-size"].width,
      minHeight: flags["min-size"].height,
      maxAspect: flags["max-aspect"],
    },
  });
  const sources = run.sources({ client, dataset, notice: context.say });
  const closeSources = () => Promise.all(sources.map((source) => source.close()));
  try {
    return await withDisplay(context, async (display) => {
      const progress = new ScrapeProgress(display, flags.jobs, (event) => counts.count(event));
      return await scrape(
        {
          species,
          wanted: flags.images,
          jobs: flags.jobs,
          retry: flags.retry,
          ignoreOptOuts: flags["ignore-opt-outs"],
        },
        { dataset, fetcher: fetchHere(client, examiner), sources, progress },
        shutDownInTwoSteps(context, progress, closeSources),
      );
    });
  } finally {
    await closeSources();
    examiner.close();
  }
}

function shutDownInTwoSteps(
  context: ScriptContext,
  progress: ScrapeProgress,
  closeSources: () => Promise<unknown>,
): Shutdown {
  const abort = new AbortController();
  context.onStopping(() =>
    progress.underWay === 0
      ? "stopping"
      : `stopping, ${plural(progress.underWay, "download ends", "downloads end")} first`
  );
  context.signal.addEventListener("abort", () => {
    // Nothing is searched any more; the browser may go while the downloads end.
    closeSources().catch((thrown) => abort.abort(thrown));
    const timer = setTimeout(() => abort.abort(context.signal.reason), GRACE);
    Deno.unrefTimer(Number(timer));
  }, { once: true });
  return { stopStarting: context.signal, abort: abort.signal };
}

function sameCommand({ name, given }: ScriptContext): string {
  const flags = Object.entries(given).flatMap(([flag, value]) =>
    value === true ? [`--${flag}`] : [value].flat().map((one) => `--${flag} ${quote(one)}`)
  );
  return ["deno task", name, ...flags].join(" ");
}
