/**
 * Packages of npm that only some users need.
 *
 * @module
 */

import { join } from "@std/path";

/**
 * Fetches a package by `deno install` into a project of its own, so that nobody else's installation has
 * it. Its code does not run.
 *
 * @param project A folder that is there and empty.
 * @returns The package's folder.
 * @throws {Error} With the first line of what `deno install` says.
 */
export async function fetchPackage(
  project: string,
  name: string,
  version: string,
  signal: AbortSignal,
): Promise<string> {
  const imports = { package: `npm:${name}@${version}` };
  const config = { imports, nodeModulesDir: "auto", lock: false };
  await Deno.writeTextFile(join(project, "deno.json"), JSON.stringify(config));
  const command = new Deno.Command("deno", { args: ["install", "-q"], cwd: project, signal });
  const { success, stderr } = await command.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim().split("\n")[0]);
  return join(project, "node_modules", name);
}
