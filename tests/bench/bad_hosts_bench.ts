/**
 * How much longer a whole scrape takes when hosts are bad, beside the same scrape in which they
 * answer 404 at once: one host in three that is silent (wanted: at most 20 % more), and one host
 * that sends a byte a second. The real script, one run after the other, each twice:
 * `deno run -A tests/bench/bad_hosts_bench.ts [SPECIES] [IMAGES]`, 12 × 40 unless given.
 *
 * @module
 */

import { PHOTO_HOSTS } from "../../lib/demo/hosts.ts";
import type { Reply } from "../../lib/demo/http.ts";
import type { WorldOptions } from "../../lib/demo/world.ts";
import { inWorld, QUICK_SCRAPE, run, tree } from "../scripts/in_world.ts";

const GONE: Reply = { status: 404 };
const SILENT: Reply = { fault: { kind: "silent" } };
const SLOW: Reply = {
  headers: { "Content-Type": "image/jpeg" },
  body: new Uint8Array(100_000),
  fault: { kind: "drip", bytes: 1, every: 1000 },
};
const MOST = 1.2;
const ROUNDS = 2;

const [species = 12, images = 40] = Deno.args.map(Number);
const everyThird = PHOTO_HOSTS.filter((_, index) => index % 3 === 0);
const first = PHOTO_HOSTS.slice(0, 1);

const comparisons: readonly [name: string, hosts: readonly string[], bad: Reply][] = [
  [`${everyThird.length} of ${PHOTO_HOSTS.length} hosts silent`, everyThird, SILENT],
  [`1 of ${PHOTO_HOSTS.length} hosts at a byte a second`, first, SLOW],
];
for (const [name, hosts, bad] of comparisons) {
  const without: number[] = [];
  const withThem: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    without.push(await seconds(hosts, GONE));
    withThem.push(await seconds(hosts, bad));
  }
  const ratio = Math.min(...withThem) / Math.min(...without);
  console.log(`${name}: ${told(withThem)} s, gone in their place: ${told(without)} s`);
  console.log(`  the quickest of each: ${ratio.toFixed(2)} times as long`);
  if (ratio > MOST) Deno.exitCode = 1;
}
Deno.exit();

/** How long a scrape takes, in seconds, when some hosts answer all alike. */
async function seconds(hosts: readonly string[], reply: Reply): Promise<number> {
  const options: WorldOptions = {
    species,
    images,
    faults: false,
    others: Object.fromEntries(hosts.map((host) => [host, () => reply])),
  };
  let took = 0;
  await inWorld(options, async (world, data) => {
    const began = performance.now();
    const ended = await run(world, "scrape", data, ["--images", String(images), ...QUICK_SCRAPE]);
    took = (performance.now() - began) / 1000;
    if (ended.code !== 0) throw new Error(`The scrape ended with ${ended.code}: ${ended.stderr}`);
    const kept = (await tree(data)).length;
    if (kept !== species * images) throw new Error(`${kept} images were kept: ${ended.stdout}`);
  });
  return took;
}

function told(values: readonly number[]): string {
  return values.map((value) => value.toFixed(1)).join(" and ");
}
