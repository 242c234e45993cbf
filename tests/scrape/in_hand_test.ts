import { assertEquals } from "@std/assert";
import { InHand } from "../../lib/scrape/in_hand.ts";
import { until } from "../scripts/in_world.ts";
import { fish, inFolder, Network, type Reply, run, source } from "./world.ts";

const MEGABYTE = 1_000_000;

Deno.test("InHand is full of what came and is not decided about, over all jobs", () => {
  const inHand = new InHand();
  const [one, other] = [inHand.job(), inHand.job()];
  for (const job of [one, other]) {
    job.begun();
    job.ended(24 * MEGABYTE);
  }
  assertEquals(inHand.full, true);
  one.decided(24 * MEGABYTE);
  assertEquals(inHand.full, false);
});

Deno.test("InHand counts what is under way by what images were like lately", () => {
  const inHand = new InHand();
  const job = inHand.job();
  for (let image = 0; image < 64; image++) job.begun();
  assertEquals(inHand.full, false, "nothing is known of their size");
  for (let image = 0; image < 8; image++) {
    job.ended(4 * MEGABYTE);
    job.decided(4 * MEGABYTE);
  }
  assertEquals(inHand.full, true, "56 more of nearly 4 MB");
  for (let image = 0; image < 56; image++) {
    job.ended(300_000);
    job.decided(300_000);
  }
  for (let image = 0; image < 64; image++) job.begun();
  assertEquals(inHand.full, false, "they are small again");
});

Deno.test("InHand forgets what a job had at its end, and what comes later", () => {
  const inHand = new InHand();
  const job = inHand.job();
  for (let image = 0; image < 3; image++) job.begun();
  job.ended(30 * MEGABYTE);
  job.ended(30 * MEGABYTE);
  assertEquals(inHand.full, true);
  job.drop();
  job.ended(60 * MEGABYTE);
  assertEquals(inHand.full, false);
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
