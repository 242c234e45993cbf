/**
 * The text of a file that should be a person's list, or what it is instead.
 *
 * @module
 */

import { decodeHtml } from "../web/html.ts";

/** Files that are no lists, by how they begin. */
const OTHERS: readonly (readonly [begin: string, what: string])[] = [
  ["\x89PNG", "a PNG image"],
  ["\xff\xd8\xff", "a JPEG image"],
  ["GIF8", "a GIF image"],
  ["RIFF", "an image or a sound"],
  ["%PDF", "a PDF document"],
  ["PK\x03\x04", "a workbook or another zip archive; save the sheet as CSV"],
  ["\xd0\xcf\x11\xe0", "an old workbook or document; save the sheet as CSV"],
  ["\x1f\x8b", "a gzip archive; unpack it"],
  ["SQLite format", "a database"],
];

/**
 * The text of a list's bytes: UTF-8, UTF-16 with or without a byte order mark, or Windows-1252.
 *
 * @param bytes The file.
 * @throws {TypeError} Saying what the file is where it is no text.
 */
export function listText(bytes: Uint8Array): string {
  const begin = String.fromCharCode(...bytes.subarray(0, 16));
  const other = OTHERS.find(([start]) => begin.startsWith(start));
  if (other !== undefined) throw new TypeError(`it is ${other[1]}`);
  const text = decodeHtml(bytes);
  if (/^\s*<(?:!doctype html|html|head|body|table)\b/i.test(text)) {
    throw new TypeError("it is a web page; give the page's address with --list");
  }
  if (!text.includes("\0")) return text;
  const wide = withoutMark(bytes);
  if (wide === undefined) throw new TypeError("it is no text");
  return wide;
}

/** UTF-16 that does not say so: every other byte of plain names is zero. */
function withoutMark(bytes: Uint8Array): string | undefined {
  const head = bytes.subarray(0, 2000);
  const zeros = [0, 0];
  head.forEach((byte, place) => {
    if (byte === 0) zeros[place % 2] = (zeros[place % 2] ?? 0) + 1;
  });
  const [even = 0, odd = 0] = zeros;
  const many = head.length * 0.4;
  if (odd > many && even === 0) return new TextDecoder("utf-16le").decode(bytes);
  if (even > many && odd === 0) return new TextDecoder("utf-16be").decode(bytes);
  return undefined;
}
