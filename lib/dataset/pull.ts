/**
 * Brings the images of a store into a data folder.
 *
 * @module
 */

import { basename, dirname, join } from "@std/path";
import { diskFailure } from "../base/disk_failure.ts";
import { sizeOf, writeFileAtomic } from "../base/files.ts";
import { makeFolderInside, pathInside } from "../base/inside.ts";
import { pooled } from "../base/pooled.ts";
import { forgetStore } from "./dataset.ts";
import { EXTENSIONS } from "./store.ts";
import type { KeptImage } from "./state.ts";
import type { KeptType } from "../image/examine.ts";
import type { ImageStore } from "./image_store.ts";

/** What bringing the images came to. */
export interface Pulled {
  /** Images that were brought. */
  readonly brought: number;
  /** Images that were there before. */
  readonly present: number;
  /** Paths of kept images that the store does not have. */
  readonly lost: readonly string[];
}

/** What the log says of an image. */
type Listed = Pick<KeptImage, "file" | "sha256" | "bytes">;

const AT_ONCE = 8;

/**
 * Brings each kept image that is not in the data folder, its hash checked. It may be ended at any
 * instant and called again. Once all are there, the folder forgets its store.
 *
 * @param dataset The data folder, opened for writing.
 * @param store Where the images are.
 * @param progress Hears how many of how many are there.
 * @param signal Ends it.
 * @throws {Failure} When the store or the disk gives out, or the signal's reason.
 */
export async function pullImages(
  dataset: { readonly dir: string; readonly state: { keptImages(): Iterable<Listed> } },
  store: ImageStore,
  progress: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<Pulled> {
  const images = [...dataset.state.keptImages()];
  const lost: string[] = [];
  let [brought, present] = [0, 0];
  const each = pooled(AT_ONCE, images, async (image) => {
    signal.throwIfAborted();
    return { image, came: await pullOne(dataset.dir, image, store, signal) };
  });
  for await (const { image, came } of each) {
    if (came === "brought") brought++;
    else if (came === "present") present++;
    else lost.push(image.file);
    progress(brought + present + lost.length, images.length);
  }
  if (lost.length === 0) await forgetStore(dataset.dir);
  return { brought, present, lost };
}

async function pullOne(
  dir: string,
  { file, sha256, bytes: size }: Listed,
  store: ImageStore,
  signal: AbortSignal,
): Promise<"brought" | "present" | "lost"> {
  const path = await pathInside(dir, file);
  if (await sizeOf(path) === size) return "present";
  const bytes = await store.get({ sha256, type: typeOf(file) }, signal);
  if (bytes === undefined) return "lost";
  try {
    await writeFileAtomic(join(await makeFolderInside(dir, dirname(file)), basename(file)), bytes);
  } catch (error) {
    throw diskFailure(`save the image ${path}`, error);
  }
  return "brought";
}

const TYPES: readonly KeptType[] = ["jpeg", "png", "webp", "gif"];

function typeOf(file: string): KeptType {
  const type = TYPES.find((type) => file.endsWith(`.${EXTENSIONS[type]}`));
  if (type === undefined) throw new TypeError(`No image's path: ${file}`);
  return type;
}
