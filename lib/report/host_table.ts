/**
 * What became of the candidates of each host.
 *
 * @module
 */

import type { ImageEvent } from "../dataset/event.ts";
import { grown } from "../base/columns.ts";
import { HashIndex } from "../dataset/hash_index.ts";
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

/** Takes the log's images in, the last word on each candidate counting. */
export class HostTable {
  readonly #candidates = new HashIndex();
  readonly #species = new Map<string, number>();
  readonly #hosts = new Map<string, number>();
  readonly #counts: number[][] = [];
  /** By candidate: its host's number, and its outcome's. */
  #host = new Uint32Array(1024);
  #outcome = new Uint8Array(1024);

  /** Takes one image event in. */
  add(event: Pick<ImageEvent, "species" | "url" | "outcome">): void {
    const before = this.#candidates.size;
    const candidate = this.#candidates.add(event.url, number(this.#species, event.species));
    if (candidate === before) this.#open(candidate, event.url);
    else this.#count(candidate, -1);
    this.#outcome[candidate] = OUTCOMES.indexOf(event.outcome);
    this.#count(candidate, 1);
  }

  /** The hosts of which a candidate failed, those with the most failures first. */
  failing(): HostStanding[] {
    return [...this.#hosts].map(([host, at]) => standing(host, this.#counts[at] ?? []))
      .filter(({ failed }) => failed > 0)
      .sort((one, other) => other.failed - one.failed || (one.host < other.host ? -1 : 1));
  }

  #open(candidate: number, url: string): void {
    if (candidate >= this.#host.length) {
      this.#host = grown(this.#host);
      this.#outcome = grown(this.#outcome);
    }
    const host = number(this.#hosts, hostOf(url));
    this.#host[candidate] = host;
    this.#counts[host] ??= OUTCOMES.map(() => 0);
  }

  #count(candidate: number, change: number): void {
    const counts = this.#counts[this.#host[candidate] ?? 0];
    const outcome = this.#outcome[candidate] ?? 0;
    if (counts !== undefined) counts[outcome] = (counts[outcome] ?? 0) + change;
  }
}

function number(numbers: Map<string, number>, name: string): number {
  const known = numbers.get(name) ?? numbers.size;
  numbers.set(name, known);
  return known;
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
