/**
 * Makes the demo world's pictures when they are asked for, and remembers the last few.
 *
 * @module
 */

import { codecFolder } from "../image/codec.ts";
import { remember } from "./plan.ts";
import type { Photo, PhotoAnswer, PhotoRequest, Studio } from "./photo.ts";

export interface PhotoMaker {
  /** The file's bytes; the same for the same picture. */
  make(photo: Photo): Promise<Uint8Array<ArrayBuffer>>;
  /** SHA-256 of the file, 64 hex digits; remembered once made. */
  sha256(photo: Photo): Promise<string>;
  /** A contact sheet, JPEG, with a row for each list of image files. */
  sheet(rows: readonly (readonly Uint8Array[])[]): Promise<Uint8Array<ArrayBuffer>>;
  close(): void;
}

interface Waiting {
  readonly key: string;
  readonly made: PromiseWithResolvers<Uint8Array<ArrayBuffer>>;
}

const REMEMBERED = 500;

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
  const ask = (key: string, request: PhotoRequest): Promise<Uint8Array<ArrayBuffer>> => {
    const made = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
    waiting.set(request.id, { key, made });
    worker.postMessage(request);
    return made.promise;
  };
  const make = (photo: Photo): Promise<Uint8Array<ArrayBuffer>> => {
    const key = keyOf(photo);
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const made = ask(key, { id: next++, studio, photo });
    remember(remembered, key, made, REMEMBERED);
    return made;
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
    sheet: (rows) => ask("sheet", { id: next++, rows }),
    close: () => worker.terminate(),
  };
}

function keyOf({ species, index, treatment, format }: Photo): string {
  return `${species}/${index}/${treatment}/${format}`;
}
