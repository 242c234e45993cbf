/**
 * Images that are kept outside the data folder, by their hash: in a folder that several machines
 * share, or wherever else an {@linkcode ImageStore} puts them. The data folder remembers where they
 * are until they are pulled.
 *
 * @module
 */

import { basename, dirname, join } from "@std/path";
import * as v from "valibot";
import { diskFailure } from "../base/disk_failure.ts";
import { Failure } from "../base/failure.ts";
import {
  readIfThere,
  readTextIfThere,
  removeIfThere,
  replaceFile,
  sha256Of,
  sizeOf,
  writeFileAtomic,
} from "../base/files.ts";
import { makeFolderInside, pathInside, writableInside } from "../base/inside.ts";
import { pooled } from "../base/pooled.ts";
import type { KeptType } from "../image/examine.ts";
import { isSha256 } from "./event.ts";
import type { KeptImage } from "./state.ts";
import { EXTENSIONS } from "./store.ts";

/** An image's bytes, by their hash. */
export interface Blob {
  /** SHA-256 of the bytes, 64 hex digits. */
  readonly sha256: string;
  /** The type of the bytes. */
  readonly type: KeptType;
}

/** Images by their hash. What is in it is never changed. */
export interface ImageStore {
  /** `s3://bucket/prefix` or the folder. */
  readonly name: string;
  /** Puts an image, unless it is there. Throws a {@linkcode Failure}. */
  put(blob: Blob, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void>;
  /** An image's bytes, whole; `undefined` where it is not there. Throws a {@linkcode Failure}. */
  get(blob: Blob, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer> | undefined>;
}

/** Where in a store an image is, with `/`. */
export function keyOf({ sha256, type }: Blob): string {
  if (!isSha256(sha256)) throw new TypeError(`No hash: ${sha256}`);
  return `blobs/${sha256.slice(0, 2)}/${sha256}.${EXTENSIONS[type]}`;
}

/** Sees that bytes of a store are those that were asked for. Throws a {@linkcode Failure}. */
export async function whole(
  { sha256 }: Blob,
  bytes: Uint8Array<ArrayBuffer>,
  store: string,
): Promise<Uint8Array<ArrayBuffer>> {
  if (await sha256Of(bytes) === sha256) return bytes;
  throw new Failure(
    `The image ${sha256} in ${store} has other bytes than its name says: remove it there and fetch it again.`,
  );
}

/** Images in a folder. */
export class FolderStore implements ImageStore {
  constructor(readonly name: string) {}

  async put(blob: Blob, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const path = join(this.name, keyOf(blob));
    try {
      if (await sizeOf(path) === bytes.length) return;
      // Not recursive: a share that is not mounted must not come to be as an empty folder.
      for (const folder of [join(this.name, "blobs"), dirname(path)]) {
        await Deno.mkdir(folder).catch((error: unknown) => {
          if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
        });
      }
      await writeFileAtomic(path, bytes);
    } catch (error) {
      throw diskFailure(`put an image into the store ${this.name}`, error);
    }
  }

  async get(blob: Blob): Promise<Uint8Array<ArrayBuffer> | undefined> {
    let bytes: Uint8Array<ArrayBuffer> | undefined;
    try {
      await Deno.stat(this.name);
      bytes = await readIfThere(join(this.name, keyOf(blob)));
    } catch (error) {
      throw diskFailure(`read an image of the store ${this.name}`, error);
    }
    return bytes === undefined ? undefined : await whole(blob, bytes, this.name);
  }
}

/** The file that names where a folder's images are, if not in it. */
const STORE_NAME = "store.json";
const STORE = v.pipe(v.string(), v.parseJson(), v.object({ store: v.string() }));

/**
 * Where the images of a data folder are: `s3://bucket/prefix` or a folder; `undefined` where they
 * are in the data folder.
 *
 * @throws {Failure} When the file that says so cannot be read.
 */
export async function storeOf(dir: string): Promise<string | undefined> {
  const path = join(dir, STORE_NAME);
  const text = await readTextIfThere(path);
  if (text === undefined) return undefined;
  const parsed = v.safeParse(STORE, text);
  if (parsed.success) return parsed.output.store;
  throw new Failure(
    `Cannot read ${path}: it is to be {"store":"s3://bucket/prefix"}. Write it again by hand.`,
  );
}

/** A folder whose images are elsewhere must not be taken for one that has lost them. */
export async function agreeOnStore(dir: string, store: string | undefined): Promise<void> {
  const before = await storeOf(dir);
  if (before === store) return;
  if (before === undefined) {
    const path = await writableInside(dir, STORE_NAME);
    return await replaceFile(path, `${JSON.stringify({ store })}\n`);
  }
  const not = store === undefined ? "" : `, not in ${store}`;
  throw new Failure(
    `The images of ${dir} are in ${before}${not}. Bring them first: deno task pull --data ${dir}`,
    2,
  );
}

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
  if (lost.length === 0) await removeIfThere(await writableInside(dataset.dir, STORE_NAME));
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
