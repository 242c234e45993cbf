/**
 * A data folder with the worst texts that pages of strangers can have.
 *
 * @module
 */

import { join } from "@std/path";
import type { ImageEvent, LogEvent } from "../../lib/dataset/event.ts";
import { formatLogLine } from "../../lib/dataset/event.ts";
import { writeList } from "../export/fish_folder.ts";
import { hashOf, picture } from "./synthetic.ts";

/** A text that would run scripts wherever it is taken for HTML. */
export const HOSTILE = `"><img src=x onerror="top.evil=1"></script><script>top.evil=2</script>`;

/** A text that crashed the tab. */
const LONG = `\u202e${"x".repeat(1 << 20)}`;

/** A species whose image comes with the worst texts a page can have. */
export async function makeHostile(dir: string): Promise<void> {
  const sha256 = hashOf(1, 1);
  const stem = sha256.slice(0, 16);
  const id = "hostilia_maxima";
  const image: ImageEvent = {
    event: "image",
    species: id,
    source: `goo${HOSTILE}`,
    url: "https://evil.example/1.jpg",
    page: "javascript:top.evil=3",
    outcome: "kept",
    sha256,
    file: `images/${id}/${stem}.jpg`,
    author: HOSTILE,
    title: HOSTILE,
    license: HOSTILE,
    query: `hostilia ${HOSTILE}`,
    bytes: 1000,
    width: 4,
    height: 3,
  };
  const other = hashOf(1, 2);
  const events: LogEvent[] = [
    image,
    {
      ...image,
      url: `https://evil.example/2.jpg?${HOSTILE}`,
      page: `https://evil.example/?${HOSTILE}`,
      sha256: other,
      file: `images/${id}/${other.slice(0, 16)}.jpg`,
    },
    { ...image, url: "https://evil.example/3.jpg", outcome: "timeout" },
    { event: "stopped", source: "google", why: HOSTILE, detail: HOSTILE },
    { event: "stopped", source: LONG, why: LONG, detail: LONG },
    { ...image, url: "https://evil.example/4.jpg", source: LONG, outcome: "timeout" },
  ];
  await Deno.writeTextFile(
    join(dir, "log.jsonl"),
    events.map((event) => formatLogLine(event, new Date())).join(""),
  );
  // A word that no line holds, and a name that turns around what stands behind it.
  await writeList(dir, [
    [id, "Hostilia".repeat(40), ["\u202eturned", "second"]],
    ["longa", LONG, [LONG]],
  ]);
  await Deno.mkdir(join(dir, "images", id), { recursive: true });
  for (const name of [stem, other.slice(0, 16)]) {
    await Deno.writeFile(join(dir, "images", id, `${name}.jpg`), picture(1));
    await Deno.mkdir(join(dir, "report", "thumbs", name.slice(0, 2)), { recursive: true });
    await Deno.writeFile(
      join(dir, "report", "thumbs", name.slice(0, 2), `${name}.jpg`),
      picture(1),
    );
  }
}
