/**
 * Shards of bounded size for WebDataset.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { createTarPacker } from "modern-tar";
import { writeAll, writeFileAtomic } from "../base/files.ts";
import { Seeded } from "../base/seeded.ts";

/** A file in a shard. */
export interface Member {
  /** Its name: the sample's key, a dot, what it is. */
  readonly name: string;
  /** Its content. */
  readonly bytes: Uint8Array;
}

/** What is dealt out to shards. */
export interface Sharded {
  /** Where it stands among the others, from 0 to below 1. */
  readonly place: number;
  /** How many bytes of a shard it takes. */
  readonly weight: number;
}

/** What goes with every file of a tar besides its content, rounding included, at the most. */
const HEADER_BYTES = 1_024;
/** Halving ends here: what is larger than a shard by itself gets one of its own. */
const MOST_HALVINGS = 40;

/**
 * Where an image stands in the order of the shards: as if drawn by lot, so that a reader of one
 * shard sees many species; the same however many others there are.
 *
 * @param seed The split's seed.
 * @param key The sample's key.
 */
export function shardPlace(seed: number, key: string): number {
  return new Seeded(`shard ${seed} ${key}`).next();
}

/**
 * How many bytes of a shard a file takes.
 *
 * @param bytes Its size.
 */
export function shardWeight(bytes: number): number {
  return bytes + HEADER_BYTES;
}

/**
 * Deals samples out to shards: the whole row is halved, and each half again, until each part fits.
 * A sample more or less changes the one shard it is in, not those behind it.
 *
 * @param samples The samples.
 * @param most The bytes a shard may have.
 * @returns The shards, none empty, each in the order of the places.
 */
export function dealShards<Sample extends Sharded>(
  samples: readonly Sample[],
  most: number,
): Sample[][] {
  const sorted = [...samples].sort((one, other) => one.place - other.place);
  return halve(sorted, most, 0, 1, 0);
}

function halve<Sample extends Sharded>(
  samples: Sample[],
  most: number,
  from: number,
  to: number,
  halvings: number,
): Sample[][] {
  if (samples.length === 0) return [];
  const weight = samples.reduce((sum, sample) => sum + sample.weight, HEADER_BYTES);
  if (weight <= most || samples.length === 1 || halvings === MOST_HALVINGS) return [samples];
  const middle = (from + to) / 2;
  const at = samples.findIndex((sample) => sample.place >= middle);
  const cut = at < 0 ? samples.length : at;
  return [
    ...halve(samples.slice(0, cut), most, from, middle, halvings + 1),
    ...halve(samples.slice(cut), most, middle, to, halvings + 1),
  ];
}

/** What writing a shard came to. */
export interface WrittenShard {
  /** The size on disk. */
  readonly bytes: number;
  /** Of the file, 64 hex digits. */
  readonly sha256: string;
}

/**
 * Writes a shard, whole or not at all. One member at a time is in memory.
 *
 * @param target The file; its folder exists.
 * @param members The files in it, by turns.
 * @throws Whatever the disk throws.
 */
export async function writeShard(
  target: string,
  members: AsyncIterable<Member>,
): Promise<WrittenShard> {
  const hash = createHash("sha256");
  let bytes = 0;
  await writeFileAtomic(target, async (file) => {
    const { readable, controller } = createTarPacker();
    const packing = pack(controller, members).catch((thrown: unknown) => {
      controller.error(thrown);
      throw thrown;
    });
    const writing = (async () => {
      for await (const part of readable) {
        hash.update(part);
        bytes += part.length;
        await writeAll(file, part);
      }
    })();
    await Promise.all([packing, writing]);
  }, { flush: "file" });
  return { bytes, sha256: hash.digest("hex") };
}

async function pack(
  controller: ReturnType<typeof createTarPacker>["controller"],
  members: AsyncIterable<Member>,
): Promise<void> {
  for await (const { name, bytes } of members) {
    // The same time for all: the same samples are the same bytes.
    const header = { name, size: bytes.length, type: "file", mode: 0o644, mtime: EPOCH } as const;
    const writer = controller.add(header).getWriter();
    await writer.write(bytes);
    await writer.close();
  }
  controller.finalize();
}

const EPOCH = new Date(0);
