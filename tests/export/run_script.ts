/**
 * Runs a script with the permissions of its own set.
 *
 * @module
 */

import { join } from "@std/path";
import { demoCommand } from "../../lib/demo/run.ts";

/** How a script ended. */
export interface Ended {
  /** Its exit status. */
  readonly code: number;
  /** What it printed. */
  readonly stdout: string;
  /** What it said besides. */
  readonly stderr: string;
}

/** The command that runs a script on a data folder with the permissions of its own set. */
export function scriptCommand(
  name: string,
  data: string,
  flags: readonly string[],
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...demoCommand(name, [data], undefined),
      join(Deno.cwd(), `scripts/${name}.ts`),
      "--data",
      data,
      ...flags,
    ],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs a script to its end. */
export async function runOn(
  name: string,
  data: string,
  ...flags: readonly string[]
): Promise<Ended> {
  const { code, stdout, stderr } = await scriptCommand(name, data, flags).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
