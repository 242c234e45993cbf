/**
 * Chrome for Testing, from Google's own storage: which file it is says `@puppeteer/browsers`; it is
 * loaded by `fetch`, which knows the proxy, and gone on with after a break.
 *
 * @module
 */

import { join } from "@std/path";
import type { FetchOptions } from "./chromium_fetch.ts";
import { download } from "./download.ts";
import { placeStarter, removeIfThere, unpackInto } from "./unpack.ts";
import { unzip } from "./unzip.ts";

/** The stable version of 2026-11, the one puppeteer-core 25.16 was made for. */
const build = "156.0.8078.47";

/**
 * Fetches and unpacks Chrome for Testing.
 *
 * @param folder The folder for fetched browsers.
 * @param options What a person is told, and the signal.
 * @returns The program.
 * @throws {Error} When there is none for this system, it cannot be loaded, or is damaged.
 */
export async function fetchChromeForTesting(
  folder: string,
  options: FetchOptions,
): Promise<string> {
  const { Browser, BrowserPlatform, getDownloadUrl } = await import("@puppeteer/browsers");
  const systems = {
    "linux x86_64": { platform: BrowserPlatform.LINUX, name: "chrome-linux64", program: "chrome" },
    "darwin aarch64": {
      platform: BrowserPlatform.MAC_ARM,
      name: "chrome-mac-arm64",
      program: inApp,
    },
    "darwin x86_64": { platform: BrowserPlatform.MAC, name: "chrome-mac-x64", program: inApp },
    "windows x86_64": {
      platform: BrowserPlatform.WIN64,
      name: "chrome-win64",
      program: "chrome.exe",
    },
  };
  const system = Object.entries(systems).find(([is]) =>
    is === `${Deno.build.os} ${Deno.build.arch}`
  )
    ?.[1];
  if (system === undefined) {
    throw new Error(`there is none for ${Deno.build.os} on ${Deno.build.arch}`);
  }
  const archive = join(folder, `chrome-${build}.zip`);
  await download(getDownloadUrl(Browser.CHROME, system.platform, build), archive, options.signal);
  try {
    await unpackInto(join(folder, system.name), (staging) => unzip(archive, system.name, staging));
  } finally {
    // Either it is unpacked, or it is damaged and has to be loaded anew.
    await removeIfThere(archive);
  }
  if (Deno.build.os === "windows") return join(folder, system.name, system.program);
  const starter = join(folder, "chrome");
  await placeStarter(starter, [`exec "$here/${system.name}/${system.program}" "$@"`]);
  return starter;
}

const inApp = "Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing";
