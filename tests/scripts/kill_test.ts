import { assert, assertEquals } from "@std/assert";
import { startWorld, type World } from "../../lib/demo/world.ts";
import { inFolder, processesWith, QUICK, run, start, tree, until } from "./in_world.ts";

const WORLD = { species: 3, images: 6, slow: false } as const;
const FLAGS = ["--images", "6", ...QUICK];
/** How often the run is killed. */
const KILLS = 10;

/** What the log settles: each candidate's last outcome and how each job ended. */
async function settled(data: string): Promise<string[]> {
  const last = new Map<string, string>();
  for (const line of await lines(data)) {
    const { event, species, source, url, outcome, why, replaces } = line;
    if (event === "image") last.set(`${species} ${url}`, String(outcome));
    if (event === "image" && replaces !== undefined) {
      last.set(`${species} ${replaces}`, "near-duplicate");
    }
    if (event === "done") last.set(`${species} ${source}`, String(why));
  }
  return [...last].map(([key, value]) => `${key} ${value}`).sort();
}

async function lines(data: string): Promise<Record<string, unknown>[]> {
  const text = await Deno.readTextFile(`${data}/log.jsonl`).catch((thrown) => {
    // Killed before there was a log.
    if (thrown instanceof Deno.errors.NotFound) return "";
    throw thrown;
  });
  return text.split("\n").flatMap((line): Record<string, unknown>[] => {
    try {
      return [JSON.parse(line)];
    } catch (thrown) {
      // The torn last line of a killed run.
      if (thrown instanceof SyntaxError) return [];
      throw thrown;
    }
  });
}

async function keptUrls(data: string): Promise<Set<string>> {
  const kept = (await lines(data)).filter(({ outcome }) => outcome === "kept");
  return new Set(kept.map(({ url }) => String(url)));
}

async function undisturbed(data: string): Promise<{ requests: number }> {
  const world = await startWorld(WORLD);
  try {
    const ended = await run(world, "scrape", data, FLAGS);
    assertEquals(ended.code, 0, ended.stderr);
    return { requests: world.requests.length };
  } finally {
    await world.close();
  }
}

Deno.test("scrape killed at ten moments and called again comes to the same as an undisturbed run", async () => {
  await inFolder(async (dir) => {
    const { requests } = await undisturbed(`${dir}/calm`);
    const world = await startWorld(WORLD);
    try {
      await killAgainAndAgain(world, `${dir}/data`, requests);
    } finally {
      await world.close();
    }
    assertEquals(await tree(`${dir}/data`), await tree(`${dir}/calm`));
    assertEquals(await settled(`${dir}/data`), await settled(`${dir}/calm`));
  });
});

async function killAgainAndAgain(world: World, data: string, requests: number): Promise<void> {
  for (let kill = 1; kill <= KILLS; kill++) {
    const kept = await keptUrls(data);
    const from = world.requests.length;
    const running = await start(world, "scrape", data, FLAGS);
    let over = false;
    const ended = running.ended.finally(() => over = true);
    // Each time a bit further on, in requests and not in seconds.
    const moment = from + Math.ceil(requests * kill / (KILLS * 3));
    await until("it came that far", () => over || world.requests.length >= moment, 60_000);
    if (!over) running.kill("SIGKILL");
    await ended;
    assertNotAskedAgain(world, from, kept);
  }
  const kept = await keptUrls(data);
  const from = world.requests.length;
  const last = await run(world, "scrape", data, FLAGS);
  assertEquals(last.code, 0, last.stderr);
  assertNotAskedAgain(world, from, kept);
  const chromium = `--proxy-server=https=${world.proxy}`;
  await until(
    "no Chromium was left",
    async () => (await processesWith(chromium)).length === 0,
    5000,
  );
}

/** What the log said was kept before a run began was not fetched in it. */
function assertNotAskedAgain(world: World, from: number, kept: ReadonlySet<string>): void {
  for (const { host, path } of world.requests.slice(from)) {
    assert(!kept.has(`https://${host}${path}`), `kept and asked for again: ${host}${path}`);
  }
}
