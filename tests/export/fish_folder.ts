/**
 * A data folder with small painted photos, for the tests of export and augment.
 *
 * @module
 */

import { join } from "@std/path";
import type { ImageEvent } from "../../lib/dataset/event.ts";
import { sha256Of } from "../../lib/base/files.ts";
import { fingerprint } from "../../lib/image/fingerprint.ts";
import { sampleOf } from "../../lib/image/sample.ts";
import { opened } from "../dataset/folder.ts";
import { picture } from "../image/pictures.ts";

/** A photo to put into a folder. */
export interface Photo {
  /** The species' id. */
  readonly species: string;
  /** Which painting. */
  readonly painting: number;
  /** What its line says besides. */
  readonly line?: Partial<ImageEvent>;
  /** Whether it is the mirrored painting. */
  readonly mirrored?: boolean;
}

/** Photos of one species, paintings `from` and on, each on a page of its own. */
export function photosOf(species: string, count: number, from = 1): Photo[] {
  return Array.from({ length: count }, (_, at) => ({ species, painting: from + at }));
}

/** Puts photos into a data folder, and a species list with the species that have a Latin name. */
export async function addPhotos(dir: string, photos: readonly Photo[]): Promise<string[]> {
  const dataset = await opened(dir);
  const files: string[] = [];
  try {
    for (const { species, painting, line, mirrored } of photos) {
      using painted = picture(painting, 128, 96);
      using image = mirrored === true ? painted.flipHor() : painted.copy();
      const bytes = new Uint8Array(image.writeToBuffer(".jpg", { Q: 90 }));
      const sha256 = await sha256Of(bytes);
      const file = await dataset.place(species, { bytes, sha256, type: "jpeg" });
      const url = `https://photos.example/${species}/${painting}${mirrored ? "m" : ""}.jpg`;
      dataset.append({
        event: "image",
        species,
        source: "google",
        url,
        page: `${url}.html`,
        outcome: "kept",
        file,
        sha256,
        dhash: fingerprint(sampleOf(image)).fingerprint,
        bytes: bytes.length,
        width: 128,
        height: 96,
        type: "jpeg",
        ...line,
      });
      files.push(file);
    }
  } finally {
    await dataset.close();
  }
  return files;
}

/** Writes the species list: ids and Latin names. */
export async function writeList(
  dir: string,
  names: readonly (readonly [string, string, readonly string[]])[],
): Promise<void> {
  const lines = names.map(([id, latin, common]) => ({
    id,
    latin,
    rank: "species",
    search: latin,
    common,
    group: [],
    verbatim: { common: common.join(), latin },
    page: "https://en.wikipedia.org/wiki/List",
  }));
  await Deno.mkdir(dir, { recursive: true });
  await Deno.writeTextFile(
    join(dir, "species.jsonl"),
    lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
  );
}

/** The files below a folder, without the lock, with the hashes of their contents. */
export async function hashesOf(dir: string): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  const walk = async (folder: string, prefix: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if (isDirectory) await walk(path, `${prefix}${name}/`);
      else if (name !== ".lock") tree[prefix + name] = await sha256Of(await Deno.readFile(path));
    }
  };
  await walk(dir, "");
  return Object.fromEntries(Object.entries(tree).sort(([one], [other]) => one < other ? -1 : 1));
}
