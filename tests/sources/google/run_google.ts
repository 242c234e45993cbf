/** Runs the Google source with a real browser, and takes down what it gives. */

import { BrowserKeeper } from "../../../lib/browser/keeper.ts";
import { startBrowser } from "../../../lib/browser/start.ts";
import {
  createGoogle,
  GOOGLE_HOSTS,
  type GoogleOptions,
} from "../../../lib/sources/google/google.ts";
import { Pace } from "../../../lib/sources/google/run.ts";
import { testBrowser } from "../../browser/test_browser.ts";
import type { Candidate, ImageSource, SourceEnd } from "../../../lib/sources/source.ts";
import type { Species } from "../../../lib/species/species.ts";

export function fish(latin: string, common: readonly string[] = []): Species {
  return {
    id: latin.toLowerCase().replaceAll(" ", "_"),
    latin,
    rank: "species",
    search: latin,
    common,
    group: ["Bettas"],
    verbatim: { common: common[0] ?? "", latin },
    page: "https://en.wikipedia.org/wiki/List",
  };
}

export interface TestSource extends AsyncDisposable {
  readonly source: ImageSource;
  readonly keeper: BrowserKeeper;
  readonly notices: string[];
  readonly pages: Map<string, string>;
  /** How long the stage was slowed down for, each time. */
  readonly waits: number[];
}

/** Makes one; waiting takes no time. A browser is renewed after so many tabs. */
export function testSource(
  options: Partial<GoogleOptions> = {},
  { tabsEach = 50, answerWithin = 30_000 } = {},
): TestSource {
  const notices: string[] = [];
  const pages = new Map<string, string>();
  const waits: number[] = [];
  let clock = 0;
  const keeper = new BrowserKeeper({
    tabsEach,
    start: async (signal) =>
      await startBrowser({
        browser: await testBrowser(),
        hosts: GOOGLE_HOSTS,
        notice: () => undefined,
        signal,
      }),
  });
  const source = createGoogle({
    keeper,
    delay: 0,
    queries: ['"{latin}"'],
    headed: false,
    jobs: 1,
    keepPage(name, text) {
      pages.set(name, text);
      return Promise.resolve(`pages/${name}`);
    },
    notice: (text) => void notices.push(text),
    pace: new Pace(0, {
      now: () => clock,
      random: () => 0.5,
      patience: [150, 200, 250],
      answerWithin,
      sleep(milliseconds) {
        waits.push(milliseconds);
        clock += milliseconds;
        return Promise.resolve();
      },
    }),
    ...options,
  });
  return {
    source,
    keeper,
    notices,
    pages,
    waits,
    [Symbol.asyncDispose]: () => source.close(),
  };
}

/** Candidates and how it ended; the end is missing where enough were taken. */
export interface Taken {
  readonly candidates: Candidate[];
  readonly end?: SourceEnd;
}

export async function take(
  source: ImageSource,
  species: Species,
  enough = Infinity,
  signal: AbortSignal = new AbortController().signal,
): Promise<Taken> {
  const candidates: Candidate[] = [];
  const demand = {
    get missing() {
      return Number.isFinite(enough) ? Math.max(0, enough - candidates.length) : 1000;
    },
    successRate: 1,
    known: () => false,
  };
  const found = source.candidates(species, demand, signal);
  try {
    for (;;) {
      if (candidates.length >= enough) return { candidates };
      const next = await found.next();
      if (next.done) return { candidates, end: next.value };
      candidates.push(next.value);
    }
  } finally {
    await found.return({ why: "exhausted" });
  }
}
