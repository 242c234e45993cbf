/**
 * One line of `species.jsonl`.
 *
 * @module
 */

import { readCommonNames } from "./common_names.ts";
import { reason } from "../base/failure.ts";
import { draftSpecies } from "./species_list.ts";
import type { SpeciesDraft } from "./species_list.ts";
import { isSpeciesId, MAX_ID_LENGTH } from "./species_id.ts";
import { RANKS } from "./species.ts";
import type { Rank, Species, Verbatim } from "./species.ts";

/**
 * Reads a line of `species.jsonl`. A person may have written it: only `latin` is needed, what else
 * is missing follows from it.
 *
 * @param line The line.
 * @param page What `page` is where the line has none.
 * @throws {TypeError} Saying what is wrong, to be put behind `line 7:`.
 *
 * @example
 * ```ts
 * import { parseSpeciesLine } from "./species_line.ts";
 *
 * console.log(parseSpeciesLine('{"latin":"Betta splendens"}', "mine.jsonl").rank); // species
 * ```
 */
export function parseSpeciesLine(line: string, page: string): SpeciesDraft {
  const value = record(parsed(line));
  if (value === undefined) throw new TypeError("it is no JSON object");
  const latin = text(value, "latin") ?? "";
  const common = names(value, "common");
  const verbatim = readVerbatim(value.verbatim, "verbatim") ??
    { common: common.join(", "), latin };
  const id = text(value, "id");
  if (id !== undefined && !isSpeciesId(id)) {
    throw new TypeError(
      `its id ${brief(id)} must be 1 to ${MAX_ID_LENGTH} of a-z, 0-9 and _, and no device's name`,
    );
  }
  const derived = draftSpecies({ latin, common: "", verbatim, group: [], page: "" });
  const rank = readRank(value.rank) ?? derived.rank;
  const why = text(value, "reason");
  // Who gives a reason and no search wants the fish not to be searched.
  const search = text(value, "search") ?? (why === undefined ? derived.search : undefined);
  const also = value.also === undefined ? derived.also : names(value, "also");
  const merged = readMerged(value.merged);
  if (search === undefined && latin === "" && common.length === 0 && verbatim.latin === "") {
    throw new TypeError("it has neither a Latin nor a common name");
  }
  return {
    ...(id === undefined ? {} : { id }),
    // A line that says how to search was cleaned before; its name is not cleaned twice.
    latin: value.search === undefined && why === undefined ? derived.latin : latin,
    rank,
    ...(search === undefined ? { reason: why ?? derived.reason ?? "" } : { search }),
    ...(also === undefined || also.length === 0 ? {} : { also }),
    common: value.common === undefined ? derived.common : common,
    group: names(value, "group"),
    verbatim,
    page: text(value, "page") ?? page,
    ...(merged.length === 0 ? {} : { merged }),
  };
}

/** A fish as a line of `species.jsonl`, without the line break. */
export function formatSpeciesLine(species: Species): string {
  // These two end a line for some readers of JSON; escaped they end it for none.
  return JSON.stringify(species).replace(/\u2028/g, "\\u2028").replace(/\u2029/g, "\\u2029");
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (thrown) {
    throw new TypeError(`it is no JSON: ${reason(thrown)}`);
  }
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? { ...value }
    : undefined;
}

function text(value: Record<string, unknown>, name: string): string | undefined {
  const found = value[name];
  if (found === undefined || found === null) return undefined;
  if (typeof found !== "string") throw new TypeError(`its ${name} must be a text`);
  const trimmed = found.trim();
  return trimmed === "" ? undefined : trimmed;
}

function names(value: Record<string, unknown>, name: string): string[] {
  const found = value[name];
  if (found === undefined || found === null) return [];
  if (typeof found === "string") return readCommonNames(found);
  if (!Array.isArray(found)) throw new TypeError(`its ${name} must be a list of texts`);
  return found.map((one: unknown) => {
    if (typeof one !== "string") throw new TypeError(`its ${name} must be a list of texts`);
    return one.trim();
  }).filter((one) => one !== "");
}

function readRank(value: unknown): Rank | undefined {
  if (value === undefined || value === null) return undefined;
  const rank = RANKS.find((known) => known === value);
  if (rank === undefined) throw new TypeError(`its rank must be one of ${RANKS.join(", ")}`);
  return rank;
}

function readVerbatim(value: unknown, name: string): Verbatim | undefined {
  if (value === undefined || value === null) return undefined;
  const cells = record(value);
  const { common, latin } = cells ?? {};
  if (typeof common !== "string" || typeof latin !== "string") {
    throw new TypeError(`its ${name} must be {"common": text, "latin": text}`);
  }
  return { common, latin };
}

function readMerged(value: unknown): Verbatim[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new TypeError("its merged must be a list");
  return value.map((one: unknown) => readVerbatim(one, "merged")).filter((one) =>
    one !== undefined
  );
}

function brief(value: string): string {
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
}
