/**
 * FishBase's tables, published as Parquet files: every registered picture with its author, licence
 * and kind, and every name, in one download each. They are kept in the data folder's cache.
 *
 * @module
 */

import { join } from "@std/path";
import {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  snappyUncompress,
} from "hyparquet";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { isMissing } from "../../base/disk_failure.ts";
import { replaceFile } from "../../base/files.ts";
import type { Client } from "../../web/client.ts";
import { type License, readLicense } from "../license.ts";
import type { Notice } from "../source.ts";
import { type PictureAddress, registered } from "./addresses.ts";
import { type ListedName, NameIndex } from "./names.ts";

/** The host that the tables are published on. */
export const TABLES_HOST = "data.source.coop";
/** The version of the tables that is used. */
export const TABLES_VERSION = "v25.04";

/** The most that a table may hold: real ones have some 60,000 pictures and 100,000 names. */
const MOST_ROWS = 2_000_000;
/** The largest page of a column when unpacked, and all pages of one column, in bytes. */
const LARGEST_PAGE = 64 << 20;
const LARGEST_COLUMN = 256 << 20;
/** The longest author or licence text that is kept, in letters. */
const LONGEST_TEXT = 500;

/** The columns that are read. */
const COLUMNS = {
  picturesmain: ["SpecCode", "PicName", "PictureType", "LifeStage", "AuthName", "Copyright"],
  species: ["SpecCode", "Genus", "Species"],
  synonyms: ["SpecCode", "SynGenus", "SynSpecies", "Status"],
} as const;

type Table = keyof typeof COLUMNS;
type Row = Readonly<Record<string, unknown>>;

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

/** What the tables say. */
export interface Tables {
  /** Such as `v25.04`. */
  readonly version: string;
  /** All names. */
  readonly names: NameIndex;
  /** The registered pictures of a species, in the table's order. */
  pictures(code: number): readonly TablePicture[];
}

/** What loading the tables needs. */
export interface TablesOptions {
  readonly client: Client;
  /** The data folder: the tables are kept in its `cache/fishbase`. */
  readonly data: string;
  readonly notice: Notice;
}

/**
 * Loads the tables: from the cache, or from their host where they are not in it.
 *
 * @param options What it needs.
 * @param signal Ends it.
 * @returns The tables; `undefined`, after a notice, when they cannot be had.
 */
export async function loadTables(
  options: TablesOptions,
  signal: AbortSignal,
): Promise<Tables | undefined> {
  try {
    const names: ListedName[] = [];
    const species = new Map<number, readonly string[]>();
    for (const row of await readTable("species", options, signal)) {
      const code = numberOf(row["SpecCode"]);
      const valid = nameOf(row["Genus"], row["Species"]);
      if (code === undefined || valid === undefined) continue;
      species.set(code, valid);
      names.push({ words: valid, valid, code });
    }
    for (const row of await readTable("synonyms", options, signal)) {
      const code = numberOf(row["SpecCode"]);
      const words = nameOf(row["SynGenus"], row["SynSpecies"]);
      const valid = species.get(code ?? 0);
      // A misapplied name belongs to another fish than the one it is listed under.
      const isName = /synonym|accepted/i.test(textOf(row["Status"]));
      if (code === undefined || words === undefined || valid === undefined || !isName) continue;
      if (words.join(" ") !== valid.join(" ")) names.push({ words, valid, code });
    }
    const pictures = new Map<number, TablePicture[]>();
    for (const row of await readTable("picturesmain", options, signal)) {
      const code = numberOf(row["SpecCode"]);
      const picture = pictureOf(row);
      if (code === undefined || picture === undefined) continue;
      const before = pictures.get(code);
      if (before === undefined) pictures.set(code, [picture]);
      else before.push(picture);
    }
    return {
      version: TABLES_VERSION,
      names: new NameIndex(names),
      pictures: (code) => pictures.get(code) ?? [],
    };
  } catch (thrown) {
    if (signal.aborted || !(thrown instanceof Unavailable)) throw thrown;
    options.notice(
      `FishBase's published tables cannot be used (${thrown.message}): its pages alone are read, ` +
        "one more page for each photo.",
    );
    return undefined;
  }
}

/** Why a table cannot be used. */
class Unavailable extends Error {}

/** The rows of a table, which is fetched unless it is in the cache. */
async function readTable(
  table: Table,
  options: TablesOptions,
  signal: AbortSignal,
): Promise<readonly Row[]> {
  const path = join(await cacheFolder(options.data), `${table}.${TABLES_VERSION}.parquet`);
  const cached = await readRows(path, table, signal);
  if (cached.ok) return cached.rows;
  if (cached.reason !== undefined) {
    options.notice(`${path} is damaged (${cached.reason}): it is fetched again.`);
  }
  await fetchTable(table, path, options, signal);
  const fetched = await readRows(path, table, signal);
  if (fetched.ok) return fetched.rows;
  throw new Unavailable(`${table}.parquet: ${fetched.reason ?? "it is gone again"}`);
}

async function fetchTable(
  table: Table,
  path: string,
  { client, notice }: TablesOptions,
  signal: AbortSignal,
): Promise<void> {
  const url =
    `https://${TABLES_HOST}/cboettig/fishbase/fb/${TABLES_VERSION}/parquet/${table}.parquet`;
  const answer = await client.page(url, { signal });
  if (!answer.ok) throw new Unavailable(`${url}: ${answer.detail}`);
  // A page of HTML with status 200 must not take the place of a table in the cache.
  const ends = [answer.bytes.subarray(0, 4), answer.bytes.subarray(-4)];
  if (!ends.every((end) => new TextDecoder().decode(end) === "PAR1")) {
    throw new Unavailable(`${url}: the answer is not a Parquet file`);
  }
  await replaceFile(path, answer.bytes);
  const megabytes = (answer.bytes.length / 1e6).toFixed(1);
  notice(`Fetched FishBase's table ${table} ${TABLES_VERSION} (${megabytes} MB) into ${path}.`);
}

/** Makes `cache/fishbase` in the data folder; a link there would lead out of it. */
async function cacheFolder(data: string): Promise<string> {
  let folder = data;
  for (const name of ["cache", "fishbase"]) {
    folder = join(folder, name);
    try {
      await Deno.mkdir(folder);
    } catch (thrown) {
      if (!(thrown instanceof Deno.errors.AlreadyExists)) {
        throw new Unavailable(`cannot make ${folder}: ${messageOf(thrown)}`);
      }
    }
    if (!(await Deno.lstat(folder)).isDirectory) throw new Unavailable(`${folder} is not a folder`);
  }
  return folder;
}

/** The rows of a file; without a reason where there is no such file. */
async function readRows(
  path: string,
  table: Table,
  signal: AbortSignal,
): Promise<
  | { readonly ok: true; readonly rows: readonly Row[] }
  | { readonly ok: false; readonly reason?: string }
> {
  let file: Deno.FsFile;
  try {
    if (!(await Deno.stat(path)).isFile) return { ok: false };
    file = await Deno.open(path, { read: true });
  } catch (thrown) {
    if (isMissing(thrown)) return { ok: false };
    throw thrown;
  }
  try {
    const buffer = slicesOf(file);
    const metadata = await parquetMetadataAsync(buffer);
    const columns = [...columnsOf(metadata, table)];
    const rows: Row[] = [];
    for (const group of metadata.row_groups) {
      signal.throwIfAborted();
      const found = await parquetReadObjects({
        file: buffer,
        metadata,
        columns: columns.map(([name]) => name),
        rowStart: rows.length,
        rowEnd: rows.length + Number(group.num_rows),
        compressors: COMPRESSORS,
      });
      for (const row of found) {
        rows.push(Object.fromEntries(columns.map(([name, known]) => [known, row[name]])));
      }
    }
    return { ok: true, rows };
  } catch (thrown) {
    signal.throwIfAborted();
    // Whatever the library throws, it is the file that it cannot read.
    return { ok: false, reason: messageOf(thrown) };
  } finally {
    file.close();
  }
}

/** Slices of a file. Synchronous, because several may be asked for at once. */
function slicesOf(file: Deno.FsFile): AsyncBuffer {
  const { size } = file.statSync();
  return {
    byteLength: size,
    slice(start, end = size) {
      const from = start < 0 ? Math.max(0, size + start) : start;
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - from));
      file.seekSync(from, Deno.SeekMode.Start);
      for (let at = 0; at < bytes.length;) {
        const read = file.readSync(bytes.subarray(at));
        if (read === null) throw new Error("the file ends too early");
        at += read;
      }
      return bytes.buffer;
    },
  };
}

/** The file's own names of the columns, with ours; throws when the file is not as it should be. */
function columnsOf(metadata: FileMetaData, table: Table): ReadonlyMap<string, string> {
  if (metadata.num_rows > MOST_ROWS) throw new Error(`it has ${metadata.num_rows} rows`);
  const columns = new Map<string, string>();
  for (const known of COLUMNS[table]) {
    const name = metadata.schema.find((one) => one.name.toLowerCase() === known.toLowerCase())
      ?.name;
    if (name === undefined) throw new Error(`it has no column ${known}`);
    columns.set(name, known);
  }
  let rows = 0;
  for (const { columns: chunks, num_rows } of metadata.row_groups) {
    rows += Number(num_rows);
    for (const { meta_data } of chunks) {
      if (!columns.has(meta_data?.path_in_schema.join(".") ?? "")) continue;
      if (Number(meta_data?.total_uncompressed_size) > LARGEST_COLUMN) {
        throw new Error(`its column ${meta_data?.path_in_schema} is too large`);
      }
    }
  }
  if (rows !== Number(metadata.num_rows)) throw new Error("its parts do not add up");
  return columns;
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
  BROTLI: bounded((input, size) => brotliDecompressSync(input, { maxOutputLength: size })),
};

function bounded(unpack: (input: Uint8Array, size: number) => Uint8Array): typeof unpack {
  return (input, size) => {
    if (!(size >= 0 && size <= LARGEST_PAGE)) {
      throw new Error(`a page of ${size} bytes is too large`);
    }
    return unpack(input, size);
  };
}

function pictureOf(row: Row): TablePicture | undefined {
  const address = registered(textOf(row["PicName"]));
  if (address === undefined) return undefined;
  const stage = textOf(row["LifeStage"]);
  const author = textOf(row["AuthName"]);
  return {
    address,
    kind: kindOf(textOf(row["PictureType"]), stage),
    ...(/^juv/i.test(stage) && { stage: "juvenile" }),
    ...(/^adult/i.test(stage) && { stage: "adult" }),
    ...(author !== "" && { author }),
    license: readLicense(textOf(row["Copyright"])),
  };
}

/** What is pictured. A type that is neither empty nor known is not taken for a photo. */
function kindOf(type: string, stage: string): string {
  const both = `${type} ${stage}`;
  if (/draw|paint|illustrat|sketch|artwork/i.test(type)) return "drawing";
  if (/x-?\s?ray|radiograph/i.test(type)) return "x-ray";
  if (/stamp|coin/i.test(type)) return "stamp";
  if (/larva/i.test(both)) return "larva";
  if (/\beggs?\b|embryo/i.test(both)) return "egg";
  return type === "" || /photo|underwater|aquarium|picture/i.test(type) ? "photo" : "other";
}

function nameOf(genus: unknown, epithets: unknown): readonly string[] | undefined {
  const words = `${textOf(genus)} ${textOf(epithets)}`.trim().split(/\s+/);
  const plain = words.every((word) => /^\p{L}[\p{L}-]{0,60}$/u.test(word));
  return plain && words.length >= 2 && words.length <= 3 ? words : undefined;
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

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
