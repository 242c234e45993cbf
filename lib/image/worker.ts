/**
 * A worker: it may read the decoders' files and do nothing else.
 *
 * @module
 */

/// <reference lib="deno.worker" />

import { type Codec, heapSize, loadCodec, unloadCodec } from "./codec.ts";
import { NotLoaded, understand } from "./decode.ts";
import { loadHeic } from "./heic.ts";
import { createJpegDecoder } from "./jpeg.ts";
import { look, type LookTools } from "./look.ts";
import type { FromWorker, Result, ToWorker, Wear, Work } from "./messages.ts";
import { render } from "./render.ts";

type Start = Extract<ToWorker, { say: "start" }>;
type Answer = Extract<ToWorker, { say: "memory" | "vips" }>;

let tools: LookTools | undefined;
let codec: Codec | undefined;
let failures = 0;
/** Gives the pool's answer to what the work in hand needs. */
let answer: PromiseWithResolvers<Answer> | undefined;

async function start({ limits, jpegDecoder, vipsFolder, heicScript }: Start): Promise<void> {
  const openHeic = heicScript === undefined ? noHeic : await loadHeic(heicScript);
  const parts = heicScript === undefined ? [] : ["vips-heif.wasm"] as const;
  tools = {
    limits,
    jpegDecoder: createJpegDecoder(jpegDecoder),
    openHeic,
    vips: async () => codec ??= await loadVips(vipsFolder, parts),
    reserve: async (bytes) => {
      if (bytes > FREELY) await ask({ say: "needs memory", bytes });
    },
  };
  send({ say: "ready" });
}

/** So many bytes each worker may decode without asking. */
const FREELY = 32 * 2 ** 20;

async function loadVips(folder: string, parts: readonly "vips-heif.wasm"[]): Promise<Codec> {
  const given = await ask({ say: "needs vips" });
  if (given.say !== "vips") throw new Error("The pool sent something else than libvips");
  try {
    return await loadCodec({ folder, parts, module: given.module });
  } catch (thrown) {
    throw new NotLoaded(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

async function ask(question: FromWorker): Promise<Answer> {
  answer = Promise.withResolvers<Answer>();
  send(question);
  return await answer.promise;
}

async function work(tools: LookTools, work: Work): Promise<void> {
  const result = await perform(tools, work);
  send({ say: "done", result, wear: wear() }, buffersOf(result));
}

async function perform(tools: LookTools, work: Work): Promise<Result> {
  if (work.say === "look") {
    const { type, bytes, sha256 } = work;
    const examination = await look(tools, type, bytes, sha256);
    if (!examination.ok && examination.outcome === "corrupt") failures += 1;
    return { say: "looked", examination };
  }
  try {
    const pictures = await render(tools, work.task, work.images);
    return { say: "rendered", rendering: { ok: true, pictures } };
  } catch (thrown) {
    const why = understand(thrown).message;
    failures += 1;
    return { say: "rendered", rendering: { ok: false, why } };
  }
}

function buffersOf(result: Result): ArrayBuffer[] {
  if (result.say === "looked") {
    return result.examination.ok ? [result.examination.bytes.buffer] : [];
  }
  return result.rendering.ok ? result.rendering.pictures.map(({ bytes }) => bytes.buffer) : [];
}

function wear(): Wear {
  return { heap: codec === undefined ? 0 : heapSize(codec), failures };
}

function end(): void {
  if (codec !== undefined) unloadCodec(codec);
  send({ say: "ended" });
}

function noHeic(): never {
  throw new Error("This worker has no decoder for HEIC");
}

function send(message: FromWorker, transfer: Transferable[] = []): void {
  self.postMessage(message, transfer);
}

self.onmessage = async ({ data }: MessageEvent<ToWorker>): Promise<void> => {
  try {
    switch (data.say) {
      case "start":
        return await start(data);
      case "memory":
      case "vips":
        return answer?.resolve(data);
      case "end":
        return end();
      case "look":
      case "render":
        if (tools === undefined) throw new Error("it was sent work before it was ready");
        return await work(tools, data);
    }
  } catch (thrown) {
    send({ say: "failed", why: thrown instanceof Error ? thrown.message : String(thrown) });
  }
};

send({ say: "listening" });
