/**
 * Images a second with 1, 2 and 4 workers on this machine, messages a second, and the memory of
 * server, keeper and workers:
 * `deno run --allow-all tests/bench/many_machines_bench.ts [SPECIES] [IMAGES] [LATENCY] [WORKERS…]`;
 * each response of the world takes LATENCY milliseconds.
 *
 * @module
 */

import { type Farm, startKeeper, startWorker } from "../../lib/demo/many.ts";
import { findServer, startNats } from "../../lib/demo/server.ts";
import { startWorld } from "../../lib/demo/world.ts";
import { logLines } from "../scripts/kills.ts";

const [species = 8, images = 30, latency = 0, ...counts] = Deno.args.map(Number);
/** Clock ticks a second, as Linux counts processor time. */
const TICKS = 100;

const program = await findServer("nats-server");
if (program === undefined) throw new Error("sh tests/engine/install.sh nats");

/** The most memory in MB that a process had, and its processor time in seconds. */
function usage(pid: number | undefined): { readonly memory: number; readonly seconds: number } {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]?.split(" ") ?? [];
    return {
      memory: Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1000),
      seconds: (Number(fields[11]) + Number(fields[12])) / TICKS,
    };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { memory: 0, seconds: 0 };
    throw error;
  }
}

for (const count of counts.length === 0 ? [1, 2, 4] : counts) {
  const dir = await Deno.makeTempDir({ prefix: "aquaset-bench-" });
  const monitor = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = monitor.addr;
  monitor.close();
  const world = await startWorld({ species, images, latency, slow: false });
  const nats = await startNats(program, dir, ["-m", String(port)]);
  await Deno.mkdir(`${dir}/store`);
  const farm: Farm = { world, queue: nats.url, store: `${dir}/store`, deno: Deno.execPath() };
  const workers = Array.from({ length: count }, (_, n) => startWorker(farm, `${dir}/w${n}`));
  const flags = ["--images", String(images), "--sources", "fishbase,google"];
  const keeper = startKeeper(farm, `${dir}/data`, [
    ...flags,
    ...["--fishbase-delay", "0", "--google-delay", "0", "--jobs", "8"],
  ]);
  const most = new Map<string, { memory: number; seconds: number }>();
  let [messages, isOver] = [0, false];
  keeper.ended.then(() => isOver = true);
  while (!isOver) {
    const pids = [["server", nats.pid], ["keeper", keeper.pid]] as const;
    for (const [name, pid] of [...pids, ...workers.map(({ pid }, n) => [`w${n}`, pid] as const)]) {
      const now = usage(pid);
      const before = most.get(name) ?? now;
      most.set(name, {
        memory: Math.max(now.memory, before.memory),
        seconds: Math.max(now.seconds, before.seconds),
      });
    }
    const { in_msgs } = await (await fetch(`http://127.0.0.1:${port}/varz`)).json();
    messages = Number(in_msgs);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  const { code, stderr } = await keeper.ended;
  if (code !== 0) throw new Error(stderr);
  for (const worker of workers) worker.kill("SIGTERM");
  for (const worker of workers) await worker.ended;
  const events = (await logLines(`${dir}/data`)).filter(({ event }) => event === "image");
  const times = events.map(({ time }) => Date.parse(String(time)));
  const seconds = (Math.max(...times) - Math.min(...times)) / 1000;
  const kept = events.filter(({ outcome }) => outcome === "kept").length;
  const used = [...most].map(([name, { memory, seconds }]) => `${name} ${memory} MB ${seconds} s`);
  console.log(
    `${count} workers: ${events.length} decided, ${kept} kept in ${seconds.toFixed(1)} s: ` +
      `${(events.length / seconds).toFixed(1)} decided/s, ${
        (messages / seconds).toFixed(0)
      } messages/s ` +
      `(${(messages / events.length).toFixed(1)} a candidate); ${used.join(", ")}; load ${
        Deno.loadavg()[0]?.toFixed(1)
      }`,
  );
  await nats.kill();
  await world.close();
  await Deno.remove(dir, { recursive: true });
}
