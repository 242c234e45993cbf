/**
 * Unpacking the zip of a browser.
 *
 * @module
 */

import { dirname, join } from "@std/path";
import { placeWithin } from "./unpack.ts";

/**
 * Unpacks what lies in a zip below a folder's name; permissions and links as they are there.
 *
 * @param archive The zip.
 * @param below The folder in the zip whose content is wanted.
 * @param folder Where the content goes.
 * @throws {Error} When the zip is damaged, or an entry or a link leads out of the folder.
 */
export async function unzip(archive: string, below: string, folder: string): Promise<void> {
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
