/**
 * The renderer: makes pictures of pictures in a pool of workers.
 *
 * @module
 */

import { Pool, type PoolOptions } from "./pool.ts";
import type { Rendering, RenderTask } from "./render.ts";

/** The greatest width and height of a thumbnail, in pixels. */
export const THUMBNAIL_SIDE = 320;

export interface Renderer {
  /**
   * Has a worker make pictures of files, whose buffers are handed over and not usable afterwards.
   *
   * @throws {Failure} When no worker can be started.
   */
  render(
    task: RenderTask,
    images: readonly Uint8Array<ArrayBuffer>[],
    signal: AbortSignal,
  ): Promise<Rendering>;
  close(): void;
}

export interface Thumbnailer {
  /**
   * Makes a JPEG of at most `THUMBNAIL_SIDE` each way. The file's buffer is handed over and not
   * usable afterwards. Returns nothing where the file does not decode.
   */
  shrink(
    bytes: Uint8Array<ArrayBuffer>,
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer> | undefined>;
  close(): void;
}

/** Makes a renderer. Its workers start when there is work for them; close it at the end. */
export function createRenderer(options: PoolOptions = {}): Renderer {
  const pool = new Pool(options);
  return {
    render: async (task, images, signal) => {
      const { rendering, lost = "" } = await pool.run({ say: "render", task, images }, signal);
      return rendering ?? { ok: false, why: lost };
    },
    close: () => pool.close(),
  };
}

/** Makes a thumbnailer. Its workers start when there is work for them; close it at the end. */
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
