import { assertEquals } from "@std/assert";
import { type ImageMemory, MemoryBudget } from "../../lib/scrape/memory_budget.ts";
import { until } from "../scripts/in_world.ts";
import { fish, inFolder, Network, type Reply, run, source } from "./world.ts";

const MEGABYTE = 1_000_000;

Deno.test("MemoryBudget is full of what came and is not released", () => {
  const budget = new MemoryBudget();
  const [one, other] = [budget.take(), budget.take()];
  for (const image of [one, other]) image.arrived(24 * MEGABYTE);
  assertEquals(budget.isFull, true);
  one.release();
  assertEquals(budget.isFull, false);
  one.release();
  other.release();
  budget.take().arrived(47 * MEGABYTE);
  assertEquals(budget.isFull, false, "what was released twice counts once");
});

Deno.test("MemoryBudget counts downloads by how large images were lately", () => {
  const budget = new MemoryBudget();
  const images = Array.from({ length: 64 }, () => budget.take());
  const arrive = (image: ImageMemory | undefined, bytes: number) => {
    image?.arrived(bytes);
    image?.release();
  };
  assertEquals(budget.isFull, false, "nothing is known of their size");
  for (const image of images.slice(0, 8)) arrive(image, 4 * MEGABYTE);
  assertEquals(budget.isFull, true, "56 more of nearly 4 MB");
  for (const image of images.slice(8)) arrive(image, 300_000);
  for (let image = 0; image < 64; image++) budget.take();
  assertEquals(budget.isFull, false, "they are small again");
});

Deno.test("MemoryBudget does not count a download that arrives after its release", () => {
  const budget = new MemoryBudget();
  const image = budget.take();
  image.release();
  image.arrived(60 * MEGABYTE);
  assertEquals(budget.isFull, false);
});

/** How many of 40 files of a size were asked for while the eleventh does not come. */
async function askedWhileHeld(size: number, enough: number): Promise<number> {
  const paths = Array.from({ length: 40 }, (_, number) => `file${number}`);
  const reply: Reply = { text: "x".repeat(size) };
  const held = Promise.withResolvers<void>();
  const network = new Network(
    Object.fromEntries(paths.map((path) => [path, reply])),
    (path) => path === "file10" ? held.promise : Promise.resolve(),
  );
  let asked = 0;
  await inFolder(async (dir) => {
    const running = run(
      dir,
      { species: [fish("Betta splendens")], wanted: 40 },
      [source("google", { betta_splendens: paths })],
      network,
    );
    await until("enough is asked for", () => network.asked.length >= enough, 20_000);
    // Whatever else would be asked for is asked for within these turns of the event loop.
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setTimeout(resolve));
    asked = network.asked.length;
    held.resolve();
    await running;
  });
  return asked;
}

Deno.test("scrape() works far ahead of a slow image when images are small, and less when they are large", async () => {
  assertEquals(await askedWhileHeld(1000, 40), 40);
  assertEquals(await askedWhileHeld(12 * MEGABYTE, 13) < 16, true);
});
