/**
 * Notices when nothing at all can be fetched, by a fault of this machine: no file can be opened any
 * more, or every host, or most of them, fail TLS because of its clock or its certificate authorities.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { type OwnTlsFault, ownTlsFault, TOO_MANY_FILES } from "./classify.ts";
import type { Answer } from "./client.ts";

/** When this many hosts fail TLS in the same way, the fault may be on this machine. */
const MANY_TLS_FAILURES = 6;

export class Outage {
  readonly #clock: Clock;
  /** Hosts whose certificate has passed our clock and authorities. */
  readonly #trusted = new Set<string>();
  /** Hosts that failed TLS, perhaps by our own fault. */
  readonly #failed = new Map<string, OwnTlsFault>();
  /** What is wrong, as a sentence that says what to do. */
  sentence: string | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes an answer; `isLast` says whether it is not retried. */
  note(answer: Answer, isLast: boolean): void {
    const { protocol, host } = new URL(answer.url);
    if (!answer.ok && answer.local && isLast) {
      this.sentence =
        `Cannot open any more connections: ${TOO_MANY_FILES}, then run the same command again.`;
    } else if (answer.ok || answer.status !== undefined) {
      this.sentence = undefined;
      if (protocol === "https:") this.#trusted.add(host);
    } else if (answer.outcome === "tls-error") {
      const fault = ownTlsFault(answer.detail);
      // A certificate that is wrong in another way.
      if (fault === undefined) this.#trusted.add(host);
      else this.#noteFailure(host, fault, answer.detail);
    }
  }

  #noteFailure(host: string, fault: OwnTlsFault, detail: string): void {
    this.#failed.set(host, fault);
    const failed = [...this.#failed.values()].filter((other) => other === fault).length;
    const trusted = this.#trusted.size;
    // Old certificates work with a clock that is a little behind; new ones of no host do.
    const isOurs = fault === "clock behind"
      ? failed > trusted
      : trusted === 0 && failed === this.#failed.size;
    if (failed < MANY_TLS_FAILURES || !isOurs) return;
    const check = fault === "authority"
      ? "the certificate authority of your network or proxy, which DENO_CERT must name"
      : `the clock of this machine, which says ${new Date(this.#clock.today()).toUTCString()}`;
    const hosts = trusted === 0
      ? `any of ${failed} hosts`
      : `${failed} of ${failed + trusted} hosts`;
    this.sentence = `Cannot open a secure connection to ${hosts} (${detail}). ` +
      `Check ${check}; then run the same command again.`;
  }
}
