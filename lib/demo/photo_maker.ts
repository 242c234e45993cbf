/**
 * Makes the demo world's pictures when they are asked for, and remembers the last few.
 *
 * @module
 */

import { codecFolder } from "../image/codec.ts";
import type { Photo, Studio } from "./photo.ts";
import type { PhotoAnswer, PhotoRequest } from "./photo_worker.ts";

/** Makes pictures. */
export interface PhotoMaker {
  /** The file's bytes; the same for the same picture. */
  make(photo: Photo): Promise<Uint8Array<ArrayBuffer>>;
  /** SHA-256 of the file, 64 hex digits; remembered once made. */
  sha256(photo: Photo): Promise<string>;
  /** Ends the worker. */
  close(): void;
}

/** A picture that was asked for. */
interface Waiting {
  readonly key: string;
  readonly made: PromiseWithResolvers<Uint8Array<ArrayBuffer>>;
}

/** How many bytes of pictures are remembered. */
const REMEMBERED = 64 * 1024 * 1024;

/**
 * Starts the worker.
 *
 * @param studio What all pictures have in common.
 * @returns The maker.
 */
export function startPhotoMaker(studio: Studio): PhotoMaker {
  const worker = new Worker(new URL("./photo_worker.ts", import.meta.url), {
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
  const waiting = new Map<number, Waiting>();
  const remembered = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
  const hashes = new Map<string, string>();
  let size = 0;
  let next = 0;
  worker.onmessage = ({ data }: MessageEvent<PhotoAnswer>): void => {
    const asked = waiting.get(data.id);
    if (asked === undefined) return;
    waiting.delete(data.id);
    if ("bytes" in data) {
      hashes.set(asked.key, data.sha256);
      asked.made.resolve(data.bytes);
    } else {
      asked.made.reject(new Error(`Cannot make a picture: ${data.error}`));
    }
  };
  worker.onerror = (event): void => {
    event.preventDefault();
    for (const { made } of waiting.values()) made.reject(new Error(event.message));
    waiting.clear();
  };
  const forget = async (): Promise<void> => {
    for (const [key, promise] of remembered) {
      if (size <= REMEMBERED) return;
      remembered.delete(key);
      size -= (await promise).length;
    }
  };
  const make = (photo: Photo): Promise<Uint8Array<ArrayBuffer>> => {
    const key = keyOf(photo);
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const made = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
    const request: PhotoRequest = { id: next++, studio, photo };
    waiting.set(request.id, { key, made });
    worker.postMessage(request);
    remembered.set(key, made.promise);
    return made.promise.then(async (bytes) => {
      size += bytes.length;
      await forget();
      return bytes;
    });
  };
  return {
    make,
    async sha256(photo) {
      const key = keyOf(photo);
      const known = hashes.get(key);
      if (known !== undefined) return known;
      await make(photo);
      return hashes.get(key) ?? "";
    },
    close: () => worker.terminate(),
  };
}

function keyOf({ species, index, treatment, format }: Photo): string {
  return `${species}/${index}/${treatment}/${format}`;
}
