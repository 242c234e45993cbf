/** Runs the real scripts as subprocesses against the demo world, with their own permissions. */

import { demoCommand, worldEnvironment } from "../../lib/demo/run.ts";
import { startWorld, type World, type WorldOptions } from "../../lib/demo/world.ts";
import { testBrowser } from "../browser/test_browser.ts";
import { findProcesses } from "../processes.ts";
import { withFolder } from "../folder.ts";

// Where no browser is installed, the scripts find the one that this fetches.
await testBrowser();

/** What came of a script. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A script under way. */
export interface Started {
  readonly pid: number;
  /** Resolves when it has ended. */
  readonly ended: Promise<Ended>;
  kill(signal: Deno.Signal): void;
}

/** Flags that make the scripts quick against a world that has no need of manners. */
export const QUICK = ["--fishbase-delay", "0", "--google-delay", "0"];

/** The sources whose delay is an option: APIs are asked as slowly as their terms say. */
export const QUICK_SOURCES = ["fishbase", "google"] as const;

/** Flags that make `scrape` quick. */
export const QUICK_SCRAPE = [...QUICK, "--sources", QUICK_SOURCES.join()];

/** Starts a script. */
export function start(
  world: World | undefined,
  name: string,
  data: string,
  flags: readonly string[],
  change: (command: string[]) => string[] = (command) => command,
): Started {
  const command = change(demoCommand(name, [data === "" ? "data" : data], world));
  const child = new Deno.Command(Deno.execPath(), {
    args: [...command, `scripts/${name}.ts`, ...(data === "" ? [] : ["--data", data]), ...flags],
    env: { NO_COLOR: "1", ...(world === undefined ? {} : worldEnvironment(world)) },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const texts = Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  const ended = child.status.then(async ({ code }) => {
    const [stdout, stderr] = await texts;
    return { code, stdout, stderr };
  });
  return { pid: child.pid, ended, kill: (signal) => child.kill(signal) };
}

/** Runs a script to its end. */
export async function run(
  world: World | undefined,
  name: string,
  data: string,
  flags: readonly string[],
  change?: (command: string[]) => string[],
): Promise<Ended> {
  return await start(world, name, data, flags, change).ended;
}

/** A world and a folder for one test, both gone afterwards. */
export async function inWorld(
  options: WorldOptions,
  test: (world: World, data: string) => Promise<void>,
): Promise<void> {
  const world = await startWorld(options);
  try {
    await withFolder((dir) => test(world, `${dir}/data`));
  } finally {
    await world.close();
  }
}

/** Each file of a data folder's images with its size, in order. */
export async function tree(data: string): Promise<string[]> {
  const files: string[] = [];
  for await (const species of Deno.readDir(`${data}/images`)) {
    for await (const file of Deno.readDir(`${data}/images/${species.name}`)) {
      const { size } = await Deno.stat(`${data}/images/${species.name}/${file.name}`);
      files.push(`${species.name}/${file.name} ${size}`);
    }
  }
  return files.sort();
}

/** The processes whose command line has a text: only on Linux. */
export function processesWith(text: string): string[] {
  return findProcesses(text, "cmdline").map(({ pid, text }) =>
    `${pid} ${text.replaceAll("\0", " ")}`
  );
}

/** A process of a Chromium that was seen running. */
export interface BrowserSeen {
  readonly pid: number;
  /** Its profile folder, absolute. */
  readonly profile: string;
}

/**
 * The Chromiums that run against a world: the script that sends them to a proxy names the world's.
 * Only the first process of each names its profile.
 */
export function browsersOf(world: World): BrowserSeen[] {
  const { port } = new URL(world.proxy);
  return processesWith("--proxy-pac-url=").flatMap((line) => {
    const script = /--proxy-pac-url=\S*;base64,([\w+/=]+)/.exec(line)?.[1] ?? "";
    const profile = /--user-data-dir=(\S+)/.exec(line)?.[1];
    if (profile === undefined || !atob(script).includes(`:${port}"`)) return [];
    return [{ pid: Number.parseInt(line), profile }];
  });
}

/** Whether there is a file or folder at a path. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return false;
    throw thrown;
  }
}

/** Waits until a condition holds, at most so many milliseconds; tells what it waited for. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  within: number,
): Promise<void> {
  const end = Date.now() + within;
  while (!await condition()) {
    if (Date.now() > end) throw new Error(`Waited ${within} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function textOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  return (await new Response(stream).text()).trimEnd();
}
