import { assertEquals } from "@std/assert";
import { recognise } from "../../lib/image/recognise.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const latin1 = (text: string): Uint8Array =>
  Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const ftyp = (...brands: readonly string[]): Uint8Array =>
  latin1(
    `\0\0\0${String.fromCharCode(12 + brands.length * 4)}ftyp${brands[0]}\0\0\0\0${
      brands.slice(1).join("")
    }`,
  );

const CASES: readonly (readonly [what: string, bytes: Uint8Array, expected: string])[] = [
  ["nothing", new Uint8Array(), "other: empty file"],
  ["zeros", new Uint8Array(200), "other: file of zeros"],
  ["noise", Uint8Array.from({ length: 200 }, (_, at) => at * 97 % 251), "other: unknown data"],
  ["a JPEG", latin1("\xff\xd8\xff\xe0\0\x10JFIF"), "image: jpeg"],
  ["half a JPEG mark", latin1("\xff\xd8"), "other: unknown data"],
  ["a PNG", latin1("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "image: png"],
  [
    "a PNG whose line ends were changed",
    latin1("\x89PNG\n\x1a\n\0\0\0\rIHDR"),
    "other: unknown data",
  ],
  ["a GIF", latin1("GIF89a\x01\0\x01\0"), "image: gif"],
  ["a WebP", latin1("RIFF\x24\0\0\0WEBPVP8 "), "image: webp"],
  ["a sound", latin1("RIFF\x24\0\0\0WAVEfmt "), "other: WAV audio"],
  ["a TIFF from left", latin1("II*\0\x08\0\0\0"), "image: tiff"],
  ["a TIFF from right", latin1("MM\0*\0\0\0\x08"), "image: tiff"],
  ["an AVIF", ftyp("avif", "mif1", "miaf"), "image: avif"],
  ["an AVIF that says so late", ftyp("mif1", "miaf", "avif"), "image: avif"],
  ["a HEIC", ftyp("heic", "mif1"), "image: heic"],
  ["a HEIC that says so late", ftyp("mif1", "heic"), "image: heic"],
  ["a film", ftyp("isom", "iso2", "avc1", "mp41"), "other: MP4 or QuickTime video"],
  ["a JPEG XL", latin1("\xff\x0a\xfa\x1f"), "unsupported: JPEG XL image"],
  ["a bitmap", latin1("BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"), "unsupported: BMP image"],
  ["a text that begins as a bitmap does", utf8("BMW drivers and their fish"), "other: text"],
  ["a Photoshop image", latin1("8BPS\0\x01"), "unsupported: Photoshop image"],
  ["an icon", latin1("\0\0\x01\0\x01\0\x10\x10"), "unsupported: icon"],
  ["a PDF", utf8("%PDF-1.7\n"), "other: PDF document"],
  ["a page", utf8("<!DOCTYPE html><html>"), "other: HTML page"],
  ["a page after blanks and a mark", utf8("\ufeff\r\n\t <HTML lang=en>"), "other: HTML page"],
  ["a page after a comment", utf8("<!-- cached -->\n<html>"), "other: HTML page"],
  ["a page without a head", utf8("<div>Access denied</div>"), "other: HTML page"],
  ["a page in UTF-16", latin1("\xff\xfe<\0h\0t\0m\0l\0>\0"), "other: HTML page"],
  [
    "an XHTML page",
    utf8('<?xml version="1.0"?><!DOCTYPE html PUBLIC "x"><html>'),
    "other: HTML page",
  ],
  ["a drawing", utf8('<svg xmlns="http://www.w3.org/2000/svg">'), "other: SVG drawing"],
  [
    "a drawing after its papers",
    utf8('<?xml version="1.0"?>\n<!-- a -->\n<!DOCTYPE svg PUBLIC "a" "b">\n<svg >'),
    "other: SVG drawing",
  ],
  ["a page with a drawing", utf8("<!doctype html><svg></svg>"), "other: HTML page"],
  ["XML", utf8('<?xml version="1.0"?><Error><Code>AccessDenied'), "other: XML document"],
  ["JSON", utf8('{"error":"not found"}'), "other: JSON document"],
  ["words", utf8("Not found."), "other: text"],
  ["blanks", utf8(" \r\n\r\n"), "other: blank text"],
];

Deno.test("recognise() tells what a file is by its first bytes", () => {
  for (const [what, bytes, expected] of CASES) {
    const found = recognise(bytes);
    assertEquals(
      `${found.kind}: ${found.kind === "image" ? found.type : found.name}`,
      expected,
      what,
    );
  }
});

Deno.test("recognise() takes any first bytes and any length", () => {
  for (const [, bytes] of CASES) {
    for (let length = 0; length <= bytes.length; length++) recognise(bytes.subarray(0, length));
  }
});
