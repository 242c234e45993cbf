#!/usr/bin/env -S deno run -q --no-prompt -P=report
/**
 * Writes a page that shows what a data folder has: numbers, charts and every picture. Reads `data`
 * and the image decoder, writes `data/report`, reaches nothing.
 *
 * @module
 */

import { onOff } from "../lib/cli/flags.ts";
import type { FlagValues } from "../lib/cli/flags.ts";
import { withDisplay } from "../lib/cli/progress.ts";
import { runScript, type Script, type ScriptContext } from "../lib/cli/script.ts";
import { DATA } from "../lib/cli/scrape_flags.ts";
import { createThumbnailer } from "../lib/image/create_renderer.ts";
import { type ReportWritten, writeReport } from "../lib/report/write_report.ts";

const FLAGS = { data: DATA, json: onOff("say where it is and what it counted as JSON") };

/** The script. */
export const script: Script<typeof FLAGS> = {
  name: "report",
  summary: "Writes a page that shows a data folder: numbers, charts and every picture.",
  flags: FLAGS,
  examples: ["report"],
  run,
};

async function run(flags: FlagValues<typeof FLAGS>, context: ScriptContext): Promise<0> {
  const thumbnailer = createThumbnailer();
  try {
    const written = await withDisplay(context, (display) =>
      writeReport({
        dir: flags.data,
        thumbnailer,
        made: new Date(),
        signal: context.signal,
        progress: display.count("report", "thumbnails"),
      }));
    context.result(counts(written), () => describe(written));
    return 0;
  } finally {
    thumbnailer.close();
  }
}

function describe({ path, overview, failed }: ReportWritten): string {
  const enough = overview.species.filter(({ standing }) => standing === "enough").length;
  const lines = [
    `${overview.images} images; ${enough} of ${overview.species.length} species have enough.`,
  ];
  if (failed[0] !== undefined) {
    lines.push(
      `${failed.length} pictures cannot be shown, such as ${failed[0]}: run verify to see why.`,
    );
  }
  return [...lines, `Open ${path} in a browser.`].join("\n");
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
