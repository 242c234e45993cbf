/**
 * Results as objects: what the other readers know as places in arrays, under names or numbers. No
 * such page was seen; this is for the day when one comes, and so it asks for much: an original with
 * both its lengths, a page, a docid, and a sign that all this is a result of Google's.
 *
 * ```text
 * {"docid":"<docid>","original":{"url":"https://host/photo.jpg","h":<height>,"w":<width>},
 *  "thumbnail":{…},"page":"https://host/","title":"<title>"}
 * {"1":"<docid>","2":{"1":"https://encrypted-tbn0.gstatic.com/…",…},"3":{"1":"https://host/photo.jpg",
 *  "2":<height>,"3":<width>},"9":{"2003":{"2":"https://host/","3":"<title>"}}}
 * ```
 *
 * @module
 */

import { isOriginal, isThumbnail, pixels } from "./addresses.ts";
import type { Found } from "./embedded.ts";
import { type Literal, readLiteral } from "./literal.ts";

/** No object that holds results is read to more than so many characters at once. */
const LONGEST_OBJECT = 65_536;
/** No result has more fields, with those of the objects within. */
const MOST_FIELDS = 300;

/** Pictures of other things than the result, and results of other things than the search. */
const OTHERS =
  /thumb|preview|placeholder|icon|logo|avatar|author|creator|publisher|profile|user|sponsor|merchant|advert|(?:^|_)ads?(?:_|$)|product|shopping|relat|suggest|similar|refine|banner|chip/i;
/** What only goods and advertisements have. */
const FOR_SALE = /price|currency|in_?stock|availability|merchant|sponsor|advertiser/i;

const DOCID_NAME = /^(?:doc|tbn|image|img|picture|photo|result)?_?id$/i;
const SURE_DOCID_NAME = /^(?:doc|tbn)_?id$/i;
const DOCID = /^[\w-]{8,64}:?$/;
const HEIGHT = /^(?:\w+_|o)?h$|height$/i;
const WIDTH = /^(?:\w+_|o)?w$|width$/i;
const PICTURE_NAME = /ima?ge?|orig|photo|pic|media|content|full|^ou$|^src$|murl/i;
const PAGE_NAME = /page|link|ref|source|site|host|web|land|context|^ru$|purl|^2003$/i;
const TITLE_NAME = /title|caption|headline|alt|^pt$/i;

/** One text or number of an object, and the names that lead to it from the object on. */
interface Field {
  readonly path: readonly string[];
  readonly value: string | number;
}

/**
 * Finds results that stand as objects in a text, in its order.
 *
 * @param layer The text, its escapes taken off.
 */
export function findObjects(layer: string): Found[] {
  if (!/["'`]\s*(?:https?:)?\\?\/\\?\//i.test(layer)) return [];
  const found: Found[] = [];
  for (let at = layer.indexOf("{"); at >= 0;) {
    const read = readLiteral(layer, at, at + LONGEST_OBJECT);
    if (read?.value instanceof Map) found.push(...resultsWithin(read.value, ""));
    at = layer.indexOf("{", read?.end ?? at + 1);
  }
  return found;
}

/** The results within a value; an object around results is none itself. */
function resultsWithin(value: Literal, name: string): Found[] {
  if (OTHERS.test(name)) return [];
  if (value instanceof Map) {
    const within = [...value].flatMap(([key, field]) => resultsWithin(field, key));
    return within.length > 0 ? within : resultOf(value, name) ?? [];
  }
  return Array.isArray(value) ? value.flatMap((item) => resultsWithin(item, name)) : [];
}

function resultOf(object: ReadonlyMap<string, Literal>, name: string): Found[] | undefined {
  const fields = [...fieldsOf(object, [])];
  if (fields.length > MOST_FIELDS || fields.some(({ path }) => path.some(isForSale))) return;
  const thumbnail = fields.map(({ value }) => value).find(isThumbnailText) ?? "";
  const docid = docidOf(fields, name, thumbnail !== "");
  const picture = pictureOf(fields);
  if (docid === undefined || picture === undefined) return;
  const page = pageOf(fields, picture.url);
  if (page === undefined) return;
  return [{ docid, ...picture, page: page.url, title: titleOf(fields, page.at), thumbnail }];
}

function* fieldsOf(value: Literal, path: readonly string[]): Generator<Field> {
  if (typeof value === "string" || typeof value === "number") yield { path, value };
  else if (value instanceof Map) {
    for (const [key, field] of value) yield* fieldsOf(field, [...path, key]);
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* fieldsOf(item, [...path, String(index)]);
  }
}

const isForSale = (name: string): boolean => FOR_SALE.test(name);
const isOther = (name: string): boolean => OTHERS.test(name);
const isThumbnailText = (value: string | number): value is string =>
  typeof value === "string" && isThumbnail(value);
const lastOf = (path: readonly string[]): string => path.at(-1) ?? "";
const boxOf = (path: readonly string[]): string => path.slice(0, -1).join("\n");

/**
 * The docid: under its name, or the name the object itself stands under; where a thumbnail of
 * Google's tells what this is, the first text that can be one will do.
 */
function docidOf(fields: readonly Field[], name: string, sure: boolean): string | undefined {
  const texts = fields.filter(({ path, value }) => path.length === 1 && DOCID.test(String(value)));
  const named = texts.find(({ path }) => SURE_DOCID_NAME.test(lastOf(path))) ??
    (sure ? texts.find(({ path }) => DOCID_NAME.test(lastOf(path))) : undefined);
  const docid = named?.value ??
    (!sure
      ? undefined
      : /\d/.test(name) && DOCID.test(name)
      ? name
      : texts.find(({ path, value }) => /^\d+$/.test(lastOf(path)) && !/^\d+$/.test(String(value)))
        ?.value);
  return docid === undefined ? undefined : String(docid).replace(/:$/, "");
}

interface Original {
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

/** The one original with both its lengths; of several the one whose names say so, else none. */
function pictureOf(fields: readonly Field[]): Original | undefined {
  const pictures = fields.flatMap((field) => {
    const { path, value } = field;
    if (typeof value !== "string" || path.some(isOther)) return [];
    const url = value.startsWith("//") ? `https:${value}` : value;
    if (!isOriginal(url)) return [];
    const lengths = lengthsBeside(fields, field);
    return lengths === undefined ? [] : [{ path, picture: { url, ...lengths } }];
  });
  const inOneBox = new Set(pictures.map(({ path }) => boxOf(path))).size === 1;
  const named = pictures.filter(({ path }) => path.some((name) => PICTURE_NAME.test(name)));
  const unpaged = pictures.filter(({ path }) => !PAGE_NAME.test(lastOf(path)));
  for (const some of [pictures, named, inOneBox ? unpaged : []]) {
    if (new Set(some.map(({ picture }) => picture.url)).size === 1) return some[0]?.picture;
  }
  return undefined;
}

/** The lengths that stand beside an address: by their names, or height and width right behind it. */
function lengthsBeside(
  fields: readonly Field[],
  { path }: Field,
): { readonly width: number; readonly height: number } | undefined {
  const box = boxOf(path);
  const beside = fields.filter((one) =>
    boxOf(one.path) === box ||
    boxOf(one.path.slice(0, -1)) === box && /size|dim/i.test(one.path.at(-2) ?? "")
  );
  const length = (names: RegExp): number | undefined =>
    pixels(
      beside.find((one) => names.test(lastOf(one.path)) && !one.path.some(isOther))?.value,
    );
  const at = Number(lastOf(path));
  const behind = (steps: number): number | undefined =>
    pixels(beside.find((one) => lastOf(one.path) === String(at + steps))?.value);
  const numbered = /^\d+$/.test(lastOf(path));
  const [height, width] = numbered ? [behind(1), behind(2)] : [length(HEIGHT), length(WIDTH)];
  return height === undefined || width === undefined ? undefined : { height, width };
}

/** The page: an address under a name of pages, else any other. */
function pageOf(
  fields: readonly Field[],
  picture: string,
): { readonly url: string; readonly at: number } | undefined {
  const pages = fields.flatMap(({ path, value }, at) =>
    typeof value === "string" && /^https?:\/\//i.test(value) && value !== picture &&
      isOriginal(value) && !path.some(isOther)
      ? [{ url: value, at, path }]
      : []
  );
  return pages.find(({ path }) => path.some((name) => PAGE_NAME.test(name))) ?? pages[0];
}

/** The title: under its name, or right behind the page. */
function titleOf(fields: readonly Field[], page: number): string {
  const named = fields.find(({ path, value }) =>
    typeof value === "string" && TITLE_NAME.test(lastOf(path)) && !path.some(isOther) &&
    !/^https?:/i.test(value)
  );
  const behind = fields[page + 1];
  if (typeof named?.value === "string") return named.value;
  return typeof behind?.value === "string" && /^\d+$/.test(lastOf(behind.path)) &&
      boxOf(behind.path) === boxOf(fields[page]?.path ?? [])
    ? behind.value
    : "";
}
