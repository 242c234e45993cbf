/**
 * What an image costs: Aquaset, which checks everything, beside `curl --parallel`, which only
 * fetches, and beside Scrapy's ImagesPipeline, img2dataset, and requests with joblib, where a Python
 * has them. All fetch the same files from 40 hosts on loopback over TLS through the same proxy.
 *
 *     deno run -A tests/bench/compare.ts [IMAGES] [PYTHON]
 *
 * Each program runs twice, for few images and for `IMAGES` (800) more: the difference is told, so
 * that starting does not count. Processor time is user and system time, child processes included.
 *
 * @module
 */

import { openDataset } from "../../lib/dataset/dataset.ts";
import { worldEnvironment } from "../../lib/demo/run.ts";
import { startWorld, type World } from "../../lib/demo/world.ts";
import { createExaminer } from "../../lib/image/create_examiner.ts";
import { fetchHere } from "../../lib/scrape/fetch_candidate.ts";
import { scrape } from "../../lib/scrape/scrape.ts";
import type { ImageSource } from "../../lib/sources/source.ts";
import { createClient } from "../../lib/web/create_client.ts";
import { fish } from "../scrape/world.ts";
import { withFolder } from "../folder.ts";

const HOSTS = Array.from({ length: 40 }, (_, number) => `photos${number}.bench.example`);
const JOBS = 8;
/** What each program fetches in its first run. */
const FEW = 80;
/** So that a picture has 63 kB. */
const SCALE = 1.3;

if (Deno.args[0] === "scrape") await scrapeAll(Deno.args[1] ?? "", Number(Deno.args[2]));
else await compare(Number(Deno.args[0] ?? 800), Deno.args[1]);
Deno.exit();

/** The address of an image; they alternate between hosts. */
function address(number: number): string {
  return `https://${HOSTS[number % HOSTS.length]}/${number}.jpg`;
}

interface Program {
  readonly name: string;
  /** What must be installed for it in Python. */
  readonly module?: string;
  /** The command that puts the files of these addresses below a folder. */
  command(urls: readonly string[], dir: string): Promise<readonly string[]>;
}

async function compare(count: number, python: string | undefined): Promise<void> {
  const files: Uint8Array[] = [];
  const serve = ({ url }: { readonly url: URL }) => {
    const body = files[Number(/^\/(\d+)\.jpg$/.exec(url.pathname)?.[1])];
    return body === undefined
      ? { status: 404 }
      : { headers: { "Content-Type": "image/jpeg" }, body };
  };
  const others = Object.fromEntries(HOSTS.map((host) => [host, serve]));
  const world = await startWorld({ others, species: 40, scale: SCALE });
  try {
    const made = Array.from({ length: FEW + count }, (_, index) => {
      const { key } = world.catalogue.fish[index % 40] ?? { key: "" };
      return world.photos.make({ species: key, index, treatment: "plain", format: "jpeg" });
    });
    files.push(...await Promise.all(made));
    const bytes = files.reduce((sum, { length }) => sum + length, 0);
    console.log(
      `${count} images of ${(bytes / files.length / 1000).toFixed(0)} kB each on average, ` +
        `${HOSTS.length} hosts, load ${Deno.loadavg()[0]?.toFixed(1)}`,
    );
    for (const program of programs(world, python)) {
      if (program.module !== undefined && !await has(python, program.module)) {
        console.log(`${program.name}: not here`);
        continue;
      }
      const few = await measure(world, program, FEW);
      const all = await measure(world, program, FEW + count);
      const seconds = all.seconds - few.seconds;
      const cpu = (all.processor - few.processor) * 1000 / count;
      console.log(
        `${program.name}: ${cpu.toFixed(1)} ms of processor time an image, ` +
          `${(count / seconds).toFixed(0)} images a second; ` +
          `${few.processor.toFixed(1)} s of processor time for the first ${FEW}`,
      );
    }
    console.log(`load ${Deno.loadavg()[0]?.toFixed(1)}`);
  } finally {
    await world.close();
  }
}

function programs(world: World, python = "python3"): readonly Program[] {
  const inPython = (name: string, module: string, script: string): Program => ({
    name,
    module,
    async command(urls, dir) {
      await Deno.writeTextFile(`${dir}/script.py`, script);
      await Deno.writeTextFile(`${dir}/urls.txt`, `${urls.join("\n")}\n`);
      return [python, `${dir}/script.py`, `${dir}/urls.txt`, `${dir}/files`];
    },
  });
  return [
    {
      name: "curl --parallel, checks nothing",
      async command(urls, dir) {
        const config = urls.map((url, at) => `url = "${url}"\noutput = "${dir}/files/${at}.jpg"\n`);
        await Deno.writeTextFile(`${dir}/curl.txt`, config.join(""));
        return ["curl", "--silent", "--fail", "--create-dirs", "--parallel"].concat(
          ["--parallel-max", String(JOBS * 2), "--proxy", world.proxy],
          ["--cacert", world.certificate, "--config", `${dir}/curl.txt`],
        );
      },
    },
    {
      name: "Aquaset",
      command: (urls, dir) =>
        Promise.resolve([
          ...[Deno.execPath(), "run", "--quiet", "-A", import.meta.url],
          ...["scrape", dir, String(urls.length)],
        ]),
    },
    inPython(
      "Scrapy's ImagesPipeline",
      "scrapy",
      `
import sys, scrapy
from scrapy.crawler import CrawlerProcess

class Images(scrapy.Spider):
    name = "images"
    async def start(self):
        for url in open(sys.argv[1]).read().split():
            yield {"image_urls": [url]}

process = CrawlerProcess(settings={
    "ITEM_PIPELINES": {"scrapy.pipelines.images.ImagesPipeline": 1},
    "IMAGES_STORE": sys.argv[2], "LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False,
    "CONCURRENT_REQUESTS": 16, "CONCURRENT_REQUESTS_PER_DOMAIN": 8, "DOWNLOAD_DELAY": 0,
})
process.crawl(Images)
process.start()
`,
    ),
    inPython(
      "img2dataset, nothing resized",
      "img2dataset",
      `
import sys
from img2dataset import download
if __name__ == "__main__":
    download(url_list=sys.argv[1], output_folder=sys.argv[2], processes_count=2, thread_count=16,
        resize_mode="no", output_format="files", number_sample_per_shard=200)
`,
    ),
    inPython(
      "requests and joblib, checks nothing",
      "joblib",
      `
import os, sys, requests
from joblib import Parallel, delayed

def fetch(at, url):
    with open(os.path.join(sys.argv[2], f"{at}.jpg"), "wb") as file:
        file.write(requests.get(url, timeout=30).content)

os.makedirs(sys.argv[2], exist_ok=True)
urls = open(sys.argv[1]).read().split()
Parallel(n_jobs=16, prefer="threads")(delayed(fetch)(at, url) for at, url in enumerate(urls))
`,
    ),
  ];
}

/** Whether a Python has a module. */
async function has(python = "python3", module: string): Promise<boolean> {
  const command = new Deno.Command(python, {
    args: ["-c", `import importlib.util as u; exit(u.find_spec("${module}") is None)`],
    stdout: "null",
    stderr: "null",
  });
  try {
    return (await command.output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Runs a program once, counts the files that it made, and gives the seconds that it took. */
async function measure(
  world: World,
  program: Program,
  count: number,
): Promise<{ seconds: number; processor: number }> {
  let taken = { seconds: 0, processor: 0 };
  await withFolder(async (dir) => {
    const urls = Array.from({ length: count }, (_, number) => address(number));
    const command = await program.command(urls, dir);
    const { stderr } = await new Deno.Command("bash", {
      args: ["-c", `TIMEFORMAT='%U %S %R'; time "$@" >"$0" 2>&1`, `${dir}/said`, ...command],
      env: {
        ...worldEnvironment(world),
        SSL_CERT_FILE: world.certificate,
        REQUESTS_CA_BUNDLE: world.certificate,
        NO_ALBUMENTATIONS_UPDATE: "1",
        // Deno looks up names behind a proxy too. Of 40 look-ups at once over UDP some got lost here,
        // and waited for 5 s: glibc shall ask over TCP.
        RES_OPTIONS: "use-vc",
      },
    }).output();
    const made = await countImages(dir);
    if (made < count) {
      throw new Error(
        `${program.name} made ${made} of ${count} files. It said:\n` +
          await Deno.readTextFile(`${dir}/said`),
      );
    }
    const times = new TextDecoder().decode(stderr).trim().split("\n").at(-1)?.split(" ");
    const [user = NaN, system = NaN, seconds = NaN] = times?.map(Number) ?? [];
    taken = { seconds, processor: user + system };
  });
  return taken;
}

async function countImages(dir: string): Promise<number> {
  let count = 0;
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    if (isDirectory) count += await countImages(`${dir}/${name}`);
    else if (/^[^.].*\.jpg$/.test(name)) count++;
  }
  return count;
}

/** Scrapes so many images, as `scrape.ts` does but for the search. */
async function scrapeAll(dir: string, count: number): Promise<void> {
  const notice = (text: string) => console.error(text);
  const dataset = await openDataset({ dir, script: "bench", version: "0", flags: {}, notice });
  // The hosts are ours: no need of manners.
  const client = createClient({ pace: { interval: 0, concurrency: 8 }, notice });
  const examiner = createExaminer();
  const ignore = () => undefined;
  const species = Array.from({ length: JOBS }, (_, job) => fish(`Benchus ${"abcdefgh"[job]}`));
  const source: ImageSource = {
    name: "bench",
    vouches: true,
    async *candidates({ id }) {
      const job = species.findIndex((one) => one.id === id);
      for (let number = job; number < count; number += JOBS) {
        yield await Promise.resolve({ url: address(number), page: address(number) });
      }
      return { why: "exhausted" };
    },
    close: () => Promise.resolve(),
  };
  await scrape(
    { species, wanted: count, jobs: JOBS, retry: "none" },
    {
      dataset,
      fetcher: fetchHere(client, examiner),
      sources: [source],
      progress: {
        planned: ignore,
        started: ignore,
        fetching: ignore,
        decided: ignore,
        withdrawn: ignore,
        finished: ignore,
        notice,
      },
    },
    { stopStarting: new AbortController().signal, abort: new AbortController().signal },
  );
  client.close();
  examiner.close();
  await dataset.close();
}
