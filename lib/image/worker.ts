/**
 * A worker: it may read the decoders' files and do nothing else.
 *
 * @module
 */

import { type Codec, heapSize, loadCodec, unloadCodec } from "./codec.ts";
import { NotLoaded, understand } from "./decode.ts";
import type { Examination, ExamineLimits } from "./examine.ts";
import { loadHeic } from "./heic.ts";
import { createJpegDecoder } from "./jpeg.ts";
import { look, type LookTools } from "./look.ts";
import type { ReadableType } from "./recognise.ts";
import { render, type Rendering, type RenderTask } from "./render.ts";

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

/** What work came to: one of these. */
export interface Result {
  readonly examination?: Examination;
  readonly rendering?: Rendering;
  /** Why there is nothing: the worker died, or took too long. */
  readonly lost?: string;
}

export type ToWorker =
  | {
    readonly say: "start";
    readonly limits: ExamineLimits;
    readonly jpegDecoder: WebAssembly.Module;
    /** Whether this worker reads HEIC and AVIF too. */
    readonly isHeif: boolean;
  }
  | Work
  /** What it needed: the memory, or the machine code. */
  | { readonly say: "given"; readonly vips?: WebAssembly.Module }
  /** The last message: it frees what it holds, and ends. */
  | { readonly say: "end" };

export type FromWorker =
  /** It listens, so that what is sent is not lost; or it has started. */
  | { readonly say: "ready" }
  /** A decoder could not be loaded. */
  | { readonly say: "failed"; readonly why: string }
  /** It waits until so many bytes may be decoded, or for libvips, which not every worker ever needs. */
  | { readonly say: "needs"; readonly what: number | "vips" }
  | { readonly say: "done"; readonly result: Result; readonly wear: Wear };

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

declare const self: {
  onmessage: (event: MessageEvent<ToWorker>) => Promise<void>;
  postMessage(message: FromWorker, transfer: Transferable[]): void;
  close(): void;
};

let tools: LookTools | undefined;
let codec: Codec | undefined;
let failures = 0;
/** Takes the pool's answer to what the work in hand needs. */
let given: PromiseWithResolvers<WebAssembly.Module | undefined> | undefined;

async function start(
  { limits, jpegDecoder, isHeif }: Extract<ToWorker, { say: "start" }>,
): Promise<void> {
  tools = {
    limits,
    jpegDecoder: createJpegDecoder(jpegDecoder),
    openHeic: isHeif ? await loadHeic() : noHeic,
    vips: async () => codec ??= await loadVips(isHeif),
    reserve: async (bytes) => {
      if (bytes > FREELY) await ask(bytes);
    },
  };
}

/** So many bytes each worker may decode without asking. */
const FREELY = 32 * 2 ** 20;

async function loadVips(isHeif: boolean): Promise<Codec> {
  const module = await ask("vips");
  try {
    return await loadCodec({ module, parts: isHeif ? ["vips-heif.wasm"] : [] });
  } catch (thrown) {
    throw new NotLoaded(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

async function ask(what: number | "vips"): Promise<WebAssembly.Module | undefined> {
  given = Promise.withResolvers();
  send({ say: "needs", what });
  return await given.promise;
}

async function perform(work: Work): Promise<Result> {
  if (tools === undefined) throw new Error("it was sent work before it was ready");
  if (work.say === "look") {
    const examination = await look(tools, work.type, work.bytes, work.sha256);
    if (!examination.ok && examination.outcome === "corrupt") failures++;
    return { examination };
  }
  try {
    return { rendering: { ok: true, pictures: await render(tools, work.task, work.images) } };
  } catch (thrown) {
    const why = understand(thrown).message;
    failures++;
    return { rendering: { ok: false, why } };
  }
}

function buffersOf({ examination, rendering }: Result): ArrayBuffer[] {
  if (examination?.ok) return [examination.bytes.buffer];
  return rendering?.ok ? rendering.pictures.map(({ bytes }) => bytes.buffer) : [];
}

function noHeic(): never {
  throw new Error("This worker has no decoder for HEIC");
}

function send(message: FromWorker, transfer: Transferable[] = []): void {
  self.postMessage(message, transfer);
}

self.onmessage = async ({ data }) => {
  try {
    switch (data.say) {
      case "start":
        await start(data);
        return send({ say: "ready" });
      case "given":
        return given?.resolve(data.vips);
      case "look":
      case "render": {
        const result = await perform(data);
        const heap = codec === undefined ? 0 : heapSize(codec);
        return send({ say: "done", result, wear: { heap, failures } }, buffersOf(result));
      }
      case "end":
        if (codec !== undefined) unloadCodec(codec);
        return self.close();
    }
  } catch (thrown) {
    send({ say: "failed", why: thrown instanceof Error ? thrown.message : String(thrown) });
  }
};

send({ say: "ready" });
