/**
 * The renderer: makes pictures of pictures in a pool of workers.
 *
 * @module
 */

import { Pool, type PoolOptions } from "./pool.ts";
import type { Rendered, RenderTask } from "./variation.ts";

/** What a worker made, or why it could not. */
export type Rendering =
  /** The pictures, in order. */
  | { readonly ok: true; readonly pictures: readonly Rendered[] }
  /** A file does not decode, or took too much time or memory. */
  | { readonly ok: false; readonly why: string };

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
      pool.add<Rendering>({
        team: "common",
        work: async (worker, limit) => {
          const { rendering, wear } = await worker.render({ task, images }, limit);
          return { result: rendering, wear };
        },
        lost: ({ message }) => ({ ok: false, why: message }),
      }, signal),
    close: () => pool.close(),
  };
}
