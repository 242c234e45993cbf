/**
 * Order and family of each species, as `taxonomy.jsonl` in the data folder has them.
 *
 * @module
 */

import { join } from "@std/path";
import * as v from "valibot";
import { readTextIfThere, replaceFile } from "../base/files.ts";
import { isSpeciesId } from "./species.ts";

export const TAXONOMY_FILE = "taxonomy.jsonl";

const NAME = v.exactOptional(v.string());
const LINE = v.object({
  id: v.custom<string>(isSpeciesId),
  /** What was asked for. */
  name: v.string(),
  kingdom: NAME,
  phylum: NAME,
  class: NAME,
  order: NAME,
  family: NAME,
});

/** Where a species belongs; what is not known is absent. */
export type Taxonomy = Readonly<v.InferOutput<typeof LINE>>;

/**
 * Reads the taxonomy of a data folder, by id. Lines that are not as they should be count as none:
 * they can be asked for again.
 *
 * @throws {Failure} When the file cannot be read.
 */
export async function readTaxonomy(dir: string): Promise<Map<string, Taxonomy>> {
  const file = await readTextIfThere(join(dir, TAXONOMY_FILE));
  const known = new Map<string, Taxonomy>();
  for (const text of file?.split("\n") ?? []) {
    const line = v.safeParse(v.pipe(v.string(), v.parseJson(), LINE), text);
    if (line.success) known.set(line.output.id, line.output);
  }
  return known;
}

/** Writes the taxonomy of a data folder. @throws {Failure} When it cannot be written. */
export async function writeTaxonomy(dir: string, lines: Iterable<Taxonomy>): Promise<void> {
  const sorted = [...lines].sort((one, other) => one.id < other.id ? -1 : 1);
  const text = sorted.map((line) => `${JSON.stringify(line)}\n`).join("");
  await replaceFile(join(dir, TAXONOMY_FILE), text);
}

/** The genus of a Latin name: its first word. Empty where that is not one. */
export function genusOf(latin: string): string {
  return /^(?:[×x] )?(\p{Lu}[\p{L}-]+)/u.exec(latin.trim())?.[1] ?? "";
}
