/**
 * What a run came to, as a table for people and as one document for programs.
 *
 * @module
 */

import { plural } from "../base/plural.ts";
import { PROJECT_URL } from "../base/version.ts";
import { bold, yellow } from "@std/fmt/colors";
import type { ImageEvent } from "../dataset/event.ts";
import { type Outcome, OUTCOMES } from "../base/outcome.ts";
import type { ScrapeResult } from "../scrape/scrape.ts";
import type { Species } from "../species/species.ts";
import { lineList, lines, oneLine, table } from "./terminal_text.ts";
import { quote } from "./permissions.ts";

export interface SpeciesSummary {
  readonly id: string;
  readonly latin: string;
  /** Images it has, over all sources. */
  readonly kept: number;
  readonly wanted: number;
  /** How its jobs ended, by source, where it is short. */
  readonly why: Readonly<Record<string, string>>;
}

/** One run's figures; what `--json` prints. */
export interface Summary {
  readonly seconds: number;
  readonly data: string;
  readonly species: readonly SpeciesSummary[];
  /** How many of them have what is wanted. */
  readonly enough: number;
  /** Images they have, over all runs. */
  readonly kept: number;
  /** Images kept in this run, by source, and how many of these have a known licence. */
  readonly bySource: Readonly<Record<string, { readonly kept: number; readonly licensed: number }>>;
  /** Candidates decided in this run, by source and outcome. */
  readonly outcomes: Readonly<Record<string, Readonly<Partial<Record<Outcome, number>>>>>;
  /** Stages that stopped before their end. */
  readonly stops: readonly {
    readonly source: string;
    readonly why: string;
    readonly message: string;
  }[];
  /** Pages whose shape was not known, by source; shown first. */
  readonly notRecognised: Readonly<Record<string, number>>;
  /** Candidates given up because workers ended again and again while they fetched them. */
  readonly givenUp: number;
  /** What to do next, as commands, the most useful first. */
  readonly next: readonly string[];
}

/** Counts what is decided while a run goes on. */
export class OutcomeCounts {
  readonly bySource: Record<string, { kept: number; licensed: number }> = {};
  readonly outcomes: Record<string, Partial<Record<Outcome, number>>> = {};
  /** See {@linkcode Summary.givenUp}. */
  givenUp = 0;

  count({ license = "unknown", outcome, source }: ImageEvent): void {
    const counts = this.outcomes[source] ??= {};
    counts[outcome] = (counts[outcome] ?? 0) + 1;
    const images = this.bySource[source] ??= { kept: 0, licensed: 0 };
    if (outcome !== "kept") return;
    images.kept++;
    if (license !== "unknown") images.licensed++;
  }
}

export interface SummaryInput {
  readonly seconds: number;
  readonly data: string;
  readonly wanted: number;
  readonly species: readonly Species[];
  /** Images a species has, over all runs. */
  readonly kept: (id: string) => number;
  readonly result: ScrapeResult;
  readonly counts: OutcomeCounts;
  /** The command that runs the same again. */
  readonly again: string;
  /** How many images have no embedding, where others have. */
  readonly notEmbedded?: number | undefined;
}

export function summarise(input: SummaryInput): Summary {
  const why = new Map<string, Record<string, string>>();
  const notRecognised: Record<string, number> = {};
  for (const { species: { id }, source, why: end, detail } of input.result.reports) {
    const reasons = why.get(id) ?? {};
    reasons[source] = detail === undefined ? end : oneLine(`${end}: ${detail}`);
    why.set(id, reasons);
    if (end === "not-recognised") notRecognised[source] = (notRecognised[source] ?? 0) + 1;
  }
  const species = input.species.map(({ id, latin }): SpeciesSummary => {
    const kept = input.kept(id);
    const short = kept < input.wanted;
    return { id, latin, kept, wanted: input.wanted, why: short ? why.get(id) ?? {} : {} };
  });
  const stops = input.result.stops.map(({ source, stop: { why, message } }) => ({
    source,
    why,
    message,
  }));
  return {
    seconds: Math.round(input.seconds * 10) / 10,
    data: input.data,
    species,
    enough: species.filter(({ kept, wanted }) => kept >= wanted).length,
    kept: species.reduce((sum, { kept }) => sum + kept, 0),
    bySource: input.counts.bySource,
    outcomes: input.counts.outcomes,
    stops,
    notRecognised,
    givenUp: input.counts.givenUp,
    next: nextCommands(input, species, stops.some(isToGoOn)),
  };
}

/** Whether a stage goes on when it is run again; one that may not be asked does not. */
export function isToGoOn({ why }: { readonly why: string }): boolean {
  return why !== "opted-out";
}

function nextCommands(
  { data, again, result, notEmbedded = 0 }: SummaryInput,
  species: readonly SpeciesSummary[],
  stopped: boolean,
): string[] {
  const failed = result.reports.some(({ why }) => why === "failed" || why === "not-recognised");
  const folder = data === "./data" ? "" : ` --data ${quote(data)}`;
  return lineList(
    stopped
      ? `${again}   (goes on from here, later)`
      : failed && `${again}   (tries again what failed)`,
    species.some(({ kept }) => kept > 0) && lineList(
      `deno task report${folder}   (all pictures on a page)`,
      notEmbedded > 0 &&
        `deno task embed${folder}   (looks at the ${plural(notEmbedded, "new image")})`,
      `deno task review${folder}   (reject what is wrong)`,
      `deno task export${folder}   (folders for training)`,
    ),
  );
}

const LISTED = 15;

export function describeSummary(summary: Summary): string {
  const { data, enough, givenUp, kept, next, seconds, species, stops } = summary;
  return lines(
    describeNotRecognised(summary),
    describeOutcomes(summary),
    describeShort(summary),
    "",
    `${enough} of ${species.length} species have enough, ${plural(kept, "image")} in all, ` +
      `in ${seconds} s.`,
    `The images are in ${data}/images, the log is ${data}/log.jsonl.`,
    givenUp > 0 && yellow(
      `${plural(givenUp, "candidate was", "candidates were")} given up, because workers ended ` +
        "again and again while they fetched them; the next run tries them again.",
    ),
    stops.map(({ source, message }) => yellow(oneLine(`${source}: ${message}`))),
    next.length > 0 && ["Next:", ...next.map((line) => `  ${line}`)],
  );
}

function describeNotRecognised(summary: Summary): string[] {
  return Object.entries(summary.notRecognised).map(([source, count]) =>
    yellow(
      `${source}: ${plural(count, "page was", "pages were")} of a shape that is not ` +
        `known here, so those species have no images from it. ` +
        `Please report it at ${PROJECT_URL}/issues with the pages under ${summary.data}/pages; ` +
        "deno task doctor --live fills in the form.",
    )
  );
}

function describeOutcomes({ bySource, outcomes, stops }: Summary): string[] {
  const sources = Object.keys(outcomes);
  if (sources.length === 0) return stops.length > 0 ? [] : ["Nothing was left to do."];
  const leftOut = OUTCOMES
    .filter((outcome) => outcome !== "kept")
    .map((outcome) => {
      const counts = sources.map((source) => outcomes[source]?.[outcome] ?? 0);
      return { row: [outcome, ...counts], all: counts.reduce((sum, count) => sum + count, 0) };
    })
    .filter(({ all }) => all > 0).sort((one, other) => other.all - one.all);
  return [
    "",
    table([
      [bold("in this run"), ...sources],
      ["kept", ...sources.map((source) => bySource[source]?.kept ?? 0)],
      ["of them licensed", ...sources.map((source) => bySource[source]?.licensed ?? 0)],
      ...leftOut.map(({ row }) => row),
    ]),
  ];
}

/** Each reason once, with the sources it is true of if there is more than one. */
function whyShort(why: SpeciesSummary["why"]): string {
  const byText = Map.groupBy(Object.entries(why), ([, text]) => text);
  if (byText.size === 1 && Object.keys(why).length > 1) return [...byText.keys()].join();
  return [...byText].map(([text, sources]) =>
    `${sources.map(([source]) => source).join(", ")}: ${text}`
  ).join("; ");
}

function describeShort(summary: Summary): string[] {
  const short = summary.species.filter(({ kept, wanted }) => kept < wanted);
  if (short.length === 0) return [];
  const rows = short.slice(0, LISTED).map(({ id, latin, kept, wanted, why }) => [
    oneLine(latin === "" ? id : latin),
    `${kept}/${wanted}`,
    whyShort(why),
  ]);
  const more = short.length - LISTED;
  return lineList(
    "",
    table([[bold("short of the goal"), "kept", "why"], ...rows]),
    more > 0 && `… and ${more} more: deno task status --data ${summary.data}`,
  );
}
