/**
 * The renderer: makes pictures of pictures in a pool of workers.
 *
 * @module
 */

import { Pool, type PoolOptions } from "./pool.ts";
import type { Rendering, RenderTask } from "./variation.ts";

/** The greatest width and height of a thumbnail, in pixels. */
export const THUMBNAIL_SIDE = 320;

/** Makes pictures of pictures. */
export interface Renderer {
  /**
   * Has a worker make pictures.
   *
   * @param task What to make.
   * @param images The files to make it from; their buffers are handed over and not usable
   * afterwards.
   * @param signal Ends the waiting.
   * @throws {Failure} When no worker can be started.
   */
  render(
    task: RenderTask,
    images: readonly Uint8Array<ArrayBuffer>[],
    signal: AbortSignal,
  ): Promise<Rendering>;
  /** Ends the workers. */
  close(): void;
}

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
 * Makes a renderer. Its workers start when there is work for them.
 *
 * @param options How the workers are kept.
 * @returns The renderer; close it at the end.
 *
 * @example
 * ```ts
 * import { createRenderer } from "./create_renderer.ts";
 *
 * const renderer = createRenderer();
 * const bytes = await Deno.readFile("data/images/betta_splendens/0123456789abcdef.jpg");
 * const task = { kind: "fit", size: 256, fit: "crop" } as const;
 * const rendering = await renderer.render(task, [bytes], AbortSignal.timeout(30_000));
 * renderer.close();
 * ```
 */
export function createRenderer(options: PoolOptions = {}): Renderer {
  const pool = new Pool(options);
  return {
    render: (task, images, signal) =>
      pool.run<Rendering>({
        work: { say: "render", task, images },
        transfer: images.map(({ buffer }) => buffer),
        read: (result) => result.say === "rendered" ? result.rendering : undefined,
        lost: (why) => ({ ok: false, why }),
      }, signal),
    close: () => pool.close(),
  };
}

/**
 * Makes a thumbnailer. Its workers start when there is work for them.
 *
 * @param options How the workers are kept.
 * @returns The thumbnailer; close it at the end.
 */
export function createThumbnailer(options: PoolOptions = {}): Thumbnailer {
  const renderer = createRenderer(options);
  const task = { kind: "thumbnail", size: THUMBNAIL_SIDE } as const;
  return {
    shrink: async (bytes, signal) => {
      const rendering = await renderer.render(task, [bytes], signal);
      return rendering.ok ? rendering.pictures[0]?.bytes : undefined;
    },
    close: () => renderer.close(),
  };
}
