/**
 * The embeddings of a data folder: `embeddings.f16`, a flat file of float16 numbers in the order of
 * `embeddings.index`, whose first line names the model and whose other lines each are the SHA-256
 * of an image. Both can be deleted at any time; `deno task embed` makes them again.
 *
 * A row's numbers are written before its line of the index, so whatever a crash leaves behind the
 * shorter of the two is torn, and is cut off by the next run.
 *
 * @module
 */

import * as v from "valibot";
import { diskFailure } from "../base/disk_failure.ts";
import { Failure } from "../base/failure.ts";
import { readIfThere, removeIfThere, sizeOf, writeAll } from "../base/files.ts";
import { fileInside, writableInside } from "../base/inside.ts";

/** The file of numbers. */
export const VECTORS_NAME = "embeddings.f16";
/** The file that says whose they are. */
export const INDEX_NAME = "embeddings.index";
/** The doubts that were worked out from them: see `doubt.ts`. */
export const DOUBTS_NAME = "embeddings.doubts";

/** Bytes of an index line: 64 hex digits and a line break. */
const LINE_BYTES = 65;
const HASH = /^[0-9a-f]{64}$/;

const HEADER = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    v: v.literal(1),
    model: v.string(),
    sha256: v.pipe(v.string(), v.regex(HASH)),
    dimensions: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_536)),
  }),
);

/** Which model made the embeddings. */
export interface EmbeddingSource {
  /** The model's name, for people. */
  readonly model: string;
  /** The SHA-256 of the model file. */
  readonly sha256: string;
  /** Numbers per image. */
  readonly dimensions: number;
}

/** The embeddings of a data folder, in memory: vectors of length 1, so that a dot product is a cosine. */
export class Embeddings {
  readonly source: EmbeddingSource;
  /** The SHA-256 of the images, in the order of their rows. */
  readonly hashes: readonly string[];
  readonly #numbers: Float16Array;
  readonly #rows: ReadonlyMap<string, number>;

  /** Takes rows of `source.dimensions` numbers, as many as there are hashes. */
  constructor(source: EmbeddingSource, hashes: readonly string[], numbers: Float16Array) {
    this.source = source;
    this.hashes = hashes;
    this.#numbers = numbers;
    this.#rows = new Map(hashes.map((hash, row) => [hash, row]));
  }

  /** The row of an image; `undefined` where it has none. */
  rowOf(sha256: string): number | undefined {
    return this.#rows.get(sha256);
  }

  /** The vector of a row. */
  vector(row: number): Float32Array {
    const { dimensions } = this.source;
    return new Float32Array(this.#numbers.subarray(row * dimensions, (row + 1) * dimensions));
  }
}

/**
 * Reads the embeddings of a data folder, also while they are being made.
 *
 * @returns Undefined where there are none, or the files are not what they should be.
 * @throws {Failure} When the disk refuses.
 */
export async function readEmbeddings(dir: string): Promise<Embeddings | undefined> {
  const index = await readFile(dir, INDEX_NAME);
  const vectors = index && await readFile(dir, VECTORS_NAME);
  const read = index && parseIndex(index);
  if (vectors === undefined || read === undefined) return undefined;
  const { source, hashes } = read;
  const rows = Math.min(hashes.length, Math.floor(vectors.length / 2 / source.dimensions));
  const numbers = new Float16Array(vectors.buffer, 0, rows * source.dimensions);
  return new Embeddings(source, hashes.slice(0, rows), numbers);
}

/** How far the images of a data folder are embedded. */
export interface EmbeddingCount {
  /** The model's name. */
  readonly model: string;
  readonly images: number;
  /** Images that have none yet. */
  readonly missing: number;
}

/**
 * How many kept images have an embedding, and how many not; undefined where nothing was embedded.
 *
 * @throws {Failure} When the disk refuses.
 */
export async function countEmbeddings(
  dir: string,
  kept: Iterable<{ readonly sha256: string; readonly rejected: boolean }>,
): Promise<EmbeddingCount | undefined> {
  const index = await readFile(dir, INDEX_NAME);
  const read = index && parseIndex(index);
  if (read === undefined) return undefined;
  const hashes = new Set(read.hashes);
  let [images, missing] = [0, 0];
  for (const { sha256, rejected } of kept) {
    if (rejected) continue;
    if (hashes.has(sha256)) images++;
    else missing++;
  }
  return { model: read.source.model, images, missing };
}

/** Removes the embeddings of a data folder, and what was made of them. */
export async function removeEmbeddings(dir: string): Promise<void> {
  for (const name of [INDEX_NAME, VECTORS_NAME, DOUBTS_NAME]) {
    await removeIfThere(await writableInside(dir, name));
  }
}

/** Adds embeddings to a data folder whose lock this process has. */
export class EmbeddingWriter {
  /** The images that have an embedding. */
  readonly hashes: Set<string>;
  readonly #vectors: Deno.FsFile;
  readonly #index: Deno.FsFile;
  readonly #source: EmbeddingSource;

  private constructor(
    source: EmbeddingSource,
    files: { readonly vectors: Deno.FsFile; readonly index: Deno.FsFile },
    hashes: readonly string[],
  ) {
    this.#source = source;
    this.#vectors = files.vectors;
    this.#index = files.index;
    this.hashes = new Set(hashes);
  }

  /**
   * Opens the embeddings for adding to them. A torn end is cut off; embeddings of another model are
   * removed, since they cannot be compared with this one's.
   *
   * @throws {Failure} When the disk refuses.
   */
  static async open(
    dir: string,
    source: EmbeddingSource,
    notice: (text: string) => void,
  ): Promise<EmbeddingWriter> {
    const before = await readFile(dir, INDEX_NAME);
    const read = before && parseIndex(before);
    const size = await sizeOf(await writableInside(dir, VECTORS_NAME)) ?? 0;
    const isSame = read?.source.sha256 === source.sha256 &&
      read.source.dimensions === source.dimensions;
    if (before !== undefined && !isSame) {
      notice(
        read === undefined
          ? "The embeddings that are there cannot be read: all are made anew."
          : `The embeddings that are there are by another model, ${read.source.model}: all are made anew.`,
      );
    }
    const rowBytes = source.dimensions * 2;
    const hashes = isSame ? read.hashes.slice(0, Math.floor(size / rowBytes)) : [];
    const header = isSame ? read.headerBytes : 0;
    const vectors = await openAt(dir, VECTORS_NAME, hashes.length * rowBytes);
    try {
      const index = await openAt(
        dir,
        INDEX_NAME,
        header === 0 ? 0 : header + hashes.length * LINE_BYTES,
      );
      const writer = new EmbeddingWriter(source, { vectors, index }, hashes);
      if (header === 0) await writer.#write(index, INDEX_NAME, headerOf(source));
      return writer;
    } catch (thrown) {
      vectors.close();
      throw thrown;
    }
  }

  /**
   * Adds images. They are on the disk when this returns.
   *
   * @throws {Failure} When the disk refuses.
   */
  async add(
    rows: readonly { readonly sha256: string; readonly vector: Float32Array }[],
  ): Promise<void> {
    const { dimensions } = this.#source;
    const added = rows.filter(({ sha256 }) => !this.hashes.has(sha256));
    const numbers = new Float16Array(added.length * dimensions);
    added.forEach(({ vector }, at) => numbers.set(unit(vector), at * dimensions));
    await this.#write(this.#vectors, VECTORS_NAME, new Uint8Array(numbers.buffer));
    const lines = added.map(({ sha256 }) => `${sha256}\n`).join("");
    await this.#write(this.#index, INDEX_NAME, new TextEncoder().encode(lines));
    for (const { sha256 } of added) this.hashes.add(sha256);
  }

  /** Closes the files. */
  close(): void {
    this.#vectors.close();
    this.#index.close();
  }

  async #write(file: Deno.FsFile, name: string, bytes: Uint8Array): Promise<void> {
    try {
      await writeAll(file, bytes);
      await file.sync();
    } catch (thrown) {
      throw diskFailure(`write ${name}`, thrown);
    }
  }
}

/** A vector of length 1 in the same direction. */
export function unit(vector: Float32Array): Float32Array {
  let sum = 0;
  for (const number of vector) sum += number * number;
  if (!Number.isFinite(sum)) throw new Failure("The model's output is no finite number.");
  const length = Math.sqrt(sum) || 1;
  return vector.map((number) => number / length);
}

function headerOf({ model, sha256, dimensions }: EmbeddingSource): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify({ v: 1, model, sha256, dimensions })}\n`);
}

/** Reads the lines that are whole; undefined where the first one is no header of ours. */
function parseIndex(
  bytes: Uint8Array,
): { source: EmbeddingSource; headerBytes: number; hashes: string[] } | undefined {
  const headerBytes = bytes.indexOf(10) + 1;
  if (headerBytes === 0) return undefined;
  const header = v.safeParse(HEADER, new TextDecoder().decode(bytes.subarray(0, headerBytes)));
  if (!header.success) return undefined;
  const { model, sha256, dimensions } = header.output;
  const text = new TextDecoder().decode(bytes.subarray(headerBytes));
  const hashes: string[] = [];
  for (let at = 0; at + LINE_BYTES <= text.length; at += LINE_BYTES) {
    const hash = text.slice(at, at + LINE_BYTES - 1);
    if (!HASH.test(hash) || text[at + LINE_BYTES - 1] !== "\n") break;
    hashes.push(hash);
  }
  return { source: { model, sha256, dimensions }, headerBytes, hashes };
}

async function readFile(dir: string, name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const path = await fileInside(dir, name);
    return path === undefined ? undefined : await readIfThere(path);
  } catch (thrown) {
    throw diskFailure(`read ${name} in ${dir}`, thrown);
  }
}

/** Opens a file for writing at its end, which is cut to so many bytes. */
async function openAt(dir: string, name: string, bytes: number): Promise<Deno.FsFile> {
  const path = await writableInside(dir, name);
  try {
    const file = await Deno.open(path, { write: true, create: true });
    await file.truncate(bytes);
    await file.seek(bytes, Deno.SeekMode.Start);
    return file;
  } catch (thrown) {
    throw diskFailure(`open ${path}`, thrown);
  }
}
