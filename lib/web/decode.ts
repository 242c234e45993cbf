/**
 * Content encodings that Deno's `fetch` leaves alone.
 *
 * Deno 2.9 decodes a body whose `Content-Encoding` is exactly `gzip` or `br` and hands every other
 * one over as it came (seen 2026-11): `deflate`, `zstd`, `x-gzip`, and several one around another.
 *
 * @module
 */

import { PassThrough, type Transform } from "node:stream";
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from "node:zlib";

/** More layers than this nobody needs. */
const MOST_LAYERS = 4;

/** What is left to decode of a body. */
export interface Encodings {
  /** From the outermost to the innermost. */
  readonly layers: readonly string[];
  /** Names that nobody knows; the body is taken as it is, as browsers do. */
  readonly unknown: readonly string[];
}

/** A body in so many layers that it can only be meant to do harm, or in layers that do not decode. */
export class Undecodable extends Error {
  /** Always `"Undecodable"`. */
  override readonly name = "Undecodable";
}

/**
 * What is left to decode once Deno has done its part.
 *
 * @param header `Content-Encoding`.
 * @throws {Undecodable} When there are more than four layers.
 */
export function leftToDecode(header: string | null): Encodings {
  const names = (header ?? "").toLowerCase().split(",").map((name) => name.trim())
    .filter((name) => name !== "" && name !== "identity");
  if (names.length > MOST_LAYERS) throw new Undecodable(`encoded ${names.length} times`);
  const plain = (header ?? "").trim().toLowerCase();
  if (plain === "gzip" || plain === "br") return { layers: [], unknown: [] };
  const unknown = names.filter((name) => !KNOWN.has(name));
  return { layers: unknown.length > 0 ? [] : names.reverse(), unknown };
}

const KNOWN: ReadonlySet<string> = new Set(["gzip", "x-gzip", "deflate", "br", "zstd"]);

/**
 * What decodes one layer. It makes no more than it is asked for: a bomb goes off one small piece at
 * a time, and whoever counts the pieces can stop it.
 *
 * @param layer One of those {@linkcode leftToDecode} names.
 * @param start The layer's first two bytes: `deflate` is spelled in two ways, and `gzip` may have
 * been undone already.
 */
export function decoder(layer: string, start: Uint8Array): Transform {
  switch (layer) {
    case "gzip":
    case "x-gzip":
      // Of several headers Deno undoes the first, and the rest do not tell that there were several.
      return start[0] === 0x1f && start[1] === 0x8b ? createGunzip() : new PassThrough();
    case "br":
      return createBrotliDecompress();
    case "zstd":
      return createZstdDecompress();
    default: {
      const [first = 0, second = 0] = start;
      const zlib = (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
      return zlib ? createInflate() : createInflateRaw();
    }
  }
}
