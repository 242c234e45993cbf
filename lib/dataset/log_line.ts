/**
 * One line of the log, as text and as an event.
 *
 * @module
 */

import { Failure } from "../base/failure.ts";
import { type DoneWhy, LOG_VERSION, type LogEvent, type LogLine } from "./event.ts";
import { isOutcome } from "../base/outcome.ts";
import { isForgetKey } from "./forgotten.ts";
import { isSpeciesId } from "../species/species.ts";

export { isSpeciesId };

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

const DONE_WHYS: ReadonlySet<string> = new Set(
  ["enough", "exhausted", "not-found", "no-latin-name"] satisfies DoneWhy[],
);
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
 * import { parseLogLine } from "./log_line.ts";
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
  if (isLogLine(value)) return { kind: "event", line: value };
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

function isKind(event: unknown): event is LogLine["event"] {
  return typeof event === "string" && Object.hasOwn(REQUIRED, event);
}

/** Call it for what `flaw` has found nothing wrong with. */
function isLogLine(line: Record<string, unknown>): line is Record<string, unknown> & LogLine {
  return isKind(line.event);
}

function flaw(line: Record<string, unknown>): string | undefined {
  if (!isTime(line.time)) return "it has no time";
  if (typeof line.event !== "string") return "it names no event";
  if (!isKind(line.event)) return undefined;
  for (const name of REQUIRED[line.event]) {
    const value = line[name];
    if (value === undefined) return `it has no ${name}`;
    if ((name === "species" || name === "to") && !isSpeciesId(value)) {
      return `its ${name} is not an id: ${brief(value)}`;
    }
    // Old logs may have an empty address.
    if (value === "" && name !== "url" && name !== "page") return `it has no ${name}`;
  }
  if (line.event === "forgotten" && !isKeys(line.keys)) return "its keys are not keys";
  return fieldFlaw(line) ?? (line.event === "image" ? imageFlaw(line) : undefined) ??
    (line.event === "done" && !DONE_WHYS.has(String(line.why))
      ? `its why is unknown: ${brief(line.why)}`
      : undefined);
}

function isKeys(value: unknown): boolean {
  return Array.isArray(value) && value.every(isForgetKey);
}

const TEXTS = "url page source script version why detail reason dhash type author license " +
  "licenseText licenseUrl model title kind sex stage road query replaces observation " +
  "observed quality basis origin";

/** What a field must be in any event. Fields that are not named here may be anything. */
const FIELDS: ReadonlyMap<string, "text" | "count" | "hash" | "object" | "list"> = new Map([
  ...TEXTS.split(" ").map((name) => [name, "text"] as const),
  ...["width", "height", "bytes", "kept", "wanted"].map((name) => [name, "count"] as const),
  ...["flags", "found", "original"].map((name) => [name, "object"] as const),
  ["sha256", "hash"],
  ["flagged", "list"],
]);

function fieldFlaw(line: Record<string, unknown>): string | undefined {
  for (const name in line) {
    const value = line[name];
    switch (FIELDS.get(name)) {
      case "text":
        if (typeof value !== "string") return `its ${name} is not a text`;
        break;
      case "count":
        if (!isCount(value)) return `its ${name} is not a count`;
        break;
      case "hash":
        if (!isSha256(value)) return `its ${name} is not a SHA-256`;
        break;
      case "list":
        if (!Array.isArray(value)) return `its ${name} is not a list`;
        break;
      case "object":
        if (!isRecord(value)) return `its ${name} is not an object`;
        break;
      case undefined:
        break;
    }
  }
  return undefined;
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

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}

function brief(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 60);
}

function garbledWhy(text: string): string {
  if (/^\0+$/.test(text)) return "it is filled with zeros";
  return text.startsWith('{"v":') ? "it is torn" : "it is no JSON";
}
