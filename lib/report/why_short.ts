/**
 * Why a species has fewer images than were wanted, in words.
 *
 * @module
 */

import type { DoneEvent, StoppedEvent } from "../dataset/event.ts";

/** What is known of one species at one source. */
export interface SourceStory {
  /** The source's name. */
  readonly source: string;
  /** How its job was last done. */
  readonly done?: DoneEvent;
  /** How its job or its stage stopped before the end. */
  readonly stopped?: StoppedEvent;
}

/**
 * Says why a species is short.
 *
 * @param stories What is known, source by source.
 * @param rejected How many of its images a person has rejected.
 * @returns One phrase a reason.
 */
export function whyShort(stories: readonly SourceStory[], rejected: number): string[] {
  if (stories.every(({ done, stopped }) => done === undefined && stopped === undefined)) {
    return ["not scraped yet"];
  }
  const reasons = stories.map(({ source, done, stopped }) => {
    if (done === undefined) {
      return stopped === undefined ? `${source}: not searched yet` : stop(source, stopped);
    }
    switch (done.why) {
      case "enough":
        return undefined;
      case "exhausted":
        return `${source}: there were no more candidates`;
      case "not-found":
        return `${source}: ${done.detail ?? "not found there"}`;
      case "no-latin-name":
        return `${source}: not searched, ${done.detail ?? "it has no Latin name"}`;
    }
  }).filter((text) => text !== undefined);
  if (rejected > 0) {
    reasons.push(`${rejected} rejected by a person; the next scrape fetches others`);
  } else if (reasons.length === 0) {
    reasons.push("more are wanted now than when it was scraped");
  }
  return reasons;
}

function stop(source: string, { why, detail }: StoppedEvent): string {
  return `${source}: stopped (${why})${detail === undefined ? "" : `: ${detail}`}`;
}
