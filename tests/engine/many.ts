/** Keeper and workers as subprocesses in the demo world, with their own permissions. */

import { worldEnvironment } from "../../lib/demo/run.ts";
import type { World } from "../../lib/demo/world.ts";
import { inFolders, PERMISSION_SETS, permissionFlags, widen } from "../../lib/cli/permissions.ts";
import { QUICK } from "../scripts/in_world.ts";

/** A process of an engine. */
export interface Part {
  readonly ended: Promise<
    { readonly code: number; readonly stderr: string; readonly stdout: string }
  >;
  kill(signal: Deno.Signal): void;
  said(): string;
}

/** What the processes of one engine share. */
export interface Engine {
  readonly world: World;
  readonly queue: string;
  readonly store: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts a keeper in a data folder. */
export function startKeeper(engine: Engine, data: string, flags: readonly string[]): Part {
  return startPart(engine, "keeper", "scrape", [data], [...flags, ...QUICK, "--data", data]);
}

/** Brings the images of the store into a data folder. */
export function startPull({ store, ...engine }: Engine, data: string): Part {
  const folders = store.includes("://") ? [data] : [data, store];
  return startPart({ store, ...engine, queue: "" }, "pull", "pull", folders, ["--data", data]);
}

/** Starts a worker with a data folder of its own for caches. */
export function startWorker(engine: Engine, data: string, flags: readonly string[] = []): Part {
  const isFolder = !engine.store.includes("://");
  return startPart(
    engine,
    "worker",
    "worker",
    [data, ...isFolder ? [engine.store] : []],
    [...flags, "--data", data],
  );
}

function startPart(
  { world, queue, store, environment }: Engine,
  name: string,
  script: string,
  folders: readonly string[],
  flags: readonly string[],
): Part {
  const set = widen(inFolders(PERMISSION_SETS[name] ?? {}, folders), "read", [world.certificate]);
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-q", "--no-prompt", "--cached-only", ...permissionFlags(set)],
      ...[
        `scripts/${script}.ts`,
        ...(queue === "" ? [] : ["--queue", queue]),
        "--store",
        store,
        ...flags,
      ],
    ],
    env: {
      NO_COLOR: "1",
      ...worldEnvironment(world),
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
    let text = "";
    for await (const part of stream.pipeThrough(new TextDecoderStream())) {
      text += part;
      said += part;
    }
    return text;
  };
  const texts = Promise.all([collect(child.stdout), collect(child.stderr)]);
  const ended = child.status.then(async ({ code }) => {
    const [stdout, stderr] = await texts;
    return { code, stdout, stderr };
  });
  let isOver = false;
  child.status.then(() => isOver = true);
  return {
    ended,
    kill: (signal) => isOver ? undefined : child.kill(signal),
    said: () => said,
  };
}
