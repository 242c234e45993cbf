import { assertEquals } from "@std/assert";
import { readDataset } from "../../lib/dataset/dataset.ts";
import { type DatasetStatus, datasetStatus } from "../../lib/dataset/status.ts";
import { imageOf, keep, opened, tried, withFolder } from "./folder.ts";

const BETTA = "betta_splendens";

async function statusOf(dir: string): Promise<DatasetStatus> {
  const reading = await readDataset(dir);
  using _ = reading.state;
  return await datasetStatus(dir, reading);
}

Deno.test("datasetStatus() sums up what a log says while its run goes on", async () => {
  await withFolder(async (dir) => {
    const dataset = await opened(dir);
    await keep(dataset, 1);
    await keep(dataset, 2);
    await keep(dataset, 3, "danio_rerio");
    dataset.append(tried(4, "timeout"));
    dataset.append({ event: "rejected", species: BETTA, sha256: (await imageOf(1)).sha256 });
    for (const [species, kept] of [[BETTA, 1], ["danio_rerio", 1]] as const) {
      dataset.append({ event: "done", species, source: "google", kept, wanted: 1, why: "enough" });
    }
    dataset.append({ ...tried(5, "gone"), species: "hybrid_blood_parrot" });
    dataset.append({ event: "stopped", source: "google", why: "robot-check" });
    await dataset.flush();
    const status = await statusOf(dir);
    assertEquals(status.running?.pid, Deno.pid);
    assertEquals([status.images, status.rejected, status.bytes], [2, 1, 20]);
    assertEquals([status.species, status.withImages], [3, 2]);
    assertEquals([status.complete, status.wanted], [2, 1]);
    assertEquals(status.stopped.map(({ why }) => why), ["robot-check"]);
    assertEquals(status.sources, [
      { source: "google", outcomes: { kept: 3, timeout: 1, gone: 1 }, done: { enough: 2 } },
    ]);
    await dataset.close();
    assertEquals((await statusOf(dir)).running, undefined);
  });
});

Deno.test("datasetStatus() cuts long texts and lets nothing through that rules a terminal", async () => {
  await withFolder(async (dir) => {
    const dataset = await opened(dir);
    const text = `\u001b[8m\u202e\n${"x".repeat(900_000)}`;
    for (let number = 0; number < 30; number++) {
      dataset.append({ event: "stopped", source: `${number}`, why: text, detail: text });
    }
    dataset.append({ ...tried(1, "gone"), source: text });
    await dataset.close();
    const status = await statusOf(dir);
    const json = JSON.stringify(status);
    assertEquals([json.length < 100_000, status.stopped.length], [true, 20]);
    assertEquals(/[\p{C}]|\\u00|\\n/u.test(json), false);
  });
});
