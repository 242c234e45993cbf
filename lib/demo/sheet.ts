/**
 * The contact sheet: some of the images that were kept, a row for each species.
 *
 * @module
 */

import { join } from "@std/path";
import { codecFolder } from "../image/codec.ts";
import { readDataFolder } from "./dataset_reader.ts";
import type { SheetAnswer, SheetRequest } from "./sheet_worker.ts";

/** How much goes onto a sheet. */
export interface SheetSize {
  /** Species at most; 12 unless given. */
  readonly rows?: number;
  /** Pictures of each; 10 unless given. */
  readonly across?: number;
}

/**
 * Makes a contact sheet of a data folder's kept images.
 *
 * @param folder The data folder.
 * @param size How much goes onto it.
 * @returns A JPEG file, or nothing where no image is kept.
 */
export async function contactSheet(
  folder: string,
  { rows = 12, across = 10 }: SheetSize = {},
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { images } = await readDataFolder(folder);
  const bySpecies = Map.groupBy(
    images.filter(({ outcome }) => outcome === "kept"),
    ({ species }) => species,
  );
  const chosen = [...bySpecies.values()].sort((a, b) => b.length - a.length).slice(0, rows);
  if (chosen.length === 0) return undefined;
  const request: SheetRequest = {
    rows: await Promise.all(
      chosen.map((row) =>
        Promise.all(row.slice(0, across).map(({ file }) => Deno.readFile(join(folder, file))))
      ),
    ),
    across,
    width: 96,
    height: 72,
  };
  const worker = new Worker(new URL("./sheet_worker.ts", import.meta.url), {
    type: "module",
    deno: {
      permissions: {
        read: [new URL(codecFolder())],
        net: false,
        write: false,
        env: false,
        run: false,
        sys: false,
        ffi: false,
      },
    },
  });
  try {
    const answer = Promise.withResolvers<SheetAnswer>();
    worker.onmessage = ({ data }: MessageEvent<SheetAnswer>) => answer.resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      answer.resolve({ error: event.message });
    };
    worker.postMessage(request);
    const made = await answer.promise;
    if ("error" in made) throw new Error(`Cannot make the contact sheet: ${made.error}`);
    return made.sheet;
  } finally {
    worker.terminate();
  }
}
