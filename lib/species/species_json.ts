/**
 * A person's list as JSON: one value a line, or one list for all.
 *
 * @module
 */

import { reason } from "../base/failure.ts";
import { fieldOf } from "./species_csv.ts";
import { parseSpeciesLine } from "./species_line.ts";
import type { SpeciesDraft } from "./species_list.ts";

/**
 * The fish of a file that is one JSON document: a list, or an object that holds one.
 *
 * @param text The file's text.
 * @returns The list's values, or nothing where the file is no such document.
 */
export function jsonList(text: string): readonly unknown[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    // More than one document: JSON lines.
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
  if (Array.isArray(value)) return value;
  if (typeof value !== "object" || value === null || "latin" in value) return undefined;
  const lists = Object.values(value).filter((one): one is unknown[] => Array.isArray(one));
  return lists.length === 1 ? lists[0] : undefined;
}

/**
 * Reads a line of JSON.
 *
 * @param line The line.
 * @param page What `page` is where the line has none.
 * @throws {TypeError} As {@linkcode parseSpeciesLine}.
 */
export function jsonLine(line: string, page: string): SpeciesDraft {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (thrown) {
    throw new TypeError(`it is no JSON: ${reason(thrown)}`);
  }
  return jsonFish(value, page);
}

/**
 * Reads a fish: a name, or an object as in `species.jsonl` or with names for its fields such as
 * `scientific_name`.
 *
 * @param value The value.
 * @param page What `page` is where it has none.
 * @throws {TypeError} As {@linkcode parseSpeciesLine}.
 */
export function jsonFish(value: unknown, page: string): SpeciesDraft {
  if (typeof value === "string") return parseSpeciesLine(JSON.stringify({ latin: value }), page);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError("it is no JSON object");
  }
  const fields: Record<string, unknown> = { ...value };
  for (const [key, held] of Object.entries(value)) {
    const field = fieldOf(key)?.replace("maybe-", "");
    if (field === "latin" || field === "common") fields[field] ??= held;
  }
  return parseSpeciesLine(JSON.stringify(fields), page);
}
