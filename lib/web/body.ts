/**
 * Reading a body without trusting it: counted after decoding, stopped the moment it is too large or
 * too slow.
 *
 * @module
 */

import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Deadline, type Deadlines, seconds } from "./deadline.ts";
import { decoder, leftToDecode, Undecodable } from "./decode.ts";

/** A body is larger than it may be. */
export class TooLarge extends Error {
  /** Always `"TooLarge"`. */
  override readonly name = "TooLarge";
}

/** How a body is read. */
export interface BodyLimits {
  /** The most bytes, decoded. */
  readonly most: number;
  /** What happens beyond: the body is given up, or only its start is taken. */
  readonly beyond: "refuse" | "cut";
  /** How slow it may be. */
  readonly deadlines: Deadlines;
}

/**
 * Reads a response's body to its end.
 *
 * @param response The response; its body is used up, or cancelled.
 * @param limits How much, how slowly.
 * @param deadline The request's deadlines; one for the body's speed is added.
 * @returns The bytes and what is worth telling.
 * @throws {TooLarge} When there is more than may be, and `beyond` says to refuse.
 * @throws {Undecodable} When the content encoding does not decode.
 * @throws Whatever breaks the connection, and the deadline's or caller's reason.
 */
export async function readBody(
  response: Response,
  limits: BodyLimits,
  deadline: Deadline,
): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly notes: readonly string[] }> {
  const announced = Number(response.headers.get("content-length") ?? 0);
  const { layers, unknown } = leftToDecode(response.headers.get("content-encoding"));
  if (limits.beyond === "refuse" && announced > limits.most) {
    throw new TooLarge(`${announced} bytes announced, ${limits.most} allowed`);
  }
  const notes = unknown.map((name) => `Content-Encoding ${name.slice(0, 40)} is not known`);
  if (response.body === null) return { bytes: new Uint8Array(), notes };
  const speed = new Speed(limits.deadlines, deadline);
  const sink = new Sink(limits);
  const raw = paced(response.body, speed);
  try {
    if (layers.length === 0) {
      for await (const chunk of raw) if (!sink.take(chunk)) break;
    } else {
      await decoded(raw, layers, sink, deadline.signal);
    }
  } finally {
    speed.end();
  }
  return { bytes: sink.bytes(), notes };
}

/** The body's chunks; cancels the body when whoever reads stops early. */
async function* paced(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  speed: Speed,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const chunk of body) {
    speed.saw(chunk.byteLength);
    yield chunk;
  }
}

async function decoded(
  raw: AsyncIterable<Uint8Array>,
  layers: readonly string[],
  sink: Sink,
  signal: AbortSignal,
): Promise<void> {
  let stream = raw;
  for (const layer of layers) stream = decodeLayer(stream, layer, signal);
  try {
    for await (const chunk of stream) if (!sink.take(chunk)) break;
  } catch (thrown) {
    signal.throwIfAborted();
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
    if (!/^(?:Z_|ERR_|ZSTD_)/.test(code)) throw thrown;
    throw new Undecodable(`cannot decode ${layers.join(", ")}: ${code}`);
  }
}

/** One layer less. The decoder makes small pieces and waits until they are taken. */
async function* decodeLayer(
  source: AsyncIterable<Uint8Array>,
  layer: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  const start = await startOf(chunks);
  if (start.length === 0) return;
  const transform = decoder(layer, start);
  const input = Readable.from(joined(start, chunks), { objectMode: false });
  // What goes wrong in the pipeline is thrown by the loop below as well.
  const piped = pipeline(input, transform, { signal })
    .then(() => undefined, (thrown: unknown) => ({ thrown }));
  try {
    for await (const chunk of transform) yield new Uint8Array(chunk);
    const failed = await piped;
    if (failed !== undefined) throw failed.thrown;
  } finally {
    transform.destroy();
    input.destroy();
    await chunks.return?.();
  }
}

/** The first two bytes at least, if there are so many: they tell which spelling a layer has. */
async function startOf(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let start = new Uint8Array();
  while (start.length < 2) {
    const next = await chunks.next();
    if (next.done) break;
    start = start.length === 0
      ? new Uint8Array(next.value)
      : new Uint8Array([...start, ...next.value]);
  }
  return start;
}

async function* joined(
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

/** Collects what is read, up to the limit. */
class Sink {
  readonly #chunks: Uint8Array[] = [];
  readonly #limits: BodyLimits;
  #count = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /** Takes a chunk; false when there is enough. */
  take(chunk: Uint8Array): boolean {
    const { most, beyond } = this.#limits;
    if (this.#count + chunk.byteLength > most) {
      if (beyond === "refuse") throw new TooLarge(`more than ${most} bytes`);
      this.#keep(chunk.subarray(0, most - this.#count));
      return false;
    }
    this.#keep(chunk);
    return true;
  }

  /** All of it in one piece. */
  bytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#count);
    let at = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at);
      at += chunk.byteLength;
    }
    return bytes;
  }

  #keep(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#count += chunk.byteLength;
  }
}

/** Watches that a body does not fall below the floor for a whole window. */
class Speed {
  readonly #deadlines: Deadlines;
  readonly #deadline: Deadline;
  #seen = 0;

  constructor(deadlines: Deadlines, deadline: Deadline) {
    this.#deadlines = deadlines;
    this.#deadline = deadline;
    this.#window();
  }

  /** Notes that so many bytes have come. A window's worth of them opens a new window. */
  saw(bytes: number): void {
    this.#seen += bytes;
    if (this.#seen >= this.#deadlines.floor * this.#deadlines.window / 1000) this.#window();
  }

  /** Stops watching. */
  end(): void {
    this.#deadline.clear("speed");
  }

  #window(): void {
    const { window, floor } = this.#deadlines;
    this.#seen = 0;
    const message = `less than ${floor} bytes a second for ${seconds(window)}`;
    this.#deadline.set("speed", window, message);
  }
}
