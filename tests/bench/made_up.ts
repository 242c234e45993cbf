/** A data folder of a long run that never was, so that the end of one can be measured in minutes. */

import { createHash } from "node:crypto";
import type { LogEvent } from "../../lib/dataset/event.ts";
import { formatLogLine } from "../../lib/dataset/event.ts";

/** How many hex digits a fingerprint has. */
const FINGERPRINT = 282;
/** Candidates of a species that came to nothing, for each that was kept. */
const OTHERS = 0.4;

/**
 * Makes up a data folder whose species have all images that are wanted. The files hold
 * their addresses: nobody decodes them.
 *
 * @param data The data folder.
 * @param species The ids of the species.
 * @param images How many images each has.
 */
export async function makeUpDataset(
  data: string,
  species: readonly string[],
  images: number,
): Promise<void> {
  await Deno.mkdir(data, { recursive: true });
  const log = await Deno.open(`${data}/log.jsonl`, { write: true, create: true });
  const writer = log.writable.getWriter();
  for (const id of species) {
    await Deno.mkdir(`${data}/images/${id}`, { recursive: true });
    const events = eventsOf(id, images);
    for (const event of events) {
      if (event.event === "image" && event.file !== undefined) {
        await Deno.writeTextFile(`${data}/${event.file}`, event.url);
      }
    }
    const lines = events.map((event) => formatLogLine(event, new Date())).join("");
    await writer.write(new TextEncoder().encode(lines));
  }
  await writer.close();
}

function eventsOf(species: string, images: number): LogEvent[] {
  const common = { event: "image", species, source: "google" } as const;
  const at = (number: number) => ({
    url: `https://www.made-up.example/wp-content/uploads/2021/04/${species}/${number}.jpg`,
    page: `https://www.made-up.example/fish/${species}/${number}.html`,
  });
  const kept = Array.from({ length: images }, (_, number): LogEvent => {
    const { url } = at(number);
    const sha256 = createHash("sha256").update(url).digest("hex");
    return {
      ...common,
      ...at(number),
      outcome: "kept",
      file: `images/${species}/${sha256.slice(0, 16)}.jpg`,
      sha256,
      dhash: randomHex(FINGERPRINT),
      bytes: url.length,
      width: 640,
      height: 480,
      type: "jpeg",
    };
  });
  const others = Array.from(
    { length: Math.round(images * OTHERS) },
    (_, number): LogEvent => ({ ...common, ...at(images + number), outcome: "gone" }),
  );
  const done = (source: string): LogEvent => ({
    event: "done",
    species,
    source,
    kept: images,
    wanted: images,
    why: "enough",
  });
  return [...kept, ...others, done("fishbase"), done("google")];
}

function randomHex(digits: number): string {
  return crypto.getRandomValues(new Uint8Array(digits / 2)).toHex();
}
