/**
 * How the demo world's Google behaves, and what it saw.
 *
 * @module
 */

import type { GoogleShape } from "./google_results.ts";

/** One of the ways to a result. */
export type GoogleRoad = "embedded" | "scroll" | "panel";

/** How Google behaves. */
export interface GoogleOptions {
  /** Which year's page. */
  readonly shape: GoogleShape;
  /** The ways to a result that are open. */
  readonly roads: readonly GoogleRoad[];
  /** Whether the data is there, but in a shape that nobody knows. */
  readonly changed: boolean;
  /** How consent is asked for: on a page of its own, over the results, or not. */
  readonly consent: "page" | "dialog" | "none";
  /** The search, counted from 1, from which on there is nothing but the robot check. */
  readonly robotCheckAt: number;
  /** The search, counted from 1, that corrects the spelling. */
  readonly correctedAt: number;
  /** How further results come. */
  readonly scrolling: "endless" | "button" | "none";
  /** How many scroll responses of each search fail before they come again. */
  readonly scrollFailures: number;
  /** The search, counted from 1, whose page never lets its tab go on. */
  readonly hangAt: number;
  /** The search, counted from 1, whose page makes its tab crash. */
  readonly crashAt: number;
  /** The search, counted from 1, whose page opens a dialog and a window and starts a download. */
  readonly surpriseAt: number;
}

/** Google as it is on a good day, but for the question of consent. */
export const PLAIN_GOOGLE: GoogleOptions = {
  shape: "2026",
  roads: ["embedded", "scroll", "panel"],
  changed: false,
  consent: "page",
  robotCheckAt: Infinity,
  correctedAt: Infinity,
  scrolling: "endless",
  scrollFailures: 0,
  hangAt: Infinity,
  crashAt: Infinity,
  surpriseAt: Infinity,
};

/** What Google saw of its visitor. */
export interface GoogleTruth {
  /** Searches that were answered with a page of results or with none, in order. */
  readonly searches: string[];
  /** How the question of consent was answered, each time. */
  readonly consents: ("refused" | "accepted")[];
  /** How often the robot check was shown. */
  robotChecks: number;
}
