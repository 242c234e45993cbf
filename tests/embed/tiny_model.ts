/**
 * A network that is made in a moment: it gives the mean colour of an image, and for classes how red,
 * green and blue it is.
 *
 * @module
 */

import { join } from "@std/path";
import { sha256Of } from "../../lib/base/files.ts";
import type { Model } from "../../lib/embed/model.ts";
import { writeOnnx } from "../../lib/embed/onnx.ts";
import { fetchRuntime, readRuntime, type RuntimeFiles } from "../../lib/embed/runtime.ts";

export const SIZE = 16;

export async function tinyModel(name = "tiny"): Promise<Model> {
  const bytes = writeOnnx({
    name,
    nodes: [
      { op: "GlobalAveragePool", inputs: ["image"], output: "pooled" },
      { op: "Flatten", inputs: ["pooled"], output: "embedding", attributes: { axis: 1 } },
      { op: "Gemm", inputs: ["embedding", "weights"], output: "logits", attributes: { transB: 1 } },
      { op: "Softmax", inputs: ["logits"], output: "classes", attributes: { axis: 1 } },
    ],
    tensors: [{
      name: "weights",
      shape: [3, 3],
      numbers: Float32Array.of(9, 0, 0, 0, 9, 0, 0, 0, 9),
    }],
    inputs: [{ name: "image", shape: ["images", 3, SIZE, SIZE] }],
    outputs: [
      { name: "embedding", shape: ["images", 3] },
      { name: "classes", shape: ["images", 3] },
    ],
  });
  return {
    bytes,
    sha256: await sha256Of(bytes),
    info: {
      name,
      size: SIZE,
      mean: 0,
      deviation: [255, 255, 255],
      layout: "NCHW",
      output: "embedding",
      classes: "classes",
      license: "none",
    },
  };
}

/** What runs networks: fetched once, as `deno task model` does it. */
export async function testRuntime(): Promise<RuntimeFiles> {
  const folder = join(".cache", "test-model");
  await Deno.mkdir(folder, { recursive: true });
  using lock = await Deno.open(join(folder, "lock"), { create: true, write: true });
  await lock.lock(true);
  await fetchRuntime(folder, new AbortController().signal);
  return await readRuntime(folder);
}
