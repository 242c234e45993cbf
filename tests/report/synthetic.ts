/**
 * A large data folder made in an instant: tiny files, a log as a scrape would have written it.
 *
 * @module
 */

import { join } from "@std/path";
import { formatLogLine } from "../../lib/dataset/event.ts";
import type { LogEvent } from "../../lib/dataset/event.ts";
import { formatSpeciesLine } from "../../lib/species/file.ts";

export interface Synthetic {
  readonly species: number;
  readonly images: number;
  /** What is written besides the log: thumbnails alone, so that none has to be made, or images too. */
  readonly files: "images" | "thumbnails" | "none";
}

/** A picture of one colour, four by three pixels: a GIF, whatever its file is called. */
export function picture(number: number): Uint8Array<ArrayBuffer> {
  const colour = [number * 37 % 256, number * 91 % 256, number * 151 % 256];
  return Uint8Array.from([
    ...[0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 4, 0, 3, 0, 0x80, 0, 0, ...colour, 0, 0, 0],
    ...[0x2c, 0, 0, 0, 0, 4, 0, 3, 0, 0, 2, 5, 0x84, 0x8f, 0xa9, 0xcb, 0x5d, 0, 0x3b],
  ]);
}

export function speciesId(number: number): string {
  return `synthetica_no_${number}`;
}

/**
 * The hash of an image. Every fifth species has the same pictures, and so thumbnails: writing ten
 * thousand files takes longer than looking at them.
 */
export function hashOf(number: number, image: number): string {
  const species = number % 5;
  const start = (species * 1_000_003 + image * 7919 >>> 0).toString(16).padStart(8, "0");
  const rest = (species * 4096 + image).toString(16).padStart(8, "0");
  return `${start}${rest}`.padEnd(64, "0");
}

export async function makeSynthetic(dir: string, wish: Synthetic): Promise<void> {
  const lines: string[] = [];
  const say = (event: LogEvent): void => {
    lines.push(formatLogLine(event, new Date(1_790_000_000_000 + lines.length)));
  };
  say({ event: "run", script: "scrape", version: "0.1.0", flags: {} });
  const list: string[] = [];
  const made = new Set<string>();
  for (let species = 0; species < wish.species; species++) {
    const id = speciesId(species);
    const name = `Synthetica no. ${species}`;
    list.push(formatSpeciesLine({
      id,
      latin: name,
      rank: "species",
      search: name,
      common: [`Made fish ${species}`],
      group: [],
      verbatim: { common: "", latin: name },
      page: "https://list.example/",
    }));
    if (wish.files === "images") await Deno.mkdir(join(dir, "images", id), { recursive: true });
    for (let image = 0; image < wish.images; image++) {
      const sha256 = hashOf(species, image);
      const stem = sha256.slice(0, 16);
      say(kept(id, species, image, sha256));
      if (wish.files === "none") continue;
      const bytes = picture(species * 1000 + image);
      if (wish.files === "images") {
        await Deno.writeFile(join(dir, "images", id, `${stem}.jpg`), bytes);
      }
      const thumbs = join(dir, "report", "thumbs", stem.slice(0, 2));
      if (!made.has(thumbs)) await Deno.mkdir(thumbs, { recursive: true });
      made.add(thumbs);
      if (species < 5) await Deno.writeFile(join(thumbs, `${stem}.jpg`), bytes);
    }
    const { images } = wish;
    say({
      event: "done",
      species: id,
      source: "google",
      kept: images,
      wanted: images,
      why: "enough",
    });
  }
  await Deno.writeTextFile(join(dir, "species.jsonl"), list.map((line) => `${line}\n`).join(""));
  await Deno.writeTextFile(join(dir, "log.jsonl"), lines.join(""));
}

function kept(id: string, species: number, image: number, sha256: string): LogEvent {
  const site = (species + image) % 40;
  return {
    event: "image",
    species: id,
    source: image % 20 === 0 ? "fishbase" : "google",
    url: `https://cdn${site}.example/${id}/${image}.jpg`,
    page: `https://site${site}.example/galleries/${id}/photo-${image}.markup`,
    title: `Synthetica no. ${species}, photo ${image} of the gallery`,
    ...(image % 3 === 0 ? { author: `Photographer ${image % 17}` } : {}),
    query: `Synthetica no. ${species}${image % 2 === 0 ? "" : " fish"}`,
    license: image % 5 === 0 ? "CC-BY-NC-3.0" : "unknown",
    sha256,
    bytes: 20_000 + image * 100,
    width: 300 + image % 700,
    height: 200 + image % 500,
    type: "jpeg",
    outcome: "kept",
    ...(image % 12 === 7 ? { flagged: ["drawing", "text"] } : {}),
    file: `images/${id}/${sha256.slice(0, 16)}.jpg`,
  };
}
