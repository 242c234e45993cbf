/**
 * The one error class that people are meant to read.
 *
 * @module
 */

/** Shows a person something that is not an error. */
export type Notice = (text: string) => void;

/** The exit statuses besides 0: failed, wrong usage, try again later, interrupted. */
export type ExitStatus = 1 | 2 | 75 | 130;

/**
 * An error with one sentence for a person (what was being done, to what, what went wrong, what to do
 * next) and the exit status the run ends with. Anything else that is thrown is a defect of the
 * program.
 *
 * @example
 * ```ts
 * import { Failure } from "./failure.ts";
 *
 * throw new Failure("Cannot read the log data/log.jsonl: it was written by a newer Aquaset (version 2, this one knows 1). Update Aquaset.");
 * ```
 */
export class Failure extends Error {
  /** Always `"Failure"`. */
  override readonly name = "Failure";
  /** The exit status that the run ends with. */
  readonly status: ExitStatus;

  /** Makes a failure; `--debug` shows its cause. */
  constructor(message: string, status: ExitStatus = 1, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
  }
}

/** The message of anything thrown, without a final full stop, for use inside a sentence. */
export function reason(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  return text.replace(/[.\s]+$/, "");
}
