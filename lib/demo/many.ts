/**
 * Keeper and workers as processes in the demo world, each with its own permissions.
 *
 * @module
 */

import { delay } from "@std/async";
import { walk } from "@std/fs";
import { fromFileUrl, join } from "@std/path";
import { Failure } from "../base/failure.ts";
import { demoCommand, worldEnvironment } from "./run.ts";
import { findServer, startNats } from "./server.ts";
import type { SourceName } from "./truth.ts";
import type { World } from "./world.ts";

export interface Farm {
  readonly world: Pick<World, "proxy" | "certificate">;
  readonly queue: string;
  readonly store: string;
  /** What their environment has besides the world. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The Deno that runs them; the one in the path unless given. */
  readonly deno?: string;
  readonly args?: readonly string[];
  readonly onLine?: (who: string, line: string) => void;
}

export interface Part {
  readonly pid: number;
  readonly ended: Promise<
    { readonly code: number; readonly stderr: string; readonly stdout: string }
  >;
  kill(signal: Deno.Signal): void;
  said(): string;
}

/** Starts a keeper in a data folder. */
export function startKeeper(farm: Farm, data: string, flags: readonly string[]): Part {
  const shared = ["--queue", farm.queue, "--store", farm.store, "--data", data];
  return startPart(farm, "keeper", "scrape", [data], [...shared, ...flags]);
}

/** Starts a worker with a data folder of its own for caches. */
export function startWorker(farm: Farm, data: string, flags: readonly string[] = []): Part {
  const shared = ["--queue", farm.queue, "--store", farm.store, "--data", data];
  const folders = farm.store.includes("://") ? [data] : [data, farm.store];
  return startPart(farm, "worker", "worker", folders, [...shared, ...flags]);
}

/** Brings the images of the store into a data folder. */
export function startPull(farm: Farm, data: string): Part {
  const folders = farm.store.includes("://") ? [data] : [data, farm.store];
  return startPart(farm, "pull", "pull", folders, ["--store", farm.store, "--data", data]);
}

export function startStatus(farm: Farm, flags: readonly string[] = []): Part {
  return startPart(farm, "queue", "status", [], ["--queue", farm.queue, ...flags]);
}

function startPart(
  { world, environment, deno = "deno", args = [], onLine }: Farm,
  name: string,
  script: string,
  folders: readonly string[],
  flags: readonly string[],
): Part {
  const path = fromFileUrl(new URL(`../../scripts/${script}.ts`, import.meta.url));
  const child = new Deno.Command(deno, {
    args: [...demoCommand(name, folders, world), ...args, path, ...flags],
    env: {
      NO_COLOR: "1",
      ...worldEnvironment(world),
      // Queue and store are no part of the world.
      NO_PROXY: "127.0.0.1",
      no_proxy: "127.0.0.1",
      ...environment,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let said = "";
  const collect = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    let [text, rest] = ["", ""];
    for await (const part of stream.pipeThrough(new TextDecoderStream())) {
      text += part;
      said += part;
      const lines = (rest + part).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine?.(name, line);
    }
    if (rest !== "") onLine?.(name, rest);
    return text;
  };
  const texts = Promise.all([collect(child.stdout), collect(child.stderr)]);
  let isOver = false;
  const ended = child.status.then(async ({ code }) => {
    isOver = true;
    const [stdout, stderr] = await texts;
    return { code, stdout, stderr };
  });
  return {
    pid: child.pid,
    ended,
    kill: (signal) => isOver ? undefined : child.kill(signal),
    said: () => said,
  };
}

/** The sources that workers ask: the APIs' limits hold for one address. */
export const MANY_SOURCES: readonly SourceName[] = ["fishbase", "google"];

/** A run on many machines, for a person to watch. */
export interface ManyRun {
  readonly workers: number;
  readonly flags: readonly string[];
  readonly data: string;
  /** A folder for all that lasts no longer than the run. */
  readonly place: string;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/** A worker is killed after this share of the images wanted. */
const KILL_AT = 0.3;

/**
 * Runs a server, a keeper and workers, kills a worker on the way, and brings the images.
 *
 * @returns The keeper's status, or that of bringing the images.
 * @throws {Failure} When there is no nats-server.
 */
export async function runOnMany(world: World, run: ManyRun): Promise<number> {
  const { data, place, say, signal } = run;
  const program = await findServer("nats-server");
  if (program === undefined) {
    throw new Failure(
      "The demo with workers needs nats-server, which is not installed here. Get it with " +
        "`sh tests/engine/install.sh nats` (Python, a few seconds, into .cache) or from " +
        "https://nats.io/download, then run this again.",
    );
  }
  const store = join(place, "store");
  await Deno.mkdir(store);
  const nats = await startNats(program, place);
  say(`A NATS server is up at ${nats.url}; the images go into ${store}.`);
  const parts: Part[] = [];
  let isOver = false;
  const onLine = (who: string, line: string) =>
    line.trim() === "" || isOver ? undefined : say(`${who} | ${line}`);
  const farm = { world, queue: nats.url, store };
  try {
    const workers = Array.from({ length: run.workers }, (_, index) => {
      const who = `worker ${index + 1}`;
      const own = { ...farm, onLine: (_: string, line: string) => onLine(who, line) };
      return startWorker(own, join(place, who.replace(" ", "-")));
    });
    const flags = [...run.flags, "--sources", MANY_SOURCES.join()];
    const keeper = startKeeper({ ...farm, onLine }, data, flags);
    parts.push(keeper, ...workers);
    signal.addEventListener("abort", () => keeper.kill("SIGINT"), { once: true });
    const over = keeper.ended.then(() => undefined);
    await Promise.race([
      over,
      keptImages(store, KILL_AT * world.images * world.catalogue.fish.length),
    ]);
    if (run.workers > 1 && !signal.aborted) {
      workers.at(-1)?.kill("SIGKILL");
      say(`Killed worker ${run.workers} (kill -9). The others take over what it had.`);
      const { stdout } = await startStatus(farm).ended;
      for (const line of stdout.trimEnd().split("\n")) onLine("status --queue", line);
    }
    const { code } = await keeper.ended;
    if (code !== 0 || signal.aborted) return code;
    return (await startPull({ ...farm, onLine }, data).ended).code;
  } finally {
    isOver = true;
    for (const part of parts) part.kill("SIGTERM");
    await Promise.all(parts.map((part) => part.ended));
    await nats.kill();
  }
}

async function keptImages(store: string, enough: number): Promise<undefined> {
  let images = 0;
  while (images < enough) {
    await delay(300);
    images = (await Array.fromAsync(walk(store, { includeDirs: false }))).length;
  }
}
