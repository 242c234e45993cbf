/**
 * Whose a picture is, as its file says: author and licence in EXIF, IPTC and XMP, as cameras and
 * photo archives write them. Also the orientation, which stands in the EXIF too.
 *
 * @module
 */

/** What a file carries beside its pixels, as found in its container. */
export interface Metadata {
  /** From the byte order mark on. */
  readonly exif?: Uint8Array;
  /** Photoshop's resources, one of which holds IPTC's records. */
  readonly iptc?: Uint8Array;
  /** An XML document. */
  readonly xmp?: Uint8Array;
  /** A C2PA manifest, in its binary form. */
  readonly c2pa?: Uint8Array;
  /** Of a PNG's texts. */
  readonly author?: string;
  readonly license?: string;
}

/** Whose a picture is, in the file's own words. */
export interface Credit {
  /** Who took or made it. */
  readonly author?: string;
  /** A licence, its address, or a copyright notice. */
  readonly license?: string;
  /** Where the file says that it must not be used for training: the field that says so. */
  readonly optOut?: string;
  /** Where the file says that a program has made the picture up: the field that says so. */
  readonly synthetic?: string;
}

const ORIENTATION = 0x0112;
const ARTIST = 0x013b;
const COPYRIGHT = 0x8298;
/** IPTC's resource among Photoshop's, its by-line and its copyright notice. */
const IPTC_RESOURCE = 0x0404;
const BY_LINE = 80;
const NOTICE = 116;

/** Longer texts are cut. */
const MOST_LETTERS = 300;

/**
 * Finds author and licence. XMP is taken before IPTC and EXIF: it alone has fields for licences.
 */
export function creditOf(metadata: Metadata): Credit | undefined {
  const xmp = metadata.xmp === undefined ? "" : decodeUtf8(metadata.xmp);
  const iptc = metadata.iptc === undefined ? new Map<number, string>() : readIptc(metadata.iptc);
  const exif = metadata.exif === undefined ? new Map<number, Field>() : readExif(metadata.exif);
  const author = firstText(
    elementOf(xmp, "dc:creator"),
    iptc.get(BY_LINE),
    textOf(exif.get(ARTIST)),
    metadata.author,
  );
  const license = firstText(
    addressOf(xmp, "cc:license"),
    elementOf(xmp, "xmpRights:UsageTerms"),
    addressOf(xmp, "xmpRights:WebStatement"),
    elementOf(xmp, "dc:rights"),
    iptc.get(NOTICE),
    textOf(exif.get(COPYRIGHT)),
    metadata.license,
  );
  // Its entries stand in a manifest as text.
  const c2pa = metadata.c2pa === undefined ? "" : decodeLatin1(metadata.c2pa);
  const optOut = optOutOf(xmp, c2pa);
  const synthetic = syntheticOf(xmp, c2pa);
  const credit: Credit = {
    ...(author === undefined ? {} : { author }),
    ...(license === undefined ? {} : { license }),
    ...(optOut === undefined ? {} : { optOut }),
    ...(synthetic === undefined ? {} : { synthetic }),
  };
  return Object.keys(credit).length === 0 ? undefined : credit;
}

/**
 * Whether a file forbids its use for training: PLUS' data mining property, as IPTC recommends it, or
 * C2PA's assertion `training-mining`.
 */
function optOutOf(xmp: string, c2pa: string): string | undefined {
  const mining = addressOf(xmp, "plus:DataMining") ?? "";
  const vocabulary = /DMI-PROHIBITED[A-Z-]*/.exec(mining);
  if (vocabulary !== null) return `plus:DataMining ${vocabulary[0]}`;
  const assertion = c2pa.search(/(?:c2pa|cawg)\.training-mining/);
  if (assertion < 0 || !c2pa.slice(assertion).includes("notAllowed")) return undefined;
  return "C2PA training-mining notAllowed";
}

/** Whether a file says that it was made, or partly made, by a trained network. */
function syntheticOf(xmp: string, c2pa: string): string | undefined {
  const source = /(?:compositeWithT|t)rainedAlgorithmicMedia/;
  const type = source.exec(addressOf(xmp, "Iptc4xmpExt:DigitalSourceType") ?? "");
  if (type !== null) return `IPTC ${type[0]}`;
  const action = source.exec(c2pa);
  return action === null ? undefined : `C2PA ${action[0]}`;
}

/** The EXIF orientation: 1 is upright, 5 to 8 have the sides exchanged. */
export function orientationOf(exif: Uint8Array): number {
  const field = readExif(exif).get(ORIENTATION);
  if (field === undefined || field.type !== 3) return 1;
  const value = field.view.getUint16(0, field.isLittle);
  return value >= 1 && value <= 8 ? value : 1;
}

interface Field {
  readonly type: number;
  readonly view: DataView;
  readonly isLittle: boolean;
}

/** Bytes of one value, by EXIF's types: byte, text, short, long, rational. */
const TYPE_BYTES: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1 };

/** Reads the fields of EXIF's first directory, as far as they are within the bytes. */
function readExif(exif: Uint8Array): Map<number, Field> {
  const fields = new Map<number, Field>();
  if (exif.length < 8) return fields;
  const view = new DataView(exif.buffer, exif.byteOffset, exif.byteLength);
  const isLittle = exif[0] === 0x49;
  const start = view.getUint32(4, isLittle);
  if (start + 2 > exif.length) return fields;
  const count = view.getUint16(start, isLittle);
  for (let at = start + 2; at < start + 2 + count * 12 && at + 12 <= exif.length; at += 12) {
    const type = view.getUint16(at + 2, isLittle);
    const length = view.getUint32(at + 4, isLittle) * (TYPE_BYTES[type] ?? 0);
    const from = length <= 4 ? at + 8 : view.getUint32(at + 8, isLittle);
    if (length === 0 || from + length > exif.length) continue;
    const value = new DataView(exif.buffer, exif.byteOffset + from, length);
    fields.set(view.getUint16(at, isLittle), { type, view: value, isLittle });
  }
  return fields;
}

function textOf(field: Field | undefined): string | undefined {
  if (field === undefined || field.type !== 2) return undefined;
  const { buffer, byteOffset, byteLength } = field.view;
  // A copyright may hold the photographer's and, behind a zero, the editor's.
  return decodeText(new Uint8Array(buffer, byteOffset, byteLength)).split("\0")[0];
}

/** Reads the texts of IPTC's second record, the first of each kind, out of Photoshop's resources. */
function readIptc(resources: Uint8Array): Map<number, string> {
  const view = new DataView(resources.buffer, resources.byteOffset, resources.byteLength);
  for (let at = 0; at + 12 <= resources.length;) {
    const kind = view.getUint16(at + 4);
    const name = 1 + (resources[at + 6] ?? 0);
    const start = at + 6 + name + name % 2;
    if (start + 4 > resources.length) break;
    const length = view.getUint32(start);
    if (kind === IPTC_RESOURCE) {
      return readRecords(resources.subarray(start + 4, start + 4 + length));
    }
    at = start + 4 + length + length % 2;
  }
  return new Map();
}

function readRecords(bytes: Uint8Array): Map<number, string> {
  const texts = new Map<number, string>();
  for (let at = 0; at + 5 <= bytes.length && bytes[at] === 0x1c;) {
    const [, record, kind = 0, high = 0, low = 0] = bytes.subarray(at, at + 5);
    const length = high << 8 | low;
    if (record === 2 && !texts.has(kind)) {
      texts.set(kind, decodeText(bytes.subarray(at + 5, at + 5 + length)));
    }
    at += 5 + length;
  }
  return texts;
}

/** The text of an XMP property: its first item where it has several. */
function elementOf(xmp: string, name: string): string | undefined {
  const attribute = new RegExp(`\\b${name}=(?:"([^"]*)"|'([^']*)')`).exec(xmp);
  if (attribute !== null) return unescape(attribute[1] ?? attribute[2] ?? "");
  const start = xmp.indexOf(`<${name}`);
  const end = xmp.indexOf(`</${name}>`, start);
  if (start < 0 || end < 0) return undefined;
  const element = xmp.slice(xmp.indexOf(">", start) + 1, end);
  return unescape(/<rdf:li[^>]*>([^<]*)</.exec(element)?.[1] ?? element.replaceAll(/<[^>]*>/g, ""));
}

function addressOf(xmp: string, name: string): string | undefined {
  const resource = new RegExp(`<${name}[^>]*\\brdf:resource=(?:"([^"]*)"|'([^']*)')`).exec(xmp);
  if (resource !== null) return unescape(resource[1] ?? resource[2] ?? "");
  return elementOf(xmp, name);
}

function unescape(text: string): string {
  const characters: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replaceAll(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => characters[name] ?? "");
}

/** The first text with letters in it: cut, on one line, without control and direction characters. */
function firstText(...texts: readonly (string | undefined)[]): string | undefined {
  for (const text of texts) {
    const clean = text?.slice(0, MOST_LETTERS * 4).replaceAll(/[\p{C}\s]+/gu, " ").trim();
    if (clean !== undefined && /[\p{L}\p{N}]/u.test(clean)) {
      return [...clean].slice(0, MOST_LETTERS).join("");
    }
  }
  return undefined;
}

/** As UTF-8, or as Latin-1 where that it is not. */
function decodeText(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes);
  return text.includes("\ufffd") ? decodeLatin1(bytes) : text;
}

function decodeLatin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
