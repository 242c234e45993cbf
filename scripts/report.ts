#!/usr/bin/env -S deno run -q --no-prompt -P=report
/**
 * Writes a page that shows what a data folder has: numbers, charts and every picture. Reads `data`
 * and the image decoder, writes `data/report`, reaches nothing.
 *
 * @module
 */

import { onOff } from "../lib/cli/flags.ts";
import { DATA } from "../lib/cli/scrape_flags.ts";
import { defineScript, runScript } from "../lib/cli/script.ts";
import { lines } from "../lib/cli/terminal_text.ts";
import { createThumbnailer } from "../lib/image/create_renderer.ts";
import { type ReportWritten, writeReport } from "../lib/report/write_report.ts";

export const script = defineScript({
  name: "report",
  summary: "Writes a page that shows a data folder: numbers, charts and every picture.",
  flags: { data: DATA, json: onOff("say where it is and what it counted as JSON") },
  examples: ["report"],
  async run({ data: dir }, { counting, result, signal, use }) {
    const thumbnailer = use(createThumbnailer());
    const written = await counting(
      "thumbnails",
      (progress) => writeReport({ dir, thumbnailer, made: new Date(), signal, progress }),
    );
    result(counts(written), () => describe(written));
  },
});

function describe({ path, overview, failed }: ReportWritten): string {
  const enough = overview.species.filter(({ standing }) => standing === "enough").length;
  return lines(
    `${overview.images} images; ${enough} of ${overview.species.length} species have enough.`,
    failed.length > 0 &&
      `${failed.length} pictures cannot be shown, such as ${failed[0]}: run verify to see why.`,
    `Open ${path} in a browser.`,
  );
}

function counts({ path, overview, made, failed }: ReportWritten): Record<string, unknown> {
  const { images, bytes, rejected, species, wanted } = overview;
  const having = (standing: string): number =>
    species.filter((one) => one.standing === standing).length;
  return {
    path,
    images,
    bytes,
    rejected,
    wanted,
    species: species.length,
    enough: having("enough"),
    short: having("short"),
    none: having("none"),
    thumbnails: { made, failed },
  };
}

if (import.meta.main) await runScript(script);
