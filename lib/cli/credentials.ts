/**
 * Names and passwords for the queue and the store, from the environment or a file: never from a
 * flag, which everybody on the machine can read.
 *
 * @module
 */

import { Failure } from "../base/failure.ts";
import type { Credentials } from "../engine/queue.ts";
import { readGivenFile } from "./data_folder.ts";

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
  const lines = file === undefined ? [] : (await readGivenFile("credentials", file)).split(/\r?\n/);
  const inFile = lines.flatMap((line, at) => {
    if (/^\s*(?:#|$)/.test(line)) return [];
    const [, name = "", value = ""] = /^\s*(?:export\s+)?(\w+)\s*=\s*"?(.*?)"?\s*$/.exec(line) ??
      [];
    if (NAMES.includes(name)) return [[name, value] as const];
    // The line itself may be a secret.
    throw new Failure(
      `Line ${at + 1} of ${file} is not one of ${NAMES.join(", ")} with = and its value.`,
      2,
    );
  });
  const inEnvironment = NAMES.map((name) => [name, Deno.env.get(name) ?? ""] as const);
  const known = [...inEnvironment, ...inFile].filter(([, value]) => value !== "");
  return Object.fromEntries(known);
}
