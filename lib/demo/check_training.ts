/**
 * Holds what is made of a data folder for training against the demo world's truth: every kept
 * image on one side, related ones on the same, copies of training images alone.
 *
 * @module
 */

import { exists } from "@std/fs";
import { join } from "@std/path";
import {
  EXPORTED,
  type LoggedLine,
  readDataFolder,
  readFiles,
  readLines,
} from "./dataset_reader.ts";

const SIDES = ["train", "validation", "test"] as const;
const EXPORT = "export/imagefolder";

export async function checkTraining(folder: string, to: number): Promise<string[]> {
  const differences: string[] = [];
  if (!await exists(join(folder, "report/index.html"), { isFile: true })) {
    differences.push("report/index.html: is not there");
  }
  const { images } = await readDataFolder(folder);
  const kept = images.filter(({ outcome }) => outcome === "kept");
  const { photos, copies } = await readSides(folder, differences);
  differences.push(...checkSides(kept, photos), ...checkCopies(kept, photos, copies, to));
  return differences;
}

interface Sides {
  /** The side of each photo, by species and hash. */
  readonly photos: ReadonlyMap<string, string>;
  readonly copies: readonly {
    readonly path: string;
    readonly species: string;
    readonly parent: string;
  }[];
}

async function readSides(folder: string, differences: string[]): Promise<Sides> {
  const photos = new Map<string, string>();
  const copies: Sides["copies"][number][] = [];
  for (const side of SIDES) {
    const below = `${EXPORT}/${side}`;
    const parentOf = new Map<string, string>();
    const list = join(folder, below, "metadata.jsonl");
    for (const { file_name, parent } of await readLines(list, EXPORTED, differences)) {
      parentOf.set(`${below}/${file_name}`, parent);
    }
    for (const { path, sha256 } of await readFiles(folder, below)) {
      if (path === `${below}/metadata.jsonl`) continue;
      const species = path.split("/").at(-2) ?? "";
      const parent = parentOf.get(path);
      if (parent === undefined) differences.push(`${path}: is not in metadata.jsonl`);
      parentOf.delete(path);
      if (parent !== undefined && parent !== "") {
        if (side !== "train") differences.push(`${path}: is a copy, on the side ${side}`);
        copies.push({ path, species, parent });
        continue;
      }
      const key = `${species} ${sha256}`;
      const before = photos.get(key);
      if (before !== undefined) differences.push(`${path}: is on the side ${before} too`);
      photos.set(key, side);
    }
    for (const path of parentOf.keys()) {
      differences.push(`${path}: is in metadata.jsonl, but not there`);
    }
  }
  return { photos, copies };
}

function checkSides(kept: readonly LoggedLine[], sides: ReadonlyMap<string, string>): string[] {
  const differences: string[] = [];
  const pages = new Map<string, string>();
  for (const { species, sha256, page, file } of kept) {
    const side = sides.get(`${species} ${sha256}`);
    if (side === undefined) {
      differences.push(`${file}: is on no side of the export`);
      continue;
    }
    const before = pages.get(page) ?? side;
    pages.set(page, before);
    if (before !== side) {
      differences.push(`${file}: is on the side ${side}, another of its page on ${before}`);
    }
  }
  if (sides.size !== kept.length) {
    differences.push(`${EXPORT}: has ${sides.size} images, must have ${kept.length}`);
  }
  return differences;
}

function checkCopies(
  kept: readonly LoggedLine[],
  photos: ReadonlyMap<string, string>,
  copies: Sides["copies"],
  to: number,
): string[] {
  const differences: string[] = [];
  const counts = new Map<string, number>();
  for (const { path, species, parent } of copies) {
    counts.set(species, (counts.get(species) ?? 0) + 1);
    const side = photos.get(`${species} ${parent}`);
    if (side !== "train") {
      differences.push(`${path}: is made from an image of ${side ?? "nowhere"}`);
    }
  }
  const training = Map.groupBy(
    kept.filter(({ species, sha256 }) => photos.get(`${species} ${sha256}`) === "train"),
    ({ species }) => species,
  );
  for (const [species, parents] of training) {
    const all = parents.length + (counts.get(species) ?? 0);
    const must = Math.max(to, parents.length);
    if (all !== must) differences.push(`${species}: ${all} images for training, must be ${must}`);
  }
  return differences;
}
