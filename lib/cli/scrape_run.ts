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
import { fetchHere } from "../scrape/fetch_candidate.ts";
import type { Shutdown } from "../scrape/job.ts";
import { scrape, type ScrapePlan, type ScrapeResult } from "../scrape/scrape.ts";
import { Budget, countingClient } from "../sources/budget.ts";
import { knownNameOf } from "../sources/known_name.ts";
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
import type { Script, ScriptContext } from "./script.ts";
import {
  buildSource,
  clientFor,
  examinerFor,
  isApiSource,
  SOURCE_SITES,
  type SourceParts,
} from "./sources.ts";
import { chooseSpecies, presentList } from "./species_list.ts";
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
  const plain = context.use(clientFor(flags, context.say));
  const budget = await Budget.open(flags.data);
  const client = countingClient(plain, budget);
  const list = await run.list(client);
  const species = chooseSpecies(list, flags, context.say);
  const others = speciesOfOtherShards(run, list, flags, species);
  const running = { dataset, client, budget, species, others, counts };
  const result = flags.queue === undefined
    ? await scrapeWith(run, flags, context, running)
    : await scrapeByQueue(run, flags, flags.queue, context, running);
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

interface Running {
  readonly dataset: Dataset;
  readonly client: Client;
  readonly budget: Budget;
  readonly species: readonly Species[];
  /** Species of other shards, which some sources are asked for here. */
  readonly others: readonly Species[];
  readonly counts: OutcomeCounts;
}

function speciesOfOtherShards(
  { forAllShards }: ScrapeRun,
  list: readonly Species[],
  flags: ScrapeFlags,
  own: readonly Species[],
): readonly Species[] {
  if (flags.shard === undefined || forAllShards === undefined || forAllShards.size === 0) return [];
  const ids = new Set(own.map(({ id }) => id));
  const all = chooseSpecies(list, { ...flags, shard: undefined }, () => {});
  return all.filter(({ id }) => !ids.has(id));
}

/** The store that the data folder is to remember, if workers put images into one. */
function storeFor({ queue, store }: ScrapeFlags): string | undefined {
  if (queue === undefined && store === undefined) return undefined;
  if (queue === undefined) {
    throw new Failure(
      "The flag --store needs --queue, the queue whose workers put images there.",
      2,
    );
  }
  if (store === undefined) {
    throw new Failure(
      "The flag --queue needs --store, where the workers put images: s3://bucket/prefix or a folder that all share.",
      2,
    );
  }
  return store.startsWith("s3://") ? store : resolve(store);
}

function planOf(species: readonly Species[], flags: ScrapeFlags): ScrapePlan {
  const { images: wanted, jobs, retry, license, "ignore-opt-outs": ignoreOptOuts } = flags;
  return { species, wanted, jobs, retry, license, ignoreOptOuts };
}

async function scrapeByQueue(
  run: ScrapeRun,
  flags: ScrapeFlags,
  name: string,
  context: ScriptContext,
  { dataset, client, species, counts }: Running,
): Promise<ScrapeResult> {
  // One machine need not load what it does not use.
  const [{ readCredentials }, { openQueue }, { startKeeper }] = await Promise.all([
    import("./credentials.ts"),
    import("../engine/queue.ts"),
    import("../engine/keeper.ts"),
  ]);
  const sources = run.sources.map((source) =>
    buildSource(source, flags, { client, notice: context.say })
  );
  const queue = await openQueue(name, await readCredentials(flags.credentials), context.say);
  try {
    let running: ScrapeProgress | undefined;
    const keeper = await startKeeper({
      queue,
      progress: () => running?.figures,
      run: {
        version: VERSION,
        flags: asTyped(
          Object.fromEntries(
            Object.entries(context.given).filter(([flag]) => flag in WORKERS_OBEY),
          ),
        ),
        sources: sources.map((source) => source.name),
      },
      sites: SOURCE_SITES,
      decidedUrls: (id) => dataset.state.decidedUrls(id),
      flush: () => dataset.flush(),
      notice: context.say,
      signal: context.signal,
    });
    try {
      return await withDisplay(context, async (display) => {
        const progress = new ScrapeProgress(display, flags.jobs, (event) => counts.count(event));
        running = progress;
        const { stopStarting, abort } = shutDownInTwoSteps(
          context,
          progress,
          () => Promise.resolve(),
        );
        return await scrape(
          planOf(species, flags),
          {
            dataset,
            fetcher: keeper,
            sources: sources.map((source) => keeper.source(source.name, source.vouches)),
            progress,
          },
          {
            stopStarting: AbortSignal.any([stopStarting, keeper.broken]),
            abort: AbortSignal.any([abort, keeper.broken]),
          },
        );
      });
    } finally {
      await keeper.close();
      counts.givenUp = keeper.poison;
    }
  } finally {
    await queue.close();
    await Promise.all(sources.map((source) => source.close()));
  }
}

async function scrapeWith(
  run: ScrapeRun,
  flags: ScrapeFlags,
  context: ScriptContext,
  { dataset, client, budget, species, others, counts }: Running,
): Promise<ScrapeResult> {
  const own = new Set(species.map(({ id }) => id));
  const examiner = examinerFor(flags, true);
  const parts: SourceParts = {
    client,
    budget,
    notice: context.say,
    // The log knows more than the list, which is written at the end.
    nameAt: ({ id, names }, source) => nameInLog(dataset, id, source) ?? names?.[source],
    keptBy: ({ id }) => countAuthors(dataset, id),
  };
  const sources = run.sources.map((source) => buildSource(source, flags, parts));
  const closeSources = () => Promise.all(sources.map((source) => source.close()));
  try {
    return await withDisplay(context, async (display) => {
      const progress = new ScrapeProgress(display, flags.jobs, (event) => counts.count(event));
      return await scrape(
        {
          ...planOf([...species, ...others], flags),
          isAsked: ({ id }, source) => own.has(id) || run.forAllShards?.has(source) === true,
        },
        {
          dataset,
          fetcher: fetchHere(client, examiner, flags["check-pages"]),
          sources,
          progress,
        },
        shutDownInTwoSteps(context, progress, closeSources),
      );
    });
  } finally {
    await closeSources();
    await budget.flush();
    examiner.close();
    await updateKnownNames(
      flags.data,
      ({ id }) =>
        new Map(sources.flatMap(({ name }) => {
          const known = nameInLog(dataset, id, name);
          return known === undefined ? [] : [[name, known]];
        })),
    );
  }
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

function sameCommand({ fromSettings, given, name }: ScriptContext): string {
  const typed = Object.entries(given).filter(([flag]) => !fromSettings.includes(flag));
  const flags = typed.flatMap(([flag, value]) =>
    value === true ? [`--${flag}`] : [value].flat().map((one) => `--${flag} ${quote(one)}`)
  );
  return ["deno task", "queue" in given ? "keeper" : name, ...flags].join(" ");
}
