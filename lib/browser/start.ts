/**
 * Starting a browser: find one, start it, connect the driver that the import map names, fence it in.
 *
 * @module
 */

import { connectDriver, driverFlags } from "browser-driver";
import { Failure, reason } from "../failure.ts";
import type { Browser } from "./browser.ts";
import { type Place, placesToTry, usualPlaces } from "./chromium.ts";
import { chromiumFlags } from "./chromium_flags.ts";
import { type ChromiumProcess, launchChromium, NotStarted } from "./chromium_process.ts";
import { DrivenBrowser } from "./driven.ts";
import { makeProfile, type Profile } from "./profile.ts";
import { type Surroundings, surroundingsOf } from "./surroundings.ts";

/** How a browser is wanted. */
export interface StartOptions {
  /** The value of `--browser`: this program and no other. */
  readonly browser?: string;
  /** Whether a person shall see its window. */
  readonly headed?: boolean;
  /** Whether a host may be reached. Every other request ends within the browser. */
  mayReach(host: string): boolean;
  /** Whether images, fonts and media may be loaded now; never, unless given. */
  pictures?(): boolean;
  /** Is told what a person should hear. */
  notice(text: string): void;
  /** The folder for profiles and fetched browsers; `.cache` unless given. */
  readonly cache?: string;
  /** The usual places of installed browsers, for tests of machines that have none. */
  readonly installed?: readonly string[];
  /** Ends the start. */
  readonly signal: AbortSignal;
}

/** How long a browser may take until it answers, in milliseconds: the first start after boot is slow. */
const startWithin = 30_000;

/**
 * Starts a browser with a profile of its own.
 *
 * @returns The browser; close it.
 * @throws {Failure} When there is none to be had, with the ways out.
 * @throws The signal's reason when it fires.
 *
 * @example
 * ```ts
 * const browser = await startBrowser({
 *   mayReach: (host) => host === "www.google.com",
 *   notice: (text) => console.error(text),
 *   signal: AbortSignal.timeout(60_000),
 * });
 * ```
 */
export async function startBrowser(options: StartOptions): Promise<Browser> {
  const surroundings = await surroundingsOf((name) => Deno.env.get(name));
  const profile = await makeProfile(options.cache ?? ".cache");
  try {
    const process = await startAny(options, surroundings, profile);
    return await connect(process, profile, options, surroundings);
  } catch (error) {
    await profile.remove();
    throw error;
  }
}

async function connect(
  process: ChromiumProcess,
  profile: Profile,
  options: StartOptions,
  surroundings: Surroundings,
): Promise<Browser> {
  try {
    const driver = await connectDriver({ pipe: process.pipe });
    const login = surroundings.proxy?.login;
    return await DrivenBrowser.prepare(driver, process, profile, {
      mayReach: (host) => options.mayReach(host),
      pictures: () => options.pictures?.() ?? false,
      ...(login === undefined ? {} : { login }),
    });
  } catch (error) {
    await process.stop(0);
    throw error;
  }
}

async function startAny(
  options: StartOptions,
  surroundings: Surroundings,
  profile: Profile,
): Promise<ChromiumProcess> {
  const places = placesToTry(
    options.browser,
    Deno.env.get("CHROME_PATH"),
    options.installed ?? usualPlaces(),
  );
  for (const place of places) {
    try {
      return await startOne(place, options, surroundings, profile);
    } catch (error) {
      if (!(error instanceof NotStarted)) throw error;
      if (place.origin !== "installed") throw named(place, error);
      if (error.trouble !== "not-there") {
        options.notice(`${place.path} is there but cannot be used: ${reason(error)}.`);
      }
    }
  }
  throw new Failure(
    "Cannot find a browser: no Chrome, Chromium or Edge is installed in the usual places. Install one, or name one with --browser PATH or CHROME_PATH.",
  );
}

function named(place: Place, error: NotStarted): Failure {
  const way = error.trouble === "not-permitted"
    ? `Give Deno the permission with --allow-run=${place.path}.`
    : "Give the path of a Chrome, Chromium or Edge.";
  const what = error.trouble === "not-there" ? "there is no such program" : reason(error);
  return new Failure(
    `Cannot start the browser ${place.path} that ${place.origin} names: ${what}. ${way}`,
    1,
    error,
  );
}

async function startOne(
  place: Place,
  options: StartOptions,
  surroundings: Surroundings,
  profile: Profile,
): Promise<ChromiumProcess> {
  const launch = (noSandbox: boolean) =>
    launchChromium({
      path: place.path,
      flags: chromiumFlags({
        headed: options.headed ?? false,
        noSandbox,
        surroundings,
        more: driverFlags,
      }),
      profile: profile.folder,
      environment: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: profile.folder },
      within: startWithin,
      signal: options.signal,
    });
  try {
    return await launch(false);
  } catch (error) {
    if (!(error instanceof NotStarted) || error.trouble !== "root-needs-no-sandbox") throw error;
    options.notice("The browser runs without its sandbox (--no-sandbox), because we are root.");
    return await launch(true);
  }
}
