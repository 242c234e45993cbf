/**
 * The first road, and the second's reader: results out of the data that Google's scripts and
 * responses carry.
 *
 * A result stands in the page as (seen, 2024-09 and 2026-07)
 *
 * ```text
 * [0,"<docid>",["https://encrypted-tbn0.gstatic.com/images?q\u003dtbn:…",<height>,<width>],
 *  ["https://host/photo.jpg",<height>,<width>],null,0,"rgb(…)",null,0,
 *  {"2000":[null,"host","85KB"],…,"2003":[null,"<ref-docid>","<page>","<title>",…]}]
 * ```
 *
 * and what lies around it changes: a script's object, `AF_initDataCallback({data:…})`, JSON inside
 * a string inside JSON. So results are found by this shape, wherever it stands and however often
 * it is escaped.
 *
 * @module
 */

import { isOriginal, isThumbnail, pixels } from "./addresses.ts";
import { type Literal, readLiteral, skipBlank, unescapeMarkup, unescapeString } from "./literal.ts";
import { findRecords } from "./records.ts";

/** A result as the data has it. */
export interface Found {
  /** Google's id of the picture; empty where the data has none. */
  readonly docid: string;
  /** The original. */
  readonly url: string;
  /** Pixels. */
  readonly width: number | undefined;
  /** Pixels. */
  readonly height: number | undefined;
  /** The page the picture stands on; empty where the data has none. */
  readonly page: string;
  /** The page's title; empty where the data has none. */
  readonly title: string;
  /** Google's thumbnail; empty where the data has none. */
  readonly thumbnail: string;
}

/** How many levels of escaping are taken off: JSON in a string in JSON in a script has three. */
const DEEPEST_ESCAPE = 5;
/** No result is longer; one that does not end by then is no result. */
const LONGEST_RESULT = 65_536;
/** Texts longer than this are not searched: a page of results has one or two million characters. */
const LONGEST_TEXT = 40_000_000;

/**
 * Finds the results in a text: a script, a page, a response.
 *
 * @param text The text, escaped as it came.
 * @returns The results in the text's order, each docid once.
 *
 * @example
 * ```ts
 * import { findResults } from "./embedded.ts";
 *
 * findResults('[0,"a1b2c3d4",["https://encrypted-tbn0.gstatic.com/images?q\\u003dtbn:x",90,120],' +
 *   '["https://reef.example/fish.jpg",900,1200],{"2003":[null,"r","https://reef.example/","Fish"]}]');
 * ```
 */
export function findResults(text: string): Found[] {
  const all = new Map<string, Found>();
  let layer = text.length > LONGEST_TEXT ? text.slice(0, LONGEST_TEXT) : text;
  for (let level = 0; level <= DEEPEST_ESCAPE; level += 1) {
    for (const found of [...findInLayer(layer, all), ...findRecords(layer)]) {
      const key = found.docid === "" ? found.url : found.docid;
      const known = all.get(key);
      all.set(key, known === undefined ? found : completed(known, found));
    }
    const next = unescaped(layer);
    if (next === undefined) break;
    layer = next;
  }
  return [...all.values()];
}

/** An address behind a quote that is escaped at least once: data that lies a level deeper. */
const DEEPER = /\\(?:["']|x22|x27|u0022|u0027)(?:https?:)?(?:\\*(?:\/|x2f|u002f)){2}/i;

/** One level of escapes less, or nothing where no address lies deeper. */
function unescaped(layer: string): string | undefined {
  if (DEEPER.test(layer)) return unescapeString(layer);
  if (!/&(?:quot|#34|#x22);/i.test(layer)) return undefined;
  return unescapeMarkup(layer);
}

/** The first that was found, filled up with what only a later one of the same docid says. */
function completed(known: Found, more: Found): Found {
  if (known.url !== more.url) return known;
  return {
    ...known,
    width: known.width ?? more.width,
    height: known.height ?? more.height,
    page: known.page || more.page,
    title: known.title || more.title,
    thumbnail: known.thumbnail || more.thumbnail,
  };
}

/** `["<address>",<height>,<width>]` and where it stands. */
interface Picture {
  readonly url: string;
  readonly height: number | undefined;
  readonly width: number | undefined;
  readonly start: number;
  readonly end: number;
}

const PICTURE = /\[\s*["'`](?:https?:)?\\?\/\\?\/|\[\s*["'`]https?\\(?:u003a|x3a)/gi;

function findInLayer(layer: string, known: ReadonlyMap<string, Found>): Found[] {
  const complete = new Set<string>();
  for (const [docid, { page }] of known) if (page !== "") complete.add(docid);
  const found: Found[] = [];
  const pictures = [...readPictures(layer)];
  for (let index = 0; index < pictures.length; index += 1) {
    const first = pictures[index];
    if (first === undefined) break;
    const second = pictures[index + 1];
    const paired = second !== undefined && standsNext(layer, first, second) &&
      isThumbnail(first.url) !== isThumbnail(second.url);
    const last = paired ? second : first;
    const original = isThumbnail(first.url) ? last : first;
    const thumbnail = isThumbnail(first.url) ? first : last;
    if (paired) index += 1;
    if (!isOriginal(original.url)) continue;
    const docid = docidBefore(layer, first.start);
    if (complete.has(docid)) continue; // in 2026 each stands twice
    const about = readRest(layer, last.end);
    // A lone picture is a result only where everything else says so.
    if (!paired && (docid === "" || about.page === "")) continue;
    if (docid !== "" && about.page !== "" && original.width !== undefined) complete.add(docid);
    found.push({
      docid,
      url: original.url,
      width: original.width,
      height: original.height,
      ...about,
      thumbnail: isThumbnail(thumbnail.url) ? thumbnail.url : "",
    });
  }
  return found;
}

function* readPictures(layer: string): Generator<Picture> {
  let end = 0;
  for (const match of layer.matchAll(PICTURE)) {
    if (match.index < end) continue;
    const picture = readPicture(layer, match.index);
    if (picture === undefined) continue;
    end = picture.end;
    yield picture;
  }
}

function readPicture(layer: string, start: number): Picture | undefined {
  const read = readLiteral(layer, start, start + LONGEST_RESULT);
  if (read === undefined || !Array.isArray(read.value)) return undefined;
  const [address, height, width, ...rest] = read.value;
  if (typeof address !== "string" || rest.length > 4) return undefined;
  if (!isLength(height) || !isLength(width)) return undefined;
  // No address holds a backslash: one that is left was escaped once too often.
  const plain = address.includes("\\") ? unescapeString(address) : address;
  const url = plain.startsWith("//") ? `https:${plain}` : plain;
  return { url, height: pixels(height), width: pixels(width), start, end: read.end };
}

/** Lengths are numbers, digits, or not known; a search's menu has other things in their place. */
function isLength(value: Literal | undefined): boolean {
  return value === null || value === undefined || value === 0 || pixels(value) !== undefined;
}

/** Whether nothing but commas and nulls stands between two pictures. */
function standsNext(layer: string, first: Picture, second: Picture): boolean {
  if (second.start - first.end > 200) return false;
  return /^\s*,(?:\s*(?:null|undefined|void 0|0|"")?\s*,)*\s*$/.test(
    layer.slice(first.end, second.start),
  );
}

const DOCID_BEFORE =
  /["'`]([\w:-]{4,64})["'`]\s*,(?:\s*(?:null|undefined|void 0|true|false|!0|!1|""|-?\d+)?\s*,)*\s*$/;

/** The string before a picture in its array: the docid. */
function docidBefore(layer: string, start: number): string {
  const docid = DOCID_BEFORE.exec(layer.slice(Math.max(0, start - 200), start))?.[1] ?? "";
  return docid.replace(/:$/, "");
}

/** Reads what stands behind the pictures up to their array's end, as far as it can be read. */
function readRest(layer: string, from: number): { readonly page: string; readonly title: string } {
  const items: Literal[] = [];
  const limit = from + LONGEST_RESULT;
  let at = skipBlank(layer, from);
  while (layer[at] === "," && items.length < 100) {
    at = skipBlank(layer, at + 1);
    if (layer[at] === ",") continue; // a hole
    const item = readLiteral(layer, at, limit);
    if (item === undefined) break;
    items.push(item.value);
    at = skipBlank(layer, item.end);
  }
  return pageAndTitle(items);
}

/** The page and its title: under `2003` since 2019 at least, else wherever their shape stands. */
function pageAndTitle(
  items: readonly Literal[],
): { readonly page: string; readonly title: string } {
  const arrays = [...arraysWithin(items, "", 0)];
  const named = arrays.filter(({ key }) => key === "2003");
  let untitled = "";
  for (const { value } of [...named, ...arrays]) {
    const slot = value.findIndex((item) => typeof item === "string" && isPage(item));
    const page = value[slot];
    if (typeof page !== "string") continue;
    const title = value[slot + 1];
    if (typeof title === "string" && title !== "" && !isPage(title)) return { page, title };
    if (untitled === "") untitled = page;
  }
  const short = arrays.find(({ key }) => key === "2008")?.value.find((item) =>
    typeof item === "string" && item !== ""
  );
  return { page: untitled, title: untitled !== "" && typeof short === "string" ? short : "" };
}

/** Whether a text is the address of a page on the web, not of a thumbnail or of Google's own. */
function isPage(text: string): boolean {
  return /^https?:\/\/./i.test(text) && isOriginal(text);
}

interface KeyedArray {
  readonly key: string;
  readonly value: readonly Literal[];
}

function* arraysWithin(value: Literal, key: string, depth: number): Generator<KeyedArray> {
  if (depth > 8) return;
  if (value instanceof Map) {
    for (const [name, field] of value) yield* arraysWithin(field, String(name), depth + 1);
  } else if (Array.isArray(value)) {
    yield { key, value };
    for (const item of value) yield* arraysWithin(item, key, depth + 1);
  }
}
