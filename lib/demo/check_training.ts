/**
 * Holds what is made of a data folder for training against the demo world's truth: every kept
 * image on one side, related ones on the same, copies of training images alone.
 *
 * @module
 */

import { exists } from "@std/fs";
import { join } from "@std/path";
import { type LoggedImage, readDataFolder, readFiles, readLines, text } from "./dataset_reader.ts";

const SIDES = ["train", "validation", "test"] as const;
/** Where the export lies within a data folder. */
const EXPORT = "export/imagefolder";

/** Checks report, export and copies of a data folder. */
export async function checkTraining(folder: string, to: number): Promise<string[]> {
  const differences: string[] = [];
  if (!await exists(join(folder, "report/index.html"), { isFile: true })) {
    differences.push("report/index.html: is not there");
  }
  const { images } = await readDataFolder(folder);
  const kept = images.filter(({ outcome }) => outcome === "kept");
  const sides = await readSides(folder, differences);
  differences.push(...checkSides(kept, sides), ...await checkCopies(folder, kept, sides, to));
  return differences;
}

/** Which side each exported file is on, by species and hash. */
async function readSides(folder: string, differences: string[]): Promise<Map<string, string>> {
  const sides = new Map<string, string>();
  for (const side of SIDES) {
    const below = `${EXPORT}/${side}`;
    const listed = new Set<string>();
    for (const fields of await readLines(join(folder, below, "metadata.jsonl"), differences)) {
      listed.add(`${below}/${text(fields.file_name)}`);
    }
    for (const { path, sha256 } of await readFiles(folder, below)) {
      if (path === `${below}/metadata.jsonl`) continue;
      if (!listed.delete(path)) differences.push(`${path}: is not in metadata.jsonl`);
      const key = `${path.split("/").at(-2)} ${sha256}`;
      const before = sides.get(key);
      if (before !== undefined) differences.push(`${path}: is on the side ${before} too`);
      sides.set(key, side);
    }
    for (const path of listed) differences.push(`${path}: is in metadata.jsonl, but not there`);
  }
  return sides;
}

function checkSides(kept: readonly LoggedImage[], sides: ReadonlyMap<string, string>): string[] {
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

async function checkCopies(
  folder: string,
  kept: readonly LoggedImage[],
  sides: ReadonlyMap<string, string>,
  to: number,
): Promise<string[]> {
  const differences: string[] = [];
  const files = new Set((await readFiles(folder, "augmented")).map(({ path }) => path));
  const copies = new Map<string, number>();
  for (const fields of await readLines(join(folder, "augmented.jsonl"), differences)) {
    if (fields.event !== "copy") continue;
    const species = text(fields.species);
    copies.set(species, (copies.get(species) ?? 0) + 1);
    if (!files.delete(text(fields.file))) differences.push(`${text(fields.file)}: is not there`);
    const side = sides.get(`${species} ${text(fields.parent)}`);
    if (side !== "train") {
      differences.push(`${text(fields.file)}: is made from an image of ${side ?? "nowhere"}`);
    }
  }
  for (const path of files) differences.push(`${path}: is in no line of augmented.jsonl`);
  const training = Map.groupBy(
    kept.filter(({ species, sha256 }) => sides.get(`${species} ${sha256}`) === "train"),
    ({ species }) => species,
  );
  for (const [species, parents] of training) {
    const all = parents.length + (copies.get(species) ?? 0);
    const must = Math.max(to, parents.length);
    if (all !== must) differences.push(`${species}: ${all} images for training, must be ${must}`);
  }
  return differences;
}
