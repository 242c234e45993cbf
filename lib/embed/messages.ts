/**
 * What the encoder and its workers say to each other.
 *
 * @module
 */

import type { ModelInfo } from "./model.ts";

export type ToEncoder =
  | {
    readonly say: "start";
    readonly model: Uint8Array<ArrayBuffer>;
    readonly info: ModelInfo;
    /** The runtime, and its machine code. */
    readonly script: string;
    readonly machineCode: Uint8Array<ArrayBuffer>;
  }
  /** Pixels in rows, three bytes each, one image after the other, each `info.size` pixels a side. */
  | { readonly say: "encode"; readonly pixels: Uint8Array<ArrayBuffer>; readonly count: number };

export type FromEncoder =
  /** It listens: what was sent before would have been lost. */
  | { readonly say: "listening" }
  | { readonly say: "ready" }
  | {
    readonly say: "encoded";
    /** One vector after the other. */
    readonly vectors: Float32Array<ArrayBuffer>;
    /** The probabilities of the encoder's classes, where it has some. */
    readonly classes?: Float32Array<ArrayBuffer>;
  }
  | { readonly say: "failed"; readonly why: string };
