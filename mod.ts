/**
 * Aquaset: from a list of species to an image dataset worth training on.
 *
 * The scripts under `scripts/` are what most people want. This is the library they are made of:
 * sources that find candidates, a client that fetches them politely, an examiner that looks at
 * them in locked workers, a dataset that keeps them with a log of where each came from, and the
 * pipeline that joins these.
 *
 * @example Which images does a data folder have of a fish, and who took them?
 * ```ts
 * import { readDataset } from "./mod.ts";
 *
 * const { state } = await readDataset("data");
 * const images = [...state.keptImages("betta_splendens")];
 * for (const line of state.lines(images)) {
 *   console.log(line.file, line.author ?? "unknown", line.page);
 * }
 * ```
 *
 * @module
 */

export * from "./dataset.ts";
export * from "./sources.ts";
export { type ExitStatus, Failure, type Notice } from "./lib/base/failure.ts";
export { type Clock, systemClock } from "./lib/base/clock.ts";
export type {
  Arrival,
  Browser,
  Cookie,
  Deadline,
  Tab,
  TabResponse,
} from "./lib/browser/browser.ts";
export { BrowserKeeper } from "./lib/browser/keeper.ts";
export { type Machine, startBrowser, type StartOptions } from "./lib/browser/start.ts";
export type { ImageFlag } from "./lib/image/flags.ts";
export { createExaminer, type ExaminerOptions } from "./lib/image/create_examiner.ts";
export type { Credit } from "./lib/image/credit.ts";
export {
  DEFAULT_LIMITS,
  type Examination,
  type ExaminedImage,
  type ExaminedOther,
  type ExamineLimits,
  type Examiner,
  type KeptType,
} from "./lib/image/examine.ts";
export {
  type FetchedImage,
  type Fetcher,
  fetchHere,
  type FetchOrder,
  type FetchResult,
} from "./lib/scrape/fetch_candidate.ts";
export type { RetryRule, Shutdown } from "./lib/scrape/job.ts";
export type { JobReport, Progress, Workload } from "./lib/scrape/progress.ts";
export {
  scrape,
  type ScrapePlan,
  type ScrapeResult,
  type ScrapeTools,
} from "./lib/scrape/scrape.ts";
export { readSpeciesList, writeSpeciesList } from "./lib/species/file.ts";
export { type LatinName, readLatinName } from "./lib/species/latin_name.ts";
export {
  type KnownName,
  type Rank,
  RANKS,
  type Species,
  type Verbatim,
} from "./lib/species/species.ts";
export { type FetchedList, fetchSpeciesList } from "./lib/species/wikipedia/fetch.ts";
export type {
  Answer,
  Client,
  DocumentedApi,
  DownloadRequest,
  HostStanding,
  NotReceived,
  PageRequest,
  Received,
  RobotsVerdict,
} from "./lib/web/client.ts";
export { type ClientOptions, type ClientParts, createClient } from "./lib/web/create_client.ts";
export type { Deadlines } from "./lib/web/deadline.ts";
export { fetchJson, type JsonAnswer, type JsonRequest } from "./lib/web/json.ts";
export type { Lookup } from "./lib/web/resolve.ts";
export type { Environment } from "./lib/base/proxy.ts";
export type { Transport } from "./lib/web/transport.ts";
export type { Pace } from "./lib/web/throttle.ts";
