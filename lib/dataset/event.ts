/**
 * The lines of the log: what they hold, and how they are read. `log.jsonl` is the only truth. It is
 * appended to and never rewritten, with one exception: `forget` takes out what it must not know any
 * more, in one step.
 *
 * @module
 */

import { Failure } from "../base/failure.ts";
import { isOutcome, type Outcome } from "../base/outcome.ts";
import type { ImageFlag } from "../image/flags.ts";
import { isSpeciesId } from "../species/species.ts";
import { isForgetKey } from "./forgotten.ts";

/** The version this program writes and the greatest it reads. */
export const LOG_VERSION = 1;

/** Why a job is done. */
export type DoneWhy = "enough" | "exhausted" | "not-found" | "no-latin-name";

const DONE_WHYS: readonly DoneWhy[] = ["enough", "exhausted", "not-found", "no-latin-name"];

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
  /** How much of it is within its borders and above its caption, where it has any: 0 to 1. */
  readonly inner?: number;
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
export interface FlaggedEvent extends Pick<VerdictEvent, "species" | "sha256"> {
  /** Tells the kinds of events apart. */
  readonly event: "flagged";
  /** The flags. */
  readonly flagged: readonly ImageFlag[];
  /** The model whose classes were asked. */
  readonly model: string;
}

/** A job, one species at one source, is done. */
export interface DoneEvent extends Pick<ImageEvent, "species" | "source"> {
  /** Tells the kinds of events apart. */
  readonly event: "done";
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

/** A line of text, parsed. */
export type ParsedLine =
  /** An event this version knows. */
  | { readonly kind: "event"; readonly line: LogLine }
  /** A sound line of a kind this version does not know: left alone. */
  | { readonly kind: "unknown"; readonly event: string; readonly time: string }
  /** A JSON object that is no sound event. */
  | { readonly kind: "bad"; readonly why: string }
  /** No JSON object at all: torn, garbled or zero-filled. */
  | { readonly kind: "garbled"; readonly why: string };

const SHA256 = /^[0-9a-f]{64}$/;
const FILE = /^images\/([a-z0-9_]{1,80})\/[0-9a-f]{16,64}\.(?:jpg|png|webp|gif)$/;

/** Whether a text is a SHA-256 as the log has it: 64 hex digits in lower case. */
export function isSha256(text: unknown): text is string {
  return typeof text === "string" && SHA256.test(text);
}

/** Whether a path, with `/`, is that of an image in a species' folder and leads nowhere else. */
export function isImageFile(file: unknown, species: string): file is string {
  return typeof file === "string" && FILE.exec(file)?.[1] === species && isSpeciesId(species);
}

/**
 * Reads one line, without its line break. Fields it does not know are left as they are.
 *
 * @throws {Failure} When the line was written by a newer version of the format.
 *
 * @example
 * ```ts
 * import { parseLogLine } from "./event.ts";
 *
 * parseLogLine('{"v":1,"time":"2026-11-22T18:00:00.000Z","event":"stopped","source":"google","why":"interrupted"}');
 * ```
 */
export function parseLogLine(text: string): ParsedLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { kind: "garbled", why: garbledWhy(text) };
  }
  if (!isRecord(value)) return { kind: "garbled", why: "it is not a JSON object" };
  const version = value.v;
  if (typeof version !== "number" || !Number.isInteger(version) || version < 1) {
    return { kind: "bad", why: "it has no version" };
  }
  if (version > LOG_VERSION) {
    throw new Failure(
      `The log was written by a newer Aquaset (format ${version}, this one knows ${LOG_VERSION}). Nothing was changed; update Aquaset.`,
    );
  }
  const why = flaw(value);
  if (why !== undefined) return { kind: "bad", why };
  if (isKnown(value)) return { kind: "event", line: value };
  return { kind: "unknown", event: String(value.event).slice(0, 80), time: String(value.time) };
}

/** An event as a line, with its line break. */
export function formatLogLine(event: LogEvent, time: Date): string {
  return `${JSON.stringify({ v: LOG_VERSION, time: time.toISOString(), ...event })}\n`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What each kind of event must have. */
const REQUIRED: Readonly<Record<LogLine["event"], readonly string[]>> = {
  run: ["script", "version", "flags"],
  image: ["species", "source", "url", "page", "outcome"],
  rejected: ["species", "sha256"],
  accepted: ["species", "sha256"],
  relabelled: ["species", "sha256", "to"],
  flagged: ["species", "sha256", "flagged", "model"],
  done: ["species", "source", "why", "kept", "wanted"],
  stopped: ["source", "why"],
  forgotten: ["keys"],
};

type FieldKind = readonly [what: string, is: (value: unknown) => boolean];

const ID: FieldKind = ["an id", isSpeciesId];
const TEXT: FieldKind = ["a text", (value) => typeof value === "string"];
const COUNT: FieldKind = ["a count", (value) => Number.isInteger(value) && Number(value) >= 0];
const OBJECT: FieldKind = ["an object", isRecord];

const TEXTS = "url page source script version why detail reason dhash type author license " +
  "licenseText licenseUrl model title kind sex stage road query replaces observation " +
  "observed quality basis origin";

/** What a field must be in any event. Fields that are not named here may be anything. */
const FIELDS: ReadonlyMap<string, FieldKind> = new Map([
  ...["species", "to"].map((name) => [name, ID] as const),
  ...TEXTS.split(" ").map((name) => [name, TEXT] as const),
  ...["width", "height", "bytes", "kept", "wanted"].map((name) => [name, COUNT] as const),
  ...["flags", "found", "original"].map((name) => [name, OBJECT] as const),
  ["inner", ["a share", (value) => typeof value === "number" && value >= 0 && value <= 1]],
  ["sha256", ["a SHA-256", isSha256]],
  ["flagged", ["a list", Array.isArray]],
  ["keys", ["a list of keys", (value) => Array.isArray(value) && value.every(isForgetKey)]],
]);

/** Whether a line is of a kind that this version knows; it is sound where `flaw` finds nothing. */
function isKnown(line: Record<string, unknown>): line is Record<string, unknown> & LogLine {
  return typeof line.event === "string" && Object.hasOwn(REQUIRED, line.event);
}

function flaw(line: Record<string, unknown>): string | undefined {
  if (!isTime(line.time)) return "it has no time";
  if (typeof line.event !== "string") return "it names no event";
  if (!isKnown(line)) return undefined;
  for (const name of REQUIRED[line.event]) {
    // Old logs may have an empty address.
    const isEmpty = line[name] === "" && name !== "url" && name !== "page";
    if (line[name] === undefined || isEmpty) return `it has no ${name}`;
  }
  for (const name in line) {
    const kind = FIELDS.get(name);
    if (kind?.[1](line[name]) === false) {
      return `its ${name} is not ${kind[0]}: ${brief(line[name])}`;
    }
  }
  if (line.event === "image") return imageFlaw(line);
  const isWrong = line.event === "done" && !DONE_WHYS.includes(line.why);
  return isWrong ? `its why is unknown: ${brief(line.why)}` : undefined;
}

function imageFlaw(
  { outcome, sha256, file, species }: Record<string, unknown>,
): string | undefined {
  if (!isOutcome(outcome)) return `its outcome is unknown: ${brief(outcome)}`;
  if (outcome !== "kept") return undefined;
  if (sha256 === undefined) return "it is kept but has no sha256";
  if (isImageFile(file, String(species))) return undefined;
  return `it is kept, but its file is not in images/${String(species)}: ${brief(file)}`;
}

/** Whether it looks like ISO 8601 with a date and a time. Parsing each line's date costs more. */
function isTime(time: unknown): boolean {
  return typeof time === "string" && time.length >= 16 && time.charCodeAt(4) === 45 &&
    time.charCodeAt(7) === 45 && time.charCodeAt(10) === 84 && time.charCodeAt(13) === 58;
}

function brief(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 60);
}

function garbledWhy(text: string): string {
  if (/^\0+$/.test(text)) return "it is filled with zeros";
  return text.startsWith('{"v":') ? "it is torn" : "it is no JSON";
}
