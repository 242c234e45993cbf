/**
 * What the examiner and its workers say to each other.
 *
 * @module
 */

import type { CodecPart } from "./codec.ts";
import type { Examination, ExamineLimits } from "./examine.ts";
import type { Rendering } from "./create_renderer.ts";
import type { ReadableType } from "./magic.ts";
import type { RenderTask } from "./variation.ts";

/** The first message to a worker. */
export interface StartMessage {
  /** The kind of message. */
  readonly say: "start";
  /** The codec's folder, a URL. */
  readonly folder: string;
  /** The codec's machine code. */
  readonly module: WebAssembly.Module;
  /** The further parts of the codec that this worker has. */
  readonly parts: readonly CodecPart[];
  /** The script of the HEIC decoder, a URL, where this worker has that too. */
  readonly heic?: string;
  /** What an image must be to be kept. */
  readonly limits: ExamineLimits;
}

/** Each further message to a worker: an image. The next is sent after the answer. */
export interface LookMessage {
  /** The kind of message. */
  readonly say: "look";
  /** The file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What it is, by its magic. */
  readonly type: ReadableType;
  /** SHA-256 of the file, in hex. */
  readonly came: string;
}

/** In place of a {@link LookMessage}: a kept image of which a small copy is wanted. */
export interface ShrinkMessage {
  /** The kind of message. */
  readonly say: "shrink";
  /** The file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The greatest width and height of the copy, in pixels. */
  readonly side: number;
}

/** In place of a {@link LookMessage}: kept images of which others are to be made. */
export interface RenderMessage {
  /** The kind of message. */
  readonly say: "render";
  /** What to make. */
  readonly task: RenderTask;
  /** The files. */
  readonly images: readonly Uint8Array<ArrayBuffer>[];
}

/** The last message to a worker: it frees what it holds. */
export interface EndMessage {
  /** The kind of message. */
  readonly say: "end";
}

/** How far a worker's codec is used up; only another worker has a new one. */
export interface Wear {
  /** The memory it has taken, in bytes; it never gives any back. */
  readonly heap: number;
  /**
   * How many images did not decode. Of some of them the codec forgets to free what it had made until
   * then: 56 kB for a PNG with a broken header (seen, wasm-vips 0.0.19).
   */
  readonly failures: number;
}

/** What a worker is told. */
export type ToWorker = StartMessage | EndMessage | LookMessage | ShrinkMessage | RenderMessage;

/** What a worker answers. */
export type FromWorker =
  /** It listens: what was sent before would have been lost. */
  | { readonly say: "listening" }
  /** The codec is loaded. */
  | { readonly say: "ready" }
  /** The codec could not be loaded. */
  | { readonly say: "failed"; readonly why: string }
  /** The codec's threads were ended; the worker can be too. */
  | { readonly say: "ended" }
  /** An image was looked at. */
  | { readonly say: "seen"; readonly examination: Examination; readonly wear: Wear }
  /** A small copy, a JPEG; none where the file does not decode. */
  | { readonly say: "shrunk"; readonly small?: Uint8Array<ArrayBuffer>; readonly wear: Wear }
  /** Pictures were made, or could not be. */
  | { readonly say: "rendered"; readonly rendering: Rendering; readonly wear: Wear };
