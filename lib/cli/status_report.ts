/**
 * The status of a data folder, for a person.
 *
 * @module
 */

import { format } from "@std/fmt/bytes";
import type { DatasetStatus, SourceStatus } from "../dataset/status.ts";
import type { EmbeddingCount } from "../embed/store.ts";
import type { GivenFlags } from "./flags.ts";
import { oneLine, table } from "./terminal_text.ts";
import { describeSettings, SETTINGS_FILE } from "./settings.ts";

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
  ];
  if (lastRun !== undefined) {
    const { script, time, version } = lastRun;
    lines.push(`Last run: ${script} ${version}, begun ${time}; last line ${status.lastTime}.`);
  }
  const said = describeSettings(settings);
  if (said !== "") lines.push(oneLine(`Settings in ${SETTINGS_FILE}: ${said}.`));
  for (const { source, why, detail } of status.stopped) {
    lines.push(oneLine(`Stopped: ${source}, ${why}${detail === undefined ? "" : `: ${detail}`}`));
  }
  const out = rejected === 0 ? "" : `; ${rejected} rejected`;
  lines.push("", `${images} images of ${withImages} species, ${format(bytes)}${out}.`);
  if (wanted !== undefined) {
    lines.push(`${complete} species ${complete === 1 ? "has" : "have"} ${wanted} or more.`);
  }
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
  const rows = (kind: string, of: (one: SourceStatus) => Readonly<Record<string, number>>) => {
    const names = new Set(sources.flatMap((source) => Object.keys(of(source))));
    return [...names].map((name) => [
      `${kind}${name}`,
      ...sources.map((source) => of(source)[name] ?? 0),
    ]);
  };
  return table([
    ["", ...sources.map(({ source }) => source)],
    ...rows("", ({ outcomes }) => outcomes),
    ...rows("done: ", ({ done }) => done),
  ]);
}
