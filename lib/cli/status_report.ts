/**
 * The status of a data folder, for a person.
 *
 * @module
 */

import { format } from "@std/fmt/bytes";
import type { DatasetStatus, SourceStatus } from "../dataset/status.ts";
import type { EmbeddingCount } from "../embed/store.ts";
import type { GivenFlags } from "./flags.ts";
import { lines, oneLine, table } from "./terminal_text.ts";
import { describeSettings, SETTINGS_FILE } from "./settings.ts";

export function statusReport(
  status: DatasetStatus,
  settings: GivenFlags,
  embedded: EmbeddingCount | undefined,
): string {
  const { running, lastRun, images, bytes, withImages, complete, wanted, rejected } = status;
  const said = describeSettings(settings);
  return lines(
    running === undefined
      ? "No run is writing this folder."
      : `${running.script} is writing this folder (process ${running.pid}, since ${running.started}).`,
    lastRun && `Last run: ${lastRun.script} ${lastRun.version}, begun ${lastRun.time}; ` +
        `last line ${status.lastTime}.`,
    said !== "" && oneLine(`Settings in ${SETTINGS_FILE}: ${said}.`),
    status.stopped.map(({ source, why, detail }) =>
      oneLine(`Stopped: ${source}, ${why}${detail === undefined ? "" : `: ${detail}`}`)
    ),
    "",
    `${images} images of ${withImages} species, ${format(bytes)}` +
      `${rejected === 0 ? "" : `; ${rejected} rejected`}.`,
    wanted !== undefined &&
      `${complete} species ${complete === 1 ? "has" : "have"} ${wanted} or more.`,
    embedded && oneLine(
      `${embedded.images} images embedded by ${embedded.model}` +
        `${embedded.missing === 0 ? "" : `, ${embedded.missing} not yet: deno task embed`}.`,
    ),
    status.badLines > 0 && `${status.badLines} lines of the log cannot be understood.`,
    status.sources.length > 0 && ["", sourceTable(status.sources)],
  );
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
