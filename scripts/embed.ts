#!/usr/bin/env -S deno run -q --no-prompt -P=embed
/**
 * Has a network look at all images: its embeddings say which are doubtful, and its classes flag what
 * is no fish. Reads and writes `data`; reaches nothing.
 *
 * @module
 */

import { dirname } from "@std/path";
import { plural } from "../lib/base/plural.ts";
import { openFolder } from "../lib/cli/data_folder.ts";
import { flag, text, whole } from "../lib/cli/flags.ts";
import { DATA, JSON_OUT } from "../lib/cli/scrape_flags.ts";
import { defineScript, runScript } from "../lib/cli/script.ts";
import { lines } from "../lib/cli/terminal_text.ts";
import { checkDataFolder, type Dataset } from "../lib/dataset/dataset.ts";
import { doubtsOf, writeDoubts } from "../lib/embed/doubt.ts";
import { embedDataset, type EmbedReport } from "../lib/embed/embed_dataset.ts";
import { DEFAULT_MODEL, type Model, readModel } from "../lib/embed/model.ts";
import { readRuntime } from "../lib/embed/runtime.ts";
import { readEmbeddings } from "../lib/embed/store.ts";
import { isNoPhoto } from "../lib/image/flags.ts";
import { isSure } from "../lib/sources/source.ts";

const NETWORKS = Math.min(4, navigator.hardwareConcurrency);

export const script = defineScript({
  name: "embed",
  summary: "Has a network look at the images: doubtful ones come first in review.",
  flags: {
    data: DATA,
    model: flag(text("FILE"), "the encoder, with FILE.json beside it", DEFAULT_MODEL),
    workers: flag(whole(1, 64), "networks side by side; each takes 270 MB", NETWORKS),
    json: JSON_OUT,
  },
  examples: ["embed", "embed --model my-encoder.onnx"],
  async run({ data, model: path, workers }, context) {
    await checkDataFolder(data);
    const model = await readModel(path);
    const dataset = await openFolder(data, context);
    const runtime = await readRuntime(dirname(DEFAULT_MODEL));
    const { signal, say: notice } = context;
    const report = await context.counting(
      "images",
      (progress) => embedDataset({ dataset, model, runtime, workers, signal, notice, progress }),
    );
    const doubts = await findDoubts(dataset, model);
    context.result({ ...report, doubts }, () => describe(report, doubts));
  },
});

/** Works out the doubts and writes them. Returns how many images have one. */
async function findDoubts({ dir, state }: Dataset, { info }: Model): Promise<number> {
  const embeddings = await readEmbeddings(dir);
  if (embeddings === undefined) return 0;
  const asked = [...state.keptImages()].filter(({ rejected }) => !rejected)
    .map(({ sha256, species, source, flags }) => ({
      ...{ sha256, species, vouched: isSure(source), isNoPhoto: isNoPhoto(flags) },
    }));
  const doubts = doubtsOf(asked, embeddings);
  await writeDoubts(dir, info.name, doubts);
  return doubts.size;
}

function describe({ embedded, before, flags, unreadable }: EmbedReport, doubts: number): string {
  const counts = Object.entries(flags).map(([flag, count]) => `${flag} ${count}`);
  return lines(
    `${plural(embedded, "image")} embedded, ${before} were before. ` +
      `${plural(doubts, "image")} put in order of doubt for: deno task review`,
    `Flagged: ${counts.length === 0 ? "none" : counts.join(", ")}.`,
    unreadable.length > 0 &&
      `${plural(unreadable.length, "image")} cannot be read, such as ${unreadable[0]}: run verify.`,
  );
}

if (import.meta.main) await runScript(script);
