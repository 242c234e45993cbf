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
  const reasons = joined(stories.flatMap((story) => {
    const text = reasonOf(story);
    return text === undefined ? [] : [{ source: story.source, text }];
  }));
  if (rejected > 0) {
    reasons.push(`${rejected} rejected by a person; the next scrape fetches others`);
  } else if (reasons.length === 0) {
    reasons.push("more are wanted now than when it was scraped");
  }
  return reasons;
}

function reasonOf({ done, stopped }: SourceStory): string | undefined {
  if (done === undefined) {
    if (stopped === undefined) return "not searched yet";
    const { why, detail } = stopped;
    return `stopped (${why})${detail === undefined ? "" : `: ${detail}`}`;
  }
  switch (done.why) {
    case "enough":
      return undefined;
    case "exhausted":
      return "there were no more candidates";
    case "not-found":
      return done.detail ?? "not found there";
    case "no-latin-name":
      return `not searched, ${done.detail ?? "it has no Latin name"}`;
  }
}

/** Sources with the same reason are named together. */
function joined(reasons: readonly { source: string; text: string }[]): string[] {
  const sources = new Map<string, string[]>();
  for (const { source, text } of reasons) sources.set(text, [...sources.get(text) ?? [], source]);
  return [...sources].map(([text, named]) => `${named.join(", ")}: ${text}`);
}
