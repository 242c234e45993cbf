/**
 * How fast the report and the review are with a large data folder, in a real Chromium:
 * `pages_bench.ts [species] [images each]`.
 *
 * @module
 */

import { VIEW_DIGITS } from "../../lib/image/fingerprint.ts";
import type { Thumbnailer } from "../../lib/image/create_renderer.ts";
import { openUnswept } from "../../lib/dataset/dataset.ts";
import { writeReport } from "../../lib/report/write_report.ts";
import { serveReview } from "../../lib/review/serve_review.ts";
import { withFolder } from "../dataset/folder.ts";
import { type Screen, withChromium } from "../report/chromium.ts";
import { makeSynthetic, picture } from "../report/synthetic.ts";

const [species = 640, images = 200] = Deno.args.map(Number);
const thumbnailer: Thumbnailer = { shrink: () => Promise.resolve(picture(1)), close: () => {} };
const never = new AbortController().signal;

function say(what: string, figure: unknown): void {
  console.log(`${what.padEnd(50)} ${figure}`);
}

async function timed<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  const start = performance.now();
  const result = await work();
  say(what, `${Math.round(performance.now() - start)} ms`);
  return result;
}

/** Gives each image a fingerprint of its own. */
async function addFingerprints(dir: string): Promise<void> {
  const bytes = new Uint8Array(VIEW_DIGITS / 2);
  const text = await Deno.readTextFile(`${dir}/log.jsonl`);
  await Deno.writeTextFile(
    `${dir}/log.jsonl`,
    text.replaceAll(
      '"outcome":"kept"',
      () => `"dhash":"${crypto.getRandomValues(bytes).toHex()}","outcome":"kept"`,
    ),
  );
}

/** From the navigation's start until a picture of the page is there, in the page's own time. */
const FIRST_PICTURE = (selector: string): string =>
  `(async () => {
  for (;;) {
    const shown = [...document.querySelectorAll(${JSON.stringify(selector)})];
    if (shown.some((image) => image.complete && image.naturalWidth > 0)) {
      return Math.round(performance.now());
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
})()`;

/** Scrolls for three seconds; gives the share of frames that took more than 50 ms. */
const SCROLL = `(async () => {
  const start = performance.now();
  const gaps = [];
  let last = start;
  while (last - start < 3000) {
    scrollBy(0, 120);
    await new Promise((resolve) => requestAnimationFrame(resolve));
    gaps.push(performance.now() - last);
    last = performance.now();
  }
  const slow = gaps.filter((gap) => gap > 50).length;
  return gaps.length + " frames, " + slow + " over 50 ms, the longest " + Math.round(Math.max(...gaps)) + " ms";
})()`;

/** A tab of a browser that is started for it. */
async function withScreen(use: (screen: Screen) => Promise<void>): Promise<void> {
  await withChromium(async (open) => {
    const screen = await open();
    await screen.look(1440, 900, false);
    await use(screen);
    // There are thumbnails alone: the originals are missing.
    const errors = screen.errors.filter((error) => !error.includes("/images/"));
    if (errors.length > 0) say("errors", errors.join("\n"));
  });
}

async function report(dir: string): Promise<void> {
  const { path } = await timed(
    "report: writing",
    () => writeReport({ dir, thumbnailer, made: new Date(), progress: () => {}, signal: never }),
  );
  say("report: size of the page", `${Math.round((await Deno.stat(path)).size / 1000)} kB`);
  await withScreen(async (screen) => {
    await screen.goto(`file://${await Deno.realPath(path)}`);
    say("report: first picture", `${await screen.evaluate(FIRST_PICTURE(".mosaic img"))} ms`);
    await screen.evaluate(`document.querySelector("#sheets").scrollIntoView()`);
    say("report: scrolling through pictures", await screen.evaluate(SCROLL));
  });
}

/** Goes from species to species, while the server still looks at all of them and afterwards. */
async function use(screen: Screen, address: string): Promise<void> {
  await screen.goto(address);
  say("review: first picture", `${await screen.evaluate(FIRST_PICTURE("#sheet img"))} ms`);
  const next = async (what: string): Promise<void> => {
    const times: unknown[] = [];
    for (let turn = 0; turn < 5; turn++) times.push(await screen.evaluate(NEXT));
    say(what, `${times.join(", ")} ms`);
  };
  await next("review: next species, while all are looked at");
  await timed("review: all species looked at", async () => {
    const body = JSON.stringify({ verdict: "accepted", all: { trait: "host", value: "none" } });
    const { origin, hash } = new URL(address);
    const token = hash.replace("#token=", "");
    const headers = { origin, "x-aquaset-token": token, "content-type": "application/json" };
    await (await fetch(`${origin}/api/verdicts`, { method: "POST", headers, body })).body?.cancel();
  });
  await next("review: next species");
  const page = await screen.evaluate(`(() => {
    const start = performance.now();
    document.dispatchEvent(new KeyboardEvent("keydown", { key: " " }));
    document.body.offsetHeight;
    return Math.round(performance.now() - start);
  })()`);
  say("review: next page", `${page} ms`);
}

/** From the key to the next species' pictures being laid out. */
const NEXT = `(async () => {
  const name = document.querySelector("#name");
  const [before, start] = [name.textContent, performance.now()];
  document.dispatchEvent(new KeyboardEvent("keydown", { key: "n" }));
  while (name.textContent === before) await new Promise((resolve) => setTimeout(resolve, 2));
  document.body.offsetHeight;
  return Math.round(performance.now() - start);
})()`;

async function review(dir: string): Promise<void> {
  const given = { script: "review", version: "0", flags: {}, notice: () => {} };
  const dataset = await timed(
    "review: opening the data folder",
    () => openUnswept({ dir, ...given }),
  );
  const stop = new AbortController();
  try {
    const served = await timed(
      "review: until it serves",
      () => serveReview({ dataset, thumbnailer, port: 0, signal: stop.signal }),
    );
    await withScreen((screen) => use(screen, served.address));
    stop.abort();
    await served.ended;
  } finally {
    await dataset.close();
  }
}

for (const bench of Deno.args[2] === "review" ? [review] : [report, review]) {
  await withFolder(async (dir) => {
    await makeSynthetic(dir, { species, images, files: "thumbnails" });
    await addFingerprints(dir);
    await bench(dir);
  });
}
