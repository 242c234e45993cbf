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
import { readIfThere, replaceFile, TEMPORARY_PREFIX } from "../../base/files.ts";
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

interface TableData {
  readonly rows: number;
  text(column: string, row: number): string;
  number(column: string, row: number): number | undefined;
}

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
    const species = await readTable("species", options, signal);
    for (let row = 0; row < species.rows; row++) {
      const code = species.number("SpecCode", row);
      const name = nameOf(species.text("Genus", row), species.text("Species", row));
      if (code !== undefined && name !== undefined) names.addValid(name, code);
    }
    const synonyms = await readTable("synonyms", options, signal);
    for (let row = 0; row < synonyms.rows; row++) {
      const code = synonyms.number("SpecCode", row);
      const name = nameOf(synonyms.text("SynGenus", row), synonyms.text("SynSpecies", row));
      // A misapplied name belongs to another fish than the one it is listed under.
      if (!/synonym|accepted/i.test(synonyms.text("Status", row))) continue;
      if (code !== undefined && name !== undefined) names.addSynonym(name, code);
    }
    const pictures = await readTable("picturesmain", options, signal);
    const rows = new Map<number, number[]>();
    for (let row = 0; row < pictures.rows; row++) {
      const code = pictures.number("SpecCode", row);
      if (code === undefined) continue;
      const before = rows.get(code);
      if (before === undefined) rows.set(code, [row]);
      else before.push(row);
    }
    return {
      version: TABLES_VERSION,
      names,
      pictures: (code) =>
        (rows.get(code) ?? []).map((row) => pictureOf(pictures, row))
          .filter((picture) => picture !== undefined),
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

class Unavailable extends Error {}

/** A table, which is fetched unless it is in the cache. */
async function readTable(
  table: Table,
  options: TablesOptions,
  signal: AbortSignal,
): Promise<TableData> {
  const path = join(await cacheFolder(options.data), `${table}.${TABLES_VERSION}.parquet`);
  const cached = await readColumns(path, table, signal);
  if (cached.ok) return cached.data;
  if (cached.reason !== undefined) {
    options.notice(`${path} is damaged (${cached.reason}): it is fetched again.`);
  }
  await fetchTable(table, path, options, signal);
  const fetched = await readColumns(path, table, signal);
  if (fetched.ok) return fetched.data;
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
  // Temporary files of an interrupted run may be as large as a table.
  for await (const { name } of Deno.readDir(dirname(path))) {
    if (name.startsWith(TEMPORARY_PREFIX)) await Deno.remove(join(dirname(path), name));
  }
  await replaceFile(path, answer.bytes);
  notice(
    `Fetched FishBase's table ${table} ${TABLES_VERSION} (${
      format(answer.bytes.length)
    }) into ${path}.`,
  );
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

/** Reads a file; no reason is given where there is no such file. */
async function readColumns(
  path: string,
  table: Table,
  signal: AbortSignal,
): Promise<
  | { readonly ok: true; readonly data: TableData }
  | { readonly ok: false; readonly reason?: string }
> {
  const bytes = await readIfThere(path);
  if (bytes === undefined) return { ok: false };
  try {
    const metadata = await parquetMetadataAsync(bytes.buffer);
    const names = columnsOf(metadata, table);
    const rows = Number(metadata.num_rows);
    const values = new Map(names.map((name) => [name.toLowerCase(), new Array<unknown>(rows)]));
    await parquetRead({
      file: bytes.buffer,
      metadata,
      columns: names,
      compressors: COMPRESSORS,
      onChunk({ columnName, columnData, rowStart }) {
        const column = values.get(columnName.toLowerCase()) ?? [];
        for (let at = 0; at < columnData.length; at++) column[rowStart + at] = columnData[at];
      },
    });
    signal.throwIfAborted();
    const valueOf = (column: string, row: number) => values.get(column.toLowerCase())?.[row];
    return {
      ok: true,
      data: {
        rows,
        text: (column, row) => textOf(valueOf(column, row)),
        number: (column, row) => numberOf(valueOf(column, row)),
      },
    };
  } catch (thrown) {
    signal.throwIfAborted();
    // Whatever the library throws, the file cannot be read.
    return { ok: false, reason: messageOf(thrown) };
  }
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

function pictureOf(table: TableData, row: number): TablePicture | undefined {
  const address = registered(table.text("PicName", row));
  if (address === undefined) return undefined;
  const stage = table.text("LifeStage", row);
  const author = table.text("AuthName", row);
  return {
    address,
    kind: kindOf(table.text("PictureType", row), stage),
    ...(/^juv/i.test(stage) && { stage: "juvenile" }),
    ...(/^adult/i.test(stage) && { stage: "adult" }),
    ...(author !== "" && { author }),
    license: readLicense(table.text("Copyright", row)),
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

function nameOf(genus: string, epithets: string): string | undefined {
  const name = `${genus} ${epithets}`.trim();
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

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
