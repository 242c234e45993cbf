/**
 * Runs a script against the demo world, with the permissions of its own set.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { inFolders, PERMISSION_SETS, permissionFlags, widen } from "../cli/permissions.ts";
import type { World } from "./world.ts";

export interface DemoRun {
  readonly script: string;
  readonly flags: readonly string[];
  readonly data: string;
  readonly signal: AbortSignal;
}

/** How long a script may take to end by itself after Ctrl-C before it is stopped, in ms. */
const PATIENCE = 5000;

/** What to set so that a program finds its way into the world. */
export function worldEnvironment(
  world: Pick<World, "proxy" | "certificate">,
): Record<string, string> {
  return {
    HTTPS_PROXY: world.proxy,
    HTTP_PROXY: world.proxy,
    https_proxy: world.proxy,
    http_proxy: world.proxy,
    NO_PROXY: "",
    no_proxy: "",
    DENO_CERT: world.certificate,
    // Deno would look for a newer version of itself through the proxy.
    DENO_NO_UPDATE_CHECK: "1",
  };
}

/**
 * The words after `deno` that run a script as its task does: with its permission set, but for the
 * folders, the world's proxy on loopback and its certificate.
 *
 * @throws {TypeError} When there is no permission set of that name.
 */
export function demoCommand(
  script: string,
  folders: readonly string[],
  world: Pick<World, "certificate"> | undefined,
): string[] {
  const set = PERMISSION_SETS[script];
  if (set === undefined) throw new TypeError(`deno.json has no permission set ${script}.`);
  const reads = world === undefined || set.run === undefined ? [] : [world.certificate];
  const flags = permissionFlags(widen(inFolders(set, folders), "read", reads))
    .map((flag) => flag.startsWith("--deny-net=") ? flag.replace(/127\.0\.0\.0\/8,?/, "") : flag);
  return ["run", "-q", "--no-prompt", "--cached-only", ...flags];
}

/** Runs a script to its end, on the same terminal. */
export async function runInWorld(world: World, run: DemoRun): Promise<number> {
  const path = fromFileUrl(new URL(`../../scripts/${run.script}.ts`, import.meta.url));
  const child = new Deno.Command("deno", {
    args: [...demoCommand(run.script, [run.data], world), path, "--data", run.data, ...run.flags],
    env: worldEnvironment(world),
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  // The terminal's Ctrl-C reaches the script by itself; a second one would cut it short.
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => {
    timer = setTimeout(() => child.kill("SIGTERM"), PATIENCE);
  };
  run.signal.addEventListener("abort", stop, { once: true });
  try {
    return (await child.status).code;
  } finally {
    clearTimeout(timer);
    run.signal.removeEventListener("abort", stop);
  }
}
