/**
 * What a report tells from the log besides what stands: how jobs and stages stopped.
 *
 * @module
 */

import type { LogLine, StoppedEvent } from "../dataset/event.ts";

/** The scripts whose runs look for images. A review or a check of files ends no stage anew. */
const SCRAPING: ReadonlySet<string> = new Set(["scrape", "fishbase", "google"]);

/** Takes the lines of a log in. */
export class LogTales {
  readonly #stages = new Map<string, StoppedEvent>();
  readonly #jobs = new Map<string, StoppedEvent>();

  /** Takes one line in; to be called in the log's order. */
  add(line: LogLine): void {
    switch (line.event) {
      case "run":
        if (SCRAPING.has(line.script)) this.#stages.clear();
        return;
      case "done":
        this.#jobs.delete(jobKey(line.species, line.source));
        return;
      case "stopped":
        if (line.species === undefined) this.#stages.set(line.source, line);
        else this.#jobs.set(jobKey(line.species, line.source), line);
        return;
      default:
        return;
    }
  }

  /** How the stages of the last scraping run stopped before their end. */
  get stages(): readonly StoppedEvent[] {
    return [...this.#stages.values()];
  }

  /** How a species' job at a source last stopped, if it was not done since. */
  stop(species: string, source: string): StoppedEvent | undefined {
    return this.#jobs.get(jobKey(species, source)) ?? this.#stages.get(source);
  }
}

function jobKey(species: string, source: string): string {
  return `${species} ${source}`;
}
