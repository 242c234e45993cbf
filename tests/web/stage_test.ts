import { assert, assertEquals, assertLess } from "@std/assert";
import { pooledMap } from "@std/async";
import { createClient } from "../../lib/web/create_client.ts";
import { inVirtualTime } from "../base/virtual_time.ts";

const signal = new AbortController().signal;
/** How long a living host takes for an image, in milliseconds. */
const LATENCY = 25;

interface Stage {
  readonly milliseconds: number;
  readonly kept: number;
  readonly timeouts: number;
  /** Requests that the dead host got. */
  readonly wasted: number;
}

/**
 * Downloads what 8 jobs would: images of the hosts in turn, one host dead from the start or from
 * some request on. A dead host costs 400 ms, 16 times as much as an image, as in reality.
 */
function stage(hosts: readonly string[], images: number, diesAfter = 0): Promise<Stage> {
  return inVirtualTime(() => runStage(hosts, images, diesAfter));
}

async function runStage(
  hosts: readonly string[],
  images: number,
  diesAfter: number,
): Promise<Stage> {
  let wasted = 0;
  let served = 0;
  const send = async (url: URL, init: RequestInit): Promise<Response> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = (): void => reject(init.signal?.reason);
    init.signal?.addEventListener("abort", abort, { once: true });
    const dead = url.hostname === "dead.example" && served++ >= diesAfter;
    if (dead) wasted++;
    const timer = dead ? undefined : setTimeout(resolve, LATENCY);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      init.signal?.removeEventListener("abort", abort);
    }
    return new Response("fish", { status: url.pathname === "/robots.txt" ? 404 : 200 });
  };
  const client = createClient({
    pace: { interval: 0 },
    deadlines: { answer: 400, window: 10_000, total: 20_000 },
  }, {
    transport: { send, close: () => {} },
    lookup: () => Promise.resolve(["8.8.8.8"]),
    environment: () => undefined,
  });
  const urls = Array.from(
    { length: images },
    (_, n) => hosts.map((host) => `https://${host}/${n}.jpg`),
  ).flat();
  const start = performance.now();
  let kept = 0;
  let timeouts = 0;
  for await (const answer of pooledMap(8, urls, (url) => client.download(url, { signal }))) {
    if (answer.ok) kept++;
    else if (answer.outcome === "timeout") timeouts++;
  }
  client.close();
  return { milliseconds: performance.now() - start, kept, timeouts, wasted };
}

const LIVE = ["a.example", "b.example"];
const IMAGES = 120;

Deno.test("a stage with a dead host in three takes no longer than without it plus 20 %", async () => {
  const alone = await stage(LIVE, IMAGES);
  const all = await stage([...LIVE, "dead.example"], IMAGES);
  assertEquals(alone.kept, 2 * IMAGES);
  assertEquals([all.kept, all.timeouts], [2 * IMAGES, IMAGES]);
  assertLess(all.milliseconds, alone.milliseconds * 1.2);
});

Deno.test("a stage asks a host that is dead from the start once", async () => {
  const { wasted } = await stage([...LIVE, "dead.example"], 20);
  assertEquals(wasted, 1);
});

Deno.test("a stage asks a host that dies on the way three or four times, then no more", async () => {
  const { wasted, timeouts, kept } = await stage([...LIVE, "dead.example"], 40, 11);
  assertEquals(kept, 90);
  assertEquals(timeouts, 30);
  assert(wasted >= 3 && wasted <= 4, `${wasted}`);
});
