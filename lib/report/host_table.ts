/**
 * What became of the candidates of each host.
 *
 * @module
 */

import type { ImageEvent } from "../dataset/event.ts";
import { FINAL_OUTCOMES, type Outcome, TRANSIENT_OUTCOMES } from "../base/outcome.ts";

/** One host and what became of its candidates. */
export interface HostStanding {
  /** The host; `(no host)` for candidates whose address names none. */
  readonly host: string;
  /** How many of its candidates were tried. */
  readonly tried: number;
  /** How many of them are kept. */
  readonly kept: number;
  /** How many of them failed: the host, not the picture, was the reason. */
  readonly failed: number;
  /** How often each outcome stands, the most frequent first. */
  readonly outcomes: readonly (readonly [Outcome, number])[];
}

const OUTCOMES: readonly Outcome[] = [...FINAL_OUTCOMES, ...TRANSIENT_OUTCOMES];

/** Outcomes that say something of the host rather than of the picture. */
const HOST_FAILURES: ReadonlySet<Outcome> = new Set<Outcome>([
  ...TRANSIENT_OUTCOMES,
  "gone",
  "forbidden",
  "opted-out",
  "not-an-image",
  "forbidden-address",
]);

/**
 * The host that an address names.
 *
 * @param address An image's or a page's URL.
 * @returns The host without a port and a leading `www.`; `(no host)` where it names none.
 */
export function hostOf(address: string): string {
  const host = URL.parse(address)?.hostname ?? "";
  return host === "" ? "(no host)" : host.replace(/^www\./, "");
}

/** Counts what was decided about each candidate, host by host. */
export class HostTable {
  readonly #hosts = new Map<string, number[]>();

  /** Counts one candidate. */
  add({ url, outcome }: Pick<ImageEvent, "url" | "outcome">): void {
    const host = hostOf(url);
    const counts = this.#hosts.get(host) ?? OUTCOMES.map(() => 0);
    this.#hosts.set(host, counts);
    const at = OUTCOMES.indexOf(outcome);
    counts[at] = (counts[at] ?? 0) + 1;
  }

  /** The hosts of which a candidate failed, those with the most failures first. */
  failing(): HostStanding[] {
    return [...this.#hosts].map(([host, counts]) => standing(host, counts))
      .filter(({ failed }) => failed > 0)
      .sort((one, other) => other.failed - one.failed || (one.host < other.host ? -1 : 1));
  }
}

function standing(host: string, counts: readonly number[]): HostStanding {
  const outcomes = OUTCOMES.map((outcome, at) => [outcome, counts[at] ?? 0] as const)
    .filter(([, count]) => count > 0)
    .sort(([, one], [, other]) => other - one);
  const sum = (of: (outcome: Outcome) => boolean): number =>
    outcomes.reduce((total, [outcome, count]) => total + (of(outcome) ? count : 0), 0);
  return {
    host,
    tried: sum(() => true),
    kept: sum((outcome) => outcome === "kept"),
    failed: sum((outcome) => HOST_FAILURES.has(outcome)),
    outcomes,
  };
}
