/**
 * What a file is, by its first bytes: never by its name or by what a server says.
 *
 * @module
 */

export type ReadableType = "jpeg" | "png" | "webp" | "gif" | "tiff" | "avif" | "heic";

export type Recognised =
  | { readonly kind: "image"; readonly type: ReadableType }
  /** An image of a type that is not read; `name` says which. */
  | { readonly kind: "unsupported"; readonly name: string }
  /** No image; `name` says what, as far as that shows. */
  | { readonly kind: "other"; readonly name: string };

/** `ftyp` brands, and what they stand for. The first known one of a file decides. */
const BRANDS: Readonly<Record<string, Recognised>> = {
  avif: image("avif"),
  avis: image("avif"),
  heic: image("heic"),
  heix: image("heic"),
  heim: image("heic"),
  heis: image("heic"),
  hevc: image("heic"),
  hevx: image("heic"),
  "jpeg": unsupported("JPEG in HEIF image"),
  "crx ": unsupported("Canon raw image"),
};

/** Signatures at the very beginning, in Latin-1; the first that fits decides. */
const SIGNATURES: readonly (readonly [start: string, Recognised])[] = [
  ["\xff\xd8\xff", image("jpeg")],
  ["\x89PNG\r\n\x1a\n", image("png")],
  ["GIF87a", image("gif")],
  ["GIF89a", image("gif")],
  ["II\x2a\0\x10\0\0\0CR", unsupported("Canon raw image")],
  ["II\x2a\0", image("tiff")],
  ["MM\0\x2a", image("tiff")],
  ["II\x2b\0", image("tiff")],
  ["MM\0\x2b", image("tiff")],
  ["II\xbc\x01", unsupported("JPEG XR image")],
  ["\0\0\0\x0cJXL \r\n\x87\n", unsupported("JPEG XL image")],
  ["\xff\x0a", unsupported("JPEG XL image")],
  ["\0\0\0\x0cjP  \r\n\x87\n", unsupported("JPEG 2000 image")],
  ["\xff\x4f\xff\x51", unsupported("JPEG 2000 image")],
  ["8BPS", unsupported("Photoshop image")],
  ["\0\0\x01\0", unsupported("icon")],
  ["qoif", unsupported("QOI image")],
  ["%PDF-", other("PDF document")],
  ["PK\x03\x04", other("ZIP archive")],
  ["\x1f\x8b", other("gzip-compressed file")],
  ["MZ", other("Windows program")],
  ["\x7fELF", other("Linux program")],
];

/** Elements that only pages have, for pages without a doctype or `<html>`. */
const HTML =
  /^(?:<!--[^]*?-->\s*)*<(?:!doctype\s+html|html|head|body|title|meta|script|style|link|div|p|h1|center|table|iframe|noscript|br|a|span|form)[\s>/]/i;
const SVG =
  /^(?:<\?xml[^]*?\?>\s*)?(?:<!--[^]*?-->\s*)*(?:<!doctype\s+svg[^]*?>\s*)?(?:<!--[^]*?-->\s*)*<svg[\s>]/i;

/** How much of a file is looked at to tell kinds of text. */
const TEXT_BYTES = 4096;

/** Recognises what a file is. */
export function recognise(bytes: Uint8Array): Recognised {
  if (bytes.length === 0) return other("empty file");
  const start = latin1(bytes.subarray(0, 64));
  for (const [signature, recognised] of SIGNATURES) {
    if (start.startsWith(signature)) return recognised;
  }
  if (start.startsWith("RIFF")) return riff(start);
  if (start.startsWith("ftyp", 4)) return isoMedia(start);
  if (start.startsWith("BM") && isBitmap(bytes)) return unsupported("BMP image");
  if (/^P[1-7][\s#]/.test(start)) return unsupported("Netpbm image");
  return recogniseText(bytes) ??
    other(bytes.every((byte) => byte === 0) ? "file of zeros" : "unknown data");
}

function riff(start: string): Recognised {
  const form = start.slice(8, 12);
  if (form === "WEBP") return image("webp");
  if (form === "AVI ") return other("AVI video");
  if (form === "WAVE") return other("WAV audio");
  return other("RIFF file");
}

/** MP4's family: a box `ftyp` with a major brand, a version and further brands. */
function isoMedia(start: string): Recognised {
  const size = start.charCodeAt(2) * 256 + start.charCodeAt(3);
  const end = Math.min(start.length, size);
  const brands: string[] = [start.slice(8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(start.slice(at, at + 4));
  for (const brand of brands) {
    const known = BRANDS[brand];
    if (known !== undefined) return known;
  }
  // `mif1` and `msf1` alone say "an image", but not by which codec.
  if (brands.some((brand) => brand === "mif1" || brand === "msf1")) return image("heic");
  return other("MP4 or QuickTime video");
}

/** "BM" begins texts too: a bitmap's third header field says how long its header is. */
function isBitmap(bytes: Uint8Array): boolean {
  const header = (bytes[14] ?? 0) + (bytes[15] ?? 0) * 256;
  return [12, 16, 40, 52, 56, 64, 108, 124].includes(header);
}

function recogniseText(bytes: Uint8Array): Recognised | undefined {
  const words = decodeText(bytes.subarray(0, TEXT_BYTES))?.trimStart();
  if (words === undefined) return undefined;
  if (words === "") return other("blank text");
  if (SVG.test(words)) return other("SVG drawing");
  if (HTML.test(words)) return other("HTML page");
  if (words.startsWith("<?xml")) {
    return other(/<html[\s>]/i.test(words) ? "HTML page" : "XML document");
  }
  if (/^[[{]/.test(words)) return other("JSON document");
  if (/<(?:html|body|head)[\s>]/i.test(words)) return other("HTML page");
  return other("text");
}

/** The bytes as text in UTF-8 or UTF-16, or nothing where they hold what no text has. */
function decodeText(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes;
  const encoding = first === 0xff && second === 0xfe
    ? "utf-16le"
    : first === 0xfe && second === 0xff
    ? "utf-16be"
    : "utf-8";
  const words = new TextDecoder(encoding).decode(bytes);
  // deno-lint-ignore no-control-regex -- these characters are what is looked for
  if (/[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(words)) return undefined;
  const broken = words.split("\ufffd").length - 1;
  return broken > words.length / 8 ? undefined : words;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function image(type: ReadableType): Recognised {
  return { kind: "image", type };
}

function unsupported(name: string): Recognised {
  return { kind: "unsupported", name };
}

function other(name: string): Recognised {
  return { kind: "other", name };
}
