/**
 * The lines of the log. `log.jsonl` is appended to and never rewritten; it is the only truth.
 *
 * @module
 */

import type { Outcome } from "../base/outcome.ts";

/** The version this program writes and the greatest it reads. */
export const LOG_VERSION = 1;

/** Why a job is done. */
export type DoneWhy = "enough" | "exhausted" | "not-found" | "no-latin-name";

/** A run began. */
export interface RunEvent {
  /** The kind of line. */
  readonly event: "run";
  /** The script, such as `scrape`. */
  readonly script: string;
  /** The program's version. */
  readonly version: string;
  /** The flags it was given. */
  readonly flags: Readonly<Record<string, unknown>>;
}

/** What became of one candidate. A later line for the same species and URL supersedes. */
export interface ImageEvent {
  /** The kind of line. */
  readonly event: "image";
  /** The species' id. */
  readonly species: string;
  /** The source's name. */
  readonly source: string;
  /** The image's URL. */
  readonly url: string;
  /** The page it stands on. */
  readonly page: string;
  /** What became of it. */
  readonly outcome: Outcome;
  /** For `kept`: the path within the data folder, with `/`. */
  readonly file?: string;
  /** For what was read: 64 hex digits. */
  readonly sha256?: string;
  /** For images: the perceptual fingerprint in hex. The code calls it the fingerprint. */
  readonly dhash?: string;
  /** The size on disk. */
  readonly bytes?: number;
  /** In pixels. */
  readonly width?: number;
  /** In pixels. */
  readonly height?: number;
  /** `jpeg`, `png`, `webp` or `gif`. */
  readonly type?: string;
  /** Who took it. */
  readonly author?: string;
  /** SPDX or Creative Commons id; absent, or `unknown` in old logs, where it is not known. */
  readonly license?: string;
  /** The licence in the page's words. */
  readonly licenseText?: string;
  /** The deed or licence text that the page links to. */
  readonly licenseUrl?: string;
  /** The sighting it belongs to, such as `inaturalist:123`. */
  readonly observation?: string;
  /** Caption or page title. */
  readonly title?: string;
  /** What is pictured, besides a grown fish. */
  readonly kind?: string;
  /** The fish's sex, where known. */
  readonly sex?: "male" | "female";
  /** The fish's life stage, where known. */
  readonly stage?: string;
  /** Which of the source's ways gave it. */
  readonly road?: string;
  /** The query that found it. */
  readonly query?: string;
  /** Why, for everything but `kept`. */
  readonly detail?: string;
  /** Where the kept file was converted: what came. */
  readonly original?: { readonly sha256: string; readonly type: string };
  /** The URL of a smaller kept image of the same picture that this one takes the place of. */
  readonly replaces?: string;
}

/** A person's verdict on a kept image; the later verdict stands, so another one takes it back. */
export interface VerdictEvent {
  /** The kind of line. */
  readonly event: "rejected" | "accepted";
  /** The species' id. */
  readonly species: string;
  /** The image's hash, 64 hex digits. */
  readonly sha256: string;
  /** Why, in the person's words or the page's. */
  readonly reason?: string;
}

/** A person's verdict that a kept image shows another species. Its file stays where it is. */
export interface RelabelledEvent extends Omit<VerdictEvent, "event"> {
  /** The kind of line. */
  readonly event: "relabelled";
  /** The id of the species that it shows. */
  readonly to: string;
}

/** A job, one species at one source, is done. */
export interface DoneEvent {
  /** The kind of line. */
  readonly event: "done";
  /** The species' id. */
  readonly species: string;
  /** The source's name. */
  readonly source: string;
  /** How many images the species has now, over all sources. */
  readonly kept: number;
  /** How many were wanted. */
  readonly wanted: number;
  /** Why it is done. */
  readonly why: DoneWhy;
  /** Where there is more to say of `not-found` and `no-latin-name`. */
  readonly detail?: string;
  /** What the source adds: FishBase's valid name, SpecCode, how it was resolved. */
  readonly found?: Readonly<Record<string, unknown>>;
}

/** A stage or the run stopped before its end. */
export interface StoppedEvent {
  /** The kind of line. */
  readonly event: "stopped";
  /** The source's name, or the script's. */
  readonly source: string;
  /** `interrupted`, `robot-check`, `unreachable`, `not-recognised`, `failed` … */
  readonly why: string;
  /** The species at work, where it concerns one. */
  readonly species?: string;
  /** More of it. */
  readonly detail?: string;
}

/** One event, before it is given its version and time. */
export type LogEvent =
  | RunEvent
  | ImageEvent
  | VerdictEvent
  | RelabelledEvent
  | DoneEvent
  | StoppedEvent;

/** One line of the log. */
export type LogLine = LogEvent & {
  /** The format's version. */
  readonly v: number;
  /** When, ISO 8601. */
  readonly time: string;
};
