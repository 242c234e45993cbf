/**
 * Fetching a browser where none is installed: Chrome for Testing, or, on Linux where that cannot be
 * reached or does not start, the headless Chromium inside an npm package. Only `scripts/browser.ts` and
 * tests do this.
 *
 * @module
 */

import { brotliDecompressSync, crc32, inflateRawSync } from "node:zlib";
import { exists } from "@std/fs";
import { dirname, join, resolve } from "@std/path";
import { unpackTar } from "modern-tar";
import { ifThere } from "../base/disk_failure.ts";
import { Failure, reason } from "../base/failure.ts";
import { removeIfThere, sha256Of } from "../base/files.ts";
import { isWithin } from "../base/inside.ts";
import { fetchPackage } from "../base/npm.ts";
import { FETCHED_FOLDER, fetchedPlace } from "./find_browser.ts";

export interface FetchOptions {
  readonly cache: string;
  notice(text: string): void;
  /** Called with the bytes loaded and the bytes in all; 0 where that is not known. */
  progress?(loaded: number, all: number): void;
  /** Whether one that was fetched before is replaced. */
  readonly again?: boolean;
  readonly signal: AbortSignal;
}

/** Chrome for Testing: the stable version of 2026-11, the one puppeteer-core 25.16 was made for. */
const BUILD = "156.0.8078.47";
const BUILDS = "https://storage.googleapis.com/chrome-for-testing-public";
const IN_APP = "Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing";
/** Its name for each system, and the path of its program. */
const SYSTEMS: Readonly<Record<string, readonly [string, string]>> = {
  "linux x86_64": ["linux64", "chrome"],
  "darwin aarch64": ["mac-arm64", IN_APP],
  "darwin x86_64": ["mac-x64", IN_APP],
  "windows x86_64": ["win64", "chrome.exe"],
};

/** The npm package in the version that was tried (2026-11), and its files, with their SHA-256. */
const PACKAGE = "@sparticuz/chromium";
const PACKAGE_VERSION = "153.0.0";
const PACKAGE_FILES = {
  "chromium.br": "38e1e1649db20fa4ea644bf5987688ce81a4c9eb10e7eae8380b74fc0d699fea",
  // What bare machines lack: the libraries of NSS, and a font.
  "al2023.tar.br": "a166168dd3e3e9d8743689fff543c5cadb3025c1816c6a154c90dc68a59edd0a",
  "fonts.tar.br": "c1307fe5cd607092f0426742b4ab93755eec9a9b7752e47c56408c2bcf3e515b",
} as const;

/** How long a server may stay silent, in milliseconds. */
const SILENCE = 20_000;

/**
 * Fetches a browser into the cache folder and gives its program. When several processes fetch at once,
 * one does and the others wait for it.
 *
 * @throws {Failure} When none can be fetched, with what helps.
 * @throws The signal's reason when it fires.
 */
export async function fetchBrowser(options: FetchOptions): Promise<string> {
  const place = resolve(options.cache, FETCHED_FOLDER);
  await Deno.mkdir(dirname(place), { recursive: true });
  using lock = await Deno.open(`${place}.lock`, { create: true, write: true });
  await lock.lock(true);
  const program = fetchedPlace(options.cache);
  if (options.again !== true && await exists(program)) return program;
  const sources: [string, typeof unpackNpmChromium][] = [
    ["Chrome for Testing", unpackChromeForTesting],
  ];
  if (Deno.build.os === "linux") {
    sources.push([`Chromium of the npm package ${PACKAGE}`, unpackNpmChromium]);
  }
  const reasons: string[] = [];
  for (const [name, unpack] of sources) {
    try {
      const before = reasons.map((why) => `Cannot fetch ${why.replace(/ \(.*/s, "")}. `).join("");
      options.notice(`${before}Fetching ${name} into ${place}.`);
      await unpackInto(place, (staging) => unpack(staging, options));
      await tryOut(program);
      return program;
    } catch (error) {
      options.signal.throwIfAborted();
      reasons.push(`${name}: ${reason(error)}`);
    }
  }
  throw new Failure(
    `Cannot fetch a browser (${
      reasons.join("; ")
    }). Install Chrome, Chromium or Edge, or name one with --browser PATH or in CHROME_PATH.`,
  );
}

/** Checks that a program starts: Chrome does not on a machine without its libraries. */
async function tryOut(program: string): Promise<void> {
  // There, Chrome would open a window.
  if (Deno.build.os === "windows") return;
  const command = new Deno.Command(program, { args: ["--version"], stdout: "null" });
  const { success, code, stderr } = await command.output();
  if (success) return;
  const [said = ""] = new TextDecoder().decode(stderr).trim().split("\n");
  throw new Error(`it does not start on this machine (exit status ${code}): ${said.slice(0, 300)}`);
}

async function unpackChromeForTesting(staging: string, options: FetchOptions): Promise<void> {
  const system = `${Deno.build.os} ${Deno.build.arch}`;
  const [platform, program] = SYSTEMS[system] ?? [];
  if (platform === undefined) throw new Error(`there is none for ${system}`);
  const name = `chrome-${platform}`;
  const archive = await download(new URL(`${BUILDS}/${BUILD}/${platform}/${name}.zip`), options);
  await unzip(archive, staging);
  if (Deno.build.os !== "windows") {
    await writeStarter(join(staging, "run"), [`exec "$here/${name}/${program}" "$@"`]);
  }
}

/**
 * Downloads a file into memory.
 *
 * @throws {Error} When the server cannot be reached, falls silent, breaks off or answers with an error.
 */
export async function download(
  url: URL,
  { signal, progress }: Pick<FetchOptions, "signal" | "progress">,
): Promise<Uint8Array> {
  const silent = new AbortController();
  const end = () =>
    silent.abort(new Error(`${url.host} did not answer for ${SILENCE / 1000} seconds`));
  let timer = setTimeout(end, SILENCE);
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, silent.signal]) });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new Error(`${url} answered ${response.status}`);
    }
    const all = Number(response.headers.get("content-length") ?? 0);
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let loaded = 0;
    for await (const chunk of response.body) {
      clearTimeout(timer);
      timer = setTimeout(end, SILENCE);
      chunks.push(chunk);
      progress?.(loaded += chunk.length, all);
    }
    return await new Blob(chunks).bytes();
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof TypeError)) throw error;
    throw new Error(`cannot reach ${url.host} (${reason(error.cause ?? error)})`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Unpacks a zip with its permissions and links.
 *
 * @throws {Error} When it is damaged, or an entry or a link leads out of the folder.
 */
export async function unzip(archive: Uint8Array, folder: string): Promise<void> {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  let end = archive.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end -= 1;
  if (end < 0) throw new Error("the zip is cut off: it has no directory");
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left -= 1) {
    const nameLength = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(archive.subarray(at + 46, at + 46 + nameLength));
    const mode = view.getUint32(at + 38, true) >>> 16;
    const local = view.getUint32(at + 42, true);
    const begin = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const packed = archive.subarray(begin, begin + view.getUint32(at + 20, true));
    if (!name.endsWith("/")) {
      const bytes = view.getUint16(at + 10, true) === 0 ? packed : inflateRawSync(packed);
      if (crc32(bytes) !== view.getUint32(at + 16, true)) {
        throw new Error(`${name} in the zip is damaged`);
      }
      await place(folder, name, mode, bytes);
    }
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
}

/** Writes a file or link of an archive. */
async function place(folder: string, name: string, mode: number, bytes: Uint8Array): Promise<void> {
  const path = placeWithin(folder, name);
  await Deno.mkdir(dirname(path), { recursive: true });
  if ((mode & 0o170000) === 0o120000) {
    const target = new TextDecoder().decode(bytes);
    placeWithin(folder, join(dirname(name), target));
    await Deno.symlink(target, path);
  } else {
    await Deno.writeFile(path, bytes, { mode: (mode & 0o111) === 0 ? 0o644 : 0o755 });
  }
}

/**
 * Unpacks the Chromium of the npm package: brotli archives that the package's own code, which does not
 * run here, would unpack into /tmp.
 */
async function unpackNpmChromium(staging: string, { signal }: FetchOptions): Promise<void> {
  if (Deno.build.arch !== "x86_64") throw new Error(`there is none for ${Deno.build.arch}`);
  const project = join(staging, "package");
  await Deno.mkdir(project);
  const unpacked = await fetchPackage(project, PACKAGE, PACKAGE_VERSION, signal);
  for (const [name, hash] of Object.entries(PACKAGE_FILES)) {
    const packed = await Deno.readFile(join(unpacked, "bin", name));
    if (await sha256Of(packed) !== hash) throw new Error(`its file ${name} is not the one we know`);
    const bytes = brotliDecompressSync(packed);
    if (name === "chromium.br") {
      await place(staging, "chromium", 0o755, bytes);
      continue;
    }
    for (const { header, data } of await unpackTar(bytes)) {
      if (header.type === "file" && data !== undefined) {
        await place(staging, header.name, 0o755, data);
      }
    }
  }
  await Deno.remove(project, { recursive: true });
  await Deno.writeTextFile(join(staging, "fonts.conf"), FONTS);
  await writeStarter(join(staging, "run"), [
    'case "$*" in *--headless*|--version) ;; *) echo "It can show no window" >&2; exit 1; esac',
    'export LD_LIBRARY_PATH="$here/lib"',
    '[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_FILE="$here/fonts.conf"',
    'exec "$here/chromium" "$@"',
  ]);
}

const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir></fontconfig>
`;

/**
 * Fills a folder beside its place and then moves it there, so that a browser is complete or missing.
 * What was there before is replaced. It is moved away before it is removed: Deno lets nobody remove
 * the very file that `--allow-run` names, nor the folder it is in.
 */
export async function unpackInto(
  place: string,
  fill: (staging: string) => Promise<void>,
): Promise<void> {
  const [staging, old] = [`${place}-unpacking`, `${place}-old`];
  await removeIfThere(staging);
  await removeIfThere(old);
  await Deno.mkdir(staging, { recursive: true });
  try {
    await fill(staging);
    if (await ifThere(Deno.lstat(place)) !== undefined) await Deno.rename(place, old);
    await Deno.rename(staging, place);
  } finally {
    await removeIfThere(staging);
    await removeIfThere(old);
  }
}

/** Writes a script that starts a program beside it; it finds its own folder in `$here`. */
export async function writeStarter(place: string, lines: readonly string[]): Promise<void> {
  const script = ["#!/bin/sh", 'here="${0%/*}"', ...lines, ""].join("\n");
  await Deno.writeTextFile(place, script, { mode: 0o755 });
}

/**
 * The place of an archive's entry below a folder.
 *
 * @throws {Error} When the entry's name leads out of the folder.
 */
export function placeWithin(folder: string, name: string): string {
  const place = resolve(folder, name);
  if (!isWithin(place, folder)) {
    throw new Error(`the archive holds ${name}, which leads out of it`);
  }
  return place;
}
