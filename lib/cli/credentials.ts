/**
 * Names and passwords for the queue and the store, from the environment or a file: never from a
 * flag, which everybody on the machine can read.
 *
 * @module
 */

import { Failure, reason } from "../base/failure.ts";
import type { Credentials } from "../engine/queue.ts";

const NAMES: readonly string[] = [
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_REGION",
  "AWS_ENDPOINT_URL",
  "AWS_ENDPOINT_URL_S3",
  "NATS_USER",
  "NATS_PASSWORD",
  "NATS_TOKEN",
  "NATS_NKEY_SEED",
];

/**
 * Reads the credentials: of each the file's, or else the environment's.
 *
 * @param file Lines of `NAME=value`; `#` begins a comment.
 * @throws {Failure} With status 2, when the file cannot be read or has other lines.
 */
export async function readCredentials(file: string | undefined): Promise<Credentials> {
  const known = new Map<string, string>();
  for (const name of NAMES) {
    const value = Deno.env.get(name);
    if (value !== undefined && value !== "") known.set(name, value);
  }
  if (file !== undefined) {
    for (const [at, line] of (await textOf(file)).split(/\r?\n/).entries()) {
      if (/^\s*(?:#|$)/.test(line)) continue;
      const [, name = "", value = ""] = /^\s*(?:export\s+)?(\w+)\s*=\s*"?(.*?)"?\s*$/.exec(line) ??
        [];
      if (!NAMES.includes(name)) {
        // The line itself may be a secret.
        throw new Failure(
          `Line ${at + 1} of ${file} is not one of ${NAMES.join(", ")} with = and its value.`,
          2,
        );
      }
      known.set(name, value);
    }
  }
  return Object.fromEntries(known);
}

async function textOf(file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new Failure(`Cannot read the credentials in ${file}: ${reason(error)}.`, 2, error);
  }
}
