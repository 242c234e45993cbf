/**
 * Chrome for Testing, from Google's own storage: which file it is says `@puppeteer/browsers`; it is
 * loaded by `fetch`, which knows the proxy, and gone on with after a break.
 *
 * @module
 */

import { dirname, join } from "@std/path";
import type { FetchOptions } from "./chromium_fetch.ts";
import { placeStarter, placeWithin, removeIfThere, unpackInto } from "./unpack.ts";

/** The stable version of 2026-11, the one puppeteer-core 25.16 was made for. */
const build = "156.0.8078.47";

/** How long a server may stay silent, in milliseconds. */
const silence = 20_000;

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
    await unpackInto(join(folder, system.name), (staging) => unzip(archive, staging, system.name));
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

/** Loads a file; goes on where an earlier attempt was broken off. */
async function download(url: URL, place: string, signal: AbortSignal): Promise<void> {
  const part = `${place}.part`;
  const quiet = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(
      () => quiet.abort(new Error(`${url.host} did not answer for ${silence / 1000} s`)),
      silence,
    );
  };
  alive();
  try {
    await loadRest(url, part, AbortSignal.any([signal, quiet.signal]), alive);
  } finally {
    clearTimeout(timer);
  }
  await Deno.rename(part, place);
}

/** Loads what a file lacks yet; `alive` is called with every piece. */
async function loadRest(
  url: URL,
  part: string,
  signal: AbortSignal,
  alive: () => void,
): Promise<void> {
  using file = await Deno.open(part, { create: true, write: true });
  const have = await file.seek(0, Deno.SeekMode.End);
  const response = await fetch(url, {
    signal,
    headers: have > 0 ? { range: `bytes=${have}-` } : {},
  });
  // 416: there is nothing beyond what we have. Whether it is whole shows when it is unpacked.
  const whole = response.status === 416 && have > 0;
  if (response.body === null || (response.status !== 206 && response.status !== 200)) {
    await response.body?.cancel();
    if (whole) return;
    throw new Error(`${url} answered ${response.status}`);
  }
  if (response.status === 200) {
    await file.truncate(0);
    await file.seek(0, Deno.SeekMode.Start);
  }
  for await (const chunk of response.body) {
    alive();
    for (let written = 0; written < chunk.length;) {
      written += await file.write(chunk.subarray(written));
    }
  }
}

/** Unpacks what lies in a zip below a folder's name; permissions and links as they are there. */
async function unzip(archive: string, folder: string, below: string): Promise<void> {
  const { BlobReader, configure, Uint8ArrayWriter, ZipReader } = await import("@zip.js/zip.js");
  configure({ useWebWorkers: false });
  const reader = new ZipReader(new BlobReader(new Blob([await Deno.readFile(archive)])));
  for (const entry of await reader.getEntries()) {
    if (entry.directory || !entry.filename.startsWith(`${below}/`)) continue;
    const place = placeWithin(folder, entry.filename.slice(below.length + 1));
    await Deno.mkdir(dirname(place), { recursive: true });
    const bytes = await entry.getData(new Uint8ArrayWriter(), { checkSignature: true });
    const mode = entry.externalFileAttributes >>> 16;
    if ((mode & 0o170000) === 0o120000) {
      const target = new TextDecoder().decode(bytes);
      placeWithin(folder, join(dirname(entry.filename.slice(below.length + 1)), target));
      await Deno.symlink(target, place);
    } else {
      await Deno.writeFile(place, bytes, { mode: (mode & 0o111) === 0 ? 0o644 : 0o755 });
    }
  }
  await reader.close();
}
