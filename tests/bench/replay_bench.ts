/**
 * A log of a million lines: how long it takes, and how much memory, to read it without an index
 * (`bare`), to build the index (`make`), to start with it (`start`) and to read it (`read`):
 * `deno run -A tests/bench/replay_bench.ts [LINES]`. Wanted of the last two: under 1 s and 150 MB.
 *
 * @module
 */

import { format } from "@std/fmt/bytes";
import { join } from "@std/path";
import { openUnswept, readDataset } from "../../lib/dataset/dataset.ts";
import type { ImageEvent } from "../../lib/dataset/event.ts";
import { formatLogLine } from "../../lib/dataset/event.ts";
import type { Outcome } from "../../lib/base/outcome.ts";

const OUTCOMES: readonly Exclude<Outcome, "kept">[] = [
  "duplicate",
  "near-duplicate",
  "too-small",
  "gone",
  "timeout",
  "forbidden",
  "server-error",
];
const SPECIES = 600;

/** A line as a run writes it: one in eight is kept. */
function eventOf(number: number): ImageEvent {
  const species = `genus_species_${Math.floor(number / 40) % SPECIES}`;
  const host = `https://www.photos-of-fish-${number % 3000}.example.com`;
  const sha256 = number.toString(16).padStart(8, "0").repeat(8);
  const base = {
    event: "image",
    species,
    source: number % 10 === 0 ? "fishbase" : "google",
    url: `${host}/wp-content/uploads/2020/05/${sha256.slice(0, 20)}-image-${number}.jpg`,
    page: `${host}/${number}/aquarium-fish-page.html`,
  } as const;
  if (number % 8 !== 0) {
    return { ...base, outcome: OUTCOMES[number % 7] ?? "gone", detail: "HTTP 404" };
  }
  return {
    ...base,
    outcome: "kept",
    file: `images/${species}/${sha256.slice(0, 16)}.jpg`,
    sha256,
    dhash: sha256.slice(0, 16),
    bytes: 100_000,
    width: 800,
    height: 600,
    type: "jpeg",
    title: `Ein Fisch – 魚 ${number}`,
    license: "unknown",
  };
}

async function writeLog(path: string, lines: number): Promise<void> {
  const encoder = new TextEncoder();
  using file = await Deno.open(path, { write: true, create: true });
  let batch = "";
  for (let number = 0; number < lines; number++) {
    batch += formatLogLine(eventOf(number), new Date(1.7e12 + number * 100));
    if (batch.length < 1 << 20 && number < lines - 1) continue;
    const bytes = encoder.encode(batch);
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    batch = "";
  }
}

/** The most memory this process has had at once, in bytes; Linux tells. */
async function peakMemory(): Promise<number> {
  if (Deno.build.os !== "linux") return Deno.memoryUsage().rss;
  const status = await Deno.readTextFile("/proc/self/status");
  return Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

/** Opens the folder as a script does; tells how long that took and how much memory. */
async function measure(what: string, dir: string): Promise<void> {
  const began = performance.now();
  const given = { script: "bench", version: "0", flags: {}, notice: () => {} };
  const isRead = what === "read" || what === "bare";
  const dataset = isRead ? undefined : await openUnswept({ dir, ...given });
  using state = dataset?.state ?? (await readDataset(dir)).state;
  const seconds = (performance.now() - began) / 1000;
  const images = state.species.reduce((sum, id) => sum + state.kept(id), 0);
  const memory = await peakMemory();
  console.log(
    `${what}: ${images} images kept: ${seconds.toFixed(2)} s, ${format(memory)} at most.`,
  );
  await dataset?.close();
  if ((what === "start" || what === "read") && (seconds > 1 || memory > 150e6)) Deno.exitCode = 1;
}

const [first = "1000000", folder] = Deno.args;
if (folder !== undefined) await measure(first, folder);
else {
  const dir = await Deno.makeTempDir({ prefix: "aquaset-bench-" });
  try {
    await writeLog(join(dir, "log.jsonl"), Number(first));
    // Processes of their own: writing the log must not count.
    for (const what of ["bare", "make", "start", "read"]) {
      const { code } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "-A", import.meta.url, what, dir],
      }).spawn().status;
      if (code !== 0) Deno.exitCode = code;
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
