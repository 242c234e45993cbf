/**
 * Runs an image encoder in a worker that has no permission at all.
 *
 * @module
 */

import { Failure } from "../base/failure.ts";
import type { Model, ModelInfo } from "./model.ts";
import type { RuntimeFiles } from "./runtime.ts";

/** What an encoder gives for images, one after the other. */
export interface Encoded {
  readonly vectors: readonly Float32Array[];
  /** The probabilities of its classes; empty where it has none. */
  readonly classes: readonly Float32Array[];
}

/** What is said to the worker. */
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

/** What the worker says. */
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

/** How long a worker may take to start, or for one batch, in milliseconds. */
const TIME_LIMIT = 300_000;

/** An encoder that runs. Close it at the end. */
export class Encoder {
  readonly #worker: Worker;
  #waiting: PromiseWithResolvers<FromEncoder> | undefined;

  private constructor() {
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), {
      type: "module",
      name: "image encoder",
      deno: { permissions: "none" },
    });
    this.#worker.onmessage = ({ data }: MessageEvent<FromEncoder>): void => {
      this.#waiting?.resolve(data);
    };
    this.#worker.onerror = (event: ErrorEvent): void => {
      event.preventDefault();
      this.#waiting?.reject(new Failure(`The encoder ended: ${event.message}`));
    };
  }

  /**
   * Starts an encoder.
   *
   * @throws {Failure} When it cannot be loaded.
   */
  static async start({ bytes, info }: Model, runtime: RuntimeFiles): Promise<Encoder> {
    const encoder = new Encoder();
    try {
      const listening = await encoder.#answer();
      if (listening.say === "listening") {
        encoder.#worker.postMessage(
          { say: "start", model: bytes, info, ...runtime } satisfies ToEncoder,
        );
        const ready = await encoder.#answer();
        if (ready.say === "ready") return encoder;
        if (ready.say === "failed") throw new Failure(`Cannot run ${info.name}: ${ready.why}.`);
      }
      throw new Failure(`Cannot run ${info.name}: its worker answered something else.`);
    } catch (thrown) {
      encoder.close();
      throw thrown;
    }
  }

  /**
   * Encodes images: pixels in rows, three bytes each, of the size that the model takes.
   *
   * @throws {Failure} When the network fails.
   */
  async encode(images: readonly Uint8Array[]): Promise<Encoded> {
    const length = images[0]?.length ?? 0;
    const pixels = new Uint8Array(length * images.length);
    images.forEach((image, at) => pixels.set(image, at * length));
    this.#worker.postMessage(
      { say: "encode", pixels, count: images.length } satisfies ToEncoder,
      [pixels.buffer],
    );
    const said = await this.#answer();
    if (said.say === "failed") throw new Failure(`The encoder failed: ${said.why}.`);
    if (said.say !== "encoded") throw new Failure("The encoder answered something else.");
    return {
      vectors: split(said.vectors, images.length),
      classes: said.classes === undefined ? [] : split(said.classes, images.length),
    };
  }

  /** Ends it. */
  close(): void {
    this.#worker.terminate();
    this.#waiting?.reject(new Failure("The encoder was closed."));
  }

  async #answer(): Promise<FromEncoder> {
    const waiting = Promise.withResolvers<FromEncoder>();
    this.#waiting = waiting;
    const timer = setTimeout(() => {
      waiting.reject(new Failure(`The encoder said nothing for ${TIME_LIMIT / 1000} s.`));
    }, TIME_LIMIT);
    try {
      return await waiting.promise;
    } finally {
      clearTimeout(timer);
      this.#waiting = undefined;
    }
  }
}

function split(numbers: Float32Array, count: number): Float32Array[] {
  const each = numbers.length / count;
  return Array.from({ length: count }, (_, at) => numbers.subarray(at * each, (at + 1) * each));
}
