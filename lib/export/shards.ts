/**
 * Shards of bounded size with the images inside: tar files as WebDataset reads them, or Parquet as
 * Hugging Face's `datasets` does.
 *
 * @module
 */

import { ByteWriter, parquetWriteRows } from "hyparquet-writer";
import { createTarPacker } from "modern-tar";
import { hashFile, sha256Of, sizeOf, writeAll, writeFileAtomic } from "../base/files.ts";
import { Seeded } from "../base/seeded.ts";
import { SIDES } from "../split/side.ts";
import { type FormatInput, type FormatPlan, imagesOf, sideName } from "./formats.ts";
import type { ExportImage, ExportImages, ImageBytes } from "./images.ts";
import type { ExportedFile, FileFacts } from "./manifest.ts";
import { makeRow, type Row, ROW_FIELDS } from "./rows.ts";
import type { FileBatch, WantedFile } from "./tree.ts";

/** A sample's tar headers and padding, at the most, for one of its files. */
const TAR_OVERHEAD = 1_024;
/** The bytes of a row beside the image, about. */
const ROW_BYTES = 2_000;
/** A group that still does not fit after so many halvings gets a shard of its own. */
const MAX_HALVINGS = 40;
/** How many images stand in memory at a time while Parquet is written. */
const ROWS_PER_GROUP = 64;

/** What is put into shards. */
export interface Sharded {
  /** The place in the order, from 0 to below 1. */
  readonly place: number;
  /** The bytes it takes. */
  readonly weight: number;
}

interface Sample extends Sharded {
  readonly image: ExportImage;
  /** Unique in the export. */
  readonly key: string;
}

/**
 * Divides samples into shards: the whole range of places is halved, and each half again, until each
 * part fits. So one sample more or less changes its own shard and not those behind it.
 *
 * @returns The shards, none empty, each in the order of the places.
 */
export function divideIntoShards<Item extends Sharded>(
  samples: readonly Item[],
  maxBytes: number,
): Item[][] {
  const sorted = [...samples].sort((one, other) => one.place - other.place);
  return halve(sorted, maxBytes, 0, 1, 0);
}

function halve<Item extends Sharded>(
  samples: Item[],
  maxBytes: number,
  from: number,
  to: number,
  halvings: number,
): Item[][] {
  if (samples.length === 0) return [];
  const weight = samples.reduce((sum, sample) => sum + sample.weight, TAR_OVERHEAD);
  if (weight <= maxBytes || samples.length === 1 || halvings === MAX_HALVINGS) return [samples];
  const middle = (from + to) / 2;
  const at = samples.findIndex((sample) => sample.place >= middle);
  const cut = at < 0 ? samples.length : at;
  return [
    ...halve(samples.slice(0, cut), maxBytes, from, middle, halvings + 1),
    ...halve(samples.slice(cut), maxBytes, middle, to, halvings + 1),
  ];
}

/** Plans the shards `train-000000.tar` or `train-00000-of-00003.parquet` and so on. */
export async function planShards(
  format: "webdataset" | "parquet",
  input: FormatInput,
): Promise<FormatPlan> {
  const { photos, images, shardSize, seed } = input;
  const labelOf = new Map(input.labels.map((label) => [label.id, label]));
  const rowOf = ({ image, key }: Sample, folder: string, facts?: FileFacts): Row => {
    const name = images.nameOf(image);
    const ending = name.slice(name.lastIndexOf("."));
    return makeRow(image, labelOf.get(image.photo.species), `${folder}${key}${ending}`, facts);
  };
  const all = photos.flatMap((photo) => imagesOf(photo, input))
    .map((image) => toSample(image, seed, images));
  const samplesOf = new Map<string, readonly Sample[]>();
  const batches: FileBatch[] = [];
  for (const side of SIDES) {
    const samples = all.filter(({ image }) => image.photo.side === side);
    const shards = divideIntoShards(samples, shardSize);
    for (const [number, shard] of shards.entries()) {
      const name = sideName(side, input);
      const path = format === "webdataset"
        ? `${name}-${pad(number, 6)}.tar`
        : `data/${name}-${pad(number, 5)}-of-${pad(shards.length, 5)}.parquet`;
      samplesOf.set(path, shard);
      batches.push(await shardBatch(format, path, shard, images, rowOf));
    }
  }
  return {
    batches,
    *rows(files) {
      for (const [path, samples] of samplesOf) yield* madeRows(files.get(path), samples, rowOf);
    },
    lists: () => [],
  };
}

function* madeRows(
  shard: ExportedFile | undefined,
  samples: readonly Sample[],
  rowOf: (sample: Sample, folder: string) => Row,
): Generator<Row, void, void> {
  if (shard === undefined) return;
  const without = new Set(shard.without);
  for (const sample of samples) {
    if (!without.has(sample.key)) yield rowOf(sample, `${shard.path}/`);
  }
}

function toSample(image: ExportImage, seed: number, images: ExportImages): Sample {
  const name = images.nameOf(image);
  const key = `${image.photo.species}-${name.slice(0, name.lastIndexOf("."))}`;
  return {
    image,
    key,
    // As if by lot, so that a reader of one shard sees many species.
    place: new Seeded(`shard ${seed} ${key}`).next(),
    weight: images.expectedBytes(image) + ROW_BYTES + 3 * TAR_OVERHEAD,
  };
}

async function shardBatch(
  format: "webdataset" | "parquet",
  path: string,
  samples: readonly Sample[],
  images: ExportImages,
  rowOf: (sample: Sample, folder: string, facts?: FileFacts) => Row,
): Promise<FileBatch> {
  const rows = samples.map((sample) => [images.keyOf(sample.image), rowOf(sample, "")]);
  const digest = await sha256Of(new TextEncoder().encode(JSON.stringify([format, rows])));
  const file: WantedFile = { path, key: `shard ${digest}`, buildPath: `shards/${digest}` };
  const write = format === "webdataset" ? writeTar : writeParquet;
  return {
    files: [file],
    async *make(_files, targetOf) {
      const target = targetOf(file);
      const without: string[] = [];
      const members = async function* (): AsyncGenerator<Member, void, void> {
        for (const sample of samples) {
          const [image] = await images.make([sample.image]);
          if (image === undefined) {
            without.push(sample.key);
            continue;
          }
          const { width, height } = image;
          const facts = { bytes: image.bytes.length, width, height };
          yield { key: sample.key, image, row: rowOf(sample, "", facts) };
        }
      };
      await writeFileAtomic(target, (out) => write(out, members()), { flush: "file" });
      const bytes = await sizeOf(target) ?? 0;
      const facts = { bytes, sha256: await hashFile(target) };
      yield [file, without.length === 0 ? facts : { ...facts, without }];
    },
  };
}

interface Member {
  readonly key: string;
  readonly image: ImageBytes;
  readonly row: Row;
}

/** A tar with three files a sample: the image, its label and its row. */
async function writeTar(out: Deno.FsFile, members: AsyncIterable<Member>): Promise<void> {
  const { readable, controller } = createTarPacker();
  const encoder = new TextEncoder();
  const add = async (name: string, bytes: Uint8Array): Promise<void> => {
    // One time stamp for all: the same samples make the same bytes.
    const header = { name, size: bytes.length, type: "file", mode: 0o644, mtime: EPOCH } as const;
    const writer = controller.add(header).getWriter();
    await writer.write(bytes);
    await writer.close();
  };
  const packing = (async () => {
    for await (const { key, image, row } of members) {
      await add(row.file_name, image.bytes);
      await add(`${key}.cls`, encoder.encode(String(row.label)));
      await add(`${key}.json`, encoder.encode(JSON.stringify(row)));
    }
    controller.finalize();
  })().catch((thrown: unknown) => {
    controller.error(thrown);
    throw thrown;
  });
  const writing = (async () => {
    for await (const part of readable) await writeAll(out, part);
  })();
  await Promise.all([packing, writing]);
}

const EPOCH = new Date(0);

/** One row an image, the image itself in the struct that `datasets` knows as an image. */
async function writeParquet(out: Deno.FsFile, members: AsyncIterable<Member>): Promise<void> {
  const rows = async function* (): AsyncGenerator<Record<string, unknown>, void, void> {
    for await (const { image, row } of members) {
      yield { image: { bytes: image.bytes, path: row.file_name }, ...row };
    }
  };
  await parquetWriteRows({
    writer: new FlushingWriter(out),
    rows: rows(),
    columns: [{ name: "image", codec: "UNCOMPRESSED" }, ...FIELDS.map(([name]) => ({ name }))],
    schema: PARQUET_SCHEMA,
    rowGroupSize: ROWS_PER_GROUP,
    statistics: false,
  });
}

const FIELDS = ROW_FIELDS.filter(([name]) => name !== "file_name");

const REQUIRED = { repetition_type: "REQUIRED" } as const;
const TEXT = { type: "BYTE_ARRAY", converted_type: "UTF8", ...REQUIRED } as const;
const PARQUET_SCHEMA: NonNullable<Parameters<typeof parquetWriteRows>[0]["schema"]> = [
  { name: "schema", num_children: FIELDS.length + 1 },
  { name: "image", num_children: 2, ...REQUIRED },
  { name: "bytes", type: "BYTE_ARRAY", ...REQUIRED },
  { name: "path", ...TEXT },
  ...FIELDS.map(([name, kind]) =>
    kind === "number" ? { name, type: "INT32" as const, ...REQUIRED } : { name, ...TEXT }
  ),
];

/** Hands what was written to the file after each group of rows. */
class FlushingWriter extends ByteWriter {
  readonly #out: Deno.FsFile;

  constructor(out: Deno.FsFile) {
    super();
    this.#out = out;
  }

  async flush(): Promise<void> {
    await writeAll(this.#out, this.getBytes());
    this.index = 0;
  }

  override async finish(): Promise<void> {
    await this.flush();
  }
}

function pad(number: number, digits: number): string {
  return String(number).padStart(digits, "0");
}
