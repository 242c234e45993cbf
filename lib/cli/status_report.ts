/**
 * The status of a data folder, for a person.
 *
 * @module
 */

import { format } from "@std/fmt/bytes";
import type { DatasetStatus, SourceStatus } from "../dataset/status.ts";
import type { EmbeddingCount } from "../embed/store.ts";
import type { GivenFlags } from "./flags.ts";
import { oneLine } from "./legible.ts";
import { describeSettings, SETTINGS_FILE } from "./settings.ts";
import { table } from "./table.ts";

export function statusReport(
  status: DatasetStatus,
  settings: GivenFlags,
  embedded: EmbeddingCount | undefined,
): string {
  const { running, lastRun, images, bytes, withImages, complete, wanted, rejected } = status;
  const lines = [
    running === undefined
      ? "No run is writing this folder."
      : `${running.script} is writing this folder (process ${running.pid}, since ${running.started}).`,
    ...(lastRun === undefined ? [] : [
      `Last run: ${lastRun.script} ${lastRun.version}, begun ${lastRun.time}; last line ${status.lastTime}.`,
    ]),
    ...(Object.keys(settings).length === 0
      ? []
      : [oneLine(`Settings in ${SETTINGS_FILE}: ${describeSettings(settings)}.`)]),
    ...status.stopped.map(({ source, why, detail }) =>
      oneLine(`Stopped: ${source}, ${why}${detail === undefined ? "" : `: ${detail}`}`)
    ),
    "",
    `${images} images of ${withImages} species, ${format(bytes)}${
      rejected === 0 ? "" : `; ${rejected} rejected`
    }.`,
    ...(wanted === undefined
      ? []
      : [`${complete} species ${complete === 1 ? "has" : "have"} ${wanted} or more.`]),
  ];
  if (embedded !== undefined) {
    const { images, missing, model } = embedded;
    const rest = missing === 0 ? "" : `, ${missing} not yet: deno task embed`;
    lines.push(oneLine(`${images} images embedded by ${model}${rest}.`));
  }
  if (status.badLines > 0) lines.push(`${status.badLines} lines of the log cannot be understood.`);
  if (status.sources.length > 0) lines.push("", sourceTable(status.sources));
  return lines.join("\n");
}

function sourceTable(sources: readonly SourceStatus[]): string {
  const outcomes = [...new Set(sources.flatMap((source) => Object.keys(source.outcomes)))];
  const whys = [...new Set(sources.flatMap((source) => Object.keys(source.done)))];
  const counts = (from: Readonly<Record<string, number>>, names: readonly string[]): string[] =>
    names.map((name) => String(from[name] ?? 0));
  const columns = sources.map(({ source, outcomes: of, done }) => [
    source,
    ...counts(of, outcomes),
    ...counts(done, whys),
  ]);
  const heads = ["", ...outcomes, ...whys.map((why) => `done: ${why}`)];
  return table(heads.map((head, row) => [head, ...columns.map((column) => column[row] ?? "")]));
}
