/**
 * Decoding JPEG with libjpeg-turbo, in a smaller size: it reads every byte of the file, so it finds
 * all damage, but does not make every pixel, which is most of the work. The package's own script
 * decodes in full size only and reads the file system; so its machine code is used directly.
 *
 * @module
 */

import { compileFile } from "./codec.ts";
import type { JpegFrame } from "./container.ts";
import { Undecodable } from "./decode.ts";
import type { Sample } from "./sample.ts";

/** In how many eighths of its size an image is decoded. */
export type Eighths = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

export interface JpegDecoder {
  /**
   * Decodes a JPEG as `readContainer()` rewrote it. Of inks it gives nothing, but reads them all.
   *
   * @throws {Undecodable} When the least is wrong with it.
   * @throws {Padded} When it is whole, but has bytes of no meaning before its end.
   */
  decode(jpeg: Uint8Array, frame: JpegFrame, eighths: Eighths): Sample | undefined;
}

/** A JPEG that is whole, with `count` bytes of no meaning before its end. */
export class Padded extends Error {
  override readonly name = "Padded";
  constructor(readonly count: number) {
    super(`${count} bytes before the end`);
  }
}

let compiled: Promise<WebAssembly.Module> | undefined;

/** Reads and compiles the decoder, once, so that several threads can share it. */
export function compileJpegDecoder(): Promise<WebAssembly.Module> {
  return compiled ??= compileFile(
    new URL("jpeg-turbo.wasm", import.meta.resolve("@cwasm/jpeg-turbo")),
  );
}

export function createJpegDecoder(module: WebAssembly.Module): JpegDecoder {
  let turbo: Turbo | undefined;
  return {
    decode: (jpeg, frame, eighths) => {
      turbo ??= instantiate(module);
      try {
        const decoded = decode(turbo, jpeg, frame, eighths);
        if (turbo.memory.buffer.byteLength > MOST_MEMORY) turbo = undefined;
        return decoded;
      } catch (thrown) {
        // It stopped somewhere in the midst: a new one costs less than a millisecond.
        turbo = undefined;
        throw thrown;
      }
    },
  };
}

/** A decoder that has taken more memory than this is replaced: it never gives any back. */
const MOST_MEMORY = 64 * 2 ** 20;

interface Turbo {
  readonly memory: WebAssembly.Memory;
  malloc(size: number): number;
  free(address: number): void;
  tjInitDecompress(): number;
  tjDestroy(handle: number): number;
  tjDecompress2(
    handle: number,
    jpeg: number,
    size: number,
    pixels: number,
    width: number,
    pitch: number,
    height: number,
    format: number,
    flags: number,
  ): number;
}

/** Formats of pixels, and the flag to stop at the first warning. */
const RGB = 0;
const CMYK = 11;
const STOP_ON_WARNING = 8192;

/** Thrown where libjpeg leaves by `longjmp`. */
class Stopped extends Error {
  override readonly name = "Stopped";
}

function instantiate(module: WebAssembly.Module): Turbo {
  const missing = (): never => {
    throw new Stopped("The decoder asked for the system");
  };
  const instance = new WebAssembly.Instance(module, {
    env: {
      setjmp: () => 0,
      longjmp: () => {
        throw new Stopped("The decoder gave up");
      },
    },
    wasi_snapshot_preview1: {
      environ_sizes_get: () => 0,
      environ_get: missing,
      proc_exit: missing,
      fd_close: missing,
      fd_seek: missing,
      fd_write: missing,
    },
  });
  if (!isTurbo(instance.exports)) throw new TypeError("The JPEG decoder lacks its functions");
  return instance.exports;
}

function isTurbo(exports: object): exports is Turbo {
  const names = ["malloc", "free", "tjInitDecompress", "tjDestroy", "tjDecompress2"];
  return "memory" in exports && names.every((name) => name in exports);
}

function decode(
  turbo: Turbo,
  jpeg: Uint8Array,
  frame: JpegFrame,
  eighths: Eighths,
): Sample | undefined {
  const width = Math.ceil(frame.width * eighths / 8);
  const height = Math.ceil(frame.height * eighths / 8);
  const bands = frame.components === 4 ? 4 : 3;
  const file = allocate(turbo, jpeg.length);
  const pixels = allocate(turbo, width * height * bands);
  const handle = turbo.tjInitDecompress();
  if (handle === 0) throw new Undecodable(OUT_OF_MEMORY, "too-large");
  new Uint8Array(turbo.memory.buffer).set(jpeg, file);
  const format = bands === 4 ? CMYK : RGB;
  let status: number;
  try {
    status = turbo.tjDecompress2(
      handle,
      file,
      jpeg.length,
      pixels,
      width,
      width * bands,
      height,
      format,
      STOP_ON_WARNING,
    );
  } catch (thrown) {
    if (thrown instanceof Stopped) throw whatIsWrong(turbo, handle, jpeg);
    if (thrown instanceof WebAssembly.RuntimeError) {
      throw new Undecodable(`JPEG: ${thrown.message}`);
    }
    throw thrown;
  }
  if (status !== 0) throw new Undecodable(OUT_OF_MEMORY, "too-large");
  const rgb = new Uint8Array(turbo.memory.buffer, pixels, width * height * bands).slice();
  turbo.tjDestroy(handle);
  turbo.free(pixels);
  turbo.free(file);
  return bands === 4 ? undefined : { width, height, pixels: rgb };
}

const OUT_OF_MEMORY = "JPEG: more memory needed than there is";

function allocate(turbo: Turbo, size: number): number {
  const address = turbo.malloc(size);
  if (address === 0) throw new Undecodable(OUT_OF_MEMORY, "too-large");
  return address;
}

/** Places in libjpeg's `jpeg_error_mgr`, in bytes: what was said last, and of what. */
const MESSAGE_CODE = 20;
const MESSAGE_PARAMETERS = 24;
const MESSAGE_TABLE = 112;

function whatIsWrong(turbo: Turbo, handle: number, jpeg: Uint8Array): Undecodable | Padded {
  const view = new DataView(turbo.memory.buffer);
  // The handle's memory begins with an empty compressor; the decompressor begins with the address.
  let at = handle;
  while (view.getUint32(at, true) === 0) at += 4;
  const errors = view.getUint32(at, true);
  const code = view.getInt32(errors + MESSAGE_CODE, true);
  const table = view.getUint32(errors + MESSAGE_TABLE, true);
  const template = textAt(turbo, view.getUint32(table + code * 4, true));
  const parameters = Array.from(
    { length: 8 },
    (_, index) => view.getInt32(errors + MESSAGE_PARAMETERS + index * 4, true),
  );
  if (/extraneous bytes before marker/.test(template)) {
    const [count = 0, marker] = parameters;
    if (marker === 0xd9 && isPadding(jpeg.subarray(-2 - count, -2))) return new Padded(count);
  }
  const words = fillIn(template, parameters);
  if (/memory|dimension/i.test(words)) return new Undecodable(`JPEG: ${words}`, "too-large");
  const isUnsupported = /unsupported|not supported|not implemented/i.test(words) &&
    !/marker/i.test(words);
  return new Undecodable(`JPEG: ${words}`, isUnsupported ? "unsupported-type" : "corrupt");
}

/** Whether bytes are all the same: cameras fill up to the end of a disk's block. */
function isPadding(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === bytes[0]);
}

function textAt(turbo: Turbo, address: number): string {
  const bytes = new Uint8Array(turbo.memory.buffer, address);
  return String.fromCharCode(...bytes.subarray(0, Math.min(200, bytes.indexOf(0))));
}

function fillIn(template: string, parameters: readonly number[]): string {
  let next = 0;
  return template.replaceAll(/%0?(\d*)[lu]*([dux])/g, (_, width: string, kind: string) => {
    const value = parameters[next++] ?? 0;
    return value.toString(kind === "x" ? 16 : 10).padStart(Number(width), "0");
  });
}
