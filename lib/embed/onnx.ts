/**
 * Writes ONNX models: the few messages of its protobuf format that a network for images needs.
 *
 * @module
 */

import { concat } from "@std/bytes";

/** A value of an attribute: a whole number, or several. */
type Attribute = number | readonly number[];

/** One operation. */
export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** A tensor of 32-bit floats that belongs to the model. */
export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly numbers: Float32Array<ArrayBuffer>;
}

/** What goes in or comes out; a side that is a text may be of any length. */
export interface OnnxValue {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}

/** A network. */
export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly tensors: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

const IR_VERSION = 8;
/** The version of the operations: Clip takes its bounds as tensors, Softmax works on one axis. */
const OPSET = 13;
/** ONNX's numbers for types. */
const FLOAT = 1;
const INT = 2;
const INTS = 7;

/** Writes a network as the bytes of an ONNX file. */
export function writeOnnx(graph: OnnxGraph): Uint8Array<ArrayBuffer> {
  return concat([
    number(1, IR_VERSION),
    text(2, "aquaset"),
    message(7, [
      ...graph.nodes.map((node) => message(1, nodeFields(node))),
      text(2, graph.name),
      ...graph.tensors.map((tensor) => message(5, tensorFields(tensor))),
      ...graph.inputs.map((value) => message(11, valueFields(value))),
      ...graph.outputs.map((value) => message(12, valueFields(value))),
    ]),
    message(8, [number(2, OPSET)]),
  ]);
}

function nodeFields({ op, inputs, output, attributes = {} }: OnnxNode): Uint8Array[] {
  return [
    ...inputs.map((name) => text(1, name)),
    text(2, output),
    text(3, output),
    text(4, op),
    ...Object.entries(attributes).map(([name, value]) =>
      message(5, [
        text(1, name),
        ...(typeof value === "number"
          ? [number(3, value), number(20, INT)]
          : [...value.map((each) => number(8, each)), number(20, INTS)]),
      ])
    ),
  ];
}

function tensorFields({ name, shape, numbers }: OnnxTensor): Uint8Array[] {
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  return [
    ...shape.map((side) => number(1, side)),
    number(2, FLOAT),
    text(8, name),
    field(9, bytes),
  ];
}

function valueFields({ name, shape }: OnnxValue): Uint8Array[] {
  const sides = shape.map((side) =>
    message(1, [typeof side === "number" ? number(1, side) : text(2, side)])
  );
  const tensor = message(1, [number(1, FLOAT), message(2, sides)]);
  return [text(1, name), message(2, [tensor])];
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push(left % 0x80 | 0x80);
  return [...bytes, left];
}

function number(tag: number, value: number): Uint8Array {
  return Uint8Array.from([...varint(tag << 3), ...varint(value)]);
}

function field(tag: number, bytes: Uint8Array): Uint8Array {
  return concat([Uint8Array.from([...varint(tag << 3 | 2), ...varint(bytes.length)]), bytes]);
}

function text(tag: number, value: string): Uint8Array {
  return field(tag, new TextEncoder().encode(value));
}

function message(tag: number, fields: readonly Uint8Array[]): Uint8Array {
  return field(tag, concat(fields));
}
