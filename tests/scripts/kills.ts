/** What the tests that kill or halt a run hold its data folder and its world against. */

import { assert, assertEquals } from "@std/assert";
import { dirname } from "@std/path";
import { makeProfile } from "../../lib/browser/profile.ts";
import type { World } from "../../lib/demo/world.ts";
import { type BrowserSeen, browsersOf, isThere, run, tree, until } from "./in_world.ts";

/** What of a data folder must be the same however often the run was killed. */
export interface Result {
  /** Each image file with its size. */
  readonly tree: readonly string[];
  /** What the log settles: each candidate's last outcome and how each job ended. */
  readonly settled: readonly string[];
}

/** What a run came to. */
export async function resultOf(data: string): Promise<Result> {
  return { tree: await tree(data), settled: await settled(data) };
}

/** What the log settles: each candidate's last outcome and how each job ended. */
async function settled(data: string): Promise<string[]> {
  const last = new Map<string, string>();
  for (const line of await logLines(data)) {
    const { event, species, source, url, outcome, why, replaces } = line;
    if (event === "image") last.set(`${species} ${url}`, String(outcome));
    if (event === "image" && replaces !== undefined) {
      last.set(`${species} ${replaces}`, "near-duplicate");
    }
    if (event === "done") last.set(`${species} ${source}`, String(why));
  }
  return [...last].map(([key, value]) => `${key} ${value}`).sort();
}

/** The lines of a log that are whole; none where there is no log yet. */
export async function logLines(data: string): Promise<Record<string, unknown>[]> {
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

/**
 * The URLs of all images that a log says were kept, and that nobody has a reason to ask for again: of
 * photos that two fish share at iNaturalist, each fish's job asks for its own.
 */
export async function keptUrls(world: World, data: string): Promise<ReadonlySet<string>> {
  const kept = (await logLines(data)).filter(({ outcome }) => outcome === "kept");
  const shared = world.catalogue.fish.flatMap((fish) =>
    world.plan.of(fish).licensed.inaturalist.filter(({ of }) => of !== fish).map(({ url }) => url)
  );
  return new Set(kept.map(({ url }) => String(url)).filter((url) => !shared.includes(url)));
}

/**
 * Does something with a data folder, and sees that nothing was fetched in it that the log said was
 * kept before it began.
 */
export async function withoutAskingAgain<T>(
  world: World,
  data: string,
  work: () => Promise<T>,
): Promise<T> {
  const kept = await keptUrls(world, data);
  const from = world.requests.length;
  const result = await work();
  for (const { host, path } of world.requests.slice(from)) {
    assert(!kept.has(`https://${host}${path}`), `kept and asked for again: ${host}${path}`);
  }
  return result;
}

/** `verify` finds nothing wrong with a data folder. */
export async function assertVerified(data: string): Promise<void> {
  const { code, stdout, stderr } = await run(undefined, "verify", data, []);
  assertEquals(code, 0, stdout + stderr);
}

/** A browser whose run was killed ends by itself when it finds its pipe closed. */
async function noBrowser(world: World): Promise<void> {
  await until("no Chromium was left", () => browsersOf(world).length === 0, 20_000);
}

/**
 * Starts and ends the use of a profile, which removes those of killed runs. A browser that ends
 * slowly may have written into a folder that the run before had just removed.
 */
export async function sweepProfiles(world: World, seen: readonly BrowserSeen[]): Promise<void> {
  await noBrowser(world);
  for (const cache of new Set(seen.map(({ profile }) => dirname(dirname(profile))))) {
    await (await makeProfile(cache)).remove();
  }
}

/** No Chromium of a world's runs is left, nor any of the profile folders that were seen in use. */
export async function assertNoBrowserLeft(
  world: World,
  seen: readonly BrowserSeen[],
): Promise<void> {
  await noBrowser(world);
  for (const profile of new Set(seen.map(({ profile }) => profile))) {
    assert(!await isThere(profile), `the profile folder ${profile} was left`);
    assert(!await isThere(`${profile}.lock`), `the lock of the profile folder ${profile} was left`);
  }
}
