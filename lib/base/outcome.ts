/**
 * What became of a candidate: exactly one outcome for each that was tried.
 *
 * @module
 */

/** Outcomes that stand: the candidate is not asked for again unless `--retry all`. */
export const FINAL_OUTCOMES = [
  "kept",
  "duplicate",
  "near-duplicate",
  "not-an-image",
  "corrupt",
  "too-small",
  "too-large",
  "bad-aspect",
  "blank",
  "placeholder",
  "ambiguous",
  "unsupported-type",
  "gone",
  "forbidden",
  "opted-out",
  "forbidden-address",
  "bad-url",
] as const;

/** Outcomes that may be different next time: the next run tries the candidate again. */
export const TRANSIENT_OUTCOMES = [
  "timeout",
  "refused",
  "tls-error",
  "server-error",
  "rate-limited",
  "truncated",
  "redirect-loop",
  "client-error",
] as const;

/** An outcome that stands. */
export type FinalOutcome = typeof FINAL_OUTCOMES[number];
/** An outcome that the next run tries again. */
export type TransientOutcome = typeof TRANSIENT_OUTCOMES[number];
/** What became of a candidate. */
export type Outcome = FinalOutcome | TransientOutcome;

/** What the network can make of a candidate, short of bytes. */
export type NetworkOutcome =
  | TransientOutcome
  | "too-large"
  | "gone"
  | "forbidden"
  | "opted-out"
  | "forbidden-address"
  | "bad-url";

/** What looking at the bytes can make of a candidate, short of an image. */
export type ExaminedOutcome =
  | "not-an-image"
  | "corrupt"
  | "too-small"
  | "too-large"
  | "bad-aspect"
  | "blank"
  | "unsupported-type";

const FINAL: ReadonlySet<string> = new Set(FINAL_OUTCOMES);
const TRANSIENT: ReadonlySet<string> = new Set(TRANSIENT_OUTCOMES);

/** Whether a text is an outcome this version knows. */
export function isOutcome(text: unknown): text is Outcome {
  return typeof text === "string" && (FINAL.has(text) || TRANSIENT.has(text));
}

/** Whether the next run tries a candidate with this outcome again. */
export function isTransient(outcome: Outcome): outcome is TransientOutcome {
  return TRANSIENT.has(outcome);
}
