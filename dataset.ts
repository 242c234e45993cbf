/**
 * The data folder: images and the log of where each came from.
 *
 * @example Which images does a data folder have of a fish, and who took them?
 * ```ts
 * import { readDataset } from "./dataset.ts";
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

export {
  Dataset,
  type DatasetOptions,
  type DatasetReading,
  openDataset,
  readDataset,
} from "./lib/dataset/dataset.ts";
export type {
  DoneEvent,
  DoneWhy,
  FlaggedEvent,
  ForgottenEvent,
  ImageEvent,
  LogEvent,
  LogLine,
  Provenance,
  RelabelledEvent,
  RunEvent,
  StoppedEvent,
  VerdictEvent,
} from "./lib/dataset/event.ts";
export type { ImageFlag } from "./lib/image/flags.ts";
export type { LinePlace, LogProblem, LogReading } from "./lib/dataset/log_reader.ts";
export type { ImageFile, StoredBytes } from "./lib/dataset/store.ts";
export type { DatasetState, KeptImage, OutcomeCounts, RunLine } from "./lib/dataset/state.ts";
export {
  EXAMINED_OUTCOMES,
  type ExaminedOutcome,
  FINAL_OUTCOMES,
  type FinalOutcome,
  NETWORK_OUTCOMES,
  type NetworkOutcome,
  type Outcome,
  TRANSIENT_OUTCOMES,
  type TransientOutcome,
} from "./lib/base/outcome.ts";
