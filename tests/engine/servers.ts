/** A real NATS server and a real S3 on loopback, where they are installed: tests/engine/install.sh. */

import { fromFileUrl, join } from "@std/path";

const TOOLS = fromFileUrl(new URL("../../.cache/engine/venv/bin", import.meta.url));

/** The path of an installed server; says in one line how to get it where it is not there. */
export async function installed(name: string): Promise<string | undefined> {
  const path = join(TOOLS, name);
  try {
    await Deno.stat(path);
    return path;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.error(`${name} is not installed, its tests are skipped: sh tests/engine/install.sh`);
    return undefined;
  }
}

/** A server that may be killed and started again. */
export interface Server {
  readonly url: string;
  start(): Promise<void>;
  kill(): Promise<void>;
  /** Kills it and empties its disk. */
  wipe(): Promise<void>;
}

/** A NATS server with JetStream, its disk in a folder. */
export async function startNats(program: string, folder: string): Promise<Server> {
  const port = freePort();
  const disk = join(folder, "nats");
  return await serve(`nats://127.0.0.1:${port}`, port, program, [
    ...["-js", "-a", "127.0.0.1", "-p", String(port), "-sd", disk],
  ], disk);
}

/** An S3 that holds its objects in memory. */
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
    async start() {
      await Deno.mkdir(disk, { recursive: true });
      child = new Deno.Command(program, {
        args: [...args],
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).spawn();
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
  const end = Date.now() + 30_000;
  while (true) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}
