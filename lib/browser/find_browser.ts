/**
 * Where a browser may be: installed, or fetched by `deno task browser`.
 *
 * @module
 */

import { exists } from "@std/fs";
import { resolve } from "@std/path";

/** In the order in which they are tried. The permissions in deno.json name them. */
const INSTALLED = {
  linux: [
    "/usr/bin/google-chrome-stable",
    "/usr/bin/google-chrome",
    "/opt/google/chrome/chrome",
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/local/bin/chromium",
    "/snap/bin/chromium",
    "/usr/bin/microsoft-edge-stable",
    "/usr/bin/microsoft-edge",
  ],
  darwin: [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
  ],
  windows: [
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files\\Chromium\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
    "C:\\Program Files\\Microsoft\\Edge\\Application\\msedge.exe",
  ],
};

export function installedPlaces(): readonly string[] {
  const { os } = Deno.build;
  return os === "darwin" || os === "windows" ? INSTALLED[os] : INSTALLED.linux;
}

export const FETCHED_FOLDER = "chrome";

/** The fetched browser's program. The permissions in deno.json name it. */
export function fetchedPlace(cache: string): string {
  const program = Deno.build.os === "windows" ? "chrome-win64/chrome.exe" : "run";
  return resolve(cache, FETCHED_FOLDER, program);
}

/** The first place where there is a browser. It is not started. */
export async function findBrowser(cache = ".cache"): Promise<string | undefined> {
  for (const place of [...installedPlaces(), fetchedPlace(cache)]) {
    if (await exists(place, { isFile: true })) return place;
  }
  return undefined;
}
