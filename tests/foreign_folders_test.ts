/** What is made from a data folder goes through no link to a stranger's folder either. */

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { preview } from "../lib/augment/preview.ts";
import { RECIPES } from "../lib/augment/recipe.ts";
import { Failure } from "../lib/base/failure.ts";
import { exportDataset } from "../lib/export/export.ts";
import { openUnswept } from "../lib/dataset/dataset.ts";
import type { Thumbnailer } from "../lib/image/create_renderer.ts";
import { writeReport } from "../lib/report/write_report.ts";
import { serveReview } from "../lib/review/serve_review.ts";
import { treeOf, withFolder } from "./dataset/folder.ts";
import { addPhotos, photosOf } from "./export/fish_folder.ts";

const signal = new AbortController().signal;
const DECOYS = {
  "aa/0123456789abcdef.jpg": "a stranger's",
  "a_fish/0123456789abcdef-0001.jpg": "a stranger's",
  "notes.txt": "a stranger's",
};
const thumbnailer: Thumbnailer = {
  shrink: (bytes) => Promise.resolve(bytes.slice()),
  close: () => {},
};

async function report(dir: string): Promise<void> {
  await writeReport({ dir, thumbnailer, made: new Date(), progress: () => {}, signal });
}

async function exported(dir: string): Promise<void> {
  await exportDataset({
    dir,
    out: join(dir, "export", "imagefolder"),
    format: "imagefolder",
    license: "all",
    allowSynthetic: false,
    photosOnly: false,
    link: "hard",
    shardSize: 1e6,
    type: "as-is",
    validationName: "validation",
    copies: { recipe: { ...RECIPES.strong, size: 96 }, to: 6, seed: 1 },
    workers: 1,
    signal,
    notice: () => {},
    progress: () => {},
  });
}

async function sheet(dir: string): Promise<void> {
  await preview({ dir, name: "a_fish", recipe: RECIPES.strong, seed: 1, signal });
}

/** Which folder is a link, and what writes through it. */
const CASES: readonly (readonly [link: string, use: (dir: string) => Promise<void>])[] = [
  ["report", report],
  ["report/thumbs", report],
  ["report/sheets", report],
  ["images/a_fish", report],
  ["preview", sheet],
  ["images/a_fish", sheet],
  ["export", exported],
  ["export/imagefolder", exported],
  ["export/.tmp-building-imagefolder", exported],
  ["images/a_fish", exported],
];

for (const [link, use] of CASES) {
  Deno.test({
    name: `${use.name}() goes through no link in the place of ${link}`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await withFolder(async (root) => {
        const [dir, decoys] = [join(root, "data"), join(root, "decoys")];
        await addPhotos(dir, photosOf("a_fish", 3));
        for (const [name, text] of Object.entries(DECOYS)) {
          await Deno.mkdir(join(decoys, name, ".."), { recursive: true });
          await Deno.writeTextFile(join(decoys, name), text);
        }
        const before = await treeOf(decoys);
        const path = join(dir, link);
        if (link.startsWith("images/")) await Deno.remove(path, { recursive: true });
        await Deno.mkdir(join(path, ".."), { recursive: true });
        await Deno.symlink(decoys, path);
        const failure = await assertRejects(() => use(dir), Failure);
        assertStringIncludes(failure.message, "it is a link");
        assertEquals(await treeOf(decoys), before);
      });
    },
  });
}

Deno.test({
  name: "serveReview() gives out nothing of a species' folder that is a link",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withFolder(async (root) => {
      const dir = join(root, "data");
      const [file = ""] = await addPhotos(dir, photosOf("a_fish", 1));
      await Deno.rename(join(dir, "images", "a_fish"), join(root, "decoys"));
      await Deno.symlink(join(root, "decoys"), join(dir, "images", "a_fish"));
      const given = { script: "review", version: "0", flags: {}, notice: () => {} };
      const dataset = await openUnswept({ dir, ...given });
      const stop = new AbortController();
      try {
        const { address, ended } = await serveReview({
          dataset,
          thumbnailer,
          port: 0,
          signal: stop.signal,
        });
        const { origin, hash } = new URL(address);
        const headers = { "x-aquaset-token": hash.replace("#token=", "") };
        const start = await fetch(`${origin}/api/start`, { headers });
        const answer = await fetch(`${origin}${(await start.json()).pictures}${file}`);
        const text = await answer.text();
        assertEquals([answer.status, text.includes("it is a link")], [500, true]);
        stop.abort();
        await ended;
      } finally {
        stop.abort();
        await dataset.close();
      }
    });
  },
});
