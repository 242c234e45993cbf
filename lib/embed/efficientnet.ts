/**
 * EfficientNet-Lite0 as an ONNX network, made of its published PyTorch weights.
 *
 * Batch normalisation is folded into the convolution before it. Where a convolution halves the
 * picture, TensorFlow's "same" padding adds one row and column more at the end than at the start.
 *
 * @module
 */

import { type OnnxNode, type OnnxTensor, writeOnnx } from "./onnx.ts";
import { BadWeights, type Tensor } from "./state_dict.ts";

/** Pixels a side of what goes in. */
export const INPUT_SIDE = 224;
/** Added to the variance, so that nothing is divided by 0. */
const EPSILON = 1e-3;
/** By how much each block shrinks the picture. */
const STRIDES = [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1] as const;

/**
 * Writes the network, with two outputs: `embedding`, 1,280 numbers, and `classes`, the
 * probabilities of ImageNet's 1,000 classes. Its input `image` is planes of red, green and blue.
 *
 * @throws {BadWeights} When weights are missing or of another shape.
 */
export function writeEfficientNet(weights: ReadonlyMap<string, Tensor>): Uint8Array<ArrayBuffer> {
  return new Builder(weights).build();
}

class Builder {
  readonly #weights: ReadonlyMap<string, Tensor>;
  readonly #nodes: OnnxNode[] = [];
  readonly #tensors: OnnxTensor[] = [
    { name: "zero", shape: [], numbers: Float32Array.of(0) },
    { name: "six", shape: [], numbers: Float32Array.of(6) },
  ];

  constructor(weights: ReadonlyMap<string, Tensor>) {
    this.#weights = weights;
  }

  build(): Uint8Array<ArrayBuffer> {
    let [x, side] = this.#convolve("image", INPUT_SIDE, "_conv_stem", "_bn0", 2);
    x = this.#clip(x);
    for (const [at, stride] of STRIDES.entries()) {
      [x, side] = this.#block(x, side, `_blocks.${at}.`, stride);
    }
    [x] = this.#convolve(x, side, "_conv_head", "_bn1", 1);
    x = this.#node("GlobalAveragePool", [this.#clip(x)], "pooled");
    this.#node("Flatten", [x], "embedding", { axis: 1 });
    for (const name of ["_fc.weight", "_fc.bias"]) this.#tensors.push({ name, ...this.#get(name) });
    x = this.#node("Gemm", ["embedding", "_fc.weight", "_fc.bias"], "logits", { transB: 1 });
    this.#node("Softmax", [x], "classes", { axis: 1 });
    return writeOnnx({
      name: "EfficientNet-Lite0",
      nodes: this.#nodes,
      tensors: this.#tensors,
      inputs: [{ name: "image", shape: ["images", 3, INPUT_SIDE, INPUT_SIDE] }],
      outputs: [
        { name: "embedding", shape: ["images", this.#get("_fc.weight").shape[1] ?? 0] },
        { name: "classes", shape: ["images", this.#get("_fc.weight").shape[0] ?? 0] },
      ],
    });
  }

  #block(from: string, before: number, name: string, stride: number): [string, number] {
    let [x, side] = [from, before];
    if (this.#weights.has(`${name}_expand_conv.weight`)) {
      [x] = this.#convolve(x, side, `${name}_expand_conv`, `${name}_bn0`, 1);
      x = this.#clip(x);
    }
    [x, side] = this.#convolve(x, side, `${name}_depthwise_conv`, `${name}_bn1`, stride);
    const project = `${name}_project_conv`;
    [x] = this.#convolve(this.#clip(x), side, project, `${name}_bn2`, 1);
    const into = this.#channelsInto(name);
    const isSameShape = stride === 1 && into === this.#get(`${project}.weight`).shape[0];
    return [isSameShape ? this.#node("Add", [x, from], `${name}sum`) : x, side];
  }

  /** How many channels go into a block. */
  #channelsInto(name: string): number | undefined {
    const expand = this.#weights.get(`${name}_expand_conv.weight`);
    return expand === undefined
      ? this.#get(`${name}_depthwise_conv.weight`).shape[0]
      : expand.shape[1];
  }

  /** A convolution with its normalisation. Returns what comes out, and how many pixels a side. */
  #convolve(
    from: string,
    side: number,
    name: string,
    norm: string,
    stride: number,
  ): [string, number] {
    const { shape, numbers } = this.#get(`${name}.weight`);
    const [channels = 0, into = 0, size = 0] = shape;
    const part = (of: string): Float32Array => this.#get(`${norm}.${of}`, [channels]).numbers;
    const [gain, shift] = [part("weight"), part("bias")];
    const [mean, variance] = [part("running_mean"), part("running_var")];
    const scale = gain.map((each, at) => each / Math.sqrt((variance[at] ?? 0) + EPSILON));
    const each = numbers.length / channels;
    this.#tensors.push(
      {
        name: `${name}.weight`,
        shape,
        numbers: numbers.map((number, at) => number * (scale[Math.floor(at / each)] ?? 0)),
      },
      {
        name: `${name}.bias`,
        shape: [channels],
        numbers: Float32Array.from(shift, (it, at) => it - (mean[at] ?? 0) * (scale[at] ?? 0)),
      },
    );
    const after = Math.ceil(side / stride);
    const padding = Math.max(0, (after - 1) * stride + size - side);
    const [start, end] = [Math.floor(padding / 2), Math.ceil(padding / 2)];
    const output = this.#node("Conv", [from, `${name}.weight`, `${name}.bias`], name, {
      kernel_shape: [size, size],
      strides: [stride, stride],
      pads: [start, start, end, end],
      group: into === 1 ? channels : 1,
    });
    return [output, after];
  }

  #clip(from: string): string {
    return this.#node("Clip", [from, "zero", "six"], `${from}.clip`);
  }

  #node(
    op: string,
    inputs: readonly string[],
    output: string,
    attributes: OnnxNode["attributes"] = {},
  ): string {
    this.#nodes.push({ op, inputs, output, attributes });
    return output;
  }

  #get(name: string, shape?: readonly number[]): Tensor {
    const tensor = this.#weights.get(name);
    if (tensor === undefined) throw new BadWeights(`The weights ${name} are missing`);
    if (shape !== undefined && String(shape) !== String(tensor.shape)) {
      throw new BadWeights(`The weights ${name} are ${tensor.shape.join("×")}`);
    }
    return tensor;
  }
}
