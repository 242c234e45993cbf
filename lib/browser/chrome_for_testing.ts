/**
 * Chrome for Testing, from Google's own storage: which file it is says `@puppeteer/browsers`; it is
 * loaded by `fetch`, which knows the proxy, and gone on with after a break.
 *
 * @module
 */

import { join } from "@std/path";
import type { FetchOptions } from "./chromium_fetch.ts";
import { download } from "./download.ts";
import { removeIfThere, unpackInto, writeStarter } from "./unpack.ts";
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
  const place = join(folder, "chrome");
  try {
    await unpackInto(place, async (staging) => {
      await Deno.mkdir(join(staging, system.name));
      await unzip(archive, system.name, join(staging, system.name));
      await writeStarter(join(staging, "run"), [
        `exec "$here/${system.name}/${system.program}" "$@"`,
      ]);
    });
  } finally {
    // Either it is unpacked, or it is damaged and has to be loaded anew.
    await removeIfThere(archive);
  }
  // Windows runs no scripts of this kind.
  if (Deno.build.os === "windows") return join(place, system.name, system.program);
  return join(place, "run");
}

const inApp = "Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing";
