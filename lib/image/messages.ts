/**
 * What the pool and its workers say to each other.
 *
 * @module
 */

import type { Examination, ExamineLimits } from "./examine.ts";
import type { ReadableType } from "./recognise.ts";
import type { Rendering, RenderTask } from "./variation.ts";

/** What a worker is asked to do. The next is sent after the answer. */
export type Work =
  /** Examine a file; `sha256` is that of the file, in hex. */
  | {
    readonly say: "look";
    readonly bytes: Uint8Array<ArrayBuffer>;
    readonly type: ReadableType;
    readonly sha256: string;
  }
  | {
    readonly say: "render";
    readonly task: RenderTask;
    readonly images: readonly Uint8Array<ArrayBuffer>[];
  };

export type Result =
  | { readonly say: "looked"; readonly examination: Examination }
  | { readonly say: "rendered"; readonly rendering: Rendering };

export type ToWorker =
  | Work
  | {
    readonly say: "start";
    readonly limits: ExamineLimits;
    readonly jpegDecoder: WebAssembly.Module;
    /** libvips' folder, a URL. */
    readonly vipsFolder: string;
    /** The URL of the HEIC decoder's script, where this worker reads HEIC and AVIF too. */
    readonly heicScript?: string;
  }
  /** The answers to what it needs. */
  | { readonly say: "memory" }
  | { readonly say: "vips"; readonly module: WebAssembly.Module }
  /** The last message: it frees what it holds. */
  | { readonly say: "end" };

/** How far a worker is used up; only another worker is as new. */
export interface Wear {
  /** The memory that libvips has taken, in bytes; it never gives any back. */
  readonly heap: number;
  /**
   * How many images libvips did not decode. Of some it does not free what it had made until then:
   * 56 kB for a PNG with a broken header (seen with wasm-vips 0.0.19).
   */
  readonly failures: number;
}

export type FromWorker =
  /** It listens: what was sent before would have been lost. */
  | { readonly say: "listening" }
  | { readonly say: "ready" }
  /** A decoder could not be loaded. */
  | { readonly say: "failed"; readonly why: string }
  /** It waits until so many bytes may be decoded. */
  | { readonly say: "needs memory"; readonly bytes: number }
  /** It waits for libvips' machine code: not every worker ever does. */
  | { readonly say: "needs vips" }
  | { readonly say: "done"; readonly result: Result; readonly wear: Wear }
  /** What it held is freed. */
  | { readonly say: "ended" };
