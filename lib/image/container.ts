/**
 * A file's container, rewritten without loss: the pixels' bytes stay as they are, and with them only
 * what decoding needs, colour profile and orientation included. Left out are remarks, places,
 * thumbnails, whatever lies behind the end, and whatever else makes a file open slowly or as
 * something other than an image. What it says of its author and licence is handed on.
 *
 * @module
 */

import { concat } from "@std/bytes";
import { crc32, inflateSync } from "node:zlib";
import { type Metadata, orientationOf } from "./credit.ts";
import type { ReadableType } from "./recognise.ts";

export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface JpegFrame {
  /** As stored, not turned upright. */
  readonly width: number;
  readonly height: number;
  /** 1 is grey, 3 is colour, 4 is ink. */
  readonly components: number;
  readonly progressive: boolean;
}

export interface Container {
  /** The file as rewritten; the very array that came where there was nothing to leave out. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether it stores red, green and blue of eight bits, in one still and opaque picture. */
  readonly plain: boolean;
  /** Whether it stores the very pixels: compressing them again would make them worse otherwise. */
  readonly lossless: boolean;
  /** What is wrong with it, where that shows without decoding: it ends too early, say. */
  readonly fault?: string;
  /** The EXIF orientation: 1 is upright, 5 to 8 have the sides exchanged. */
  readonly orientation: number;
  readonly profile?: Uint8Array<ArrayBuffer>;
  readonly jpeg?: JpegFrame;
  /** The part of a GIF's page that its first frame fills, where it leaves some of it empty. */
  readonly frame?: Frame;
  readonly metadata: Metadata;
}

/** The longest colour profile: those of printing inks have 0.5 to 2 MB. */
const MOST_PROFILE = 4 * 2 ** 20;
/** The longest one in a PNG, where it is compressed: Pillow refuses those of 1 MiB. */
const MOST_INFLATED = 2 ** 20 - 1;
/** The longest EXIF, XMP or text that is read. */
const MOST_METADATA = 64 * 1024;
/** How much of a C2PA manifest is searched: in bytes, and in segments of a JPEG. */
const MOST_MANIFEST = 1024 * 1024;
const MOST_SEGMENTS = 16;

/** Takes a file apart and puts together what its pixels need. */
export function readContainer(type: ReadableType, bytes: Uint8Array<ArrayBuffer>): Container {
  switch (type) {
    case "jpeg":
      return readJpeg(bytes);
    case "png":
      return readPng(bytes);
    case "webp":
      return readWebp(bytes);
    case "gif":
      return readGif(bytes);
    case "tiff":
    case "avif":
    case "heic":
      return { bytes, plain: false, lossless: type === "tiff", orientation: 1, metadata: {} };
  }
}

/** Metadata as it is found, bit by bit. */
type Found = { -readonly [Key in keyof Metadata]: Metadata[Key] };

/** Collects the parts of a file that stay. */
class Parts {
  readonly #source: Uint8Array<ArrayBuffer>;
  readonly #parts: { bytes: Uint8Array; from: number }[] = [];

  constructor(source: Uint8Array<ArrayBuffer>) {
    this.#source = source;
  }

  /** How many parts there are: parts of the source that follow each other count as one. */
  get count(): number {
    return this.#parts.length;
  }

  keep(from: number, to: number): void {
    const last = this.#parts.at(-1);
    const bytes = this.#source.subarray(from, to);
    if (last !== undefined && last.from >= 0 && last.from + last.bytes.length === from) {
      last.bytes = this.#source.subarray(last.from, to);
    } else this.#parts.push({ bytes, from });
  }

  /** Adds bytes that are not in the source. */
  add(bytes: Uint8Array): void {
    this.#parts.push({ bytes, from: -1 });
  }

  /** The source itself where all of it was kept. */
  join(): Uint8Array<ArrayBuffer> {
    const [only] = this.#parts;
    if (this.count === 1 && only?.bytes.length === this.#source.length) return this.#source;
    return concat(this.#parts.map(({ bytes }) => bytes));
  }
}

/**
 * The greatest number of scans. Photographs have about ten; each goes over all pixels again, so that
 * a small file of 2,000 keeps a decoder busy for minutes (seen: 877 kB, 153 s).
 */
const MOST_SCANS = 100;
/** The greatest number of segments with tables; each scan may have a few of its own. */
const MOST_TABLES = 1000;
/** The greatest number of places with fill bytes, which no encoder writes into a scan. */
const MOST_FILLS = 10_000;
const JFIF = Uint8Array.of(0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0);
const END_OF_IMAGE = 0xd9;

/** Walks a JPEG's segments: 0xFF, a marker, a length, content; behind a scan's header its data. */
function readJpeg(source: Uint8Array<ArrayBuffer>): Container {
  const jpeg = new JpegReader(source);
  const fault = jpeg.read();
  return { ...jpeg.container(), ...(fault === undefined ? {} : { fault }) };
}

class JpegReader {
  readonly #source: Uint8Array<ArrayBuffer>;
  readonly #parts: Parts;
  readonly #metadata: Found = {};
  readonly #manifest: Uint8Array[] = [];
  /** Empty where there is none that is whole. */
  #profile: Uint8Array<ArrayBuffer> | undefined;
  #frame: JpegFrame | undefined;
  #scans = 0;
  #tables = 0;
  #orientation = 1;
  #hasJfif = false;
  #hasAdobe = false;

  constructor(source: Uint8Array<ArrayBuffer>) {
    this.#source = source;
    this.#parts = new Parts(source);
  }

  container(): Container {
    const profile = this.#profile;
    return {
      bytes: this.#parts.join(),
      plain: this.#frame?.components === 3,
      lossless: false,
      orientation: this.#orientation,
      metadata: this.#manifest.length === 0
        ? this.#metadata
        : { ...this.#metadata, c2pa: concat(this.#manifest.slice(0, MOST_SEGMENTS)) },
      ...(profile === undefined || profile.length === 0 ? {} : { profile }),
      ...(this.#frame === undefined ? {} : { jpeg: this.#frame }),
    };
  }

  /** Reads up to the end of the image. Returns what is wrong. */
  read(): string | undefined {
    const source = this.#source;
    this.#parts.keep(0, 2);
    for (let at = 2;;) {
      const start = source.indexOf(0xff, at);
      const code = start < 0 ? -1 : skipFill(source, start);
      const marker = source[code];
      if (marker === undefined) return this.#endTooEarly();
      if (marker === END_OF_IMAGE) return this.#end(code);
      at = code + 1;
      if (marker <= 1 || (marker >= 0xd0 && marker <= 0xd7)) continue;
      const length = uint16(source, at);
      if (marker < 0xc0 || marker === 0xd8 || marker > 0xfe || (marker > 0xef && marker < 0xfe)) {
        return `JPEG: marker 0x${marker.toString(16)} where none can be`;
      }
      if (length < 2 || at + length > source.length) return "JPEG: ends in its header";
      const fault = this.#segment(marker, code - 1, at + length);
      if (fault !== undefined) return fault;
      at += length;
      if (marker === 0xda) at = this.#scan(at);
      if (this.#parts.count > MOST_FILLS) return "JPEG: flooded with fill bytes";
    }
  }

  #end(code: number): string | undefined {
    this.#parts.keep(code - 1, code + 1);
    return this.#scans === 0 || this.#frame === undefined ? "JPEG: no image in it" : undefined;
  }

  /** Without its end a sequential JPEG can still be whole: the decoder knows when it wants more. */
  #endTooEarly(): string | undefined {
    if (this.#frame === undefined || this.#frame.progressive) return "JPEG: the end is missing";
    this.#parts.add(Uint8Array.of(0xff, END_OF_IMAGE));
    return this.#scans === 0 ? "JPEG: no image in it" : undefined;
  }

  /** Keeps a segment, or what is needed of it. Returns what is wrong. */
  #segment(marker: number, start: number, end: number): string | undefined {
    const content = this.#source.subarray(start + 4, end);
    switch (marker) {
      case 0xc4: // Huffman tables, arithmetic conditioning, quantization, restart interval.
      case 0xcc:
      case 0xdb:
      case 0xdd:
        this.#parts.keep(start, end);
        return ++this.#tables > MOST_TABLES ? "JPEG: too many tables" : undefined;
      case 0xda:
        this.#keepScanHeader(start, end, content);
        return ++this.#scans > MOST_SCANS ? `JPEG: more than ${MOST_SCANS} scans` : undefined;
      case 0xe0:
        return this.#jfif(start, end, content);
      case 0xe1:
        return this.#exifOrXmp(content);
      case 0xe2:
        return this.#keepProfile(start, content);
      case 0xeb: // A C2PA manifest, in as many segments as it needs.
        if (startsWith(content, "JP")) this.#manifest.push(content.subarray(8, MOST_METADATA));
        return undefined;
      case 0xed:
        if (startsWith(content, "Photoshop 3.0\0")) this.#metadata.iptc ??= content.subarray(14);
        return undefined;
      case 0xee:
        return this.#adobe(start, end, content);
      default:
        return marker >= 0xc0 && marker <= 0xcf ? this.#frameHeader(marker, start, end) : undefined;
    }
  }

  #frameHeader(marker: number, start: number, end: number): string | undefined {
    if (this.#frame !== undefined) return "JPEG: a second frame header";
    const source = this.#source;
    this.#parts.keep(start, end);
    this.#frame = {
      height: uint16(source, start + 5),
      width: uint16(source, start + 7),
      components: source[start + 9] ?? 0,
      progressive: (marker & 3) === 2,
    };
    return undefined;
  }

  /** In a sequential JPEG the header's last three bytes say nothing; decoders warn of odd ones. */
  #keepScanHeader(start: number, end: number, content: Uint8Array): void {
    const last = content.subarray(-3);
    const isUsual = last[0] === 0 && last[1] === 63 && last[2] === 0;
    if (this.#frame?.progressive !== false || isUsual || content.length < 6) {
      return this.#parts.keep(start, end);
    }
    this.#parts.keep(start, end - 3);
    this.#parts.add(Uint8Array.of(0, 63, 0));
  }

  #jfif(start: number, end: number, content: Uint8Array): undefined {
    if (this.#hasJfif || content.length < 14 || !startsWith(content, "JFIF\0")) return;
    this.#hasJfif = true;
    if (content.length === 14 && content[5] === 1) this.#parts.keep(start, end);
    else this.#parts.add(JFIF);
  }

  /** Adobe's segment says how colours are stored: 0 as they are, 1 as YCbCr, 2 as YCCK. */
  #adobe(start: number, end: number, content: Uint8Array): undefined {
    if (this.#hasAdobe || content.length < 12 || !startsWith(content, "Adobe")) return;
    this.#hasAdobe = true;
    // Decoders take any other number for this one, with a warning.
    const usual = this.#componentsAhead(end) === 4 ? 2 : 1;
    if (content.length === 12 && (content[11] === 0 || content[11] === usual)) {
      this.#parts.keep(start, end);
    } else {
      const transform = content[11] === 0 ? 0 : usual;
      const header = Uint8Array.of(0xff, 0xee, 0, 14);
      this.#parts.add(
        concat([header, latin1("Adobe\0d\0\0\0\0"), Uint8Array.of(transform)]),
      );
    }
  }

  /** How many components the frame header behind a place has. */
  #componentsAhead(at: number): number {
    const isFrame = (marker: number): boolean =>
      marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    while (this.#source[at] === 0xff && !isFrame(this.#source[at + 1] ?? 0)) {
      at += 2 + uint16(this.#source, at + 2);
    }
    return this.#source[at + 9] ?? 0;
  }

  #exifOrXmp(content: Uint8Array): undefined {
    if (startsWith(content, "Exif\0\0") && this.#metadata.exif === undefined) {
      this.#metadata.exif = content.subarray(6);
      this.#orientation = orientationOf(this.#metadata.exif);
      if (this.#orientation === 1) return;
      const exif = concat([latin1("Exif\0\0"), exifOf(this.#orientation)]);
      this.#parts.add(concat([Uint8Array.of(0xff, 0xe1, 0, exif.length + 2), exif]));
    } else if (startsWith(content, XMP_MARK)) {
      this.#metadata.xmp ??= content.subarray(XMP_MARK.length);
    }
  }

  /** Looks ahead at a profile's first chunk, and keeps its chunks if it is whole. */
  #keepProfile(start: number, content: Uint8Array): undefined {
    if (this.#profile !== undefined || !startsWith(content, PROFILE_MARK)) return;
    const source = this.#source;
    const [, count = 0] = content.subarray(PROFILE_MARK.length);
    const chunks = new Map<number, { from: number; to: number; content: Uint8Array }>();
    for (let at = start; source[at] === 0xff && isApplication(source[at + 1]);) {
      const to = at + 2 + uint16(source, at + 2);
      const content = source.subarray(at + 4, to);
      const number = content[PROFILE_MARK.length] ?? 0;
      if (startsWith(content, PROFILE_MARK) && !chunks.has(number)) {
        chunks.set(number, { from: at, to, content });
      }
      at = to;
    }
    const inOrder = Array.from({ length: count }, (_, at) => chunks.get(at + 1)?.content);
    const isWhole = chunks.size === count && !inOrder.includes(undefined);
    const profile = concat(
      inOrder.map((chunk = new Uint8Array()) => chunk.subarray(PROFILE_MARK.length + 2)),
    );
    const isSound = isWhole && isProfile(profile);
    this.#profile = isSound ? profile : new Uint8Array();
    if (isSound) { for (const { from, to } of chunks.values()) this.#parts.keep(from, to); }
  }

  /** Keeps a scan's data, without fill bytes. Returns where the next marker is. */
  #scan(from: number): number {
    const source = this.#source;
    let start = from;
    for (let at = from;;) {
      const mark = source.indexOf(0xff, at);
      const code = mark < 0 ? source.length : skipFill(source, mark);
      const marker = source[code];
      if (marker !== 0 && !(marker !== undefined && marker >= 0xd0 && marker <= 0xd7)) {
        this.#parts.keep(start, mark < 0 ? source.length : mark);
        return mark < 0 ? source.length : mark;
      }
      if (code > mark + 1) {
        this.#parts.keep(start, mark + 1);
        start = code;
        if (this.#parts.count > MOST_FILLS) return source.length;
      }
      at = code + 1;
    }
  }
}

const PROFILE_MARK = "ICC_PROFILE\0";
const XMP_MARK = "http://ns.adobe.com/xap/1.0/\0";

/** The place of the byte behind a row of 0xFF. */
function skipFill(bytes: Uint8Array, at: number): number {
  while (bytes[at] === 0xff) at++;
  return at;
}

function isApplication(marker: number | undefined): boolean {
  return marker !== undefined && (marker === 0xfe || (marker >= 0xe0 && marker <= 0xef));
}

/** PNG's chunks of one length each that say how its numbers are meant. */
const SMALL_CHUNKS: Readonly<Record<string, number>> = { sRGB: 1, gAMA: 4, cHRM: 32, pHYs: 9 };
/** From so many chunks of data on, they are put into one. */
const MANY_CHUNKS = 1000;

/** Walks a PNG's chunks: length, name, data, checksum. */
function readPng(source: Uint8Array<ArrayBuffer>): Container {
  const parts = new Parts(source);
  const metadata: Found = {};
  const colour = source[25];
  let plain = source[24] === 8 && colour === 2;
  let orientation = 1;
  let fault: string | undefined = "PNG: the end is missing";
  const seen = new Set<string>();
  const data: Uint8Array[] = [];
  parts.keep(0, 8);
  const view = viewOf(source);
  for (let at = 8; at + 12 <= source.length;) {
    const length = view.getUint32(at);
    const end = at + 12 + length;
    if (end > source.length) break;
    const name = characters(source, at + 4, 4);
    const content = source.subarray(at + 8, end - 4);
    const isSound = (): boolean =>
      !seen.has(name) && view.getUint32(end - 4) === crc32(source.subarray(at + 4, end - 4));
    const isBeforeData = data.length === 0;
    if (name === "IHDR" || name === "tRNS" || (name === "PLTE" && colour === 3)) {
      if (!seen.has(name)) parts.keep(at, end);
      // It makes one colour transparent.
      if (name === "tRNS") plain = false;
    } else if (name === "IDAT") {
      data.push(source.subarray(at, end));
    } else if (name === "IEND") {
      keepData(parts, source, data);
      if (length === 0) parts.keep(at, end);
      else parts.add(chunk("IEND", new Uint8Array()));
      fault = undefined;
      break;
    } else if (isBeforeData && SMALL_CHUNKS[name] === length && isSound()) {
      parts.keep(at, end);
    } else if (isBeforeData && name === "iCCP" && isSound()) {
      if (isProfile(inflateProfile(content))) parts.keep(at, end);
    } else if (name === "eXIf" && length <= MOST_METADATA && isSound()) {
      metadata.exif = content;
      orientation = orientationOf(content);
      if (orientation > 1 && isBeforeData) parts.add(chunk("eXIf", exifOf(orientation)));
      else orientation = 1;
    } else if (name === "caBX") metadata.c2pa ??= content.subarray(0, MOST_MANIFEST);
    else if (/^[itz](?:EX|TX)t$/.test(name) && length <= MOST_METADATA) {
      readPngText(name, content, metadata);
    }
    seen.add(name);
    at = end;
  }
  const { bytes, ...sound } = { bytes: parts.join(), plain, lossless: true, orientation, metadata };
  return fault === undefined ? { bytes, ...sound } : { bytes: source, ...sound, fault };
}

function keepData(
  parts: Parts,
  source: Uint8Array,
  data: readonly Uint8Array[],
): void {
  if (data.length <= MANY_CHUNKS) {
    for (const { byteOffset, length } of data) {
      parts.keep(byteOffset - source.byteOffset, byteOffset - source.byteOffset + length);
    }
    return;
  }
  const isSound = data.every((chunk) =>
    viewOf(chunk).getUint32(chunk.length - 4) === crc32(chunk.subarray(4, -4))
  );
  const whole = chunk("IDAT", concat(data.map((chunk) => chunk.subarray(8, -4))));
  // The decoder is to find what is wrong.
  if (!isSound) whole[whole.length - 1] = 1 ^ (whole.at(-1) ?? 0);
  parts.add(whole);
}

/** `Author` and `Copyright` in `tEXt`, XMP in `iTXt`; compressed texts are not read. */
function readPngText(
  name: string,
  content: Uint8Array,
  metadata: Found,
): void {
  const end = content.indexOf(0);
  const key = characters(content, 0, Math.min(end, 80));
  const text = characters(content, end + 1, 1000);
  if (name === "tEXt" && key === "Author") metadata.author ??= text;
  if (name === "tEXt" && key === "Copyright") metadata.license ??= text;
  if (name !== "iTXt" || key !== "XML:com.adobe.xmp" || content[end + 1] !== 0) return;
  const language = content.indexOf(0, end + 3);
  const translated = content.indexOf(0, language + 1);
  if (language > 0 && translated > 0) metadata.xmp ??= content.subarray(translated + 1);
}

function inflateProfile(content: Uint8Array): Uint8Array {
  const start = content.indexOf(0) + 2;
  if (start < 3 || start > 82) return new Uint8Array();
  try {
    return inflateSync(content.subarray(start), { maxOutputLength: MOST_INFLATED });
  } catch {
    // Broken or too long: it counts as no profile.
    return new Uint8Array();
  }
}

function chunk(name: string, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = concat([new Uint8Array(4), latin1(name), content, new Uint8Array(4)]);
  viewOf(bytes).setUint32(0, content.length);
  viewOf(bytes).setUint32(bytes.length - 4, crc32(bytes.subarray(4, -4)));
  return bytes;
}

/** Walks a WebP's chunks: name, length, data, padded to even. Of an animation one frame stays. */
function readWebp(source: Uint8Array<ArrayBuffer>): Container {
  const view = viewOf(source);
  const metadata: Found = {};
  const kept = new Map<string, Uint8Array>();
  let fault: string | undefined;
  let orientation = 1;
  const end = Math.min(source.length, 8 + view.getUint32(4, true));
  for (let at = 12; at + 8 <= end;) {
    const name = characters(source, at, 4);
    const size = view.getUint32(at + 4, true);
    if (at + 8 + size > source.length) {
      fault = "WebP: the end is missing";
      break;
    }
    const content = source.subarray(at + 8, at + 8 + size);
    if (name === "EXIF" && size <= MOST_METADATA) {
      metadata.exif ??= startsWith(content, "Exif\0\0") ? content.subarray(6) : content;
      orientation = orientationOf(metadata.exif);
    } else if (name === "XMP " && size <= MOST_METADATA) metadata.xmp ??= content;
    else if (name === "C2PA") metadata.c2pa ??= content.subarray(0, MOST_MANIFEST);
    else if (name === "ICCP" ? isProfile(content) : WEBP_CHUNKS.includes(name)) {
      if (!kept.has(name)) kept.set(name, content);
    }
    at += 8 + size + size % 2;
  }
  const plain = !kept.has("ANIM") && !kept.has("ANMF") && !kept.has("ALPH");
  const lossless = kept.has("VP8L");
  const sound = { plain, lossless, orientation, metadata };
  if (fault !== undefined) return { bytes: source, ...sound, fault };
  return { bytes: writeWebp(source, kept, orientation), ...sound };
}

/** What of a WebP stays, in the order that it must have. */
const WEBP_CHUNKS: readonly string[] = ["ICCP", "ANIM", "ANMF", "ALPH", "VP8 ", "VP8L", "VP8X"];

function writeWebp(
  source: Uint8Array<ArrayBuffer>,
  kept: ReadonlyMap<string, Uint8Array>,
  orientation: number,
): Uint8Array<ArrayBuffer> {
  const chunks: [name: string, content: Uint8Array][] = [];
  for (const name of WEBP_CHUNKS) {
    const content = kept.get(name);
    if (content !== undefined && name !== "VP8X") chunks.push([name, content]);
  }
  if (orientation > 1) chunks.push(["EXIF", exifOf(orientation)]);
  const header = kept.get("VP8X");
  if (header !== undefined && (chunks.length > 1 || kept.has("ANMF"))) {
    const extended = new Uint8Array(header.subarray(0, 10));
    extended[0] = (kept.has("ICCP") ? 0x20 : 0) | ((header[0] ?? 0) & 0x10) |
      (orientation > 1 ? 0x08 : 0) | (kept.has("ANIM") ? 0x02 : 0);
    chunks.unshift(["VP8X", extended]);
  }
  const body = concat(chunks.flatMap(([name, content]) => {
    const size = new Uint8Array(4);
    viewOf(size).setUint32(0, content.length, true);
    return [latin1(name), size, content, new Uint8Array(content.length % 2)];
  }));
  const size = new Uint8Array(4);
  viewOf(size).setUint32(0, body.length + 4, true);
  const bytes = concat([latin1("RIFF"), size, latin1("WEBP"), body]);
  return isSame(bytes, source) ? source : bytes;
}

/** A GIF up to its first frame: after the header, perhaps colours, and blocks of remarks. */
function readGif(source: Uint8Array<ArrayBuffer>): Container {
  const base = { plain: false, lossless: true, orientation: 1, metadata: {} } as const;
  const whole = { ...base, bytes: source };
  const view = viewOf(source);
  const parts = new Parts(source);
  const flags = source[10] ?? 0;
  let at = 13 + (flags & 0x80 ? 3 << (flags & 7) + 1 : 0);
  parts.keep(0, at);
  while (source[at] === 0x21) {
    const end = skipBlocks(source, at + 2);
    // How the frame is to be shown: its transparent colour.
    if (source[at + 1] === 0xf9) parts.keep(at, end);
    at = end;
  }
  if (source[at] !== 0x2c || at + 10 > source.length) return whole;
  const table = (source[at + 9] ?? 0) & 0x80 ? 3 << ((source[at + 9] ?? 0) & 7) + 1 : 0;
  const end = skipBlocks(source, at + 11 + table);
  const next = source[end];
  // Where no block follows there is damage, which the decoder is to find.
  const isBlock = next === undefined || next === 0x21 || next === 0x2c || next === 0x3b;
  if (end > source.length || !isBlock) return whole;
  parts.keep(at, end);
  parts.add(Uint8Array.of(0x3b));
  const rewritten = { ...base, bytes: parts.join() };
  const number = (place: number): number => view.getUint16(place, true);
  const [left, top, width, height] = [
    number(at + 1),
    number(at + 3),
    number(at + 5),
    number(at + 7),
  ];
  const [across, down] = [number(6), number(8)];
  const isWhole = left === 0 && top === 0 && width >= across && height >= down;
  const isWithin = width > 0 && height > 0 && left + width <= across && top + height <= down;
  return isWhole || !isWithin ? rewritten : { ...rewritten, frame: { left, top, width, height } };
}

/** The place behind a row of blocks, each of which says how long it is; the last is empty. */
function skipBlocks(source: Uint8Array, at: number): number {
  while (at < source.length && source[at] !== 0) at += 1 + (source[at] ?? 0);
  return at + 1;
}

/** An EXIF that says how a picture is turned, and nothing else. */
function exifOf(orientation: number): Uint8Array {
  return concat([
    latin1("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"),
    Uint8Array.of(orientation, 0, 0, 0, 0, 0, 0),
  ]);
}

/** Whether bytes look like a colour profile: a header of 128 with a mark in it, and tags. */
function isProfile(bytes: Uint8Array): boolean {
  return bytes.length > 132 && bytes.length <= MOST_PROFILE && characters(bytes, 36, 4) === "acsp";
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) << 8 | (bytes[at + 1] ?? 0);
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  for (let at = 0; at < text.length; at++) if (bytes[at] !== text.charCodeAt(at)) return false;
  return true;
}

function characters(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + Math.max(0, length)));
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
