/**
 * The one error class that people are meant to read.
 *
 * @module
 */

/** Tells a person something that is not an error. */
export type Notice = (text: string) => void;

/** The exit statuses a script may end with, besides 0. */
export type ExitStatus = 1 | 2 | 75 | 130;

/**
 * An error with a sentence for a person and the exit status the run ends with.
 *
 * The message is one sentence: what was being done, to what, what went wrong, what to do next.
 * Anything thrown that is not a `Failure` is a defect of the program.
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
  /** 1 failed, 2 wrong usage, 75 try again later, 130 interrupted. */
  readonly status: ExitStatus;

  /**
   * Makes a failure.
   *
   * @param message One sentence for a person.
   * @param status The exit status; 1 unless given.
   * @param cause What lies below, shown with `--debug`.
   */
  constructor(message: string, status: ExitStatus = 1, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
  }
}

/**
 * The message of anything thrown, for use inside a sentence.
 *
 * @param thrown Whatever a `catch` was given.
 * @returns Its message, without a final full stop.
 */
export function reason(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  return text.replace(/[.\s]+$/, "");
}
