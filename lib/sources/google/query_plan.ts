/**
 * The queries for a species, in their order.
 *
 * @module
 */

import type { Species } from "../../species/species.ts";

/**
 * The queries, most exact first. `{latin}` is the name to search for, `{common}` the best known
 * common name; a query that names something the species has not is left out.
 */
export const QUERY_PLAN: readonly string[] = [
  '"{latin}"',
  '"{latin}" fish',
  '"{latin}" aquarium',
  '"{common}" "{latin}"',
];

/** Longer queries are cut by Google (32 words; told) and by nobody meant. */
const LONGEST_QUERY = 300;

/**
 * The queries for one species.
 *
 * @param species What to look for. Without a name to search by there are no queries.
 * @param templates The plan; {@link QUERY_PLAN} unless the user gave another.
 * @returns The queries, each once.
 *
 * @example
 * ```ts
 * import { queriesFor } from "./query_plan.ts";
 *
 * queriesFor(species, ['"{latin}" juvenile']); // ['"Corydoras adolfoi" juvenile']
 * ```
 */
export function queriesFor(
  species: Pick<Species, "search" | "common">,
  templates: readonly string[] = QUERY_PLAN,
): string[] {
  const latin = tidy(species.search ?? "");
  if (latin === "") return [];
  const common = tidy(species.common[0] ?? "");
  const queries = new Set<string>();
  for (const template of templates) {
    if (template.includes("{common}") && common === "") continue;
    const query = fill(template, { "{latin}": latin, "{common}": common });
    if (query !== "") queries.add(query.slice(0, LONGEST_QUERY));
  }
  return [...queries];
}

/**
 * Puts the names in. A name that has quotes of its own, `Labidochromis sp. "Hongi"`, loses them
 * within quotes: they would end the phrase in its midst.
 */
function fill(template: string, names: Readonly<Record<string, string>>): string {
  const quoted = template.replace(
    /"([^"]*)"/g,
    (_, phrase: string) => `"${insert(phrase, names).replaceAll('"', "")}"`,
  );
  return tidy(insert(quoted, names));
}

function insert(text: string, names: Readonly<Record<string, string>>): string {
  return text.replace(/\{latin\}|\{common\}/g, (slot) => names[slot] ?? "");
}

function tidy(text: string): string {
  return text.replace(/[“”„]/g, '"').replace(/\s+/g, " ").trim();
}
