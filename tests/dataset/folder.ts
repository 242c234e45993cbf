/**
 * A data folder for a test, and what to put into it.
 *
 * @module
 */

import { join } from "@std/path";
import { type Dataset, openDataset } from "../../lib/dataset/dataset.ts";
import type { ImageEvent } from "../../lib/dataset/event.ts";
import type { Outcome } from "../../lib/base/outcome.ts";
import { sha256Of } from "../../lib/base/files.ts";
import type { DatasetState } from "../../lib/dataset/state.ts";
import type { ImageFile } from "../../lib/dataset/store.ts";

export { withFolder } from "../folder.ts";

/** Opens a data folder; notices go to `told`. */
export async function opened(dir: string, told: string[] = []): Promise<Dataset> {
  return await openDataset({
    dir,
    script: "scrape",
    version: "0.0.0",
    flags: {},
    notice: (text) => told.push(text),
  });
}

/** Bytes that stand for the image of a number: all different, of different lengths. */
export async function imageOf(
  number: number,
): Promise<ImageFile & { readonly bytes: Uint8Array<ArrayBuffer> }> {
  const bytes = new TextEncoder().encode(`image ${number} `.repeat(1 + number % 7));
  return { bytes, sha256: await sha256Of(bytes), type: "jpeg" };
}

/** The URL of a number. */
export function urlOf(number: number): string {
  return `https://fish.example/${number}.jpg`;
}

/** A candidate that came to nothing. */
export function tried(
  number: number,
  outcome: Exclude<Outcome, "kept">,
  species = "betta_splendens",
): ImageEvent {
  return {
    event: "image",
    species,
    source: "google",
    url: urlOf(number),
    page: "https://fish.example/",
    outcome,
    title: "Ein Fisch – 魚 🐟",
    detail: "because",
  };
}

/** The line of a kept image. */
export function keptEvent(
  number: number,
  sha256: string,
  file: string,
  species = "betta_splendens",
): ImageEvent {
  return {
    ...tried(number, "timeout", species),
    outcome: "kept",
    file,
    sha256,
    dhash: "0123456789abcdef",
    bytes: 10,
    width: 640,
    height: 480,
    type: "jpeg",
  };
}

/** Places the image of a number and logs it, as the pipeline does. */
export async function keep(
  dataset: Dataset,
  number: number,
  species = "betta_splendens",
): Promise<ImageEvent> {
  const image = await imageOf(number);
  const file = await dataset.place(species, image);
  const event = keptEvent(number, image.sha256, file, species);
  dataset.append(event);
  return event;
}

/** The files of a species' images that are kept and not rejected. */
export function keptFiles(state: DatasetState, species: string): string[] {
  return [...state.keptImages(species)].filter(({ rejected }) => !rejected)
    .map(({ file }) => file);
}

/** The files below a folder with their texts, without the log and the lock. */
export async function treeOf(dir: string): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  const walk = async (folder: string, prefix: string): Promise<void> => {
    for await (const entry of Deno.readDir(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory) await walk(path, `${prefix}${entry.name}/`);
      else if (!/^(?:log\.jsonl|index\.sqlite.*|\.lock)$/.test(entry.name)) {
        tree[prefix + entry.name] = await Deno.readTextFile(path);
      }
    }
  };
  await walk(dir, "");
  return Object.fromEntries(Object.entries(tree).sort(([one], [other]) => one < other ? -1 : 1));
}
