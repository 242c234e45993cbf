/**
 * Servers on loopback that the demo and the tests start, kill and start again: NATS above all.
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

/** Starts a NATS server with JetStream, which keeps its data in a folder `nats` of a folder. */
export async function startNats(
  program: string,
  folder: string,
  args: readonly string[] = [],
): Promise<Server> {
  const own = ["-js", "-a", "127.0.0.1", "-sd", join(folder, "nats"), ...args];
  return await startServer("nats", program, (port) => ["-p", port, ...own]);
}

/** Starts a server on a free port, and waits until it takes connections. */
export async function startServer(
  scheme: string,
  program: string,
  argsFor: (port: string) => string[],
): Promise<Server> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.addr;
  listener.close();
  let child: Deno.ChildProcess | undefined;
  const server: Server = {
    url: `${scheme}://${hostname}:${port}`,
    get pid() {
      return child?.pid;
    },
    async start() {
      const quiet = { stdin: "null", stdout: "null", stderr: "null" } as const;
      child = new Deno.Command(program, { args: argsFor(String(port)), ...quiet }).spawn();
      await untilOpen({ hostname, port });
    },
    async kill() {
      child?.kill("SIGKILL");
      await child?.status;
      child = undefined;
    },
  };
  await server.start();
  return server;
}

async function untilOpen(address: Deno.ConnectOptions): Promise<void> {
  const end = Date.now() + 60_000;
  while (true) {
    try {
      (await Deno.connect(address)).close();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await delay(20);
    }
  }
}
