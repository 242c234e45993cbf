/**
 * Starting a browser: find one, start it, connect the driver that the import map names, put up the fence.
 *
 * @module
 */

import { connectDriver, driverFlags } from "browser-driver";
import { Failure, reason } from "../base/failure.ts";
import type { Browser } from "./browser.ts";
import { type ChromiumProcess, launchChromium, NotStarted } from "./chromium_process.ts";
import { FencedBrowser } from "./fenced_browser.ts";
import { fetchedPlace, installedPlaces } from "./find_browser.ts";
import { type NetworkRoute, networkRoute } from "./network_route.ts";
import { makeProfile, type Profile } from "./profile.ts";
import { bounded } from "./tab.ts";

/** How a browser is started. */
export interface StartOptions {
  /** The value of `--browser`: this program and no other. */
  readonly browser?: string;
  /** Whether it shows a window. Only then are pictures loaded. */
  readonly headed?: boolean;
  /** The hosts it may reach, each named in full. No other connection leaves the browser. */
  readonly hosts: readonly string[];
  /** Called with one sentence for a person. */
  notice(text: string): void;
  /** The folder for profiles and the fetched browser; `.cache` unless given. */
  readonly cache?: string;
  /** Aborts the start. */
  readonly signal: AbortSignal;
}

/** Where a browser is looked for; tests give other values. */
export interface Machine {
  /** Reads an environment variable. */
  variable(name: string): string | undefined;
  /** The places of installed browsers. */
  readonly installed: readonly string[];
}

export function thisMachine(): Machine {
  return { variable: (name) => Deno.env.get(name), installed: installedPlaces() };
}

/** How long a browser may take to answer, in milliseconds: the first start after boot is slow. */
const START_WITHIN = 30_000;

let sandboxRefused = false;

/**
 * Starts a browser with its own profile; close it when done.
 *
 * @throws {Failure} When none can be started, with what helps.
 * @throws The signal's reason when it fires.
 *
 * @example
 * ```ts
 * const browser = await startBrowser({
 *   hosts: ["www.google.com"],
 *   notice: (text) => console.error(text),
 *   signal: AbortSignal.timeout(60_000),
 * });
 * ```
 */
export async function startBrowser(
  options: StartOptions,
  machine: Machine = thisMachine(),
): Promise<Browser> {
  const { hosts, headed = false, cache = ".cache", signal } = options;
  const route = await networkRoute(hosts, machine.variable);
  const profile = await makeProfile(cache);
  let process: ChromiumProcess | undefined;
  try {
    const started = process = await startAny({ options, route, profile }, machine);
    const connect = async () => {
      const driver = await connectDriver({ pipe: started.pipe, profile: profile.folder });
      const rules = { hosts, pictures: headed, login: route.login };
      return await FencedBrowser.prepare(driver, started, profile, rules);
    };
    const deadline = { within: START_WITHIN, signal };
    return await bounded(connect, deadline, new AbortController().signal, "starting the browser");
  } catch (error) {
    await process?.stop(0);
    await profile.remove();
    throw error;
  }
}

interface Start {
  readonly options: StartOptions;
  readonly route: NetworkRoute;
  readonly profile: Profile;
}

async function startAny(start: Start, machine: Machine): Promise<ChromiumProcess> {
  const { browser, cache = ".cache", notice } = start.options;
  const named = browser || machine.variable("CHROME_PATH");
  if (named) return await startNamed(named, browser ? "--browser" : "CHROME_PATH", start);
  const forbidden: string[] = [];
  const unusable: string[] = [];
  for (const place of [...machine.installed, fetchedPlace(cache)]) {
    // Checked first, so that Deno does not prompt for every place.
    if (Deno.permissions.querySync({ name: "run", command: place }).state !== "granted") {
      forbidden.push(place);
      continue;
    }
    try {
      return await startOne(place, start);
    } catch (error) {
      if (!(error instanceof NotStarted)) throw error;
      if (error.trouble === "not-there") continue;
      unusable.push(place);
      notice(`${place} cannot be used as a browser: ${reason(error)}.`);
    }
  }
  const fetch = unusable.length > 0 ? "deno task browser --fetch" : "deno task browser";
  if (forbidden.length > 0) {
    notice(`Deno has no permission to start ${forbidden.join(", ")}, so these were not tried.`);
  }
  throw new Failure(
    `Cannot find a browser. Fetch one with: ${fetch}. Or install Chrome, Chromium or Edge, or name one with --browser PATH or in CHROME_PATH.`,
  );
}

/** Starts the program that the user named, and no other: if it fails, they want to know. */
async function startNamed(path: string, namedBy: string, start: Start): Promise<ChromiumProcess> {
  try {
    return await startOne(path, start);
  } catch (error) {
    if (!(error instanceof NotStarted)) throw error;
    const what = error.trouble === "not-there" ? "there is no such program" : reason(error);
    const next = error.trouble === "not-permitted"
      ? "Deno was started without the permission to run it (--allow-run)."
      : "Give the path of a Chrome, Chromium or Edge.";
    throw new Failure(
      `Cannot start the browser ${path} that ${namedBy} names: ${what}. ${next}`,
      1,
      error,
    );
  }
}

async function startOne(path: string, start: Start): Promise<ChromiumProcess> {
  const { options: { headed = false, signal, notice }, route, profile } = start;
  const noSandbox = sandboxRefused;
  try {
    return await launchChromium({
      path,
      profile: profile.folder,
      headed,
      noSandbox,
      more: [...route.flags, ...driverFlags],
      within: START_WITHIN,
      signal,
    });
  } catch (error) {
    if (!(error instanceof NotStarted)) throw error;
    if (error.trouble === "too-many-files") {
      throw new Failure(
        `Cannot start the browser ${path}: too many open files. Allow more with: ulimit -n 4096`,
        1,
        error,
      );
    }
    if (error.trouble !== "root-needs-no-sandbox" || noSandbox) throw error;
    sandboxRefused = true;
    notice("As root, the browser runs without its sandbox (--no-sandbox).");
    return await startOne(path, start);
  }
}
