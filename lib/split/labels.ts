/**
 * The labels. Each species has two numbers: `index` by the alphabet of ids, as torchvision and
 * fastai number folders, and `stable`, which stays the same when species are added.
 *
 * @module
 */

import { join } from "@std/path";
import * as v from "valibot";
import { Failure } from "../base/failure.ts";
import { readTextIfThere, replaceFile } from "../base/files.ts";
import { isSpeciesId } from "../species/species.ts";
import type { Species } from "../species/species.ts";
import { genusOf, type Taxonomy } from "../species/taxonomy.ts";
import { compareTexts } from "./facts.ts";

/** A data folder's labels: each at the place that is its index, no id twice. */
const IDS = v.pipe(
  v.string(),
  v.parseJson(),
  v.array(v.object({ index: v.number(), id: v.custom<string>(isSpeciesId) })),
  v.check((labels) => labels.every(({ index }, at) => index === at)),
  v.transform((labels) => labels.map(({ id }) => id)),
  v.check((ids) => new Set(ids).size === ids.length),
);

/** The file's name, in the data folder and in each export. */
export const LABELS_FILE = "labels.json";

/** One species' label. */
export interface Label {
  /** From 0 without gaps, by the alphabet of the ids that have images. */
  readonly index: number;
  /** From 0 without gaps in the data folder's `labels.json`; never changes. */
  readonly stable: number;
  readonly id: string;
  /** The Latin name; the id where the list does not have the species. */
  readonly latin: string;
  readonly common: readonly string[];
  /** The first word of the Latin name. */
  readonly genus: string;
  /** As GBIF has it; empty where that is not known. */
  readonly family: string;
  /** Empty where it is not known. */
  readonly order: string;
}

/** The class of near relatives that have no class of their own. */
export const UNKNOWN_ID = "unknown";

/**
 * Makes the labels of the species that have images.
 *
 * @param stableIds The ids that have stable numbers, in order; new ones are added at the end, in the
 * order of the species list.
 * @param wanted The ids that have images.
 * @returns The labels, by `index`, and all ids in the order of their stable numbers.
 */
export function makeLabels(
  stableIds: readonly string[],
  wanted: ReadonlySet<string>,
  list: readonly Species[],
  taxonomy: ReadonlyMap<string, Pick<Taxonomy, "family" | "order">> = new Map(),
): { labels: Label[]; stableIds: string[] } {
  const known = new Map(list.map((species) => [species.id, species]));
  const ids = new Set(stableIds);
  for (const { id } of list) if (wanted.has(id)) ids.add(id);
  for (const id of [...wanted].sort()) ids.add(id);
  const stableOf = new Map([...ids].map((id, stable) => [id, stable]));
  const labels = [...wanted].sort(compareTexts).map((id, index): Label => {
    const species = known.get(id);
    const latin = species?.latin ?? "";
    return {
      index,
      stable: stableOf.get(id) ?? index,
      id,
      latin: latin === "" ? id : latin,
      common: species?.common ?? [],
      genus: genusOf(latin),
      family: taxonomy.get(id)?.family ?? "",
      order: taxonomy.get(id)?.order ?? "",
    };
  });
  return { labels, stableIds: [...ids] };
}

/**
 * Reads the ids of a data folder's `labels.json`, in the order of their stable numbers.
 *
 * @returns An empty list where there is no such file yet.
 * @throws {Failure} When the file cannot be read or is wrong.
 */
export async function readStableIds(dir: string): Promise<string[]> {
  const path = join(dir, LABELS_FILE);
  const text = await readTextIfThere(path);
  if (text === undefined) return [];
  const ids = v.safeParse(IDS, text);
  if (ids.success) return ids.output;
  throw new Failure(
    `Cannot read the labels ${path}: Aquaset did not write it so. Restore the file, because ` +
      "trained networks know the species by these numbers; or delete it to number anew.",
  );
}

/**
 * Writes a data folder's `labels.json`, unless it says the same already.
 *
 * @throws {Failure} When the file cannot be written.
 */
export async function writeStableIds(
  dir: string,
  ids: readonly string[],
  list: readonly Species[],
): Promise<void> {
  const known = new Map(list.map((species) => [species.id, species]));
  const text = formatList(ids.map((id, index) => {
    const species = known.get(id);
    return { index, id, latin: species?.latin || id, common: species?.common ?? [] };
  }));
  const path = join(dir, LABELS_FILE);
  if (await readTextIfThere(path) !== text) await replaceFile(path, text);
}

/** The labels as the text of an export's `labels.json`, each with its path from order to genus. */
export function formatLabels(labels: readonly Label[]): string {
  return formatList(
    labels.map((label) => ({ ...label, hierarchy: [label.order, label.family, label.genus] })),
  );
}

function formatList(items: readonly unknown[]): string {
  return `[\n${items.map((item) => `  ${JSON.stringify(item)}`).join(",\n")}\n]\n`;
}
