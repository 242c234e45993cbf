/**
 * The thumbnailer: makes small copies of kept images in a pool of workers.
 *
 * @module
 */

import { Pool, type PoolOptions } from "./pool.ts";

/** The greatest width and height of a thumbnail, in pixels. */
export const THUMBNAIL_SIDE = 256;

/** Makes small copies of images. */
export interface Thumbnailer {
  /**
   * Makes the small copy of a kept image.
   *
   * @param bytes The file; its buffer is handed over and not usable afterwards.
   * @param signal Ends the waiting.
   * @returns A JPEG of at most `THUMBNAIL_SIDE` each way; nothing where the file does not decode.
   */
  shrink(
    bytes: Uint8Array<ArrayBuffer>,
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Ends the workers. */
  close(): void;
}

/**
 * Makes a thumbnailer. Its workers start when there is work for them.
 *
 * @param options How the workers are kept.
 * @returns The thumbnailer; close it at the end.
 *
 * @example
 * ```ts
 * import { createThumbnailer } from "./create_thumbnailer.ts";
 *
 * const thumbnailer = createThumbnailer();
 * const bytes = await Deno.readFile("data/images/betta_splendens/0123456789abcdef.jpg");
 * const small = await thumbnailer.shrink(bytes, AbortSignal.timeout(30_000));
 * thumbnailer.close();
 * ```
 */
export function createThumbnailer(options: PoolOptions = {}): Thumbnailer {
  const pool = new Pool(options);
  return {
    shrink: (bytes, signal) =>
      pool.add<Uint8Array<ArrayBuffer> | undefined>({
        team: "common",
        work: async (worker, limit) => {
          const { small, wear } = await worker.shrink({ bytes, side: THUMBNAIL_SIDE }, limit);
          return { result: small, wear };
        },
        lost: () => undefined,
      }, signal),
    close: () => pool.close(),
  };
}
