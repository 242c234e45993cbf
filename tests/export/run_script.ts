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
      ...demoCommand(name, data, undefined),
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

/** Runs a test on a file system of 5 MB where this machine lets us make one: as root on Linux. */
export async function onSmallDisk(
  dir: string,
  test: (dir: string) => Promise<void>,
): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  await Deno.mkdir(dir);
  const args = ["-t", "tmpfs", "-o", "size=5m", "tmpfs", dir];
  const { success } = await new Deno.Command("mount", { args, stderr: "null" }).output();
  if (!success) return false;
  try {
    await test(dir);
  } finally {
    await new Deno.Command("umount", { args: [dir] }).output();
  }
  return true;
}
