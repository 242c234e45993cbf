/**
 * Images that are kept outside the data folder, by their hash: in a folder that several machines
 * share, or wherever else an {@linkcode ImageStore} puts them.
 *
 * @module
 */

import { dirname, join } from "@std/path";
import { diskFailure } from "../base/disk_failure.ts";
import { Failure } from "../base/failure.ts";
import { readIfThere, sha256Of, sizeOf, writeFileAtomic } from "../base/files.ts";
import type { KeptType } from "../image/examine.ts";
import { isSha256 } from "./event.ts";
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
