/**
 * A worker that runs a network by onnxruntime-web: it may do nothing but compute. The runtime, its
 * machine code and the network are handed to it, so that it has nothing to read.
 *
 * @module
 */

/// <reference lib="deno.worker" />

import type { FromEncoder, ToEncoder } from "./encoder.ts";
import type { ModelInfo } from "./model.ts";

type Start = Extract<ToEncoder, { say: "start" }>;

/** What of onnxruntime-web is used. */
interface Runtime {
  readonly env: {
    logLevel: string;
    readonly wasm: { wasmBinary: Uint8Array; numThreads: number; proxy: boolean };
  };
  readonly InferenceSession: {
    create(model: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<Session>;
  };
  readonly Tensor: new (type: "float32", data: Float32Array, shape: readonly number[]) => Tensor;
}

interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(inputs: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
}

interface Tensor {
  readonly data: unknown;
  dispose(): void;
}

let runtime: Runtime | undefined;
let session: Session | undefined;
let info: ModelInfo | undefined;

async function start(given: Start): Promise<void> {
  runtime = await load(given.script);
  const { wasm } = runtime.env;
  runtime.env.logLevel = "error";
  [wasm.wasmBinary, wasm.numThreads, wasm.proxy] = [given.machineCode, 1, false];
  session = await runtime.InferenceSession.create(given.model, { executionProviders: ["wasm"] });
  info = given.info;
  const { output, classes } = info;
  for (const name of classes === undefined ? [output] : [output, classes]) {
    if (session.outputNames.includes(name)) continue;
    throw new Error(`it has no output ${name}, but ${session.outputNames.join(", ")}`);
  }
  send({ say: "ready" });
}

/** Loads the runtime, which takes the worker for a page and looks for its address and its own. */
async function load(script: string): Promise<Runtime> {
  Reflect.deleteProperty(globalThis, "location");
  const source = script.replaceAll("import.meta.url", '"file:///"');
  const encoded = new TextEncoder().encode(source).toBase64();
  // The words before the variable tell the publisher of the package that no import map is needed.
  const module: unknown = await import(`data:text/${`javascript;base64,${encoded}`}`);
  if (isRuntime(module)) return module;
  throw new Error("the runtime lacks its functions");
}

function isRuntime(module: unknown): module is Runtime {
  return typeof module === "object" && module !== null &&
    ["env", "InferenceSession", "Tensor"].every((name) => name in module);
}

async function encode(pixels: Uint8Array, count: number): Promise<void> {
  if (runtime === undefined || session === undefined || info === undefined) {
    throw new Error("it was not started");
  }
  const { size, layout, output, classes } = info;
  const shape = layout === "NCHW" ? [count, 3, size, size] : [count, size, size, 3];
  const input = new runtime.Tensor("float32", normalise(pixels, count, info), shape);
  const outputs = await session.run({ [info.input ?? session.inputNames[0] ?? ""]: input });
  const vectors = numbersOf(outputs, output);
  const more = classes === undefined ? {} : { classes: numbersOf(outputs, classes) };
  send({ say: "encoded", vectors, ...more });
  for (const tensor of Object.values(outputs)) tensor.dispose();
}

/** Bytes as the network takes them. */
function normalise(pixels: Uint8Array, count: number, info: ModelInfo): Float32Array {
  const { mean, deviation, layout, size } = info;
  const area = size * size;
  const numbers = new Float32Array(count * area * 3);
  for (let band = 0; band < 3; band++) {
    const middle = typeof mean === "number" ? mean : mean[band] ?? 0;
    const factor = 1 / (typeof deviation === "number" ? deviation : deviation[band] ?? 1);
    for (let image = 0; image < count; image++) {
      const from = image * area * 3;
      for (let at = 0; at < area; at++) {
        const value = ((pixels[from + at * 3 + band] ?? 0) - middle) * factor;
        numbers[layout === "NCHW" ? from + band * area + at : from + at * 3 + band] = value;
      }
    }
  }
  return numbers;
}

function numbersOf(
  outputs: Readonly<Record<string, Tensor>>,
  name: string,
): Float32Array<ArrayBuffer> {
  const data = outputs[name]?.data;
  if (data instanceof Float32Array) return Float32Array.from(data);
  throw new Error(`its output ${name} is no 32-bit floats`);
}

function send(message: FromEncoder): void {
  self.postMessage(message);
}

self.onmessage = async ({ data }: MessageEvent<ToEncoder>): Promise<void> => {
  try {
    if (data.say === "start") await start(data);
    else await encode(data.pixels, data.count);
  } catch (thrown) {
    send({ say: "failed", why: thrown instanceof Error ? thrown.message : String(thrown) });
  }
};

send({ say: "listening" });
