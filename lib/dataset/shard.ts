/**
 * Divides the species among machines.
 *
 * @module
 */

import { Failure } from "../base/failure.ts";
import { fnv1a } from "../base/seeded.ts";

/** One of several shares: `1/4` is `{ index: 1, of: 4 }`. */
export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly of: number;
}

const MOST_SHARDS = 1000;

/**
 * Reads `i/n`.
 *
 * @throws {Failure} With status 2 when it is not `i/n` with 1 ≤ i ≤ n ≤ 1000.
 *
 * @example
 * ```ts
 * import { parseShard } from "./shard.ts";
 *
 * parseShard("1/4"); // { index: 1, of: 4 }
 * ```
 */
export function parseShard(text: string): Shard {
  const [, index, of] = /^(\d{1,4})\/(\d{1,4})$/.exec(text.trim()) ?? [];
  const shard: Shard = { index: Number(index), of: Number(of) };
  if (shard.index >= 1 && shard.index <= shard.of && shard.of <= MOST_SHARDS) return shard;
  throw new Failure(
    `--shard takes a share such as 1/4: the first of four, at most ${MOST_SHARDS}; got "${text}".`,
    2,
  );
}

/**
 * Whether a species belongs to a share. Every species belongs to exactly one of the `of` shares,
 * and to the same one whatever else is on the list.
 */
export function inShard(id: string, shard: Shard): boolean {
  return stableHash(id) % shard.of === shard.index - 1;
}

/** FNV-1a with a final mix: the same on every machine and in every version. Never change it. */
function stableHash(id: string): number {
  let hash = fnv1a(id);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
