/**
 * The lines of the log. `log.jsonl` is the only truth. It is appended to and never rewritten, with one
 * exception: `forget` takes out what it must not know any more, in one step.
 *
 * @module
 */

import type { ImageFlag } from "../image/flags.ts";
import type { Outcome } from "../base/outcome.ts";

/** The version this program writes and the greatest it reads. */
export const LOG_VERSION = 1;

/** Why a job is done. */
export type DoneWhy = "enough" | "exhausted" | "not-found" | "no-latin-name";

/** A run began. */
export interface RunEvent {
  /** Tells the kinds of events apart. */
  readonly event: "run";
  /** The script that ran. */
  readonly script: string;
  /** Its version. */
  readonly version: string;
  /** The flags it was given. */
  readonly flags: Readonly<Record<string, unknown>>;
}

/** What its site says of a picture; what is not known is absent. */
export interface Provenance {
  /** The caption or the page's title. */
  readonly title?: string;
  /** Who took the picture. */
  readonly author?: string;
  /** The SPDX id of its licence, such as `CC-BY-NC-3.0`; `unknown` in old logs where it is not known. */
  readonly license?: string;
  /** The page's words about the licence. */
  readonly licenseText?: string;
  /** The deed or licence text that the page links to. */
  readonly licenseUrl?: string;
  /**
   * The sighting it belongs to, such as `inaturalist:123`: pictures of one observation show the same
   * fish, so they belong on one side of a split.
   */
  readonly observation?: string;
  /** The day it was taken, `2024-05-11`. */
  readonly observed?: string;
  /** Whether the animal was captive. */
  readonly captive?: boolean;
  /** How sure its community is of the species: iNaturalist's `quality_grade`. */
  readonly quality?: string;
  /** What kind of record it belongs to: GBIF's `basisOfRecord`. */
  readonly basis?: string;
  /** The page that it was taken over from: a file at Commons may be a photo of Flickr. */
  readonly origin?: string;
  /** What is pictured besides a grown fish: `drawing`, `larva`, `egg`, `x-ray` … */
  readonly kind?: string;
  /** The animal's sex. */
  readonly sex?: "male" | "female";
  /** Its life stage: `juvenile`, `adult` … */
  readonly stage?: string;
  /** Which of the source's ways gave it, such as `table`, `thumbnails`, `scroll`. */
  readonly road?: string;
  /** The query that found it. */
  readonly query?: string;
}

/** What became of one candidate. A later line for the same species and URL supersedes. */
export interface ImageEvent extends Provenance {
  /** Tells the kinds of events apart. */
  readonly event: "image";
  /** The species' id. */
  readonly species: string;
  /** Where it was found. */
  readonly source: string;
  /** Its address. */
  readonly url: string;
  /** The page it was found on. */
  readonly page: string;
  /** What became of it. */
  readonly outcome: Outcome;
  /** For `kept`: the path within the data folder, with `/`. */
  readonly file?: string;
  /** For what was read: 64 hex digits. */
  readonly sha256?: string;
  /** The perceptual fingerprint in hex, under the name that the log has always had for it. */
  readonly dhash?: string;
  /** Bytes of the file. */
  readonly bytes?: number;
  /** In pixels, as the height. */
  readonly width?: number;
  /** Pixels, upright. */
  readonly height?: number;
  /** The type of the file. */
  readonly type?: string;
  /** What its pixels say against it; a later `flagged` line says more. */
  readonly flagged?: readonly ImageFlag[];
  /** Why, for everything but `kept`. */
  readonly detail?: string;
  /** Where the kept file was converted: what came. */
  readonly original?: { readonly sha256: string; readonly type: string };
  /** The URL of a smaller kept image of the same picture that this one takes the place of. */
  readonly replaces?: string;
}

/** A person's verdict on a kept image; a later verdict replaces it. */
export interface VerdictEvent {
  /** Tells the kinds of events apart. */
  readonly event: "rejected" | "accepted";
  /** The species' id. */
  readonly species: string;
  /** The SHA-256 of the file, in hex. */
  readonly sha256: string;
  /** The person's words. */
  readonly reason?: string;
}

/** The reason of an `accepted` that only takes a verdict back. */
export const TAKEN_BACK = "verdict taken back";

/** A person's verdict that a kept image shows another species. Its file stays where it is. */
export interface RelabelledEvent extends Omit<VerdictEvent, "event"> {
  /** Tells the kinds of events apart. */
  readonly event: "relabelled";
  /** The species that it shows. */
  readonly to: string;
}

/** What is to be said against a kept image, all of it: it takes the place of what was said before. */
export interface FlaggedEvent {
  /** Tells the kinds of events apart. */
  readonly event: "flagged";
  /** The species' id. */
  readonly species: string;
  /** The SHA-256 of the file, in hex. */
  readonly sha256: string;
  /** The flags. */
  readonly flagged: readonly ImageFlag[];
  /** The model whose classes were asked. */
  readonly model: string;
}

/** A job, one species at one source, is done. */
export interface DoneEvent {
  /** Tells the kinds of events apart. */
  readonly event: "done";
  /** The species' id. */
  readonly species: string;
  /** Where it was found. */
  readonly source: string;
  /** How many images the species has now, over all sources. */
  readonly kept: number;
  /** How many were wanted. */
  readonly wanted: number;
  /** Why it is done. */
  readonly why: DoneWhy;
  /** More of it, for people. */
  readonly detail?: string;
  /** What the source adds: FishBase's valid name, SpecCode, how it was resolved. */
  readonly found?: Readonly<Record<string, unknown>>;
}

/** A stage or the run stopped before its end. */
export interface StoppedEvent {
  /** Tells the kinds of events apart. */
  readonly event: "stopped";
  /** The source's name, or the script's. */
  readonly source: string;
  /** `interrupted`, `robot-check`, `unreachable`, `not-recognised`, `failed` … */
  readonly why: string;
  /** The species' id. */
  readonly species?: string;
  /** More of it, for people. */
  readonly detail?: string;
}

/** Images were forgotten on somebody's request: none that has one of these keys is fetched again. */
export interface ForgottenEvent {
  /** Tells the kinds of events apart. */
  readonly event: "forgotten";
  /** See `forgotten.ts`. */
  readonly keys: readonly string[];
}

/** One event, before it is given its version and time. */
export type LogEvent =
  | RunEvent
  | ImageEvent
  | VerdictEvent
  | RelabelledEvent
  | FlaggedEvent
  | DoneEvent
  | StoppedEvent
  | ForgottenEvent;

/** One line of the log. */
export type LogLine = LogEvent & {
  readonly v: number;
  readonly time: string;
};
