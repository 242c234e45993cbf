/**
 * Servers on loopback that the demo and the tests start, kill and start again: NATS, an S3.
 *
 * @module
 */

import { delay } from "@std/async";
import { exists } from "@std/fs";
import { fromFileUrl, join } from "@std/path";

/** Where `tests/engine/install.sh` puts them. */
const TOOLS = fromFileUrl(new URL("../../.cache/engine/venv/bin", import.meta.url));

/** A server that may be killed and started again at the same port. */
export interface Server {
  readonly url: string;
  readonly pid: number | undefined;
  start(): Promise<void>;
  kill(): Promise<void>;
  wipe(): Promise<void>;
}

/** The path or name of an installed server: from `tests/engine/install.sh`, or else this machine's. */
export async function findServer(name: string): Promise<string | undefined> {
  const path = join(TOOLS, name);
  if (await exists(path)) return path;
  try {
    await new Deno.Command(name, { args: ["--version"], stdout: "null", stderr: "null" }).output();
    return name;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Starts a NATS server with JetStream. */
export async function startNats(
  program: string,
  folder: string,
  args: readonly string[] = [],
): Promise<Server> {
  const port = freePort();
  const disk = join(folder, "nats");
  return await serve(`nats://127.0.0.1:${port}`, port, program, [
    ...["-js", "-a", "127.0.0.1", "-p", String(port), "-sd", disk, ...args],
  ], disk);
}

/** Starts an S3 that holds its objects in memory: moto. */
export async function startS3(program: string, folder: string): Promise<Server> {
  const port = freePort();
  const args = ["-H", "127.0.0.1", "-p", String(port)];
  return await serve(`http://127.0.0.1:${port}`, port, program, args, join(folder, "s3"));
}

async function serve(
  url: string,
  port: number,
  program: string,
  args: readonly string[],
  disk: string,
): Promise<Server> {
  let child: Deno.ChildProcess | undefined;
  const server: Server = {
    url,
    get pid() {
      return child?.pid;
    },
    async start() {
      await Deno.mkdir(disk, { recursive: true });
      const quiet = { stdin: "null", stdout: "null", stderr: "null" } as const;
      child = new Deno.Command(program, { args: [...args], ...quiet }).spawn();
      await answering(port);
    },
    async kill() {
      child?.kill("SIGKILL");
      await child?.status;
      child = undefined;
    },
    async wipe() {
      await server.kill();
      await Deno.remove(disk, { recursive: true });
    },
  };
  await server.start();
  return server;
}

async function answering(port: number): Promise<void> {
  const end = Date.now() + 60_000;
  while (true) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await delay(20);
    }
  }
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}
