/**
 * Starting a browser: find one, start it, connect the driver that the import map names, fence it in.
 *
 * @module
 */

import { connectDriver, driverFlags } from "browser-driver";
import { Failure, reason } from "../base/failure.ts";
import { bounded } from "./bounded.ts";
import type { Browser } from "./browser.ts";
import { type NamedPlace, namedPlace, usualPlaces } from "./chromium.ts";
import { fetchChromium, fetchedPlaces } from "./chromium_fetch.ts";
import { chromiumFlags } from "./chromium_flags.ts";
import { type ChromiumProcess, launchChromium, NotStarted } from "./chromium_process.ts";
import { DrivenBrowser } from "./driven.ts";
import { processEnvironment } from "./process_environment.ts";
import type { FenceRules } from "./fence.ts";
import { makeProfile, type Profile } from "./profile.ts";
import { askOnTerminal } from "./ask.ts";
import { type Surroundings, surroundingsOf } from "./surroundings.ts";

/** How a browser is wanted. */
export interface StartOptions {
  /** The value of `--browser`: this program and no other. */
  readonly browser?: string;
  /** Whether a person shall see its window. */
  readonly headed?: boolean;
  /** The hosts it may reach, each named in full. Every other request ends within the browser. */
  readonly hosts: readonly string[];
  /**
   * Whether images, fonts and media may be loaded now. Unless given: when a person looks on, who may
   * have to read them, and else never.
   */
  pictures?(): boolean;
  /** Is told what a person should hear. */
  notice(text: string): void;
  /** The folder for profiles and fetched browsers; `.cache` unless given. */
  readonly cache?: string;
  /** Ends the start. */
  readonly signal: AbortSignal;
}

/** The machine a browser is looked for on. */
export interface Machine {
  /** Gives an environment variable. */
  variable(name: string): string | undefined;
  /** The usual places of installed browsers. */
  readonly installed: readonly string[];
  /** Asks a person yes or no; absent where nobody is there to be asked. */
  readonly ask?: (question: string) => boolean;
  /** Fetches a browser and starts it. */
  readonly fetch: typeof fetchChromium;
}

/** The machine we run on. */
export function thisMachine(): Machine {
  const present = Deno.stdin.isTerminal() && Deno.stderr.isTerminal();
  return {
    variable: (name) => Deno.env.get(name),
    installed: usualPlaces(),
    fetch: fetchChromium,
    ...(present ? { ask: askOnTerminal } : {}),
  };
}

/** How long a browser may take until it answers, in milliseconds: the first start after boot is slow. */
const startWithin = 30_000;

/** Whether a browser told in this run that it needs `--no-sandbox`. */
let sandboxRefused = false;

/**
 * Starts a browser with a profile of its own.
 *
 * @param options How it is wanted.
 * @param machine The machine it is looked for on.
 * @returns The browser; close it.
 * @throws {Failure} When there is none to be had, with the ways out.
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
  const start: Start = {
    options,
    surroundings: await surroundingsOf(machine.variable),
    profile: await makeProfile(cacheOf(options)),
  };
  try {
    return await connect(await startAny(start, machine), start);
  } catch (error) {
    await start.profile.remove();
    throw error;
  }
}

/** One start, with all it needs. */
interface Start {
  readonly options: StartOptions;
  readonly surroundings: Surroundings;
  readonly profile: Profile;
}

function cacheOf(options: StartOptions): string {
  return options.cache ?? ".cache";
}

async function connect(
  process: ChromiumProcess,
  { options, surroundings, profile }: Start,
): Promise<Browser> {
  try {
    const login = surroundings.proxy?.login;
    const rules: FenceRules = {
      mayReach: (host) => options.hosts.includes(host),
      pictures: () => options.pictures?.() ?? options.headed ?? false,
      ...(login === undefined ? {} : { login }),
    };
    const connected = async () => {
      const driver = await connectDriver({ pipe: process.pipe, profile: profile.folder });
      return await DrivenBrowser.prepare(driver, process, profile, rules);
    };
    const deadline = { within: startWithin, signal: options.signal };
    return await bounded(connected, deadline, new AbortController().signal, "starting the browser");
  } catch (error) {
    await process.stop(0);
    throw error;
  }
}

async function startAny(start: Start, machine: Machine): Promise<ChromiumProcess> {
  const { options } = start;
  const headed = options.headed ?? false;
  const cache = cacheOf(options);
  const named = namedPlace(options.browser, machine.variable("CHROME_PATH"));
  if (named !== undefined) return await startNamed(named, start);
  const forbidden: string[] = [];
  for (const path of [...machine.installed, ...await fetchedPlaces(cache, headed)]) {
    // Asked beforehand, so that Deno does not ask a person about every place there might be one.
    if (Deno.permissions.querySync({ name: "run", command: path }).state !== "granted") {
      forbidden.push(path);
      continue;
    }
    try {
      return await startOne(path, start);
    } catch (error) {
      if (!(error instanceof NotStarted)) throw error;
      if (error.trouble !== "not-there") {
        options.notice(`${path} cannot be used as a browser: ${reason(error)}.`);
      }
    }
  }
  const { notice, signal } = options;
  if (forbidden.length > 0) {
    notice(
      `Deno has no permission to start ${forbidden.join(", ")}: not looked for a browser there.`,
    );
  }
  const { ask } = machine;
  return await machine.fetch(
    { cache, headed, notice, signal, ...(ask === undefined ? {} : { ask }) },
    (program) => startOne(program, start),
  );
}

/** Starts the program that a person named, and no other: when it is wrong, they want to hear of it. */
async function startNamed(place: NamedPlace, start: Start): Promise<ChromiumProcess> {
  try {
    return await startOne(place.path, start);
  } catch (error) {
    if (!(error instanceof NotStarted)) throw error;
    const what = error.trouble === "not-there" ? "there is no such program" : reason(error);
    const next = error.trouble === "not-permitted"
      ? "Deno was started without the permission to run it (--allow-run)."
      : "Give the path of a Chrome, Chromium or Edge.";
    throw new Failure(
      `Cannot start the browser ${place.path} that ${place.namedBy} names: ${what}. ${next}`,
      1,
      error,
    );
  }
}

async function startOne(path: string, start: Start): Promise<ChromiumProcess> {
  const { options } = start;
  try {
    return await launch(path, start, sandboxRefused);
  } catch (error) {
    if (!(error instanceof NotStarted) || error.trouble !== "root-needs-no-sandbox") throw error;
    sandboxRefused = true;
    options.notice("We are root, so that the browser runs without its sandbox (--no-sandbox).");
    return await launch(path, start, true);
  }
}

function launch(
  path: string,
  { options, surroundings, profile }: Start,
  noSandbox: boolean,
): Promise<ChromiumProcess> {
  return launchChromium({
    path,
    flags: chromiumFlags({
      headed: options.headed ?? false,
      noSandbox,
      surroundings,
      more: driverFlags,
    }),
    profile: profile.folder,
    environment: processEnvironment(path, profile.folder, options.headed ?? false),
    within: startWithin,
    signal: options.signal,
  });
}
