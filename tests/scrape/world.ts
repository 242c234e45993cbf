/** A small world for the pipeline's tests: a site, a network and an examiner made of tables. */

import { type Dataset, openDataset } from "../../lib/dataset/dataset.ts";
import type { ImageEvent, LogLine } from "../../lib/dataset/event.ts";
import type { NetworkOutcome } from "../../lib/base/outcome.ts";
import { VIEW_DIGITS } from "../../lib/image/fingerprint.ts";
import type { Examination, Examiner } from "../../lib/image/examine.ts";
import { fetchHere } from "../../lib/scrape/fetch_candidate.ts";
import { scrape, type ScrapePlan, type ScrapeResult } from "../../lib/scrape/scrape.ts";
import type { Shutdown } from "../../lib/scrape/job.ts";
import type { Progress } from "../../lib/scrape/progress.ts";
import type { Candidate, ImageSource, SourceEnd } from "../../lib/sources/source.ts";
import type { Species } from "../../lib/species/species.ts";
import type { Client } from "../../lib/web/client.ts";
import { withFolder } from "../folder.ts";

/** What the network makes of a URL: bytes as text, or an outcome. */
export type Reply = { readonly text: string } | { readonly outcome: NetworkOutcome };

/** A fish by its Latin name. */
export function fish(latin: string): Species {
  const id = latin.toLowerCase().replace(/ /g, "_");
  return {
    id,
    latin,
    rank: "species",
    search: latin,
    common: [],
    group: [],
    verbatim: { common: "", latin },
    page: "https://en.wikipedia.org/wiki/List",
  };
}

/** A source whose candidates are written down, each by its URL's path, or by host and path. */
export function source(
  name: string,
  table: Readonly<Record<string, readonly string[]>>,
  end: SourceEnd | (() => never) = { why: "exhausted" },
): ImageSource & { readonly searched: string[] } {
  const searched: string[] = [];
  return {
    name,
    vouches: name === "fishbase",
    searched,
    async *candidates(species, _demand, signal): AsyncGenerator<Candidate, SourceEnd, void> {
      searched.push(species.id);
      for (const path of table[species.id] ?? []) {
        await Promise.resolve();
        signal.throwIfAborted();
        const page = `https://${name}.test/page`;
        yield { url: new URL(path, page).href, page };
      }
      return typeof end === "function" ? end() : end;
    },
    close: () => Promise.resolve(),
  };
}

/** A network that answers from a table; what is not in it is the text of its own path. */
export class Network implements Client {
  readonly asked: string[] = [];
  readonly #replies: Readonly<Record<string, Reply>>;
  readonly #before: (path: string, signal: AbortSignal) => Promise<void>;

  constructor(
    replies: Readonly<Record<string, Reply>> = {},
    before: (path: string, signal: AbortSignal) => Promise<void> = () => Promise.resolve(),
  ) {
    this.#replies = replies;
    this.#before = before;
  }

  async download(url: string, { signal }: { signal: AbortSignal }): ReturnType<Client["download"]> {
    const path = new URL(url).pathname.slice(1);
    this.asked.push(path);
    await this.#before(path, signal);
    signal.throwIfAborted();
    const reply = this.#replies[path] ?? { text: `picture ${path}` };
    if ("outcome" in reply) {
      return { ok: false, outcome: reply.outcome, detail: `told ${reply.outcome}`, url };
    }
    const bytes = new TextEncoder().encode(reply.text);
    return { ok: true, url, status: 200, headers: new Headers(), bytes, notes: [] };
  }

  page(_url: string): ReturnType<Client["page"]> {
    throw new TypeError("The pipeline asks for no pages");
  }

  robots(): never {
    throw new TypeError("The pipeline asks for no robots.txt");
  }

  pace(): void {
    throw new TypeError("The pipeline paces no hosts");
  }

  close(): void {
    throw new TypeError("The pipeline does not close what it was given");
  }
}

/**
 * Takes every text that begins with `picture` for an image: with `noai` in it for one whose file
 * forbids its use for training, with `made up` for one that a program has made.
 */
export const examiner: Examiner = {
  async examine(bytes): Promise<Examination> {
    const text = new TextDecoder().decode(bytes);
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    const sha256 = new Uint8Array(digest).toHex();
    if (!text.startsWith("picture")) {
      return { ok: false, outcome: "not-an-image", detail: "a text", sha256 };
    }
    const fingerprint = sha256.repeat(5).slice(0, VIEW_DIGITS);
    return {
      ok: true,
      bytes,
      sha256,
      type: "jpeg",
      width: 640,
      height: 480,
      fingerprint,
      mirrored: fingerprint.split("").reverse().join(""),
      ...(text.includes("noai") ? { credit: { optOut: "plus:DataMining" } } : {}),
      ...(text.includes("made up") ? { credit: { synthetic: "IPTC" } } : {}),
    };
  },
  close: () => undefined,
};

/** Progress that nobody looks at. */
export const unseen: Progress = {
  planned: () => undefined,
  started: () => undefined,
  fetching: () => undefined,
  decided: () => undefined,
  withdrawn: () => undefined,
  finished: () => undefined,
  notice: () => undefined,
};

/** One run over a data folder. */
export async function run(
  dir: string,
  plan: Partial<ScrapePlan> & Pick<ScrapePlan, "species">,
  sources: readonly ImageSource[],
  network: Network,
  shutdown: Shutdown = {
    stopStarting: new AbortController().signal,
    abort: new AbortController().signal,
  },
  progress: Progress = unseen,
): Promise<ScrapeResult> {
  const dataset: Dataset = await openDataset({
    dir,
    script: "test",
    version: "0.0.0",
    flags: {},
    notice: (text) => progress.notice(text),
  });
  try {
    return await scrape(
      { wanted: 3, jobs: 8, retry: "transient", ...plan },
      { dataset, fetcher: fetchHere(network, examiner), sources, progress },
      shutdown,
    );
  } finally {
    await dataset.close();
  }
}

/** A data folder for one test, removed afterwards. */
export async function inFolder(test: (dir: string) => Promise<void>): Promise<void> {
  await withFolder((dir) => test(`${dir}/data`));
}

/** The lines of the log. */
export async function log(dir: string): Promise<LogLine[]> {
  const text = await Deno.readTextFile(`${dir}/log.jsonl`);
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

/** Path and outcome of each decided candidate, in the order of the log. */
export async function decisions(dir: string): Promise<string[]> {
  return (await log(dir))
    .filter((line): line is LogLine & ImageEvent => line.event === "image")
    .map(({ url, outcome }) => `${new URL(url).pathname.slice(1)} ${outcome}`);
}
