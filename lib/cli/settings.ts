/**
 * `aquaset.jsonc` in a data folder: what one would type each time, for the scripts that fetch.
 *
 * @module
 */

import { parse } from "@std/jsonc";
import { join } from "@std/path";
import { Failure, reason } from "../base/failure.ts";
import { readTextIfThere } from "../base/files.ts";
import { type Flag, type FlagTable, type GivenFlag, type GivenFlags, nearest } from "./flags.ts";
import {
  API_FLAGS,
  CONTACT,
  FISHBASE_FLAGS,
  GOOGLE_FLAGS,
  SCRAPE_FLAGS,
  SOURCE_FLAGS,
  SOURCES_FLAG,
} from "./scrape_flags.ts";

export const SETTINGS_FILE = "aquaset.jsonc";

/**
 * What the file may say, by the flags' names. What starts programs, opens private networks or
 * ignores opt-outs is not in it: a data folder may come from somebody else.
 */
export const SETTINGS = {
  contact: CONTACT,
  images: SCRAPE_FLAGS.images,
  sources: SOURCES_FLAG,
  license: SCRAPE_FLAGS.license,
  jobs: SCRAPE_FLAGS.jobs,
  retry: SCRAPE_FLAGS.retry,
  "min-size": SCRAPE_FLAGS["min-size"],
  "max-aspect": SCRAPE_FLAGS["max-aspect"],
  "max-bytes": SCRAPE_FLAGS["max-bytes"],
  "strict-robots": SCRAPE_FLAGS["strict-robots"],
  ...API_FLAGS,
  ...FISHBASE_FLAGS,
  ...GOOGLE_FLAGS,
} as const satisfies FlagTable;

/**
 * Reads the settings of a data folder, as they would be typed; none where there is no file.
 *
 * @throws {Failure} Status 2 for what is not JSON, for unknown keys and bad values.
 */
export async function readSettings(dir: string): Promise<GivenFlags> {
  const path = join(dir, SETTINGS_FILE);
  const text = await readTextIfThere(path);
  return text === undefined ? {} : parseSettings(text, path);
}

/**
 * Reads the text of a settings file.
 *
 * @throws {Failure} As {@linkcode readSettings}.
 */
export function parseSettings(text: string, path: string): GivenFlags {
  const table: FlagTable = SETTINGS;
  const settings: Record<string, GivenFlag> = {};
  for (const [key, value] of Object.entries(objectIn(text, path))) {
    const flag = Object.hasOwn(table, key) ? table[key] : undefined;
    if (flag === undefined) throw new Failure(`${path}: ${describeUnknown(key)}`, 2);
    try {
      settings[key] = settingOf(flag, value);
    } catch (thrown) {
      if (!(thrown instanceof TypeError)) throw thrown;
      throw new Failure(
        `${path}: the setting "${key}" ${thrown.message}, not ${JSON.stringify(value)}.`,
        2,
      );
    }
  }
  return settings;
}

function objectIn(text: string, path: string): object {
  let value: unknown;
  try {
    value = parse(text);
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    throw new Failure(`${path} is not JSON with comments: ${reason(thrown)}.`, 2);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new Failure(`${path} must be an object: { "images": 50 }.`, 2);
}

function describeUnknown(key: string): string {
  if (Object.hasOwn(SOURCE_FLAGS, key)) return `"${key}" can only be given as a flag, --${key}.`;
  const near = nearest(key, Object.keys(SETTINGS));
  const hint = near === undefined
    ? `it may have ${Object.keys(SETTINGS).join(", ")}`
    : `did you mean "${near}"?`;
  return `unknown setting "${key}": ${hint}`;
}

/** A value as it would be typed; the flag itself says whether it is a good one. */
function settingOf(flag: Flag<unknown>, value: unknown): GivenFlag {
  if (flag.takes === "") {
    if (typeof value !== "boolean") throw new TypeError("takes true or false");
    return value;
  }
  const isList = flag.takes === "LIST";
  const values: unknown[] = isList || flag.repeatable ? [value].flat() : [value];
  const words = values.map((one) => {
    if (typeof one === "string" || typeof one === "number") return String(one);
    throw new TypeError(`takes ${flag.takes}`);
  });
  const typed = isList ? [words.join(",")] : words;
  flag.read(typed);
  const [first = ""] = typed;
  return flag.repeatable ? typed : first;
}

/** Settings in a line: `images 50, license free`. */
export function describeSettings(settings: GivenFlags): string {
  return Object.entries(settings).map(([name, value]) =>
    value === true ? name : `${name} ${value === false ? "off" : [value].flat().join("; ")}`
  ).join(", ");
}

/** A settings file with a comment for each setting; those that are given are set. */
export function settingsTemplate(given: GivenFlags): string {
  const entries = Object.entries<Flag<unknown>>(SETTINGS).map(([name, flag]) => {
    const value = given[name];
    const comment = flag.help.replace(/^\w/, (letter) => letter.toUpperCase());
    const line = `${JSON.stringify(name)}: ${shownValue(flag, value)},`;
    return `  // ${comment}.\n  ${value === undefined ? "// " : ""}${line}`;
  });
  return [
    "// What the scripts that fetch images would be given as flags each time, for this data folder.",
    "// A flag on the command line wins; --no-render and the like turn off what is true here.",
    "{",
    entries.join("\n\n"),
    "}",
    "",
  ].join("\n");
}

function shownValue(
  { repeatable, shown, takes }: Flag<unknown>,
  value?: GivenFlag,
): string {
  if (takes === "") return String(value ?? false);
  const [first = "", ...more] = [value ?? shown].flat().map(String);
  if (takes === "LIST") return JSON.stringify(first.split(",").filter(Boolean));
  if (repeatable) return JSON.stringify([first, ...more].filter(Boolean));
  return /^\d+(\.\d+)?$/.test(first) ? first : JSON.stringify(first);
}
