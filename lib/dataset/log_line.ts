/**
 * One line of the log, as text and as an event.
 *
 * @module
 */

import { Failure } from "../base/failure.ts";
import { type DoneWhy, LOG_VERSION, type LogEvent, type LogLine } from "./event.ts";
import { isOutcome } from "../base/outcome.ts";
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

/** True for the known kinds, once `flaw` has found nothing wrong. */
function isLogLine(value: Record<string, unknown>): value is Record<string, unknown> & LogLine {
  switch (value.event) {
    case "run":
    case "image":
    case "rejected":
    case "accepted":
    case "relabelled":
    case "done":
    case "stopped":
      return true;
    default:
      return false;
  }
}

function flaw(line: Record<string, unknown>): string | undefined {
  if (!isTime(line.time)) return "it has no time";
  switch (line.event) {
    case "run":
      return missing(line, ["script", "version", "flags"]) ?? fieldFlaw(line);
    case "image":
      return fieldFlaw(line) ?? imageFlaw(line);
    case "rejected":
    case "accepted":
      return speciesFlaw(line) ?? missing(line, ["sha256"]) ?? fieldFlaw(line);
    case "relabelled":
      return speciesFlaw(line) ?? missing(line, ["sha256"]) ?? fieldFlaw(line) ??
        (isSpeciesId(line.to) ? undefined : `its to is no id: ${brief(line.to)}`);
    case "done":
      return speciesFlaw(line) ?? missing(line, ["source", "why", "kept", "wanted"]) ??
        (DONE_WHYS.has(String(line.why)) ? undefined : `its why is unknown: ${brief(line.why)}`) ??
        fieldFlaw(line);
    case "stopped":
      return missing(line, ["source", "why"]) ?? fieldFlaw(line);
    default:
      return typeof line.event === "string" ? undefined : "it names no event";
  }
}

const TEXTS = "url page source script version why detail reason dhash type author license " +
  "licenseText licenseUrl title kind sex stage road query replaces observation";

/** What a field must be in any event. Fields that are not named here may be anything. */
const FIELDS: ReadonlyMap<string, "text" | "count" | "hash" | "object"> = new Map([
  ...TEXTS.split(" ").map((name) => [name, "text"] as const),
  ...["width", "height", "bytes", "kept", "wanted"].map((name) => [name, "count"] as const),
  ...["flags", "found", "original"].map((name) => [name, "object"] as const),
  ["sha256", "hash"],
]);

function fieldFlaw(line: Record<string, unknown>): string | undefined {
  for (const name in line) {
    const value = line[name];
    switch (FIELDS.get(name)) {
      case "text":
        if (typeof value !== "string") return `its ${name} is no text`;
        break;
      case "count":
        if (!isCount(value)) return `its ${name} is no whole number`;
        break;
      case "hash":
        if (!isSha256(value)) return `its ${name} is no SHA-256`;
        break;
      case "object":
        if (!isRecord(value)) return `its ${name} is no object`;
        break;
      case undefined:
        break;
    }
  }
  return undefined;
}

function imageFlaw(line: Record<string, unknown>): string | undefined {
  if (!isSpeciesId(line.species)) return `its species is no id: ${brief(line.species)}`;
  if (line.source === undefined || line.source === "") return "it has no source";
  if (line.url === undefined) return "it has no url";
  if (line.page === undefined) return "it has no page";
  if (!isOutcome(line.outcome)) return `its outcome is unknown: ${brief(line.outcome)}`;
  if (line.outcome !== "kept") return undefined;
  if (line.sha256 === undefined) return "it is kept but has no sha256";
  if (!isImageFile(line.file, line.species)) {
    return `it is kept, but its file is not in images/${line.species}: ${brief(line.file)}`;
  }
  return undefined;
}

/** Whether it looks like ISO 8601 with a date and a time. Parsing each line's date costs more. */
function isTime(time: unknown): boolean {
  return typeof time === "string" && time.length >= 16 && time.charCodeAt(4) === 45 &&
    time.charCodeAt(7) === 45 && time.charCodeAt(10) === 84 && time.charCodeAt(13) === 58;
}

function speciesFlaw(line: Record<string, unknown>): string | undefined {
  return isSpeciesId(line.species) ? undefined : `its species is no id: ${brief(line.species)}`;
}

function missing(line: Record<string, unknown>, names: readonly string[]): string | undefined {
  const name = names.find((each) => line[each] === undefined || line[each] === "");
  return name === undefined ? undefined : `it has no ${name}`;
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
