/**
 * The labels: a number for each species that stays the same when species are added.
 *
 * @module
 */

import { join } from "@std/path";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import { isSpeciesId } from "../dataset/log_line.ts";
import { Failure } from "../base/failure.ts";
import { replaceFile } from "../base/files.ts";
import type { Species } from "../species/species.ts";

/** The file's name, in the data folder and in each export. */
export const LABELS_FILE = "labels.json";

/** One label. */
export interface Label {
  /** The number, from 0 without gaps. */
  readonly index: number;
  /** The species' id. */
  readonly id: string;
  /** The Latin name; the id where the list does not have the species. */
  readonly latin: string;
  /** Common names. */
  readonly common: readonly string[];
}

/**
 * Makes the labels: those that there were keep their numbers, new ones are added at the end, in
 * the order of the species list.
 *
 * @param before The ids that have numbers, in their order.
 * @param wanted The ids that must have one.
 * @param list The species list.
 */
export function makeLabels(
  before: readonly string[],
  wanted: ReadonlySet<string>,
  list: readonly Species[],
): Label[] {
  const known = new Map(list.map((species) => [species.id, species]));
  const ids = new Set(before);
  for (const { id } of list) if (wanted.has(id)) ids.add(id);
  for (const id of [...wanted].sort()) ids.add(id);
  return [...ids].map((id, index) => {
    const species = known.get(id);
    const latin = species?.latin ?? "";
    return { index, id, latin: latin === "" ? id : latin, common: species?.common ?? [] };
  });
}

/**
 * Reads the ids of a data folder's labels.
 *
 * @param dir The data folder.
 * @returns The ids in the order of their numbers; none where there are no labels yet.
 * @throws {Failure} When the file cannot be read or is wrong.
 */
export async function readLabelIds(dir: string): Promise<string[]> {
  const path = join(dir, LABELS_FILE);
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (thrown) {
    if (isMissing(thrown)) return [];
    throw diskFailure(`read the labels ${path}`, thrown);
  }
  const ids = parseIds(text);
  if (ids === undefined) {
    throw new Failure(
      `Cannot read the labels ${path}: it is not as this program wrote it. Put it back as it was, ` +
        "for trained networks know the species by these numbers; or delete it for new numbers.",
    );
  }
  return ids;
}

/**
 * Labels as the text of a file.
 *
 * @param labels The labels.
 */
export function formatLabels(labels: readonly Label[]): string {
  return `[\n${labels.map((label) => `  ${JSON.stringify(label)}`).join(",\n")}\n]\n`;
}

/**
 * Writes a data folder's labels where they changed.
 *
 * @param dir The data folder.
 * @param labels The labels.
 * @throws {Failure} When the file cannot be written.
 */
export async function writeLabels(dir: string, labels: readonly Label[]): Promise<void> {
  const path = join(dir, LABELS_FILE);
  const text = formatLabels(labels);
  try {
    if (await Deno.readTextFile(path) === text) return;
  } catch (thrown) {
    if (!isMissing(thrown)) throw diskFailure(`read the labels ${path}`, thrown);
  }
  await replaceFile(path, text);
}

function parseIds(text: string): string[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
  if (!Array.isArray(value)) return undefined;
  const ids: string[] = [];
  for (const [at, label] of value.entries()) {
    if (typeof label !== "object" || label === null) return undefined;
    const { index, id }: Record<string, unknown> = { ...label };
    if (index !== at || !isSpeciesId(id) || ids.includes(id)) return undefined;
    ids.push(id);
  }
  return ids;
}
