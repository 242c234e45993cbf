/**
 * The outcome of a candidate: exactly one for each that was tried.
 *
 * @module
 */

/** Final: the candidate is not tried again unless `--retry all`. */
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
  "unlicensed",
  "gone",
  "forbidden",
  "opted-out",
  "forbidden-address",
  "bad-url",
] as const;

/** Transient: the next run tries the candidate again. */
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

/** An outcome that is not tried again. */
export type FinalOutcome = typeof FINAL_OUTCOMES[number];
/** An outcome that the next run tries again. */
export type TransientOutcome = typeof TRANSIENT_OUTCOMES[number];
/** The outcome of a candidate. */
export type Outcome = FinalOutcome | TransientOutcome;

/** The outcomes of a request that brought no usable body. */
export const NETWORK_OUTCOMES = [
  ...TRANSIENT_OUTCOMES,
  "too-large",
  "gone",
  "forbidden",
  "opted-out",
  "forbidden-address",
  "bad-url",
] as const;
/** An outcome of a request that brought no usable body. */
export type NetworkOutcome = typeof NETWORK_OUTCOMES[number];

/** The outcomes of a body that is no usable image. */
export const EXAMINED_OUTCOMES = [
  "not-an-image",
  "corrupt",
  "too-small",
  "too-large",
  "bad-aspect",
  "blank",
  "unsupported-type",
] as const;
/** An outcome of a body that is no usable image. */
export type ExaminedOutcome = typeof EXAMINED_OUTCOMES[number];

/** All outcomes, the final ones first. */
export const OUTCOMES: readonly Outcome[] = [...FINAL_OUTCOMES, ...TRANSIENT_OUTCOMES];

const KNOWN: ReadonlySet<string> = new Set(OUTCOMES);
const TRANSIENT: ReadonlySet<string> = new Set(TRANSIENT_OUTCOMES);

/** Whether a text is an outcome this version knows. */
export function isOutcome(text: unknown): text is Outcome {
  return typeof text === "string" && KNOWN.has(text);
}

/** Whether the next run tries a candidate with this outcome again. */
export function isTransient(outcome: Outcome): outcome is TransientOutcome {
  return TRANSIENT.has(outcome);
}
