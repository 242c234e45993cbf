/** What a person has relabelled, for those who come after the review: scrape and merge. */

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { openUnswept, readDataset } from "../../lib/dataset/dataset.ts";
import { mergeDatasets } from "../../lib/dataset/merge.ts";
import { overviewOf } from "../../lib/report/gather.ts";
import { Board, type Order } from "../../lib/review/board.ts";
import { fish, inFolder, Network, run, source } from "../scrape/world.ts";

const betta = fish("Betta splendens");
const danio = fish("Danio rerio");
const TABLE = { [betta.id]: ["b1", "b2", "b3", "b4"], [danio.id]: ["d1", "d2", "d3", "d4"] };
const signal = new AbortController().signal;

/** Gives an order on the first image of bettas, or whatever it counts for by now. */
async function give(dir: string, order: Omit<Order, "images">): Promise<void> {
  const dataset = await openUnswept({
    dir,
    script: "review",
    version: "0.0.0",
    flags: {},
    notice: () => {},
  });
  try {
    const board = await Board.open(dataset, (await overviewOf(dir, dataset.state)).species);
    const [image] = dataset.state.imagesIn(betta.id);
    await board.give({ ...order, images: [image?.file.slice("images/".length) ?? ""] });
  } finally {
    await dataset.close();
  }
}

async function kept(dir: string): Promise<number[]> {
  const { state } = await readDataset(dir);
  try {
    return [betta, danio].map(({ id }) => state.kept(id));
  } finally {
    state.close();
  }
}

async function scrapeBoth(dir: string): Promise<string[]> {
  const network = new Network();
  await run(dir, { species: [betta, danio], wanted: 3 }, [source("google", TABLE)], network);
  return network.asked.sort();
}

Deno.test("scrape() fetches for the species that lost an image, not for the one that gained it", () =>
  inFolder(async (dir) => {
    await scrapeBoth(dir);
    assertEquals(await kept(dir), [3, 3]);
    await give(dir, { verdict: "accepted", to: danio.id });
    assertEquals(await kept(dir), [2, 4]);
    assertEquals(await scrapeBoth(dir), ["b4"]);
    assertEquals(await kept(dir), [3, 4]);
    // Taken back, it counts where it was, and nothing is fetched.
    await give(dir, { verdict: "undone", to: betta.id });
    assertEquals([await kept(dir), await scrapeBoth(dir)], [[4, 3], []]);
  }));

Deno.test("mergeDatasets() keeps the later of two verdicts, whichever folder comes first", async () => {
  for (const isRelabelledLast of [true, false]) {
    await inFolder(async (dir) => {
      const [one, two] = [join(dir, "one"), join(dir, "two")];
      await scrapeBoth(one);
      await mergeDatasets({ into: two, from: [one], notice: () => {}, signal });
      const orders = [
        { verdict: "rejected" },
        { verdict: "accepted", to: danio.id },
      ] as const;
      const [first, last] = isRelabelledLast ? orders : [orders[1], orders[0]];
      await give(one, first);
      await give(two, last);
      for (const [name, from] of [["a", [one, two]], ["b", [two, one]]] as const) {
        const into = join(dir, name);
        await mergeDatasets({ into, from, notice: () => {}, signal });
        assertEquals(await kept(into), isRelabelledLast ? [2, 4] : [2, 3], name);
      }
    });
  }
});
