/**
 * How many images a second are fetched, examined, fingerprinted, placed and logged, from hosts that
 * answer at once; beside `curl --parallel`, which only fetches and writes the same files, in the
 * same run: `deno run -A tests/bench/throughput_bench.ts [IMAGES]`, 240 unless given.
 *
 * @module
 */

import { openDataset } from "../../lib/dataset/dataset.ts";
import { startWorld, type World } from "../../lib/demo/world.ts";
import { worldEnvironment } from "../../lib/demo/run.ts";
import { fetchHere } from "../../lib/scrape/fetch_candidate.ts";
import { createExaminer } from "../../lib/image/create_examiner.ts";
import { scrape } from "../../lib/scrape/scrape.ts";
import type { ImageSource } from "../../lib/sources/source.ts";
import { createClient } from "../../lib/web/create_client.ts";
import { readProcess } from "../processes.ts";
import { inFolder } from "../scripts/in_world.ts";
import { fish } from "../scrape/world.ts";

const HOSTS = Array.from({ length: 16 }, (_, number) => `photos${number}.bench.example`);
const JOBS = 8;
/** Images that are scraped before it counts: the codecs are loaded for them. */
const WARM_UP = 16;

if (Deno.args[0] === "scrape") await scrapeAll(Deno.args[1] ?? "", Number(Deno.args[2]));
else await compare(Number(Deno.args[0] ?? 240));
Deno.exit();

/** The address of an image; they alternate between hosts. */
function address(number: number): string {
  return `https://${HOSTS[number % HOSTS.length]}/${number}.jpg`;
}

/** Serves the images, has them fetched both ways, and tells how long each took. */
async function compare(count: number): Promise<void> {
  const files: Uint8Array[] = [];
  const serve = ({ url }: { readonly url: URL }) => {
    const body = files[Number(/^\/(\d+)\.jpg$/.exec(url.pathname)?.[1])];
    return body === undefined
      ? { status: 404 }
      : { headers: { "Content-Type": "image/jpeg" }, body };
  };
  const world = await startWorld({
    others: Object.fromEntries(HOSTS.map((host) => [host, serve])),
    species: 40,
  });
  try {
    const made = Array.from({ length: count + WARM_UP }, (_, index) => {
      const { key } = world.catalogue.fish[index % 40] ?? { key: "" };
      return world.photos.make({ species: key, index, treatment: "plain", format: "jpeg" });
    });
    files.push(...await Promise.all(made));
    const bytes = files.slice(WARM_UP).reduce((sum, file) => sum + file.length, 0);
    console.log(`${count} images, ${(bytes / count / 1000).toFixed(0)} kB each on average`);
    await inFolder(async (dir) => {
      // A process of its own: making and serving the images must not count.
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "-A", import.meta.url, "scrape", `${dir}/data`, String(count)],
        env: worldEnvironment(world),
      });
      if (!(await child.spawn().status).success) throw new Error("The scrape failed");
      tell("curl --parallel", count, await curlAll(world, dir, count));
    });
  } finally {
    await world.close();
  }
}

/** Fetches all with curl; gives the seconds. */
async function curlAll(world: World, dir: string, count: number): Promise<number> {
  const config = Array.from({ length: count }, (_, index) => {
    const url = address(index + WARM_UP);
    return `url = "${url}"\noutput = "${dir}/curl/${index}.jpg"\n`;
  });
  await Deno.writeTextFile(`${dir}/curl.txt`, config.join(""));
  const began = performance.now();
  const { success, stderr } = await new Deno.Command("curl", {
    args: ["--silent", "--show-error", "--fail", "--create-dirs", "--parallel"].concat(
      ["--parallel-max", String(JOBS * 2), "--proxy", world.proxy, "--cacert", world.certificate],
      ["--config", `${dir}/curl.txt`],
    ),
  }).output();
  if (!success) throw new Error(`curl failed: ${new TextDecoder().decode(stderr)}`);
  return (performance.now() - began) / 1000;
}

/** Scrapes all, as `scrape.ts` does but for the search, and tells how long it took. */
async function scrapeAll(dir: string, count: number): Promise<void> {
  const notice = (text: string) => console.error(text);
  const flags = { dir, script: "bench", version: "0", flags: {}, notice };
  const dataset = await openDataset(flags);
  // The hosts are ours: no need of manners.
  const client = createClient({ pace: { interval: 0, concurrency: 8 }, notice });
  const examiner = createExaminer();
  const progress = {
    planned() {},
    started() {},
    fetching() {},
    decided() {},
    finished() {},
    notice,
  };
  const run = async (name: string, from: number, to: number): Promise<void> => {
    const species = Array.from({ length: JOBS }, (_, job) => fish(`${name} ${"abcdefgh"[job]}`));
    const source: ImageSource = {
      name: "bench",
      vouches: true,
      async *candidates({ id }) {
        const job = species.findIndex((one) => one.id === id);
        for (let number = from + job; number < to; number += JOBS) {
          yield await Promise.resolve({ url: address(number), page: address(number) });
        }
        return { why: "exhausted" };
      },
      close: () => Promise.resolve(),
    };
    await scrape(
      { species, wanted: count, jobs: JOBS, retry: "none" },
      { dataset, fetcher: fetchHere(client, examiner), sources: [source], progress },
      { stopStarting: new AbortController().signal, abort: new AbortController().signal },
    );
  };
  await run("Warmup", 0, WARM_UP);
  const kept = keptIn();
  const worked = processorSeconds();
  const began = performance.now();
  await run("Benchus", WARM_UP, WARM_UP + count);
  const seconds = (performance.now() - began) / 1000;
  tell("scraped", count, seconds);
  const processor = processorSeconds() - worked;
  console.log(`  ${(count / processor).toFixed(0)} a second of processor time, all threads`);
  const missing = count - (keptIn() - kept);
  if (missing !== 0) throw new Error(`${missing} images were not kept`);
  client.close();
  examiner.close();
  await dataset.close();

  function keptIn(): number {
    return dataset.state.species.reduce((sum, id) => sum + dataset.state.kept(id), 0);
  }
}

/** How long this process has kept processors busy, in seconds: Linux counts hundredths. */
function processorSeconds(): number {
  const [user = 0, system = 0] = readProcess(Deno.pid, "stat").replace(/^.*\) /, "")
    .split(" ").slice(11, 13).map(Number);
  return (user + system) / 100;
}

function tell(what: string, count: number, seconds: number): void {
  const rate = count / seconds;
  const cores = navigator.hardwareConcurrency;
  console.log(
    `${what}: ${rate.toFixed(0)} images a second, ${(rate / cores).toFixed(0)} a core ` +
      `(${seconds.toFixed(1)} s, ${cores} cores)`,
  );
}
