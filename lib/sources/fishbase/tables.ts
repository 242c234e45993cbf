/**
 * FishBase's tables, published as Parquet files: every registered picture with its author, licence
 * and kind, and every name, in one download each. They are kept in the data folder's cache.
 *
 * @module
 */

import { format } from "@std/fmt/bytes";
import { dirname, join } from "@std/path";
import {
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  snappyUncompress,
} from "hyparquet";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { diskFailure } from "../../base/disk_failure.ts";
import { Failure, reason } from "../../base/failure.ts";
import { readIfThere, replaceFile, TEMPORARY_PREFIX } from "../../base/files.ts";
import { makeFolderInside } from "../../base/inside.ts";
import type { Client } from "../../web/client.ts";
import { type License, readLicense } from "../license.ts";
import type { Notice } from "../source.ts";
import { type PictureAddress, registered } from "./addresses.ts";
import { NameIndex } from "./names.ts";

export const TABLES_HOST = "data.source.coop";
export const TABLES_VERSION = "v25.04";

/** The most that a table may hold: real ones have some 60,000 pictures and 100,000 names. */
const MOST_ROWS = 2_000_000;
/** The largest page of a column when unpacked, and all pages of one column, in bytes. */
const LARGEST_PAGE = 64 << 20;
const LARGEST_COLUMN = 256 << 20;
/** The longest author or licence text that is kept, in letters. */
const LONGEST_TEXT = 500;

const COLUMNS = {
  picturesmain: ["SpecCode", "PicName", "PictureType", "LifeStage", "AuthName", "Copyright"],
  species: ["SpecCode", "Genus", "Species"],
  synonyms: ["SpecCode", "SynGenus", "SynSpecies", "Status"],
} as const;

type Table = keyof typeof COLUMNS;
/** The values of a row, in the order of its table's `COLUMNS`. */
type Row = readonly unknown[];

/** A registered picture as the table has it. */
export interface TablePicture {
  readonly address: PictureAddress;
  /** `photo`, `drawing`, `larva`, `egg`, `x-ray`, `stamp`, or `other`. */
  readonly kind: string;
  /** `juvenile` or `adult`. */
  readonly stage?: string;
  readonly author?: string;
  readonly license: License;
}

export interface Tables {
  /** Such as `v25.04`. */
  readonly version: string;
  readonly names: NameIndex;
  /** The registered pictures of a species, in the table's order. */
  pictures(code: number): readonly TablePicture[];
}

export interface TablesOptions {
  readonly client: Client;
  /** The data folder: the tables are cached in its `cache/fishbase`. */
  readonly data: string;
  readonly notice: Notice;
}

/** Loads the tables: from the cache, or from their host where they are not in it. */
export async function loadTables(
  options: TablesOptions,
  signal: AbortSignal,
): Promise<Tables | undefined> {
  try {
    const names = new NameIndex();
    for (const [code, genus, epithets] of await readTable("species", options, signal)) {
      names.addValid(nameOf(genus, epithets), numberOf(code));
    }
    for (const [code, genus, epithets, status] of await readTable("synonyms", options, signal)) {
      // A misapplied name belongs to another fish than the one it is listed under.
      const isMeant = /synonym|accepted/i.test(textOf(status));
      if (isMeant) names.addSynonym(nameOf(genus, epithets), numberOf(code));
    }
    const pictures = await readTable("picturesmain", options, signal);
    const byCode = Map.groupBy(pictures, ([code]) => numberOf(code));
    return {
      version: TABLES_VERSION,
      names,
      pictures: (code) =>
        (byCode.get(code) ?? []).map(pictureOf).filter((picture) => picture !== undefined),
    };
  } catch (thrown) {
    if (signal.aborted || !(thrown instanceof Failure)) throw thrown;
    options.notice(
      `FishBase's published tables cannot be used (${thrown.message}): its pages alone are read, ` +
        "one more page for each photo.",
    );
    return undefined;
  }
}

/**
 * A table, which is fetched unless it is in the cache.
 *
 * @throws {Failure} When neither can be read.
 */
async function readTable(
  table: Table,
  options: TablesOptions,
  signal: AbortSignal,
): Promise<readonly Row[]> {
  const folder = await makeFolderInside(options.data, "cache/fishbase").catch((thrown) => {
    throw diskFailure(`make cache/fishbase in ${options.data}`, thrown);
  });
  const path = join(folder, `${table}.${TABLES_VERSION}.parquet`);
  const cached = await readIfThere(path);
  if (cached !== undefined) {
    try {
      return await readRows(cached, table, signal);
    } catch (thrown) {
      signal.throwIfAborted();
      // Whatever the library throws, the file cannot be read.
      options.notice(`${path} is damaged (${reason(thrown)}): it is fetched again.`);
    }
  }
  const fetched = await fetchTable(table, path, options, signal);
  try {
    return await readRows(fetched, table, signal);
  } catch (thrown) {
    signal.throwIfAborted();
    throw new Failure(`${table}.parquet: ${reason(thrown)}`);
  }
}

async function fetchTable(
  table: Table,
  path: string,
  { client, notice }: TablesOptions,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const url =
    `https://${TABLES_HOST}/cboettig/fishbase/fb/${TABLES_VERSION}/parquet/${table}.parquet`;
  const answer = await client.page(url, { signal });
  if (!answer.ok) throw new Failure(`${url}: ${answer.detail}`);
  const { bytes } = answer;
  // A page of HTML with status 200 must not take the place of a table in the cache.
  const ends = [bytes.subarray(0, 4), bytes.subarray(-4)];
  if (!ends.every((end) => new TextDecoder().decode(end) === "PAR1")) {
    throw new Failure(`${url}: the answer is not a Parquet file`);
  }
  // Temporary files of an interrupted run may be as large as a table.
  for await (const { name } of Deno.readDir(dirname(path))) {
    if (name.startsWith(TEMPORARY_PREFIX)) await Deno.remove(join(dirname(path), name));
  }
  await replaceFile(path, bytes);
  notice(
    `Fetched FishBase's table ${table} ${TABLES_VERSION} (${format(bytes.length)}) into ${path}.`,
  );
  return bytes;
}

async function readRows(
  { buffer }: Uint8Array<ArrayBuffer>,
  table: Table,
  signal: AbortSignal,
): Promise<readonly Row[]> {
  const metadata = await parquetMetadataAsync(buffer);
  const columns = columnsOf(metadata, table);
  let rows: Row[] = [];
  const onComplete = (read: Row[]) => rows = read;
  await parquetRead({ file: buffer, metadata, columns, compressors: COMPRESSORS, onComplete });
  signal.throwIfAborted();
  return rows;
}

/** The file's own names of the columns; throws when the file is not as it should be. */
function columnsOf(metadata: FileMetaData, table: Table): string[] {
  if (metadata.num_rows > MOST_ROWS) throw new Error(`it has ${metadata.num_rows} rows`);
  const names = COLUMNS[table].map((known) => {
    const found = metadata.schema.find(({ name }) => name.toLowerCase() === known.toLowerCase());
    if (found === undefined) throw new Error(`it has no column ${known}`);
    return found.name;
  });
  let rows = 0;
  for (const { columns, num_rows } of metadata.row_groups) {
    rows += Number(num_rows);
    for (const { meta_data } of columns) {
      const name = meta_data?.path_in_schema.join(".") ?? "";
      if (names.includes(name) && Number(meta_data?.total_uncompressed_size) > LARGEST_COLUMN) {
        throw new Error(`its column ${name} is too large`);
      }
    }
  }
  if (rows !== Number(metadata.num_rows)) throw new Error("its parts do not add up");
  return names;
}

/** Unpacks pages, none larger than `LARGEST_PAGE`. */
const COMPRESSORS: Compressors = {
  SNAPPY: bounded((input, size) => {
    const output = new Uint8Array(size);
    snappyUncompress(input, output);
    return output;
  }),
  GZIP: bounded((input, size) => gunzipSync(input, { maxOutputLength: size })),
  ZSTD: bounded((input, size) => zstdDecompressSync(input, { maxOutputLength: size })),
};

function bounded(unpack: (input: Uint8Array, size: number) => Uint8Array): typeof unpack {
  return (input, size) => {
    if (!(size >= 0 && size <= LARGEST_PAGE)) {
      throw new Error(`a page of ${size} bytes is too large`);
    }
    return unpack(input, size);
  };
}

function pictureOf([, file, type, lifeStage, by, copyright]: Row): TablePicture | undefined {
  const address = registered(textOf(file));
  if (address === undefined) return undefined;
  const [stage, author] = [textOf(lifeStage), textOf(by)];
  return {
    address,
    kind: kindOf(textOf(type), stage),
    ...(/^juv/i.test(stage) && { stage: "juvenile" }),
    ...(/^adult/i.test(stage) && { stage: "adult" }),
    ...(author !== "" && { author }),
    license: readLicense(textOf(copyright)),
  };
}

/** A type that is neither empty nor known does not count as a photo. */
function kindOf(type: string, stage: string): string {
  const both = `${type} ${stage}`;
  if (/draw|paint|illustrat|sketch|artwork/i.test(type)) return "drawing";
  if (/x-?\s?ray|radiograph/i.test(type)) return "x-ray";
  if (/stamp|coin/i.test(type)) return "stamp";
  if (/larva/i.test(both)) return "larva";
  if (/\beggs?\b|embryo/i.test(both)) return "egg";
  return type === "" || /photo|underwater|aquarium|picture/i.test(type) ? "photo" : "other";
}

/** A name of two or three words; `undefined` for anything else. */
function nameOf(genus: unknown, epithets: unknown): string | undefined {
  const name = `${textOf(genus)} ${textOf(epithets)}`.trim();
  return /^\p{L}[\p{L}-]{0,60}(?: \p{L}[\p{L}-]{0,60}){1,2}$/u.test(name) ? name : undefined;
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === "bigint" || typeof value === "number" ? Number(value) : NaN;
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

/** A text of the table on one line, without control characters. */
function textOf(value: unknown): string {
  if (typeof value !== "string") return "";
  return value.slice(0, LONGEST_TEXT).replace(/[\p{Cc}\s]+/gu, " ").trim();
}
