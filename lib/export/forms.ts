/**
 * The forms of an export: which files it has.
 *
 * @module
 */

import { dirname, join, relative, resolve } from "@std/path";
import { stringify } from "@std/csv";
import { sha256Of } from "../base/files.ts";
import type { ExportedFile } from "./manifest.ts";
import { formatRows, type Row, ROW_FIELDS, RowMaker } from "./rows.ts";
import { dealShards, type Member, shardPlace, shardWeight, writeShard } from "./shards.ts";
import { SIDES } from "../split/side.ts";
import type { Sources } from "./sources.ts";
import type { SplitDataset, SplitImage } from "../split/split_dataset.ts";
import type { TextFile, WantedFile } from "./tree.ts";

/** A form. */
export type Format = "imagefolder" | "webdataset" | "csv" | "jsonl";

/** What a form is made from. */
export interface FormInput {
  /** The data folder. */
  readonly dir: string;
  /** The export's folder. */
  readonly out: string;
  /** The images to export. */
  readonly images: readonly SplitImage[];
  /** The data folder, split. */
  readonly dataset: SplitDataset;
  /** The image files. */
  readonly sources: Sources;
  /** The greatest size of a shard, in bytes. */
  readonly shardSize: number;
}

/** The files of an export in one form. */
export interface Form {
  /** The files with images. */
  readonly files: readonly WantedFile[];
  /** The rows of the images that made it, and the texts that list them. */
  list(files: ReadonlyMap<string, ExportedFile>): {
    readonly rows: readonly Row[];
    readonly texts: readonly TextFile[];
  };
}

/**
 * The files of an export.
 *
 * @param format The form.
 * @param input What it is made from.
 */
export async function makeForm(format: Format, input: FormInput): Promise<Form> {
  switch (format) {
    case "imagefolder":
      return imageFolder(input);
    case "webdataset":
      return await webDataset(input);
    case "csv":
      return index(input, "csv", formatCsv);
    case "jsonl":
      return index(input, "jsonl", formatRows);
  }
}

/** `train/<species>/<hash>.jpg` and, beside the species, `metadata.jsonl`. */
function imageFolder({ images, dataset, sources }: FormInput): Form {
  const placed = images.map((image) => {
    const base = image.file.slice(image.file.lastIndexOf("/") + 1, image.file.lastIndexOf("."));
    const name = `${image.species}/${base}.${sources.extension(image)}`;
    return { image, name, path: `${image.side}/${name}` };
  });
  const maker = new RowMaker(dataset.labels);
  return {
    files: placed.map(({ image, path }) => ({
      path,
      key: sources.key(image),
      make: (target) => sources.put(image, target),
    })),
    list(files) {
      const rows = placed.flatMap(({ image, name, path }) => {
        const file = files.get(path);
        return file === undefined ? [] : [maker.row(image, name, file)];
      });
      return { rows, texts: bySide(rows, "metadata.jsonl", formatRows, "/") };
    },
  };
}

/** `train.csv` and so on, with paths to the images where they are. */
function index(
  { dir, out, images, dataset }: FormInput,
  ending: string,
  format: (rows: readonly Row[]) => string,
): Form {
  const maker = new RowMaker(dataset.labels);
  const toData = relative(resolve(out), resolve(dir)).replaceAll("\\", "/");
  const rows = images.map((image) =>
    maker.row(image, join(toData, image.file).replaceAll("\\", "/"))
  );
  const texts = bySide(rows, ending, format, ".");
  return { files: [], list: () => ({ rows, texts }) };
}

/** One list for each side that has images. */
function bySide(
  rows: readonly Row[],
  name: string,
  format: (rows: readonly Row[]) => string,
  between: string,
): TextFile[] {
  return SIDES.flatMap((side) => {
    const own = rows.filter(({ split }) => split === side);
    return own.length === 0 ? [] : [{ path: `${side}${between}${name}`, text: format(own) }];
  });
}

function formatCsv(rows: readonly Row[]): string {
  const names = ROW_FIELDS.map(([name]) => name);
  return stringify([names, ...rows.map((row) => names.map((name) => row[name]))], {
    headers: false,
    crlf: true,
  });
}

interface Sample {
  readonly image: SplitImage;
  readonly key: string;
  readonly place: number;
  readonly weight: number;
}

/** `train-000000.tar` and so on: of each image its file, its label and its row. */
async function webDataset(input: FormInput): Promise<Form> {
  const { images, dataset, sources, shardSize } = input;
  const maker = new RowMaker(dataset.labels);
  const files: WantedFile[] = [];
  const samplesOf = new Map<string, readonly Sample[]>();
  for (const side of SIDES) {
    const samples = images.filter((image) => image.side === side)
      .map((image) => sampleOf(image, maker, dataset.seed, sources));
    const shards = dealShards(samples, shardSize);
    for (const [number, shard] of shards.entries()) {
      const path = `${side}-${String(number).padStart(6, "0")}.tar`;
      samplesOf.set(path, shard);
      files.push({
        path,
        key: await shardKey(shard, sources, maker),
        async make(target) {
          const without: string[] = [];
          const members = membersOf(shard, sources, maker, without);
          const written = await writeShard(target, members);
          return { ...written, ...(without.length === 0 ? {} : { without }) };
        },
      });
    }
  }
  return {
    files,
    list(made) {
      const rows = [...samplesOf].flatMap(([path, samples]) => {
        const shard = made.get(path);
        if (shard === undefined) return [];
        const without = new Set(shard.without);
        return samples.filter(({ key }) => !without.has(key))
          .map(({ image, key }) => maker.row(image, `${path}/${key}`));
      });
      return { rows, texts: [] };
    },
  };
}

function keyOf({ species, file }: SplitImage): string {
  return `${species}-${file.slice(file.lastIndexOf("/") + 1, file.lastIndexOf("."))}`;
}

function sampleOf(
  image: SplitImage,
  maker: RowMaker,
  seed: number,
  sources: Sources,
): Sample {
  const key = keyOf(image);
  const row = JSON.stringify(maker.row(image, `${key}.${sources.extension(image)}`));
  // Each of the three files has a header and is filled up to whole blocks.
  const weight = shardWeight(sources.expectedBytes(image)) + shardWeight(row.length * 2) +
    shardWeight(8);
  return { image, key, place: shardPlace(seed, key), weight };
}

async function shardKey(
  samples: readonly Sample[],
  sources: Sources,
  maker: RowMaker,
): Promise<string> {
  const rows = samples.map(({ image, key }) => [sources.key(image), maker.row(image, key)]);
  return `shard ${await sha256Of(new TextEncoder().encode(JSON.stringify(rows)))}`;
}

async function* membersOf(
  samples: readonly Sample[],
  sources: Sources,
  maker: RowMaker,
  without: string[],
): AsyncGenerator<Member, void, void> {
  const encoder = new TextEncoder();
  for (const { image, key } of samples) {
    const read = await sources.read(image);
    if (read === undefined) {
      without.push(key);
      continue;
    }
    const extension = sources.extension(image);
    const { width, height } = read;
    const row = maker.row(image, `${key}.${extension}`, {
      bytes: read.bytes.length,
      width,
      height,
    });
    yield { name: `${key}.${extension}`, bytes: read.bytes };
    yield { name: `${key}.cls`, bytes: encoder.encode(String(row.label)) };
    yield { name: `${key}.json`, bytes: encoder.encode(JSON.stringify(row)) };
  }
}

/**
 * The folder an export goes to unless told otherwise.
 *
 * @param dir The data folder.
 * @param format The form.
 */
export function exportFolder(dir: string, format: Format): string {
  return join(dir, "export", format);
}

/** Whether one folder is the other or within it. */
export function isWithin(inner: string, outer: string): boolean {
  let at = resolve(inner);
  const end = resolve(outer);
  for (; at !== end; at = dirname(at)) if (dirname(at) === at) return false;
  return true;
}
