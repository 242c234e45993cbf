/**
 * EfficientNet-Lite0 as an ONNX network, made of its published PyTorch weights.
 *
 * Batch normalisation is folded into the convolution before it. Where a convolution halves the
 * picture, TensorFlow's "same" padding adds one row and column more at the end than at the start.
 *
 * @module
 */

import { type OnnxNode, type OnnxTensor, writeOnnx } from "./onnx.ts";

/** Pixels a side of what goes in. */
export const INPUT_SIDE = 224;
/** Added to the variance, so that nothing is divided by 0. */
const EPSILON = 1e-3;
/** By how much each block shrinks the picture. */
const STRIDES = [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1] as const;

/** Numbers of the weights, by PyTorch's names. */
export type Weights = ReadonlyMap<string, Float32Array<ArrayBuffer>>;

/**
 * Reads the numbers from the file of weights, which is in the format of `torch.save()` before
 * PyTorch 1.6: pickles, then the storages. A pickle is a program, and none is run here: of the one
 * file that is taken, it is enough to know its texts. They are the tensors' names, each before its
 * storage's, and then the storages' names in the order in which they follow.
 */
export function readWeights(bytes: Uint8Array<ArrayBuffer>): Weights {
  const names = new Map<string, string>();
  const keys = new Set<string>();
  let [at, name] = [0, ""];
  while (keys.size === 0 || keys.size < names.size) {
    const [text, end] = textAt(bytes, at);
    if (names.has(text)) keys.add(text);
    else if (/^\d+$/.test(text)) names.set(text, name);
    else if (text.includes(".")) name = text;
    at = end;
  }
  // Commands that end the list, and the pickle.
  while (bytes[at] !== 0x65 || bytes[at + 1] !== 0x2e) at++;
  at += 2;
  const weights = new Map<string, Float32Array<ArrayBuffer>>();
  for (const key of keys) {
    const name = names.get(key) ?? "";
    const length = Number(new DataView(bytes.buffer, bytes.byteOffset + at).getBigUint64(0, true));
    const isCounter = name.endsWith(".num_batches_tracked");
    const end = at + 8 + length * (isCounter ? 8 : 4);
    if (!isCounter) weights.set(name, new Float32Array(bytes.slice(at + 8, end).buffer));
    at = end;
  }
  return weights;
}

/** The next text of a pickle, and where it ends. */
function textAt(bytes: Uint8Array, from: number): [string, number] {
  for (let at = from; at < bytes.length; at++) {
    const [command, length = 0, ...zeros] = bytes.subarray(at, at + 5);
    if (command !== 0x58 || zeros.some((byte) => byte !== 0)) continue;
    const end = at + 5 + length;
    const text = new TextDecoder().decode(bytes.subarray(at + 5, end));
    if (/^[\w.]+$/.test(text)) return [text, end];
  }
  throw new Error("The weights end in the middle");
}

/**
 * Writes the network, with two outputs: `embedding`, 1,280 numbers, and `classes`, the
 * probabilities of ImageNet's 1,000 classes. Its input `image` is planes of red, green and blue.
 */
export function writeEfficientNet(weights: Weights): Uint8Array<ArrayBuffer> {
  return new Builder(weights).build();
}

class Builder {
  readonly #weights: Weights;
  readonly #nodes: OnnxNode[] = [];
  readonly #tensors: OnnxTensor[] = [
    { name: "zero", shape: [], numbers: Float32Array.of(0) },
    { name: "six", shape: [], numbers: Float32Array.of(6) },
  ];
  /** Of what the last convolution gave: pixels a side, and channels. */
  #side = INPUT_SIDE;
  #channels = 3;

  constructor(weights: Weights) {
    this.#weights = weights;
  }

  build(): Uint8Array<ArrayBuffer> {
    let x = this.#clip(this.#convolve("image", "_conv_stem", "_bn0", 2));
    for (const [at, stride] of STRIDES.entries()) x = this.#block(x, `_blocks.${at}.`, stride);
    x = this.#clip(this.#convolve(x, "_conv_head", "_bn1", 1));
    x = this.#node("GlobalAveragePool", [x], "pooled");
    this.#node("Flatten", [x], "embedding", { axis: 1 });
    const [weight, bias] = [this.#get("_fc.weight"), this.#get("_fc.bias")];
    this.#tensors.push(
      {
        name: "_fc.weight",
        shape: [bias.length, this.#channels],
        numbers: byChannel(weight, bias.length, this.#channels),
      },
      { name: "_fc.bias", shape: [bias.length], numbers: bias },
    );
    x = this.#node("Gemm", ["embedding", "_fc.weight", "_fc.bias"], "logits", { transB: 1 });
    this.#node("Softmax", [x], "classes", { axis: 1 });
    return writeOnnx({
      name: "EfficientNet-Lite0",
      nodes: this.#nodes,
      tensors: this.#tensors,
      inputs: [{ name: "image", shape: ["images", 3, INPUT_SIDE, INPUT_SIDE] }],
      outputs: [
        { name: "embedding", shape: ["images", this.#channels] },
        { name: "classes", shape: ["images", bias.length] },
      ],
    });
  }

  #block(from: string, name: string, stride: number): string {
    const before = this.#channels;
    let x = from;
    if (this.#weights.has(`${name}_expand_conv.weight`)) {
      x = this.#clip(this.#convolve(x, `${name}_expand_conv`, `${name}_bn0`, 1));
    }
    x = this.#clip(this.#convolve(x, `${name}_depthwise_conv`, `${name}_bn1`, stride));
    x = this.#convolve(x, `${name}_project_conv`, `${name}_bn2`, 1);
    const isSameShape = stride === 1 && this.#channels === before;
    return isSameShape ? this.#node("Add", [x, from], `${name}sum`) : x;
  }

  /** A convolution with its normalisation. */
  #convolve(from: string, name: string, norm: string, stride: number): string {
    const part = (of: string): Float32Array => this.#get(`${norm}.${of}`);
    const [gain, shift] = [part("weight"), part("bias")];
    const [mean, variance] = [part("running_mean"), part("running_var")];
    const channels = gain.length;
    const isDepthwise = name.endsWith("_depthwise_conv");
    const into = isDepthwise ? 1 : this.#channels;
    const numbers = byChannel(this.#get(`${name}.weight`), channels, into);
    const each = numbers.length / channels;
    const size = Math.sqrt(each / into);
    const scale = gain.map((each, at) => each / Math.sqrt((variance[at] ?? 0) + EPSILON));
    this.#tensors.push(
      {
        name: `${name}.weight`,
        shape: [channels, into, size, size],
        numbers: numbers.map((number, at) => number * (scale[Math.floor(at / each)] ?? 0)),
      },
      {
        name: `${name}.bias`,
        shape: [channels],
        numbers: Float32Array.from(shift, (it, at) => it - (mean[at] ?? 0) * (scale[at] ?? 0)),
      },
    );
    const after = Math.ceil(this.#side / stride);
    const padding = Math.max(0, (after - 1) * stride + size - this.#side);
    const [start, end] = [Math.floor(padding / 2), Math.ceil(padding / 2)];
    [this.#side, this.#channels] = [after, channels];
    return this.#node("Conv", [from, `${name}.weight`, `${name}.bias`], name, {
      kernel_shape: [size, size],
      strides: [stride, stride],
      pads: [start, start, end, end],
      group: isDepthwise ? channels : 1,
    });
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

  #get(name: string): Float32Array<ArrayBuffer> {
    const numbers = this.#weights.get(name);
    if (numbers === undefined) throw new Error(`The weights ${name} are missing`);
    return numbers;
  }
}

/**
 * Weights by channel that comes out, then by channel that goes in, then by place. In the file they lie
 * the other way about, as TensorFlow has them.
 */
function byChannel(
  numbers: Float32Array<ArrayBuffer>,
  channels: number,
  into: number,
): Float32Array<ArrayBuffer> {
  const places = numbers.length / channels / into;
  return numbers.map((_, at) => {
    const [out, rest] = [Math.floor(at / places / into), at % (places * into)];
    const [inner, place] = [Math.floor(rest / places), rest % places];
    return numbers[(place * into + inner) * channels + out] ?? 0;
  });
}
