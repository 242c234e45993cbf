/**
 * A scraping run from the command line: what `scrape` and the scripts of single sources share.
 *
 * @module
 */

import { resolve } from "@std/path";
import { type ExitStatus, Failure } from "../base/failure.ts";
import { plural } from "../base/plural.ts";
import { VERSION } from "../base/version.ts";
import { type Dataset, openDataset } from "../dataset/dataset.ts";
import { nameKey } from "../dataset/forgotten.ts";
import { countEmbeddings } from "../embed/store.ts";
import type { Shutdown } from "../scrape/job.ts";
import { scrape, type ScrapePlan } from "../scrape/scrape.ts";
import { knownNameOf } from "../sources/api.ts";
import { Budget, countingClient } from "../sources/budget.ts";
import { isSure } from "../sources/source.ts";
import { updateKnownNames } from "../species/file.ts";
import type { KnownName, Species } from "../species/species.ts";
import type { Client } from "../web/client.ts";
import { datasetOptions } from "./data_folder.ts";
import { asTyped, defaultsOf, type FlagValues } from "./flags.ts";
import { quote } from "./permissions.ts";
import { withDisplay } from "./progress.ts";
import {
  API_FLAGS,
  BROWSER_FLAGS,
  FISHBASE_FLAGS,
  GOOGLE_FLAGS,
  type QUEUE_FLAGS,
  SCRAPE_FLAGS,
  SOURCE_FLAGS,
  type SourceFlags,
  type SourceName,
  WORKERS_OBEY,
} from "./scrape_flags.ts";
import { ScrapeProgress } from "./scrape_progress.ts";
import { sameCommand, type Script, type ScriptContext } from "./script.ts";
import { clientFor, isApiSource, type OpenSources, openSources, SOURCE_SITES } from "./sources.ts";
import { chooseSpecies, presentList, shareOf } from "./species_list.ts";
import { describeSummary, isToGoOn, OutcomeCounts, summarise } from "./summary.ts";

/** What the scripts differ in. */
export interface ScrapeRun {
  /** The species list of the data folder; a run may fetch it first. */
  list(client: Client): Promise<readonly Species[]>;
  /** The sources, the surest first. */
  readonly sources: readonly SourceName[];
  /** The sources that are asked here for the species of all shards. */
  readonly forAllShards?: ReadonlySet<string>;
}

/** The script of one source, for the species of a list that is there. */
export function sourceScript(name: SourceName, summary: string): Script {
  const own = isApiSource(name)
    ? API_FLAGS
    : { ...BROWSER_FLAGS, ...(name === "google" ? GOOGLE_FLAGS : FISHBASE_FLAGS) };
  return {
    name,
    summary,
    flags: { ...SCRAPE_FLAGS, ...own },
    readsSettings: true,
    async run(flags, context) {
      const all: SourceFlags = { ...defaultsOf(SOURCE_FLAGS), ...flags };
      const list = await presentList(all.data);
      return await runScrape({ list: () => Promise.resolve(list), sources: [name] }, all, context);
    },
  };
}

type ScrapeFlags = SourceFlags & Partial<FlagValues<typeof QUEUE_FLAGS>>;

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
  flags: ScrapeFlags,
  context: ScriptContext,
): Promise<0 | ExitStatus> {
  const began = performance.now();
  const store = storeFor(flags);
  const counts = new OutcomeCounts();
  const dataset = context.use(
    await openDataset({ ...datasetOptions(flags.data, context), store }),
  );
  const budget = await Budget.open(flags.data);
  const client = countingClient(context.use(clientFor(flags, context.say)), budget);
  const chosen = chooseSpecies(await run.list(client), flags, context.say);
  const species = shareOf(chosen, flags.shard, context.say);
  const { forAllShards = new Set() } = run;
  const own = new Set(species);
  const others = forAllShards.size === 0 ? [] : chosen.filter((one) => !own.has(one));
  const plan: ScrapePlan = {
    species: [...species, ...others],
    wanted: flags.images,
    jobs: flags.jobs,
    retry: flags.retry,
    license: flags.license,
    ignoreOptOuts: flags["ignore-opt-outs"],
    isAsked: (one, source) => own.has(one) || forAllShards.has(source),
  };
  const result = await withDisplay(context, async (display) => {
    const progress = new ScrapeProgress(display, flags.jobs, (event) => counts.count(event));
    const open = flags.queue === undefined ? localExecutor : queueExecutor;
    const executor = await open({ run, flags, context, dataset, client, budget, progress });
    try {
      const shutdown = shutDownInTwoSteps(context, progress, executor);
      return await scrape(plan, { dataset, ...executor, progress }, shutdown);
    } finally {
      counts.givenUp = await executor.close();
    }
  });
  const embedded = await countEmbeddings(flags.data, dataset.state.keptImages());
  const summary = summarise({
    seconds: (performance.now() - began) / 1000,
    data: flags.data,
    wanted: flags.images,
    species,
    kept: (id) => dataset.state.kept(id),
    result,
    counts,
    again: sameCommand(context),
    notEmbedded: embedded?.missing,
  });
  context.result(summary, () => describeSummary(summary));
  if (others.length > 0) {
    const images = others.reduce((sum, { id }) => sum + dataset.state.kept(id), 0);
    context.say(
      `${plural(images, "image is", "images are")} of ${
        plural(others.length, "species", "species")
      } of other shards: \`merge\` brings them together.`,
    );
  }
  if (store !== undefined) {
    const pull = `deno task pull --data ${quote(flags.data)}`;
    context.say(`The workers have put the images into ${store}. Bring them here: ${pull}`);
  }
  return summary.stops.some(isToGoOn) ? 75 : 0;
}

/** What searches and fetches: this machine, or workers by a queue. */
interface Executor extends Omit<OpenSources, "close"> {
  /** Fires when it cannot go on. */
  readonly broken?: AbortSignal;
  /** @returns How many candidates were given up because workers ended while they fetched them. */
  close(): Promise<number>;
}

/** What both executors are made from. */
interface ExecutorParts {
  readonly run: ScrapeRun;
  readonly flags: ScrapeFlags;
  readonly context: ScriptContext;
  readonly dataset: Dataset;
  readonly client: Client;
  readonly budget: Budget;
  readonly progress: ScrapeProgress;
}

/** The store that the data folder is to remember, if workers put images into one. */
function storeFor({ queue, store }: ScrapeFlags): string | undefined {
  if ((queue === undefined) !== (store === undefined)) {
    throw new Failure(
      "The flags --queue and --store go together: the queue, and where its workers put the " +
        "images, which is s3://bucket/prefix or a folder that all share.",
      2,
    );
  }
  return store === undefined || store.startsWith("s3://") ? store : resolve(store);
}

/** Workers search and fetch. */
async function queueExecutor(
  { run, flags, context, dataset, progress }: ExecutorParts,
): Promise<Executor> {
  // One machine need not load what it does not use.
  const [{ readCredentials }, { openQueue }, { startKeeper }] = await Promise.all([
    import("./credentials.ts"),
    import("../engine/queue.ts"),
    import("../engine/keeper.ts"),
  ]);
  const { given, say: notice, signal } = context;
  const obeyed = Object.entries(given).filter(([flag]) => flag in WORKERS_OBEY);
  const credentials = await readCredentials(flags.credentials);
  const queue = context.use(await openQueue(flags.queue ?? "", credentials, notice));
  const keeper = await startKeeper({
    queue,
    progress: () => progress.figures,
    run: {
      version: VERSION,
      flags: asTyped(Object.fromEntries(obeyed)),
      sources: [...run.sources],
    },
    sites: SOURCE_SITES,
    decidedUrls: (id) => [...dataset.state.decisions(id)].map(({ url }) => url),
    flush: () => dataset.flush(),
    notice,
    signal,
  });
  return {
    fetcher: keeper,
    sources: run.sources.map((name) => keeper.source(name, isSure(name))),
    stopSearching: () => Promise.resolve(),
    broken: keeper.broken,
    async close() {
      await keeper.close();
      return keeper.poison;
    },
  };
}

/** This machine searches and fetches. */
function localExecutor({ run, flags, context, dataset, client, budget }: ExecutorParts): Executor {
  const opened = openSources(
    run.sources,
    flags,
    {
      client,
      budget,
      notice: context.say,
      // The log knows more than the list, which is written at the end.
      nameAt: ({ id, names }, source) => nameInLog(dataset, id, source) ?? names?.[source],
      keptBy: ({ id }) => countAuthors(dataset, id),
    },
    true,
  );
  return {
    ...opened,
    async close() {
      await opened.close();
      await budget.flush();
      await updateKnownNames(flags.data, ({ id }) =>
        new Map(run.sources.flatMap((name) => {
          const known = nameInLog(dataset, id, name);
          return known === undefined ? [] : [[name, known]];
        })));
      return 0;
    },
  };
}

function nameInLog({ state }: Dataset, species: string, source: string): KnownName | undefined {
  return knownNameOf(state.doneWith(species, source)?.found);
}

function countAuthors({ state }: Dataset, species: string): Map<string, number> {
  const counts = new Map<string, number>();
  const images = [...state.keptImages(species)].filter(({ rejected }) => !rejected);
  for (const { author } of state.lines(images)) {
    const key = nameKey(author ?? "");
    if (key !== "") counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function shutDownInTwoSteps(
  context: ScriptContext,
  progress: ScrapeProgress,
  { broken, stopSearching }: Executor,
): Shutdown {
  const abort = new AbortController();
  context.onStopping(() =>
    progress.underWay === 0
      ? "stopping"
      : `stopping, ${plural(progress.underWay, "download ends", "downloads end")} first`
  );
  context.signal.addEventListener("abort", () => {
    // Nothing is searched any more; the browser may go while the downloads end.
    stopSearching().catch((thrown) => abort.abort(thrown));
    const timer = setTimeout(() => abort.abort(context.signal.reason), GRACE);
    Deno.unrefTimer(Number(timer));
  }, { once: true });
  const orBroken = (signal: AbortSignal) => AbortSignal.any([signal, broken ?? []].flat());
  return { stopStarting: orBroken(context.signal), abort: orBroken(abort.signal) };
}
