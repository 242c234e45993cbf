/**
 * Results that name their parts: objects and attributes, where others are arrays.
 *
 * @module
 */

import { isOriginal, pixels } from "./addresses.ts";
import type { Found } from "./embedded.ts";
import { type Literal, readLiteral, unescapeMarkup } from "./literal.ts";

/** No record is longer. */
const LONGEST_RECORD = 65_536;
/** How many `<` before a tag's attribute are tried for its beginning. */
const MOST_TRIES = 8;

/**
 * Finds the records in a text, in its order.
 *
 * @param layer The text, its escapes taken off.
 */
export function findRecords(layer: string): Found[] {
  return [...findOldRecords(layer), ...findTaggedRecords(layer), ...findMetadata(layer)];
}

/** What a record says, by its names. */
type Reader = (name: string) => unknown;

const text = (value: unknown): string => typeof value === "string" ? value : "";

function foundOf(read: Reader): Found | undefined {
  if (!isOriginal(text(read("ou")))) return undefined;
  return {
    docid: text(read("id")).replace(/:$/, ""),
    url: text(read("ou")),
    width: pixels(read("ow")),
    height: pixels(read("oh")),
    page: text(read("ru")),
    title: text(read("pt")),
    thumbnail: text(read("tu")),
  };
}

const OLD_RECORD = /\{[^{}[\]]{0,4000}?["']ou["']\s*:/g;

/** `{"id":…,"ou":…,"oh":…,"ow":…,"ru":…,"pt":…,"tu":…}`: the records of 2013 to 2019 (told). */
function findOldRecords(layer: string): Found[] {
  if (!/["']ou["']\s*:/.test(layer)) return [];
  return [...layer.matchAll(OLD_RECORD)].flatMap((match) => {
    const record = readLiteral(layer, match.index, match.index + LONGEST_RECORD)?.value;
    return record instanceof Map ? foundOf((name) => record.get(name)) ?? [] : [];
  });
}

const TAG = /<[a-z][\w-]*/iy;
const ATTRIBUTE = /\s+([\w:-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/y;

/**
 * `<div class="isv-r" data-ou="…" data-ow="…" data-oh="…" data-ru="…" data-pt="…" data-tbnid="…">`:
 * the tiles that simple browsers are given, in the page and in answers to scrolling, 2019 to 2024
 * (told).
 */
function findTaggedRecords(layer: string): Found[] {
  const found: Found[] = [];
  for (const { index } of layer.matchAll(/\sdata-ou\s*=/g)) {
    const attributes = attributesAround(layer, index);
    const read = (name: string): string => attributes.get(`data-${name}`) ?? "";
    const docid = read("tbnid") || read("id") || read("docid");
    const one = foundOf((name) => name === "id" ? docid : read(name === "tu" ? "pu" : name));
    if (one !== undefined) found.push(one);
  }
  return found;
}

/** The attributes of the tag that a place lies in; a title before it may hold a `<` of its own. */
function attributesAround(layer: string, index: number): ReadonlyMap<string, string> {
  let start = index;
  for (let tries = 0; tries < MOST_TRIES && start > 0; tries += 1) {
    start = layer.lastIndexOf("<", start - 1);
    if (start < 0 || index - start > LONGEST_RECORD) break;
    TAG.lastIndex = start;
    if (!TAG.test(layer)) continue;
    const attributes = new Map<string, string>();
    ATTRIBUTE.lastIndex = TAG.lastIndex;
    for (let at = TAG.lastIndex;; at = ATTRIBUTE.lastIndex) {
      const match = ATTRIBUTE.exec(layer);
      if (match === null) {
        if (at > index) return attributes;
        break;
      }
      const [, name = "", double, single, bare] = match;
      attributes.set(name.toLowerCase(), unescapeMarkup(double ?? single ?? bare ?? ""));
    }
  }
  return new Map();
}

/**
 * `{"ischj":{"metadata":[{"original_image":{"url":…,"height":…,"width":…},"result":{"referrer_url":…,
 * "page_title":…},"thumbnail":{"url":…}}]}}`: what answers `async=_fmt:json` (told, 2022 to 2026).
 */
function findMetadata(layer: string): Found[] {
  const start = /\{\s*["']ischj["']\s*:/.exec(layer)?.index;
  if (start === undefined) return [];
  const list = within(readLiteral(layer, start)?.value, "ischj", "metadata");
  if (!Array.isArray(list)) return [];
  return list.flatMap((item) => {
    const names: Readonly<Record<string, readonly [string, string]>> = {
      ou: ["original_image", "url"],
      ow: ["original_image", "width"],
      oh: ["original_image", "height"],
      ru: ["result", "referrer_url"],
      pt: ["result", "page_title"],
      tu: ["thumbnail", "url"],
    };
    return foundOf((name) => within(item, ...names[name] ?? ["id"])) ?? [];
  });
}

function within(value: Literal | undefined, ...path: readonly string[]): Literal | undefined {
  return path.reduce(
    (outer, name) => outer instanceof Map ? outer.get(name) : undefined,
    value,
  );
}
